"""Trust policies: does the Glue service get the role?"""

import json
from typing import Any

import pytest

from laketop.glue.runs.roles import trusts_glue

GLUE = {"Service": "glue.amazonaws.com"}


def allow(**members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": GLUE, "Action": "sts:AssumeRole", **members}


@pytest.mark.parametrize(
    ("statements", "trusted"),
    [
        ([allow()], True),
        (allow(), True),
        ([allow(Principal={"Service": ["lambda.amazonaws.com", "glue.amazonaws.com"]})], True),
        ([allow(Action=["sts:TagSession", "sts:AssumeRole"])], True),
        ([allow(Action="sts:*")], True),
        ([allow(Principal="*")], True),
        ([allow(Condition={"StringEquals": {"aws:SourceAccount": "000000000000"}})], True),
        ([allow(Principal={"Service": "lambda.amazonaws.com"})], False),
        ([allow(Principal={"AWS": "arn:aws:iam::000000000000:root"})], False),
        ([allow(Action="sts:TagSession")], False),
        ([allow(Effect="Deny")], False),
        ([allow(), allow(Effect="Deny")], False),
        ([], False),
    ],
)
def test_a_role_is_trusted_to_glue_by_its_policy(statements: Any, trusted: bool) -> None:
    policy = {"Version": "2012-10-17", "Statement": statements}
    assert trusts_glue(policy) is trusted
    assert trusts_glue(json.dumps(policy)) is trusted
