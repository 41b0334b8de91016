"""LocalStack's runtime executor: an execution environment is a process of this machine, run by `awslambdaric`.

LocalStack keeps the functions, versions, environments and queues; it asks this class to start an environment, to
run one invocation in it, and to stop it. What goes wrong inside a function (a failed start, an exception, a time-
out, an exit, too much memory) is an answer, never an exception, so that it has its log in CloudWatch. Behaviour:
"Understanding the Lambda execution environment lifecycle".
"""

import hashlib
import math
import os
import shutil
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localstack.services.lambda_.invocation.executor_endpoint import ShutdownDuringStartup
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import LambdaRuntimeException, RuntimeExecutor

from laketop_localstack.functions import environment, layers, logs
from laketop_localstack.functions.life import Life
from laketop_localstack.functions.process import FunctionProcess
from laketop_localstack.functions.runtime_api import Event, Outcome, error
from localstack import config

RUNTIME = "python3.13"
# "the Init phase is limited to 10 seconds"; a start that takes longer is done again as part of the invocation.
INIT_SECONDS = 10.0
MIB = 1024 * 1024


class ProcessExecutorPlugin(RuntimeExecutorPlugin):  # type: ignore[misc]  # LocalStack has no type information
    """Entry point: LAMBDA_RUNTIME_EXECUTOR=laketop."""

    name = "laketop"

    def load(self, *_args: Any, **_kwargs: Any) -> type[RuntimeExecutor]:
        """The executor's class."""
        return ProcessExecutor


def scratch() -> Path:
    """The folder for all execution environments of this lake."""
    return Path(os.environ["LAKETOP_STATE"]).resolve() / "lambda"


class ProcessExecutor(RuntimeExecutor):  # type: ignore[misc]  # LocalStack has no type information
    """One execution environment. LocalStack runs one invocation at a time in it, and may call `stop` from another
    thread.
    """

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002 (LocalStack's name)
        super().__init__(id=id, function_version=function_version)
        self._folder = scratch() / f"{function_version.id.function_name}-{id[:12]}"
        self._log = logs.LogFile(self._folder / "log")
        self._variables: dict[str, str] = {}
        self._life: Life | None = None
        self._failed_start: Outcome | None = None
        self._init_seconds: float | None = None
        self._start_log = ""
        self._peak_bytes = 0
        self._stopped = False

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack the code and the layers of a version; called once, before its first environment."""
        if function_version.config.code:
            function_version.config.code.prepare_for_execution()
        for layer in function_version.config.layers or []:
            layer.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Nothing: unpacked code is LocalStack's, merged layers go with the lake's state."""

    def get_address(self) -> str:
        """Where environments are: on this machine."""
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        """The endpoint's host, as an environment sees it."""
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Not used: LocalStack's own runtime would call back here."""
        return f"{self._endpoint()}/_localstack_lambda/{self.id}"

    def get_logs(self) -> str:
        """The output that no invocation has taken yet."""
        return self._log.take()

    def start(self, env_vars: dict[str, str]) -> None:
        """Start the environment; returns when the function is initialised or its start has failed.

        Raises:
            LambdaRuntimeException: the interpreter cannot be started at all.
            ShutdownDuringStartup: LocalStack stopped the environment meanwhile.
        """
        if (runtime := self.function_version.config.runtime) != RUNTIME:
            raise LambdaRuntimeException(f"Laketop runs functions by {RUNTIME} only, and this one asks for {runtime}")
        self._variables = dict(env_vars)
        self._begin(time.monotonic() + INIT_SECONDS)
        if self._stopped:
            raise ShutdownDuringStartup("the environment was stopped while it started")

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Run one invocation. A failed or ended interpreter is started anew first, as on AWS."""
        request_id, seconds = payload["invoke-id"], float(self.function_version.config.timeout)
        began = time.monotonic()
        failed, self._failed_start = self._failed_start, None
        outcome = failed or self._run(payload, began + seconds)
        note = ""
        if outcome is None:
            message = f"Task timed out after {seconds:.2f} seconds"
            note = f"{datetime.now(UTC).isoformat(timespec='milliseconds')[:-6]}Z {request_id} {message}\n"
            outcome = error("Sandbox.Timedout", f"RequestId: {request_id} Error: {message}")
        elif outcome.error_type == "Runtime.ExitError":
            message = f"RequestId: {request_id} Error: {outcome.error_message}"
            note = f"{message}\nRuntime.ExitError\n"
            outcome = error("Runtime.ExitError", message)
        return self._result(request_id, outcome, note, time.monotonic() - began)

    def stop(self) -> None:
        """End the environment, whatever it does, and delete its folder."""
        self._stopped = True
        life, self._life = self._life, None
        if life:
            life.end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, payload: Mapping[str, str], deadline: float) -> Outcome | None:
        if self._life is None or self._life.over:
            self._begin(deadline)
            # This start is part of the invocation's duration.
            self._init_seconds = None
            failed, self._failed_start = self._failed_start, None
            if failed or self._life is None:
                return failed
        life = self._life
        outcome = life.outcome(life.api.submit(_event(payload, deadline)), deadline, self._memory_bytes())
        if outcome is None:
            self._end_life()
        return outcome

    def _begin(self, deadline: float) -> None:
        """Start an interpreter and wait until it is initialised, failed (kept for the next invocation), or late
        (ended).
        """
        self._end_life()
        try:
            self._life = life = Life(self._spawn)
        except OSError as cause:
            raise LambdaRuntimeException(f"the function's interpreter cannot be started: {cause}") from cause
        outcome = life.outcome(life.api.initialised, deadline, self._memory_bytes())
        seconds = time.monotonic() - life.began
        self._start_log += self._log.take()
        if outcome is True:
            self._init_seconds = seconds
            return
        failure = ("error", outcome.error_type) if isinstance(outcome, Outcome) else ("timeout", "")
        self._start_log += logs.init_failed(seconds, *failure, self._logging())
        self._failed_start = outcome if isinstance(outcome, Outcome) else None
        self._end_life()

    def _end_life(self) -> None:
        life, self._life = self._life, None
        if life:
            self._peak_bytes = max(self._peak_bytes, life.process.peak_bytes)
            life.end()

    def _spawn(self, runtime_api: str) -> FunctionProcess:
        place = self._place()
        for folder in (place.home, place.tmp):
            folder.mkdir(parents=True, exist_ok=True)
        variables = environment.for_function(
            place,
            given=self._variables,
            configured=self.function_version.config.environment or {},
            logging=self._logging(),
            endpoint=self._endpoint(),
            runtime_api=runtime_api,
            instance=os.environ["LAKETOP_INSTANCE"],
        )
        command = [str(place.interpreter), "-m", "awslambdaric", self.function_version.config.handler]
        return FunctionProcess(command, variables, place.code, self._log.path)

    def _place(self) -> environment.Place:
        function = self.function_version.config
        unpacked = [layer.code.get_unzipped_code_location().resolve() for layer in function.layers or []]
        name = hashlib.sha256("\0".join(map(str, unpacked)).encode()).hexdigest()[:16]
        return environment.Place(
            code=function.code.get_unzipped_code_location().resolve(),
            layers=layers.merged(unpacked, scratch() / "layers", name),
            home=self._folder / "home",
            tmp=self._folder / "tmp",
            interpreter=Path(os.environ["LAKETOP_LAMBDA_PYTHON"]).absolute(),
        )

    def _result(self, request_id: str, outcome: Outcome, note: str, seconds: float) -> InvocationResult:
        if self._life:
            self._peak_bytes = max(self._peak_bytes, self._life.process.peak_bytes)
        report = logs.Report(
            request_id=request_id,
            version=self.function_version.id.qualifier,
            seconds=seconds,
            init_seconds=self._init_seconds,
            memory_mb=self.function_version.config.memory_size,
            peak_mb=math.ceil(self._peak_bytes / MIB),
            error_type=outcome.error_type,
        )
        place = self._place()
        text = self._start_log + logs.framed(report, self._log.take() + note, self._logging())
        self._init_seconds, self._start_log = None, ""
        body = place.as_on_aws(outcome.body.decode()).encode() if outcome.is_error else outcome.body
        return InvocationResult(
            request_id=request_id, payload=body, is_error=outcome.is_error, logs=place.as_on_aws(text)
        )

    def _memory_bytes(self) -> int:
        return int(self.function_version.config.memory_size) * MIB

    def _logging(self) -> Mapping[str, str]:
        return self.function_version.config.logging_config or {}

    @staticmethod
    def _endpoint() -> str:
        return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}"


def _event(payload: Mapping[str, str], deadline: float) -> Event:
    ends = time.time() + deadline - time.monotonic()
    headers = {
        "Content-Type": "application/json",
        "Lambda-Runtime-Aws-Request-Id": payload["invoke-id"],
        "Lambda-Runtime-Deadline-Ms": str(int(ends * 1000)),
        "Lambda-Runtime-Invoked-Function-Arn": payload["invoked-function-arn"],
        "Lambda-Runtime-Trace-Id": payload.get("trace-id", ""),
    }
    return Event(payload["invoke-id"], payload["payload"].encode(), headers)
