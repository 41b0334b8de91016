"""What the environments of AWS would be, planned without AWS: the differences that docs/PROMOTION.md promises."""

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from laketop.stack import artefacts
from tests.unit.infra.terraform import INFRA, ROOT, initialised, terraform

AWS = ("dev", "staging", "prod")
PLANNED = """
mock_provider "aws" {{
  source = "../../tests/mocks"
}}

run "planned" {{
  command = apply

  variables {{
    account_id    = "123456789012"
    artifacts_dir = "{artifacts}"
  }}
}}
"""

type Resources = Mapping[str, Mapping[str, Mapping[str, Any]]]


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Resources]:
    """Environment → type of resource → index or name → its values."""
    base = tmp_path_factory.mktemp("environments")
    artifacts = artefacts.build(ROOT, base / "artefacts")
    shutil.copytree(INFRA, base / "infra", ignore=shutil.ignore_patterns(".terraform*"))
    shutil.copytree(ROOT / "contracts", base / "contracts")
    return {name: planned(base / "infra" / "envs" / name, artifacts) for name in AWS}


def planned(folder: Path, artifacts: Path) -> Resources:
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "planned.tftest.hcl").write_text(PLANNED.format(artifacts=artifacts))
    done = terraform(initialised(folder), "test", "-json", "-verbose")
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == 0, [line for line in lines if line.get("@level") == "error"]
    (state,) = (line["test_state"] for line in lines if line.get("type") == "test_state")
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)

    def collect(module: Mapping[str, Any]) -> None:
        for resource in module.get("resources", ()):
            if resource["mode"] == "managed":
                key = str(resource.get("index", resource["name"]))
                found[resource["type"]][f"{resource['name']}.{key}"] = resource["values"]
        for child in module.get("child_modules", ()):
            collect(child)

    collect(state["root_module"])
    return found


def test_all_have_the_same_resources_but_for_values(environments: dict[str, Resources]) -> None:
    names = {
        name: {(kind, key) for kind, found in resources.items() for key in found}
        for name, resources in environments.items()
    }
    staging, prod, dev = names["staging"], names["prod"], names["dev"]
    assert staging == prod
    assert dev < prod
    assert prod - dev == {("aws_cloudwatch_metric_alarm", "stale.0")}


@pytest.mark.parametrize("name", AWS)
def test_nothing_is_public_or_plain(environments: dict[str, Resources], name: str) -> None:
    resources = environments[name]
    buckets = resources["aws_s3_bucket"]
    assert len(buckets) == 8
    for kind in ("public_access_block", "server_side_encryption_configuration", "policy", "versioning"):
        assert len(resources[f"aws_s3_bucket_{kind}"]) == len(buckets), kind
    assert len(resources["aws_s3_bucket_lifecycle_configuration"]) == len(buckets)
    (key,) = resources["aws_kms_key"].values()
    assert key["enable_key_rotation"] is True
    for group in resources["aws_cloudwatch_log_group"].values():
        assert group["kms_key_id"] == key["arn"]
    for function in resources["aws_lambda_function"].values():
        assert function["kms_key_arn"] == key["arn"]
        assert function["reserved_concurrent_executions"] in (None, -1)
    security = {entry["name"] for entry in resources["aws_glue_security_configuration"].values()}
    assert len(security) == 1
    for job in resources["aws_glue_job"].values():
        assert job["security_configuration"] in security


@pytest.mark.parametrize("name", AWS)
def test_a_role_for_each_that_acts(environments: dict[str, Resources], name: str) -> None:
    resources = environments[name]
    actors = ("aws_lambda_function", "aws_glue_job", "aws_sfn_state_machine")
    starting_rules = 3  # a file landed, a batch is ready, the clock
    assert len(resources["aws_iam_role"]) == sum(len(resources[kind]) for kind in actors) + starting_rules
    assert len(resources["aws_iam_role_policy"]) == len(resources["aws_iam_role"])


@pytest.mark.parametrize("name", AWS)
def test_no_policy_allows_by_pattern(environments: dict[str, Resources], name: str) -> None:
    nameless = {"Logs", "Traces"}  # what AWS has no resources for
    for where, policy in environments[name]["aws_iam_role_policy"].items():
        for statement in json.loads(policy["policy"])["Statement"]:
            actions, places = (
                value if isinstance(value, list) else [value] for value in (statement["Action"], statement["Resource"])
            )
            assert not [action for action in actions if "*" in action], where
            assert "*" not in places or statement["Sid"] in nameless, (where, statement["Sid"])


PROMISED: dict[str, tuple[Callable[[Resources], Any], Any, Any, Any]] = {
    # what: (how it is read, dev, staging, prod)
    "force_destroy": (lambda found: found["aws_s3_bucket"]["zone.raw"]["force_destroy"], True, True, False),
    "protected": (
        lambda found: "DeleteBucket" in found["aws_s3_bucket_policy"]["zone.raw"]["policy"],
        False,
        False,
        True,
    ),
    "schedule": (
        lambda found: found["aws_cloudwatch_event_rule"]["schedule.0"]["schedule_expression"],
        "rate(1 day)",
        "rate(6 hours)",
        "rate(1 hour)",
    ),
    "function logs": (
        lambda found: {group["retention_in_days"] for group in found["aws_cloudwatch_log_group"].values()},
        {14},
        {90},
        {365},
    ),
    "old versions": (
        lambda found: found["aws_s3_bucket_lifecycle_configuration"]["zone.curated"]["rule"][0][
            "noncurrent_version_expiration"
        ][0]["noncurrent_days"],
        7,
        30,
        90,
    ),
    "the key": (lambda found: found["aws_kms_key"]["lake.lake"]["deletion_window_in_days"], 7, 30, 30),
    "workers": (lambda found: {job["number_of_workers"] for job in found["aws_glue_job"].values()}, {2}, {2}, {5}),
    "scan limit": (
        lambda found: found["aws_athena_workgroup"]["this.this"]["configuration"][0]["bytes_scanned_cutoff_per_query"],
        10**10,
        10**11,
        10**12,
    ),
    "alarms speak": (
        lambda found: {alarm["actions_enabled"] for alarm in found["aws_cloudwatch_metric_alarm"].values()},
        {False},
        {True},
        {True},
    ),
    "request metrics": (lambda found: len(found.get("aws_s3_bucket_metric", {})), 0, 0, 0),
    "logged": (
        lambda found: found["aws_sfn_state_machine"]["machine.transform"]["logging_configuration"][0]["level"],
        "ALL",
        "ALL",
        "ERROR",
    ),
}


@pytest.mark.parametrize("what", PROMISED)
def test_what_differs_is_what_was_promised(environments: dict[str, Resources], what: str) -> None:
    read, *promised = PROMISED[what]
    assert [read(environments[name]) for name in AWS] == promised


@pytest.mark.parametrize("name", AWS)
def test_all_carry_the_tags(environments: dict[str, Resources], name: str) -> None:
    text = (INFRA / "envs" / name / "providers.tf").read_text()
    for tag in ("Project", "Environment", "ManagedBy"):
        assert tag in text.partition("default_tags")[2]
