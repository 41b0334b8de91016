"""The workers from the server's side: a process a slot, kept from one query to the next, replaced when it dies."""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading

from laketop.athena.engine.job import Done, Failed, Job
from laketop.athena.sql.errors import SqlError

_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT)


class Worker:
    """One worker process, started when it is first needed.

    `run` is called by one thread at a time; `kill` by any.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the process, if it does not run."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                return
            # a worker talks to nobody in our name
            environment = {name: value for name, value in os.environ.items() if name != "LAKETOP_SERVICE_KEY_ID"}
            self._process = subprocess.Popen(
                [sys.executable, "-m", "laketop.athena.engine.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
            )

    def run(self, job: Job) -> Done | Failed:
        """Run a query and wait for its end.

        Once in thousands of queries DuckDB crashes where a Python function fails inside of its TRY; such a query is run
        again, in a new process.

        Returns:
            `Failed` with GENERIC_INTERNAL_ERROR where the process died under it; the next run has a new process.
        """
        answer = self._attempt(job)
        if isinstance(answer, int) and -answer in _CRASHES:
            answer = self._attempt(job)
        if isinstance(answer, int):
            problem = f"The query's worker process ended with status {answer}"
            return Failed(SqlError("GENERIC_INTERNAL_ERROR", problem))
        return answer

    def _attempt(self, job: Job) -> Done | Failed | int:
        """The worker's answer, or the status of the process that died under the query."""
        self.start()
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
        try:
            pickle.dump(job, process.stdin)
            process.stdin.flush()
            answer: Done | Failed = pickle.load(process.stdout)  # noqa: S301 - from our own process
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            process.kill()
            with contextlib.suppress(BrokenPipeError):  # what was still to be sent has no reader any more
                process.stdin.close()
            process.stdout.close()
            return process.wait()
        return answer

    def kill(self) -> None:
        """End the process at once, and with it the query that it runs; its `run` returns `Failed`."""
        with self._lock:
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """End the process after the last query."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
