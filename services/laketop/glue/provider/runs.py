"""Operations on job runs. Source: "Job runs" of the AWS Glue Developer Guide."""

from typing import Any

from laketop.glue.provider.common import Answer, Request, detail
from laketop.glue.runs.encryption import log_group
from laketop.glue.runs.model import Run
from laketop.glue.runs.service import Runs
from laketop.glue.runs.store import MOST_RUNS
from laketop.wire.service import Caller, Operation

_OF_DEFINITION = (
    "AllocatedCapacity",
    "Arguments",
    "ExecutionClass",
    "GlueVersion",
    "JobMode",
    "MaxCapacity",
    "NumberOfWorkers",
    "SecurityConfiguration",
    "Timeout",
    "WorkerType",
)
_OPTIONAL = {
    "PreviousRunId": "previous_id",
    "CompletedOn": "completed",
    "ErrorMessage": "error_message",
}


class JobRuns:
    """The operations, by their AWS names in `operations`."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self.operations: dict[str, Operation] = {
            "StartJobRun": self.start,
            "GetJobRun": self.get,
            "GetJobRuns": self.list,
            "BatchStopJobRun": self.stop,
        }

    def start(self, request: Request, _: Caller) -> Answer:
        """StartJobRun."""
        return {"JobRunId": self._runs.start(request["JobName"], request).id}

    def get(self, request: Request, _: Caller) -> Answer:
        """GetJobRun."""
        return {"JobRun": shape(self._runs.get(request["JobName"], request["RunId"]))}

    def list(self, request: Request, _: Caller) -> Answer:
        """GetJobRuns."""
        limit = request.get("MaxResults", MOST_RUNS)
        return self._runs.list(request["JobName"], request.get("NextToken"), limit).answer("JobRuns", shape)

    def stop(self, request: Request, _: Caller) -> Answer:
        """BatchStopJobRun."""
        stopped = self._runs.stop(request["JobName"], request["JobRunIds"])
        named = {run_id: {"JobName": request["JobName"], "JobRunId": run_id} for run_id in stopped}
        return {
            "SuccessfulSubmissions": [named[run_id] for run_id, why in stopped.items() if why is None],
            "Errors": [
                {**named[run_id], "ErrorDetail": detail(why)} for run_id, why in stopped.items() if why is not None
            ],
        }


def shape(run: Run) -> dict[str, Any]:
    """A run as the API has it."""
    answer: dict[str, Any] = {
        "Id": run.id,
        "Attempt": run.attempt,
        "JobName": run.job_name,
        "JobRunState": str(run.state),
        "StartedOn": run.started,
        "LastModifiedOn": run.modified,
        "ExecutionTime": run.execution_seconds,
        "LogGroupName": log_group(run),
        "PredecessorRuns": [],
        **{name: run.definition[name] for name in _OF_DEFINITION if name in run.definition},
        **{name: value for name, field in _OPTIONAL.items() if (value := getattr(run, field)) is not None},
    }
    if _by_use(run):
        answer["DPUSeconds"] = run.execution_seconds * run.definition["MaxCapacity"]
    return answer


def _by_use(run: Run) -> bool:
    """Whether AWS gives DPUSeconds: for FLEX runs, and with auto scaling, after the end."""
    merged = {**run.definition.get("DefaultArguments", {}), **run.definition.get("Arguments", {})}
    scaled = merged.get("--enable-auto-scaling", "").lower() == "true"
    return run.completed is not None and (run.definition.get("ExecutionClass") == "FLEX" or scaled)
