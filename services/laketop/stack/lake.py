"""What a lake leaves in its state folder while it runs: the record of its supervisor, the lock, the note of an end.

The record says where the supervisor listens; that the process still lives, and is the same, is checked at every use,
so a record that a crash left behind is no lie for long.
"""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from laketop.settings import Settings
from laketop.stack.messages import ExitCode, StackError

OWNER_FILE = "laketop-state"
# What a lake remembers; together it is the lake, and none of it means anything without the rest.
KEPT = ("s3", "glue", "athena")
# What its processes leave behind.
SCRATCH = ("spark", "localstack", "lambda")
EVERYTHING = (*KEPT, *SCRATCH, "logs", "run", "terraform", "build")


@dataclass(frozen=True)
class Record:
    """A running lake, as its supervisor was started.

    Attributes:
        pid: process id of the supervisor.
        created: that process's start, seconds since 1970, so that a reused id is not taken for it.
        port: the endpoint's port.
        socket: path of the supervisor's control socket.
        password: what the control socket asks for.
        started: when, ISO 8601, UTC.
        spark_pool: number of warmed drivers it was started with.
    """

    pid: int
    created: float
    port: int
    socket: str
    password: str
    started: str
    spark_pool: int

    def alive(self) -> bool:
        """Whether the supervisor still runs."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.pid)
            return abs(process.create_time() - self.created) < 1 and process.status() != psutil.STATUS_ZOMBIE
        return False


@dataclass(frozen=True)
class Ending:
    """An end of the lake that nobody asked for: when (ISO 8601, UTC), and why."""

    at: str
    why: str

    def __str__(self) -> str:
        return f"the lake ended at {self.at} because {self.why}; its content is kept: run `make up`"


def now() -> str:
    """The time as the records write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def run_folder(settings: Settings) -> Path:
    """The folder of records, configuration and locks; readable by its owner only, for it holds passwords."""
    folder = settings.state / "run"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def claim(settings: Settings) -> None:
    """Make the state folder ours: later, things in it are deleted by name.

    Raises:
        StackError: the folder holds files that are not a lake's.
    """
    settings.state.mkdir(parents=True, exist_ok=True)
    owner = settings.state / OWNER_FILE
    if not owner.exists():
        if any(settings.state.iterdir()):
            hint = "set LAKETOP_STATE to a folder that is empty or does not exist"
            raise StackError(
                f"LAKETOP_STATE={settings.state}", "it holds files that no lake made", hint, ExitCode.REFUSED
            )
        owner.write_text("This folder belongs to a Laketop lake: `make down` and `make reset` delete what is in it.\n")


def claimed(settings: Settings) -> bool:
    """Whether the state folder is a lake's."""
    return (settings.state / OWNER_FILE).exists()


@contextlib.contextmanager
def locked(settings: Settings, doing: str, wait: bool = False, name: str = "") -> Iterator[None]:
    """Hold the lake's lock, or that of an environment: one command at a time may start, stop, reset or deploy it.

    Args:
        settings: the lake.
        doing: what the holder does, e.g. `up`, for the message to the other.
        wait: wait for the lock instead of refusing.
        name: an environment of an AWS account; "": the lake.

    Raises:
        StackError: another command holds the lock.
    """
    with (run_folder(settings) / (f"lock-{name}" if name else "lock")).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            lock.seek(0)
            other = lock.read().strip() or "another command"
            raise StackError(
                f"environment {name}" if name else f"lake {settings.state}",
                f"{other} is at work on it",
                "wait until it has ended",
                ExitCode.REFUSED,
            ) from None
        lock.truncate(0)
        lock.write(f"`laketop {doing}` (pid {os.getpid()})")
        lock.flush()
        yield


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, in one step."""
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)


def write_record(settings: Settings, record: Record) -> None:
    """Note a lake that was just started."""
    write_private(run_folder(settings) / "lake.json", json.dumps(asdict(record)))


def read_record(settings: Settings) -> Record | None:
    """The last start's record, whether that lake still runs or not; None where there is none."""
    try:
        return Record(**json.loads((settings.state / "run" / "lake.json").read_text()))
    except FileNotFoundError:
        return None


def remember_mode(settings: Settings) -> None:
    """Note how the lake is started, for every later command."""
    (run_folder(settings) / "mode").write_text(f"{settings.mode}\n")


def forget_record(settings: Settings) -> None:
    """Remove the record and the control socket's folder."""
    record = read_record(settings)
    if record is not None:
        shutil.rmtree(Path(record.socket).parent, ignore_errors=True)
        (settings.state / "run" / "lake.json").unlink(missing_ok=True)


def note_ending(settings: Settings, why: str) -> None:
    """Write down that the lake ended by itself, for status, doctor and the next `up` to show."""
    write_private(run_folder(settings) / "ended.json", json.dumps(asdict(Ending(now(), why))))


def last_ending(settings: Settings) -> Ending | None:
    """The last end that nobody asked for and that no `up` has followed yet."""
    try:
        return Ending(**json.loads((settings.state / "run" / "ended.json").read_text()))
    except FileNotFoundError:
        return None


def forget_ending(settings: Settings) -> None:
    """The lake runs again: the note is history."""
    (settings.state / "run" / "ended.json").unlink(missing_ok=True)


def clear_scratch(settings: Settings) -> None:
    """Delete what the lake's processes left behind; none of them may run any more."""
    if claimed(settings):
        for name in SCRATCH:
            shutil.rmtree(settings.state / name, ignore_errors=True)


def require_whole(settings: Settings) -> None:
    """Check that objects, catalog and history are all there, or none is; makes their folders.

    Raises:
        StackError: one of them was deleted: what is left would describe what is gone.
    """
    folders = [settings.state / name for name in KEPT]
    missing = [folder for folder in folders if not folder.is_dir()]
    left = [folder for folder in folders if folder.is_dir() and any(folder.iterdir())]
    if missing and left:
        names = {"s3": "the objects", "glue": "the catalog", "athena": "the queries' history"}
        gone, there = (" and ".join(names[folder.name] for folder in some) for some in (missing, left))
        raise StackError(
            f"lake {settings.state}",
            f"{there} are there, but {gone} ({', '.join(map(str, missing))}) are not",
            "put the folder back, or begin anew: make reset",
            ExitCode.REFUSED,
        )
    for folder in folders:
        folder.mkdir(exist_ok=True)
