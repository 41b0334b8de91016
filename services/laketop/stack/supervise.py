"""Supervision by supervisord: its configuration, its start, its control.

One supervisord per lake, as a daemon of the person's own. It restarts the parts that die, all but
localstack, which remembers nothing: there the guardian resets the whole lake.
"""

import json
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import psutil
from supervisor.xmlrpc import SupervisorTransport

from laketop.settings import Settings
from laketop.stack import lake, processes
from laketop.stack.control import RUNNING, PartState
from laketop.stack.lake import Record
from laketop.stack.messages import StackError
from laketop.stack.parts import Part, common_environment

GROUP = "lake"
# AF_UNIX paths end at 104 bytes on macOS, at 108 on Linux; supervisord adds a suffix of its own while it starts.
SOCKET_PATH_LIMIT = 90

_HEAD = """\
[supervisord]
silent=true
identifier=laketop
directory={state}
logfile={logs}/supervisord.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile={run}/supervisord.pid
childlogdir={logs}

[unix_http_server]
file={socket}
chmod=0700
username=laketop
password={password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[group:{group}]
programs={programs}
"""

_PROGRAM = """
[program:{name}]
command={command}
autostart=true
autorestart=true
startsecs=1
startretries=3
stopwaitsecs=10
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=2
"""

_GUARDIAN = """
[eventlistener:guardian]
command={command}
events=TICK_60
buffer_size=100
autorestart=true
stopwaitsecs=5
stderr_logfile={logs}/guardian.err
stderr_logfile_maxbytes=1MB
stderr_logfile_backups=1
"""


def _escape(value: str | Path) -> str:
    """A value for supervisord's configuration, which expands %(…)s and cuts comments at ` ;`."""
    text = str(value)
    if " ;" in text or "\n" in text:
        raise StackError(f"path {text!r}", "the supervisor cannot take a path with ' ;' or a line break in it")
    return text.replace("%", "%%")


def render(settings: Settings, parts: Sequence[Part], socket: Path, password: str) -> str:
    """The supervisor's configuration for a lake."""
    folders = {"logs": _escape(settings.state / "logs"), "run": _escape(settings.state / "run")}

    def command(module: str, *arguments: str) -> str:
        return _escape(shlex.join([sys.executable, "-P", "-m", module, *arguments]))

    text = _HEAD.format(
        **folders,
        state=_escape(settings.state),
        socket=_escape(socket),
        password=password,
        group=GROUP,
        programs=",".join(part.name for part in parts),
    )
    for part in parts:
        text += _PROGRAM.format(
            **folders,
            name=part.name,
            command=command("laketop.stack.launch", str(settings.state / "run" / "parts.json"), part.name),
        )
    return text + _GUARDIAN.format(**folders, command=command("laketop.stack.guardian"))


def _socket_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="laketop-"))
    if len(str(folder)) > SOCKET_PATH_LIMIT:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="laketop-", dir="/tmp"))
    return folder


class Supervisor:
    """The control of a running supervisord.

    Args:
        record: the lake, as it was started.
        logs: the folder of its logs.
    """

    def __init__(self, record: Record, logs: Path) -> None:
        self.record, self._logs = record, logs

    @property
    def port(self) -> int:
        """The port of the endpoint that it was started with."""
        return self.record.port

    @property
    def spark_pool(self) -> int:
        """The number of warmed drivers that it was started with."""
        return self.record.spark_pool

    @property
    def workers(self) -> int:
        """None: workers are containers."""
        return 0

    def _call(self, method: str, *arguments: object) -> object:
        try:
            return self._send(method, *arguments)
        except (OSError, xmlrpc.client.Error) as error:
            cause = f"{method.rpartition('.')[2]} failed ({error})"
            raise StackError("supervisor", cause, "run `make down`, then `make up`") from error

    def _send(self, method: str, *arguments: object) -> object:
        transport = SupervisorTransport("laketop", self.record.password, f"unix://{self.record.socket}")
        # A proxy for each call: the transport is not safe to share, and keeps a connection that a restart breaks.
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport) as proxy:
            return getattr(proxy, method)(*arguments)

    def answers(self) -> bool:
        """Whether the control socket answers."""
        try:
            self._call("supervisor.getState")
        except StackError:
            return False
        return True

    def states(self) -> dict[str, PartState]:
        """Every part's state by name, the guardian's too.

        Raises:
            StackError: the supervisor does not answer.
        """
        answer = self._call("supervisor.getAllProcessInfo")
        assert isinstance(answer, list)  # noqa: S101 - the method's documented answer
        return {info["name"]: _part_state(info) for info in answer}

    def memory(self) -> dict[str, int]:
        """Resident memory of each part's process and all processes below it, in bytes."""
        return {name: processes.tree_memory(state.pid) for name, state in self.states().items() if state.pid}

    def start(self, names: Sequence[str]) -> None:
        """Start parts that do not run; does not wait for them."""
        states = self.states()
        for name in names:
            if states[name].state not in RUNNING:
                self._call("supervisor.startProcess", f"{GROUP}:{name}", False)

    def stop(self, names: Sequence[str]) -> None:
        """Stop parts side by side and wait until they have ended."""
        states = self.states()
        running = [name for name in names if states[name].state in (*RUNNING, "BACKOFF")]
        for name in running:
            self._call("supervisor.stopProcess", f"{GROUP}:{name}", False)
        deadline = time.monotonic() + 30
        while any(self.states()[name].state in (*RUNNING, "BACKOFF", "STOPPING") for name in running):
            if time.monotonic() > deadline:
                raise StackError("supervisor", f"{', '.join(running)} did not stop in 30 s", "see `make logs`")
            time.sleep(0.1)

    def how_it_ended(self, name: str) -> str:
        """How a part last ended, e.g. `terminated by SIGKILL`, `exit status 1`; "it ended" where nothing tells.

        Only supervisord's log says by which signal: its API gives -1 for all of them.
        """
        log = self._logs / "supervisord.log"
        pattern = re.compile(rf"exited: {re.escape(name)} \((.*?)(; (not )?expected)?\)")
        endings = pattern.findall(log.read_text(errors="replace")) if log.exists() else []
        return str(endings[-1][0]) if endings else "it ended"

    def tail(self, name: str, count: int) -> list[str]:
        """The last lines that a part wrote."""
        log = self._logs / f"{name}.log"
        return log.read_text(errors="replace").splitlines()[-count:] if log.exists() else []

    def shutdown(self, timeout: float = 30) -> None:
        """Stop all parts and the supervisor itself; returns when it has ended, or after `timeout` seconds."""
        try:
            process = psutil.Process(self.record.pid)
            self._call("supervisor.shutdown")
            process.wait(timeout)
        except (psutil.NoSuchProcess, psutil.TimeoutExpired, StackError):
            return  # what is left is ended by its marker, which the caller does in any case


def _part_state(info: dict[str, object]) -> PartState:
    running = info["statename"] in RUNNING
    uptime = int(str(info["now"])) - int(str(info["start"])) if running else 0
    return PartState(str(info["name"]), str(info["statename"]), int(str(info["pid"])), max(uptime, 0))


def running(settings: Settings) -> Supervisor | None:
    """The control of a lake's supervisor; None where it does not run."""
    record = lake.read_record(settings)
    return Supervisor(record, settings.state / "logs") if record is not None and record.alive() else None


def start(settings: Settings, parts: Sequence[Part]) -> Supervisor:
    """Start a supervisor with all parts; returns as soon as it takes commands, not when the parts are ready.

    Raises:
        StackError: the supervisor did not start.
    """
    run = lake.run_folder(settings)
    logs = settings.state / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    (run / "supervisord.pid").unlink(missing_ok=True)
    socket, password = _socket_folder() / "supervisor.sock", secrets.token_hex(16)
    lake.write_private(run / "parts.json", json.dumps({part.name: asdict(part) for part in parts}))
    lake.write_private(run / "supervisord.conf", render(settings, parts, socket, password))
    answer = subprocess.run(
        [sys.executable, "-P", "-m", "supervisor.supervisord", "-c", str(run / "supervisord.conf")],
        cwd=settings.state,
        env=common_environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )  # returns when supervisord has opened its socket and gone into the background
    if answer.returncode:
        shutil.rmtree(socket.parent, ignore_errors=True)
        errors = [line for line in answer.stdout.splitlines() if line.startswith("Error: ")]
        cause = (errors or answer.stdout.splitlines() or [f"exit {answer.returncode}"])[0].removeprefix("Error: ")
        raise StackError("supervisor", cause, f"see {logs / 'supervisord.log'}")
    pid = _pid(run / "supervisord.pid")
    created = psutil.Process(pid).create_time()
    record = Record(pid, created, settings.port, str(socket), password, lake.now(), settings.spark_pool)
    lake.write_record(settings, record)
    return Supervisor(record, logs)


def _pid(file: Path, timeout: float = 15) -> int:
    """The process id that supervisord writes once it is in the background."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if file.exists() and (text := file.read_text().strip()):
            return int(text)
        time.sleep(0.02)
    raise StackError("supervisor", f"it did not go into the background in {timeout:.0f} s", "see `make doctor`")
