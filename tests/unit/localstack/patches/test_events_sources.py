from typing import Any

import pytest
from laketop_localstack.patches.events_sources import may_send

SERVICE = "SERVICEKEY"


@pytest.mark.parametrize(
    ("source", "key_id", "internal", "allowed"),
    [
        ("mine", "test", None, True),
        ("aws", "test", None, True),
        ("aws.glue", "test", None, False),
        ("aws.glue", "", None, False),
        ("aws.glue", "LSIAQAAAAAAAEXAMPLE", None, False),
        ("aws.glue", SERVICE, None, True),
        ("aws.s3", "000000000000", {}, True),
        ("aws.states", "000000000000", {"service_principal": None}, True),
        ("aws.glue", "LSIAQAAAAAAAEXAMPLE", {}, False),
        ("aws.s3", "LSIAQAAAAAAAEXAMPLE", {"service_principal": "events"}, True),
    ],
)
def test_who_may_send_as_aws(source: str, key_id: str, internal: Any, allowed: bool) -> None:
    assert may_send(source, key_id, internal, SERVICE) is allowed
