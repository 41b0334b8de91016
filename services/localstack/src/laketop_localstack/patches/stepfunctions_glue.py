"""Step Functions: Glue's optimised integration.

LocalStack 4.14.0 takes a stopped job run for a success, and waits for an expired one for ever. On AWS only
SUCCEEDED is a success.

AWS: "Start an AWS Glue job with Step Functions".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from laketop_localstack.patches.replace import Patched
from laketop_localstack.patches.stepfunctions_sync import OptimisedTask, Run, in_milliseconds, register

PATCHED = (
    Patched(
        "localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service.state_task_service_glue",
        "StateTaskServiceGlue",
        "e2d18810224a46126a3391673e7029ac9d078737cccd296a87425c0112c0bce7",
    ),
)


@dataclass(frozen=True)
class JobRun(Run):
    """A job run."""

    client: Any
    job_name: str
    job_run_id: str

    def look(self) -> tuple[str, dict[str, Any]]:
        """GetJobRun; the output is its JobRun, which has the job's name."""
        answer = in_milliseconds(self.client.get_job_run(JobName=self.job_name, RunId=self.job_run_id))
        return answer["JobRun"]["JobRunState"], answer["JobRun"] | {"JobName": self.job_name}

    def cancel(self) -> None:
        """BatchStopJobRun."""
        self.client.batch_stop_job_run(JobName=self.job_name, JobRunIds=[self.job_run_id])


class GlueTask(OptimisedTask):
    """A `Task` state with `arn:aws:states:::glue:startJobRun`."""

    prefix = "Glue"
    actions: ClassVar = {
        "startjobrun": frozenset(
            {"JobName", "JobRunQueuingEnabled", "JobRunId", "Arguments", "AllocatedCapacity", "Timeout", "MaxCapacity"}
            | {"SecurityConfiguration", "NotificationProperty", "WorkerType", "NumberOfWorkers", "ExecutionClass"}
        ),
    }
    running = frozenset({"STARTING", "RUNNING", "STOPPING", "WAITING"})
    succeeded = frozenset({"SUCCEEDED"})

    def answer(self, response: dict[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
        """StartJobRun's answer, with the job's name from the request."""
        return super().answer(response, parameters) | {"JobName": parameters["JobName"]}

    def run(self, client: Any, started: Mapping[str, Any]) -> Run:
        """The run that StartJobRun began."""
        return JobRun(client, started["JobName"], started["JobRunId"])


def apply() -> None:
    """Make it the integration of `glue`."""
    register("glue", GlueTask)
