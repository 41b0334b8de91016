"""`laketop lend`: an empty lake for whoever holds this command's standard input open, such as a test run."""

import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from laketop import settings as configuration
from laketop.settings import PARTS, Settings
from laketop.stack import bootstrap, lake, lifecycle, ports, tooling


def run(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the lake running at the end.")] = False,
) -> None:
    """Start an empty lake on free ports, print where it is as one line of JSON, end it when standard input ends."""
    signal.signal(signal.SIGTERM, _end)
    with ports.reserved(len(PARTS)) as port, _lent(port, keep) as settings:
        print(json.dumps(announcement(settings)), flush=True)
        # The reader's end comes whatever happens to who wrote: nobody has to remember to end the lake.
        sys.stdin.buffer.read()


def announcement(settings: Settings) -> dict[str, str]:
    """What the borrower is told: the variables by which `laketop.settings.load` finds the lake."""
    return {
        "LAKETOP_MODE": settings.mode,
        "LAKETOP_STATE": str(settings.state),
        "LAKETOP_PORT": str(settings.port),
    }


@contextlib.contextmanager
def _lent(port: int, keep: bool) -> Iterator[Settings]:
    """A lake in a folder of its own; both are gone afterwards, but for a lake that became ready and shall be kept."""
    chosen = replace(configuration.load(), mode=bootstrap.mode_of_new(os.environ))
    folder = Path(tempfile.mkdtemp(prefix="laketop-lent-")).resolve()
    # What is thrown away need not survive a power cut.
    fsync = chosen.s3_fsync if os.environ.get("LAKETOP_S3_FSYNC") else "none"
    settings = replace(chosen, state=folder, port=port, s3_fsync=fsync)
    kept = False
    try:
        if settings.mode == "process":
            tooling.ensure(with_terraform=False)
        lake.claim(settings)
        with lake.locked(settings, "lend"):
            lifecycle.bring_up(settings)
        kept = keep
        yield settings
    finally:
        if not kept:
            lifecycle.take_down(settings)
            shutil.rmtree(folder)


def _end(_signal: int, _frame: FrameType | None) -> None:
    """SIGTERM ends the lake too; a second one does not interrupt that."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)
