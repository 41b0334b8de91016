"""`laketop lend` on real lakes: it ends whatever happens to the borrower."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

BORROWER = """
import os, signal
from laketop.testing import borrowed
with borrowed() as lake:
    assert lake.sql("SELECT 1 AS one") == [{"one": 1}]
    print(lake.state, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_borrower_that_is_killed_leaves_nothing(
    environment: dict[str, str], nothing_left: Callable[..., None]
) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", BORROWER], env=environment, stdout=subprocess.PIPE, text=True, timeout=300, check=False
    )
    assert answer.returncode == -signal.SIGKILL
    assert Path(answer.stdout.strip()).name.startswith("laketop-lent-")
    nothing_left(90)


def test_sigterm_while_it_starts_ends_what_was_started(
    environment: dict[str, str], nothing_left: Callable[..., None]
) -> None:
    lender = subprocess.Popen(
        [sys.executable, "-m", "laketop.stack", "lend"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not list(Path(environment["TMPDIR"]).glob("laketop-lent-*/run/lake.json")):
        assert lender.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    lender.send_signal(signal.SIGTERM)
    output, _ = lender.communicate(timeout=120)
    assert (lender.returncode, output) == (0, b"")
    nothing_left(0)
