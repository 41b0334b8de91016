"""Starting and ending a throw-away lake, from an environment that need not be able to run one.

`laketop lend` runs the lake, in the checkout's own environment, and ends it when its standard input ends: that comes
whatever becomes of this process.
"""

import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from laketop import settings as configuration
from laketop.stack import checkout
from laketop.testing.lake import Lake

PATIENCE = 10.0  # seconds after which a start tells what it does
_LOOK = 0.2
_END = 90.0
# What belongs to the Python of this process, and not to that of the lake.
_PYTHON = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")

type Tell = Callable[[str], object]


class LendingError(RuntimeError):
    """A lake did not start, or did not end; the message has the stack's words and its hint."""


class Loan:
    """A lake that was lent: it runs until `end`, or until this process is gone.

    Attributes:
        lake: the lake.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", talk: IO[bytes], variables: Mapping[str, str]) -> None:
        self._process, self._talk = process, talk
        self._settings = configuration.load(variables)
        self.lake = self.named("test")

    def named(self, label: str) -> Lake:
        """The lake for somebody else: with other names."""
        return Lake(self._settings, label)

    def end(self) -> None:
        """End the lake and delete what it held, where it was not to be kept; returns when it is done.

        Raises:
            LendingError: it does not end.
        """
        with self._talk:
            _finish(self._process, self._talk)


def lend(mode: str | None = None, keep: bool = False, tell: Tell | None = None, at_once: bool = False) -> Loan:
    """Start a lake of its own: empty, in a temporary folder, on free ports, without the pipeline.

    Args:
        mode: `process` or `docker`; None as LAKETOP_MODE says, else as a new lake would choose.
        keep: leave it running at the end, for looking.
        tell: is given the lines that the start writes, where it takes long.
        at_once: tell them from the beginning.

    Raises:
        LendingError: it did not start.
    """
    environment = dict(os.environ) | ({"LAKETOP_MODE": mode} if mode else {})
    program, foreign = _program()
    talk = tempfile.TemporaryFile()  # noqa: SIM115 - Loan.end closes it
    process = subprocess.Popen(
        [*program, "lend", *(["--keep"] if keep else [])],
        env={name: value for name, value in environment.items() if name not in foreign},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=talk,
        start_new_session=True,  # Ctrl-C is for this process, which then ends the lake in order
    )
    try:
        line = _first_line(process, talk, tell, at_once)
        if not line:
            code = process.wait()
            raise LendingError(_words(talk) or f"laketop lend ended without a word, with {code}")
        return Loan(process, talk, json.loads(line))
    except BaseException:
        process.terminate()  # it may be far from reading its standard input
        with talk:
            process.communicate(timeout=_END)
        raise


@contextmanager
def borrowed(mode: str | None = None, keep: bool = False) -> Iterator[Lake]:
    """A throw-away lake without pytest: `with borrowed() as lake: …`; arguments and errors are those of `lend`."""
    loan = lend(mode, keep)
    try:
        yield loan.lake
    finally:
        loan.end()


def way_back(lake: Lake) -> str:
    """How a person looks at a lake that was kept, and ends it."""
    where = f"LAKETOP_STATE={lake.state} LAKETOP_PORT={lake.settings.port} LAKETOP_MODE={lake.settings.mode}"
    return f"the lake is kept: AWS_ENDPOINT_URL={lake.endpoint}; end it by {where} make -C {checkout.ROOT} reset"


def _program() -> tuple[list[str], tuple[str, ...]]:
    """The command that is `laketop`, and the variables that it must not have."""
    if (Path(sys.prefix).parent / "services" / "laketop").is_dir():  # the environment of a checkout can run a lake
        return [sys.executable, "-m", "laketop.stack"], ()
    return [sys.executable, str(checkout.ROOT / "services" / "laketop" / "stack" / "bootstrap.py")], _PYTHON


def _first_line(process: "subprocess.Popen[bytes]", talk: IO[bytes], tell: Tell | None, at_once: bool) -> bytes:
    """What the process prints once the lake is ready; b"" where it ends before."""
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    began, told = time.monotonic(), 0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not selector.select(_LOOK):
            if tell and (at_once or time.monotonic() - began > PATIENCE):
                told = _tell_since(told, talk, tell)
    return process.stdout.readline()


def _tell_since(told: int, talk: IO[bytes], tell: Tell) -> int:
    """Tell the whole lines since a position, and return the next one; the writer's own position is not touched."""
    text = os.pread(talk.fileno(), os.fstat(talk.fileno()).st_size - told, told)
    whole = text[: text.rfind(b"\n") + 1]
    for line in whole.decode(errors="replace").splitlines():
        tell(line)
    return told + len(whole)


def _words(talk: IO[bytes]) -> str:
    """The end of what the command wrote: the error and its hint, and the log's lines before it."""
    text = os.pread(talk.fileno(), os.fstat(talk.fileno()).st_size, 0).decode(errors="replace")
    return "\n".join(text.splitlines()[-30:])


def _finish(process: "subprocess.Popen[bytes]", talk: IO[bytes]) -> None:
    try:
        process.communicate(timeout=_END)  # closes its standard input
    except subprocess.TimeoutExpired as error:
        process.kill()
        raise LendingError(f"the lake did not end in {_END:.0f} s:\n{_words(talk)}") from error
    if process.returncode:
        raise LendingError(_words(talk) or f"laketop lend ended with {process.returncode}")
