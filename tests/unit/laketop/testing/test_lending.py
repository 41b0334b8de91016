"""Who borrows a lake: what is told while it starts, why it did not, and that nothing is left of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from laketop.stack import checkout
from laketop.testing import lending
from laketop.testing.lending import LendingError, borrowed, lend, way_back

READY = """print('{"LAKETOP_MODE": "process", "LAKETOP_STATE": "/nowhere", "LAKETOP_PORT": "21000"}', flush=True)"""
TALKING = (
    f"import sys, time; print('spark ready', file=sys.stderr, flush=True); time.sleep(1); {READY}; sys.stdin.read()"
)


def lender(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """Something that behaves as `laketop lend`."""
    monkeypatch.setattr(lending, "_LOOK", 0.05)
    monkeypatch.setattr(lending, "_program", lambda: ([sys.executable, "-c", source], ()))


def test_a_start_that_fails_has_the_stacks_words(monkeypatch: pytest.MonkeyPatch) -> None:
    lender(monkeypatch, "import sys; sys.exit('error: java: there is none\\nhint: install one')")
    with pytest.raises(LendingError, match=r"^error: java: there is none\nhint: install one$"), borrowed():
        pass


def test_a_start_that_fails_without_a_word_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lender(monkeypatch, "raise SystemExit(3)")
    with pytest.raises(LendingError, match="laketop lend ended without a word, with 3"):
        lend()


def test_a_start_that_takes_long_tells_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    lender(monkeypatch, TALKING)
    told: list[str] = []
    lend(tell=told.append).end()
    assert told == []
    lend(tell=told.append, at_once=True).end()
    assert told == ["spark ready"]
    monkeypatch.setattr(lending, "PATIENCE", 0.2)
    lend(tell=told.append).end()
    assert told == ["spark ready", "spark ready"]


def test_an_end_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    lender(monkeypatch, f"import sys; {READY}; sys.stdin.read(); sys.exit('error: lake: a process does not end')")
    loan = lend()
    with pytest.raises(LendingError, match="error: lake: a process does not end"):
        loan.end()


def test_ctrl_c_while_it_starts_ends_it_in_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    began, ended = tmp_path / "began", tmp_path / "ended"
    lender(
        monkeypatch,
        "import pathlib, signal, sys, time\n"
        f"signal.signal(signal.SIGTERM, lambda *_: sys.exit(pathlib.Path({str(ended)!r}).touch()))\n"
        f"pathlib.Path({str(began)!r}).touch()\n"
        "print('starting', file=sys.stderr, flush=True)\n"
        "time.sleep(60)",
    )

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lend(tell=interrupt, at_once=True)
    assert began.exists()
    assert ended.exists()


def test_a_borrower_that_is_killed_leaves_nothing_waiting(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    lent = f"import pathlib, sys; {READY}; sys.stdin.read(); pathlib.Path({str(ended)!r}).touch()"
    borrower = (
        "import os, signal, sys\n"
        "from laketop.testing import lending\n"
        f"lending._program = lambda: ([sys.executable, '-c', {lent!r}], ())\n"
        "lending.lend()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    answer = subprocess.run([sys.executable, "-c", borrower], check=False)
    assert answer.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 10
    while not ended.exists():
        assert time.monotonic() < deadline, "it still waits for its borrower"
        time.sleep(0.05)


def test_a_project_of_ones_own_asks_the_checkout_for_the_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    program, foreign = lending._program()
    assert program[1] == str(checkout.ROOT / "services" / "laketop" / "stack" / "bootstrap.py")
    assert "PYTHONPATH" in foreign
    (tmp_path / "services" / "laketop").mkdir(parents=True)  # a checkout's own environment can run a lake
    assert lending._program() == ([sys.executable, "-m", "laketop.stack"], ())


def test_a_kept_lake_says_how_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    lender(monkeypatch, TALKING)
    loan = lend()
    try:
        line = way_back(loan.lake)
    finally:
        loan.end()
    assert line == (
        "the lake is kept: AWS_ENDPOINT_URL=http://127.0.0.1:21000; end it by LAKETOP_STATE=/nowhere "
        f"LAKETOP_PORT=21000 LAKETOP_MODE=process make -C {checkout.ROOT} reset"
    )


def test_the_mode_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAKETOP_MODE", raising=False)
    lender(monkeypatch, "import os, sys; sys.exit(os.environ['LAKETOP_MODE'])")
    with pytest.raises(LendingError, match=r"^docker$"):
        lend("docker")
    assert "LAKETOP_MODE" not in os.environ
