"""One life of a function's interpreter: started, watched, killed with everything that it started.

The interpreter leads a process group of its own, so that a kill reaches its children. Its memory is looked at while
it works, because Lambda kills what takes more than it was given, and a function that lives here must live there.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import psutil


class FunctionProcess:
    """A running interpreter; `exited` gets the exit status as `subprocess` has it (negative: a signal).

    Args:
        command: the interpreter and its arguments.
        environment: the whole environment, nothing is inherited.
        folder: the working folder.
        log: a file; standard output and standard error are appended to it.

    Raises:
        OSError: the interpreter cannot be started.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> None:
        self.exited: Future[int] = Future()
        self.peak_bytes = 0
        with log.open("ab", buffering=0) as output:
            self._process = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._watched = psutil.Process(self._process.pid)
        threading.Thread(target=self._wait, name="lambda-process", daemon=True).start()

    def measure(self) -> int:
        """The bytes of memory that the interpreter and its children hold now (resident); 0 once it ended."""
        held = 0
        with suppress(psutil.Error):
            for process in (self._watched, *self._watched.children(recursive=True)):
                with suppress(psutil.Error):
                    held += process.memory_info().rss
        self.peak_bytes = max(self.peak_bytes, held)
        return held

    def kill(self) -> None:
        """End the whole process group at once, as Lambda does; returns when the interpreter is gone."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self.exited.result()

    def _wait(self) -> None:
        status = self._process.wait()
        # What the interpreter leaves behind goes with it, as when Lambda resets an environment.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self.exited.set_result(status)


def reason(status: int) -> str:
    """How Lambda words the end of an interpreter that nobody stopped."""
    if status < 0:
        names = {
            signal.SIGKILL: "killed",
            signal.SIGSEGV: "segmentation fault",
            signal.SIGTERM: "terminated",
            signal.SIGABRT: "aborted",
        }
        return f"Runtime exited with error: signal: {names.get(signal.Signals(-status), signal.Signals(-status).name)}"
    return f"Runtime exited with error: exit status {status}" if status else "Runtime exited without providing a reason"
