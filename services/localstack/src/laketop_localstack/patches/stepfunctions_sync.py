"""Step Functions: optimised integrations that may wait for a run (`.sync`), as AWS's do; the base of Glue's and
Athena's.

LocalStack 4.14.0:
- drops a parameter that the integration does not know, and goes on without it; AWS refuses it. Here the task fails
  and names it;
- leaves a run going when its execution is stopped or its state times out; AWS cancels it;
- writes a run's times as ISO text; AWS's optimised integrations write milliseconds since 1970.

AWS: "Discover service integration patterns in Step Functions" (Run a job).
"""

import datetime
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Set
from typing import Any, ClassVar

from botocore.exceptions import ClientError
from localstack.aws.api.stepfunctions import HistoryEventType, TaskFailedEventDetails
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import CustomErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.error_name import ErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name import StatesErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task import state_task_factory
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service.resource import (
    ResourceCondition,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service.state_task_service_callback import (  # noqa: E501
    StateTaskServiceCallback,
)
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails
from localstack.services.stepfunctions.asl.utils.boto_client import boto_client_for
from localstack.services.stepfunctions.asl.utils.encoding import to_json_str

from laketop_localstack.patches.replace import Patched

LOG = logging.getLogger(__name__)

TASK = "localstack.services.stepfunctions.asl.component.state.state_execution.state_task"
PATCHED = (
    Patched(
        f"{TASK}.state_task_factory",
        "state_task_for",
        "f25d6f15637fcf09be1afc57bf9123fb175150ce855d3c4464ab77bf04148a33",
    ),
    Patched(
        f"{TASK}.state_task",
        "StateTask._eval_parameters",
        "3060133452d6bc4d2cdcc67501766b0147c9722779087e21a2bd9c37b4401d9e",
    ),
    Patched(
        f"{TASK}.service.state_task_service",
        "StateTaskService",
        "951342b0b88834d6ba77c2d627f8750a6f6ace2e6e42d908feef464da8f94cce",
    ),
    Patched(
        f"{TASK}.service.state_task_service_callback",
        "StateTaskServiceCallback",
        "e49c6c95bfd07db28bfeceab997bf66e5ddb1018cb7f214d89cfd1f3c9fbc971",
    ),
    Patched(
        f"{TASK}.service.state_task_service_factory",
        "state_task_service_for",
        "d63ad6a3de3d7ecdae35972aea9d9c1403e47562042efdf2f89400784fcd4326",
    ),
    Patched(
        "localstack.services.stepfunctions.asl.utils.boto_client",
        "boto_client_for",
        "327d6eb27cfa119773175fb60ac56d4b93ddebcfb6bfdaffadde3b7e7e5bea51",
    ),
)


def in_milliseconds(value: Any) -> Any:
    """An answer with each time as whole milliseconds since 1970; without ResponseMetadata."""
    match value:
        case datetime.datetime():
            return round(value.timestamp() * 1000)
        case dict():
            return {key: in_milliseconds(member) for key, member in value.items() if key != "ResponseMetadata"}
        case list():
            return [in_milliseconds(member) for member in value]
    return value


class Run(ABC):
    """A run that a `.sync` task waits for; LocalStack calls it again and again until it gives something."""

    @abstractmethod
    def look(self) -> tuple[str, dict[str, Any]]:
        """The run's state, and the task's output if it has ended."""

    @abstractmethod
    def cancel(self) -> None:
        """Stop the run."""


class OptimisedTask(StateTaskServiceCallback):  # type: ignore[misc]  # LocalStack has no type information
    """One `Task` state of an optimised integration. A subclass says which service, which actions, and what a run is.

    Attributes:
        prefix: of the integration's error names, e.g. `Glue` in `Glue.EntityNotFoundException`.
        actions: action in lower case → the parameters that it takes.
        succeeded: the states in which a run has ended well.
        running: the states in which it has not ended.
    """

    prefix: str
    actions: ClassVar[Mapping[str, Set[str]]]
    succeeded: Set[str]
    running: Set[str]

    def __init__(self) -> None:
        super().__init__(supported_integration_patterns={ResourceCondition.Sync})

    @abstractmethod
    def run(self, client: Any, started: Mapping[str, Any]) -> Run:
        """The run that a call began, by what the call answered."""

    def answer(self, response: dict[str, Any], _parameters: Mapping[str, Any]) -> dict[str, Any]:
        """What the task gives for a call's answer."""
        return dict(in_milliseconds(response))

    def _get_supported_parameters(self) -> Set[str] | None:
        return self.actions.get(self.resource.api_action.lower())

    def _eval_parameters(self, env: Any) -> dict[str, Any]:
        parameters: dict[str, Any] = {}
        if self.parargs is not None:
            self.parargs.eval(env=env)
            parameters = env.stack.pop()
        if unknown := sorted(parameters.keys() - (self._get_supported_parameters() or set())):
            name = StatesErrorNameType.StatesRuntime
            raise self._failure(
                env, StatesErrorName(typ=name), f"The field '{unknown[0]}' is not supported by Step Functions"
            )
        return parameters

    def _from_error(self, env: Any, ex: Exception) -> FailureEvent:
        if isinstance(ex, ClientError):
            name = CustomErrorName(f"{self.prefix}.{ex.response['Error']['Code']}")
            return self._failure(env, name, ex.response["Error"]["Message"]).failure_event
        return super()._from_error(env=env, ex=ex)

    def _eval_service_task(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: dict[str, Any], state_credentials: Any
    ) -> None:
        call = getattr(self._client(resource_runtime_part, state_credentials), self._get_boto_service_action())
        env.stack.append(self.answer(call(**normalised_parameters), normalised_parameters))

    def _build_sync_resolver(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: dict[str, Any], state_credentials: Any
    ) -> Callable[[], dict[str, Any] | None]:
        del normalised_parameters
        run = self.run(self._client(resource_runtime_part, state_credentials), env.stack.pop())

        def resolve() -> dict[str, Any] | None:
            state, output = run.look()
            if state in self.running:
                return None
            if state in self.succeeded:
                return output
            raise self._failure(env, StatesErrorName(typ=StatesErrorNameType.StatesTaskFailed), to_json_str(output))

        resolve.run = run  # type: ignore[attr-defined]  # for _eval_sync, which gets nothing else
        return resolve

    def _eval_sync(self, env: Any, sync_resolver: Any, *args: Any, **options: Any) -> Any:
        outcome = super()._eval_sync(env, sync_resolver, *args, **options)
        if outcome is None:
            try:
                sync_resolver.run.cancel()
            except ClientError as error:
                LOG.warning("the run of an ended state could not be stopped: %s", error)
        return outcome

    def _client(self, part: Any, credentials: Any) -> Any:
        return boto_client_for(service=self._get_boto_service_name(), region=part.region, state_credentials=credentials)

    def _failure(self, env: Any, name: ErrorName, cause: str) -> FailureEventException:
        details = TaskFailedEventDetails(
            error=name.error_name,
            cause=cause,
            resource=self._get_sfn_resource(),
            resourceType=self._get_sfn_resource_type(),
        )
        event = FailureEvent(
            env=env,
            error_name=name,
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=details),
        )
        return FailureEventException(event)


_tasks: dict[str, type[OptimisedTask]] = {}


def register(service: str, task: type[OptimisedTask]) -> None:
    """From now on this class is the integration of a service (its name in a state machine's Resource)."""
    _tasks[service] = task


def apply() -> None:
    """Look among the registered integrations first."""
    upstream = state_task_factory.state_task_service_for
    state_task_factory.state_task_service_for = lambda service_name: (
        _tasks[service_name]() if service_name in _tasks else upstream(service_name)
    )
