import datetime
from typing import Any

import botocore.session
import pytest
from laketop_localstack.patches.stepfunctions_athena import AthenaTask
from laketop_localstack.patches.stepfunctions_glue import GlueTask
from laketop_localstack.patches.stepfunctions_sync import in_milliseconds

# "Start an AWS Glue job with Step Functions": the run states of the Glue API (JobRunState)
GLUE_STATES = {
    "STARTING",
    "RUNNING",
    "STOPPING",
    "STOPPED",
    "SUCCEEDED",
    "FAILED",
    "TIMEOUT",
    "ERROR",
    "WAITING",
    "EXPIRED",
}


def test_times_become_milliseconds() -> None:
    time = datetime.datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=datetime.UTC)

    assert in_milliseconds({"a": [time, 1], "ResponseMetadata": {}, "b": {"c": time}}) == {
        "a": [1_767_323_045_678, 1],
        "b": {"c": 1_767_323_045_678},
    }


@pytest.mark.parametrize(("service", "task"), [("athena", AthenaTask), ("glue", GlueTask)])
def test_actions_and_parameters_are_the_apis(service: str, task: Any) -> None:
    model = botocore.session.get_session().get_service_model(service)
    operations = {name.lower(): name for name in model.operation_names}

    for action, parameters in task.actions.items():
        assert parameters <= set(model.operation_model(operations[action]).input_shape.members)


def test_every_state_of_a_job_run_is_known() -> None:
    model = botocore.session.get_session().get_service_model("glue")

    assert set(model.shape_for("JobRunState").enum) == GLUE_STATES
    assert GLUE_STATES - GlueTask.running - GlueTask.succeeded == {"STOPPED", "FAILED", "TIMEOUT", "ERROR", "EXPIRED"}


def test_every_state_of_a_query_is_known() -> None:
    states = set(botocore.session.get_session().get_service_model("athena").shape_for("QueryExecutionState").enum)

    assert states - AthenaTask.running - AthenaTask.succeeded == {"FAILED", "CANCELLED"}
