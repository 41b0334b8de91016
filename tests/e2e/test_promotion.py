"""From this machine to AWS: dev and staging, rehearsed on the shared lake by `AWS_ENDPOINT_URL`.

The commands are those for AWS: plain Terraform, its state in S3 with a lock, the person's credentials, the account
confirmed. The tests build on each other, in the order in which they stand.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from laketop.settings import ACCOUNT_ID as ACCOUNT
from laketop.settings import REGION
from tests.e2e.conftest import CHECKOUT

pytestmark = pytest.mark.local  # the environments that it makes are its own

OTHER = "111122223333"
ENVIRONMENTS = ("dev", "staging")
# Everything that a deployment makes and that has a name: service, operation, where the names are in its answer.
KINDS = (
    ("s3", "list_buckets", "Buckets", "Name"),
    ("glue", "get_databases", "DatabaseList", "Name"),
    ("glue", "get_jobs", "Jobs", "Name"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("stepfunctions", "list_state_machines", "stateMachines", "name"),
    ("events", "list_rules", "Rules", "Name"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("athena", "list_work_groups", "WorkGroups", "Name"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sqs", "list_queues", "QueueUrls", None),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("kms", "list_aliases", "Aliases", "AliasName"),
    ("apigateway", "get_rest_apis", "items", "name"),
    ("apigateway", "get_usage_plans", "items", "name"),
)


class Rehearsal:
    """The command line as for AWS, with the lake where AWS would be."""

    def __init__(self, lake: Any) -> None:
        self.lake = lake
        self.variables = {
            "AWS_ENDPOINT_URL": lake.settings.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def __call__(self, command: str, env: str, *more: str, check: bool = True) -> Any:
        return self.lake.laketop(command, "--env", env, *more, check=check, **self.variables)

    def names(self, env: str) -> dict[str, set[str]]:
        """What there is of an environment: kind → names."""
        own = re.compile(rf"\blaketop[-_]{env}\b|\blaketop_{env}_")
        found = {}
        for service, operation, key, name in KINDS:
            pages = self._pages(service, operation)
            items = [item if name is None else item[name] for page in pages for item in page.get(key, ())]
            found[operation] = {item for item in items if own.search(item)} - {state_bucket(env)}
        return found | {"list_layer_versions": {item["LayerVersionArn"] for item in self.layers(env)}}

    def layers(self, env: str) -> list[dict[str, Any]]:
        """The versions of an environment's layer."""
        answer = self.lake.client("lambda").list_layer_versions(LayerName=f"laketop-{env}-lakehouse")
        return list(answer["LayerVersions"])

    def _pages(self, service: str, operation: str) -> list[dict[str, Any]]:
        client = self.lake.client(service)
        if client.can_paginate(operation):
            return list(client.get_paginator(operation).paginate())
        return [getattr(client, operation)()]

    def objects(self, bucket: str) -> dict[str, str]:
        """Key → SHA-256 of what lies in a bucket."""
        s3 = self.lake.client("s3")
        keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
        bodies = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
        return {key: hashlib.sha256(body).hexdigest() for key, body in bodies.items()}

    def drop_state(self, env: str) -> None:
        """Delete the bucket of an environment's state, which no command does."""
        s3, bucket = self.lake.client("s3"), state_bucket(env)
        answer = s3.list_object_versions(Bucket=bucket)
        for item in (*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())):
            s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
        s3.delete_bucket(Bucket=bucket)


def state_bucket(env: str) -> str:
    return f"laketop-{env}-terraform-{ACCOUNT}"


@pytest.fixture(scope="module")
def aws(stack: Any) -> Iterator[Rehearsal]:
    rehearsal = Rehearsal(stack)
    yield rehearsal

    def clear(env: str) -> None:
        if any(rehearsal.names(env).values()):
            rehearsal("destroy", env, "--confirm", ACCOUNT, check=False)
        if state_bucket(env) in {item["Name"] for item in stack.client("s3").list_buckets()["Buckets"]}:
            rehearsal.drop_state(env)

    side_by_side(clear)  # also where a test failed half way: the lake is shared


def side_by_side(task: Callable[[str], Any]) -> dict[str, Any]:
    """Do something for all environments at once (most of it is waiting): environment → what came of it."""
    with ThreadPoolExecutor(len(ENVIRONMENTS)) as pool:
        return dict(zip(ENVIRONMENTS, pool.map(task, ENVIRONMENTS), strict=True))


@pytest.fixture(scope="module")
def release(stack: Any) -> Path:
    return CHECKOUT / stack.laketop("build").stdout.strip()


@pytest.fixture(scope="module")
def deployed(aws: Rehearsal, release: Path) -> dict[str, str]:
    """Both environments, of one release: environment → what the deployment told."""

    def deploy(env: str) -> str:
        aws("bootstrap", env, "--confirm", ACCOUNT)
        return aws("deploy", env, "--confirm", ACCOUNT, "--artifacts", str(release)).stderr

    return side_by_side(deploy)


def test_another_account_than_the_one_that_was_named_is_not_touched(aws: Rehearsal) -> None:
    for command in ("bootstrap", "deploy", "destroy", "e2e"):
        refused = aws(command, "dev", "--confirm", OTHER, check=False)
        assert refused.returncode == 4, command
        assert f"the credentials are of account {ACCOUNT}, CONFIRM names {OTHER}" in refused.stderr
    assert not any(aws.names("dev").values())
    unprepared = aws("plan", "dev", check=False)
    assert unprepared.returncode == 1
    assert f"there is no bucket {state_bucket('dev')}" in unprepared.stderr


def test_the_bucket_of_the_state_is_closed_and_made_once(aws: Rehearsal) -> None:
    assert aws("bootstrap", "dev", "--confirm", ACCOUNT).stdout.strip() == state_bucket("dev")
    s3, bucket = aws.lake.client("s3"), {"Bucket": state_bucket("dev")}
    assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert set(s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    (statement,) = json.loads(s3.get_bucket_policy(**bucket)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    # whoever does it again, also from another machine, takes it over
    for left in (aws.lake.settings.state / "terraform").glob("bootstrap-dev-*/terraform.tfstate*"):
        left.unlink()
    assert re.search(
        "1 imported, 4 added, 0 changed, 0 destroyed", aws("bootstrap", "dev", "--confirm", ACCOUNT).stderr
    )


def test_staging_takes_nothing_but_a_release(aws: Rehearsal) -> None:
    refused = aws("deploy", "staging", "--confirm", ACCOUNT, check=False)
    assert refused.returncode == 4
    assert "ARTIFACTS names none" in refused.stderr


def test_both_are_deployed_whole(aws: Rehearsal, deployed: dict[str, str], release: Path) -> None:
    for env in ENVIRONMENTS:
        assert f"environment {env}: account {ACCOUNT}" in deployed[env]
        assert f"release {release.name}" in deployed[env]
        assert {kind for kind, names in aws.names(env).items() if not names} == set()


def test_a_second_plan_is_empty(aws: Rehearsal, deployed: dict[str, str]) -> None:
    # built from the same checkout it is the same release
    assert "No changes." in aws("plan", "dev", "--check").stdout
    kept = aws.objects(state_bucket("dev"))
    assert set(kept) == {"terraform.tfstate"}, "the lock is gone when nobody works on it"


def test_one_value_changed_is_one_change(aws: Rehearsal, deployed: dict[str, str]) -> None:
    override = CHECKOUT / "infra" / "envs" / "dev" / "e2e_override.tf"
    override.write_text('module "lakehouse" {\n  scan_limit_bytes = 77000000\n}\n')
    try:
        assert "Plan: 0 to add, 1 to change, 0 to destroy." in aws("plan", "dev").stdout
    finally:
        override.unlink()


def test_staging_has_the_bytes_that_dev_tested(aws: Rehearsal, deployed: dict[str, str], release: Path) -> None:
    dev, staging = (aws.objects(f"laketop-{env}-artifacts-{ACCOUNT}") for env in ENVIRONMENTS)
    assert dev == staging
    code = json.loads((release / "release.json").read_text())
    uploaded = {code[name] for name in code if name.startswith(("jobs/", "lambdas/"))}
    assert uploaded
    assert uploaded <= set(staging.values())
    assert [len(aws.layers(env)) for env in ENVIRONMENTS] == [1, 1]


def test_what_is_deployed_carries_its_tags(aws: Rehearsal, deployed: dict[str, str]) -> None:
    for env in ENVIRONMENTS:
        arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:laketop-{env}-ingest"
        tags = {
            item["key"]: item["value"]
            for item in aws.lake.client("stepfunctions").list_tags_for_resource(resourceArn=arn)["tags"]
        }
        assert tags == {"Project": "laketop", "Environment": env, "ManagedBy": "terraform"}


def test_destroy_leaves_nothing(aws: Rehearsal, deployed: dict[str, str]) -> None:
    told = side_by_side(lambda env: aws("destroy", env, "--confirm", ACCOUNT).stderr)
    for env in ENVIRONMENTS:
        assert "Destroy complete!" in told[env]
        assert {kind: names for kind, names in aws.names(env).items() if names} == {}
