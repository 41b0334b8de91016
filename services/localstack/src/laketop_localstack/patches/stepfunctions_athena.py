"""Step Functions: Athena's optimised integration.

LocalStack 4.14.0 hands `athena:*` to a class for services that it does not know: no `.sync`, and any action. Here
are the four actions that AWS has, and `.sync` for startQueryExecution.

AWS: "Run Athena queries with Step Functions".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from laketop_localstack.patches.replace import Patched
from laketop_localstack.patches.stepfunctions_sync import OptimisedTask, Run, in_milliseconds, register

PATCHED = (
    Patched(
        "localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service"
        ".state_task_service_unsupported",
        "StateTaskServiceUnsupported",
        "3883d1da3489f3f5df8ff8ea2fa4976dad6f4dd484148f7ba6d43d8ec3641ec3",
    ),
)


@dataclass(frozen=True)
class Query(Run):
    """A query execution."""

    client: Any
    query_execution_id: str

    def look(self) -> tuple[str, dict[str, Any]]:
        """GetQueryExecution, whose answer is the output."""
        answer = in_milliseconds(self.client.get_query_execution(QueryExecutionId=self.query_execution_id))
        return answer["QueryExecution"]["Status"]["State"], answer

    def cancel(self) -> None:
        """StopQueryExecution."""
        self.client.stop_query_execution(QueryExecutionId=self.query_execution_id)


class AthenaTask(OptimisedTask):
    """A `Task` state with `arn:aws:states:::athena:…`."""

    prefix = "Athena"
    actions: ClassVar = {
        "startqueryexecution": frozenset(
            {"QueryString", "ClientRequestToken", "QueryExecutionContext", "ResultConfiguration", "WorkGroup"}
            | {"ExecutionParameters", "ResultReuseConfiguration"}
        ),
        "stopqueryexecution": frozenset({"QueryExecutionId"}),
        "getqueryexecution": frozenset({"QueryExecutionId"}),
        "getqueryresults": frozenset({"QueryExecutionId", "NextToken", "MaxResults"}),
    }
    running = frozenset({"QUEUED", "RUNNING"})
    succeeded = frozenset({"SUCCEEDED"})

    def run(self, client: Any, started: Mapping[str, Any]) -> Run:
        """The query that StartQueryExecution began."""
        return Query(client, started["QueryExecutionId"])


def apply() -> None:
    """Make it the integration of `athena`."""
    register("athena", AthenaTask)
