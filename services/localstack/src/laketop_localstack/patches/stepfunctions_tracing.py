"""Step Functions: whether X-Ray traces a state machine.

LocalStack 4.14.0 takes `tracingConfiguration` at creation and never gives it back, and refuses or ignores it in
UpdateStateMachine. AWS always gives it back; it may be all that an update changes.

AWS: "DescribeStateMachine" and "UpdateStateMachine" of the AWS Step Functions API reference.
"""

import datetime
import functools
from collections.abc import Callable
from typing import Any

from localstack.services.stepfunctions.backend.state_machine import StateMachineInstance
from localstack.services.stepfunctions.provider import StepFunctionsProvider

from laketop_localstack.patches.replace import Patched

PATCHED = (
    Patched(
        "localstack.services.stepfunctions.backend.state_machine",
        "StateMachineInstance.describe",
        "0f63206b771c05254155ed94bf99c5831bc3645793536d744e7d5680aa80a517",
    ),
    Patched(
        "localstack.services.stepfunctions.provider",
        "StepFunctionsProvider.update_state_machine",
        "3087572173e733e0f2a3543b6e874f2e9180ce580d9b25a0794e192d8f2ca7ae",
    ),
)


def with_tracing(describe: Callable[..., Any]) -> Callable[..., Any]:
    """DescribeStateMachine's answer with `tracingConfiguration`."""

    @functools.wraps(describe)
    def described(self: Any) -> Any:
        return describe(self) | {"tracingConfiguration": self.tracing_config or {"enabled": False}}

    return described


def updating(update: Callable[..., Any]) -> Callable[..., Any]:
    """UpdateStateMachine that sets the tracing too."""

    @functools.wraps(update)  # LocalStack finds operations by the marks that it left on them
    def updated(self: Any, context: Any, state_machine_arn: str, **members: Any) -> Any:
        tracing = members.get("tracing_configuration")
        alone = tracing and not any(
            members.get(name) for name in ("definition", "role_arn", "logging_configuration", "publish")
        )
        machine = self.get_store(context).state_machines.get(state_machine_arn)
        if alone and machine is not None:
            answer: Any = {"updateDate": datetime.datetime.now(tz=datetime.UTC)}
        else:
            answer = update(self, context, state_machine_arn, **members)
        if tracing:
            machine.tracing_config = tracing
        return answer

    return updated


def apply() -> None:
    """Give tracing back, and change it."""
    StateMachineInstance.describe = with_tracing(StateMachineInstance.describe)
    StepFunctionsProvider.update_state_machine = updating(StepFunctionsProvider.update_state_machine)
