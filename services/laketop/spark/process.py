"""A driver process seen from the agent: started in a session of its own, spoken to over a socket, ended for certain.

Ending takes the whole session, not the process group alone: Spark's Python workers make groups of their own.
"""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import psutil

from laketop.spark.launch import Launch

GRACE_SECONDS = 3.0

type Listener = Callable[[Mapping[str, Any]], None]


class Driver(Protocol):
    """A driver that was launched. Its listener is told each event, and last `{"event": "exit", "code": int}`."""

    @property
    def folder(self) -> Path:
        """The driver's own folder; `output.log` and `error.log` lie in it."""
        ...

    def give(self, job: Mapping[str, Any]) -> bool:
        """Send it its job; False where it is dead already."""
        ...

    def kill(self) -> None:
        """End it with everything that it started; returns when nothing of it is left."""
        ...


class Process:
    """A driver in an operating system process.

    Args:
        launch: what to start.
        listener: is told the driver's events from a thread of this object.
        nice: by how much to lower its priority.
    """

    def __init__(self, launch: Launch, listener: Listener, nice: int = 0) -> None:
        self.folder = launch.logs
        self._listener = listener
        self._ending, self._over = threading.Lock(), threading.Event()
        self._socket, theirs = socket.socketpair()
        with (self.folder / "output.log").open("ab") as out, (self.folder / "error.log").open("ab") as err, theirs:
            self._process = subprocess.Popen(
                [*launch.command, "--control", str(theirs.fileno())],
                env=dict(launch.environment),
                cwd=launch.cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        if nice:
            os.setpriority(os.PRIO_PROCESS, self._process.pid, nice)
        reader = threading.Thread(target=self._read, name=f"driver-{self.pid}-events", daemon=True)
        threading.Thread(target=self._follow, args=(reader,), name=f"driver-{self.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process id, which is the id of its session too."""
        return self._process.pid

    def give(self, job: Mapping[str, Any]) -> bool:
        """Send it its job; False where it is dead already."""
        try:
            self._socket.sendall(json.dumps(job).encode() + b"\n")
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """End its session: TERM, a grace, KILL; returns when nothing of it is left."""
        with self._ending:
            # Once it is reaped, its number may be another process's.
            if self._process.returncode is None:
                end_session(self.pid, GRACE_SECONDS)
        self._over.wait()

    def _read(self) -> None:
        with self._socket.makefile("rb") as lines:
            for line in lines:
                self._listener(json.loads(line))

    def _follow(self, reader: threading.Thread) -> None:
        reader.start()
        # Not reaped yet, so that its number still means this session.
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with self._ending:
            # The JVM ends by itself a moment after its driver, unless it hangs.
            end_session(self.pid, GRACE_SECONDS, patient=True)
            code = self._process.wait()
        # What was forked off into another session may still hold the socket.
        reader.join(timeout=GRACE_SECONDS)
        self._socket.close()
        self._over.set()
        self._listener({"event": "exit", "code": code})


def end_session(session: int, grace: float, *, patient: bool = False) -> None:
    """End every process of a session: TERM, then KILL for what is left after `grace` seconds.

    Args:
        session: its id.
        grace: seconds to wait after each step.
        patient: wait once before the first signal as well.
    """
    for number in (0, signal.SIGTERM, signal.SIGKILL)[not patient :]:
        members = _members(session)
        for member in members:
            _signal(member, number)
        deadline = time.monotonic() + grace
        while members and time.monotonic() < deadline:
            time.sleep(0.02)
            members = [member for member in members if member.is_running() and member.status() != psutil.STATUS_ZOMBIE]
        if not _members(session):
            return


def _members(session: int) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _in_session(process, session)]


def _in_session(process: psutil.Process, session: int) -> bool:
    try:
        return os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False  # it ended meanwhile, or is another user's


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return  # it ended meanwhile


def describe_exit(code: int) -> str:
    """How a process ended, in words: `exit code 3`, `killed by SIGKILL (signal 9)`."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name} (signal {-code})"
    except ValueError:
        return f"killed by signal {-code}"
