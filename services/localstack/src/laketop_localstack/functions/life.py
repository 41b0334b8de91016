"""An interpreter together with its Runtime API server, from start to end: what it sends, or how it ended instead."""

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from laketop_localstack.functions.process import FunctionProcess, reason
from laketop_localstack.functions.runtime_api import Outcome, RuntimeApi, error

MEMORY_CHECK_SECONDS = 0.25


class Life:
    """An interpreter with its Runtime API server, from start to end."""

    def __init__(self, spawn: Callable[[str], FunctionProcess]) -> None:
        self.api = RuntimeApi()
        self.began = time.monotonic()
        try:
            self.process = spawn(self.api.address)
        except OSError:
            self.api.close()
            raise

    @property
    def over(self) -> bool:
        """Whether the interpreter has ended."""
        return self.process.exited.done()

    def outcome[T](self, awaited: Future[T], deadline: float, memory_bytes: int) -> T | Outcome | None:
        """Wait for what the interpreter sends.

        Args:
            awaited: gets it.
            deadline: until when, by `time.monotonic`.
            memory_bytes: what the interpreter may hold.

        Returns:
            what came; an error (`Runtime.ExitError`) when it ended, or was killed for its memory, before; None at
            the deadline.
        """
        while (left := deadline - time.monotonic()) > 0:
            either: list[Future[Any]] = [awaited, self.process.exited]
            wait(either, min(left, MEMORY_CHECK_SECONDS), FIRST_COMPLETED)
            if awaited.done():
                self.process.measure()
                return awaited.result()
            if self.over:
                return error("Runtime.ExitError", reason(self.process.exited.result()))
            if self.process.measure() > memory_bytes:
                self.process.kill()
        return None

    def end(self) -> None:
        """Kill the interpreter and close its server."""
        self.process.kill()
        self.api.close()
