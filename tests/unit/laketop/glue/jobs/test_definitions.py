"""Job definitions: AWS's defaults and derived members, and what is refused."""

from typing import Any

import pytest

from laketop.glue.errors import InvalidInput, NotSupported
from laketop.glue.jobs.definitions import complete

COMMAND = {"Name": "glueetl", "ScriptLocation": "s3://bucket/jobs/etl.py"}
LEAST = {"Role": "etl", "GlueVersion": "6.0", "Command": COMMAND}


def test_what_is_left_out_is_filled_in_as_on_aws() -> None:
    assert complete(LEAST) == {
        "JobMode": "SCRIPT",
        "Role": "etl",
        "Command": {**COMMAND, "PythonVersion": "3"},
        "DefaultArguments": {},
        "ExecutionProperty": {"MaxConcurrentRuns": 1},
        "MaxRetries": 0,
        "Timeout": 480,
        "GlueVersion": "6.0",
        "WorkerType": "G.1X",
        "NumberOfWorkers": 10,
        "MaxCapacity": 10.0,
        "AllocatedCapacity": 10,
    }


def test_what_is_given_stays() -> None:
    given = {
        **LEAST,
        "Description": "d",
        "LogUri": "s3://bucket/logs/",
        "DefaultArguments": {"--x": "1"},
        "NonOverridableArguments": {"--y": "2"},
        "ExecutionProperty": {"MaxConcurrentRuns": 3},
        "MaxRetries": 2,
        "Timeout": 5,
        "ExecutionClass": "FLEX",
        "JobRunQueuingEnabled": False,
        "Connections": {"Connections": []},
    }
    made = complete(given)
    assert made == {**complete(LEAST), **given, "Command": {**COMMAND, "PythonVersion": "3"}}


@pytest.mark.parametrize(
    ("worker_type", "workers", "dpus"),
    # "Worker types" of the AWS Glue Developer Guide: DPUs a worker.
    [
        ("G.1X", 2, 2),
        ("G.2X", 5, 10),
        ("G.4X", 2, 8),
        ("G.8X", 3, 24),
        ("G.12X", 2, 24),
        ("G.16X", 2, 32),
        ("R.2X", 2, 4),
    ],
)
def test_capacity_follows_from_the_workers(worker_type: str, workers: int, dpus: int) -> None:
    made = complete({**LEAST, "WorkerType": worker_type, "NumberOfWorkers": workers})
    assert (made["MaxCapacity"], made["AllocatedCapacity"]) == (dpus, dpus)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Role": ""}, "Role"),
        ({"MaxCapacity": 10.0}, "Max Capacity"),
        ({"MaxCapacity": 10.0, "WorkerType": "G.1X", "NumberOfWorkers": 2}, "Max Capacity"),
        ({"AllocatedCapacity": 10}, "Max Capacity"),
        ({"WorkerType": "G.1X"}, "both Worker Type and Number of Workers"),
        ({"NumberOfWorkers": 2}, "both Worker Type and Number of Workers"),
        ({"WorkerType": "G.1X", "NumberOfWorkers": 1}, "minimum of 2"),
        ({"Timeout": 0}, "Timeout"),
        ({"Timeout": 10081}, "Timeout"),
        ({"MaxRetries": 11}, "MaxRetries"),
        ({"MaxRetries": -1}, "MaxRetries"),
        ({"ExecutionProperty": {"MaxConcurrentRuns": 0}}, "MaxConcurrentRuns"),
        ({"Command": {**COMMAND, "PythonVersion": "2"}}, "PythonVersion"),
        ({"Command": {**COMMAND, "Runtime": "Ray2.4"}}, "Runtime"),
        ({"Command": {"Name": "glueetl"}}, "ScriptLocation"),
        ({"Command": {"Name": "glueetl", "ScriptLocation": "bucket/etl.py"}}, "ScriptLocation"),
        ({"Command": {"Name": "glueetl", "ScriptLocation": "s3://bucket"}}, "ScriptLocation"),
    ],
)
def test_what_aws_would_not_take_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as error:
        complete({**LEAST, **change})
    assert not isinstance(error.value, NotSupported)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"GlueVersion": "5.0"}, r"GlueVersion 5\.0 .* 6\.0"),
        ({"GlueVersion": "4.0"}, r"GlueVersion 4\.0"),
        ({"GlueVersion": None}, "without GlueVersion"),
        ({"Command": {**COMMAND, "Name": "pythonshell"}}, "pythonshell"),
        ({"Command": {**COMMAND, "Name": "gluestreaming"}}, "gluestreaming"),
        ({"Command": {**COMMAND, "Name": "glueray"}}, "glueray"),
        ({"Command": {**COMMAND, "ScriptLocation": "s3://bucket/job.scala"}}, "no Python file"),
        ({"WorkerType": "Standard", "NumberOfWorkers": 2}, "Standard"),
        ({"WorkerType": "Z.2X", "NumberOfWorkers": 2}, r"Z\.2X"),
        ({"Connections": {"Connections": ["vpc"]}}, "Connections"),
        ({"SourceControlDetails": {"Provider": "GITHUB"}}, "SourceControlDetails"),
        ({"CodeGenConfigurationNodes": {"1": {}}}, "CodeGenConfigurationNodes"),
        ({"NotificationProperty": {"NotifyDelayAfter": 1}}, "NotificationProperty"),
        ({"MaintenanceWindow": "Sun:1"}, "MaintenanceWindow"),
        ({"JobRunQueuingEnabled": True}, "JobRunQueuingEnabled"),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(change: dict[str, Any], named: str) -> None:
    with pytest.raises(NotSupported, match=named):
        complete({**LEAST, **change})
