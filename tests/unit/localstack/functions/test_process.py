import sys
import time
from pathlib import Path

import psutil
import pytest
from laketop_localstack.functions.process import FunctionProcess, reason


def start(folder: Path, code: str) -> FunctionProcess:
    return FunctionProcess([sys.executable, "-c", code], {"A": "1"}, folder, folder / "log")


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_output_environment_and_status(tmp_path: Path) -> None:
    process = start(tmp_path, "import os, sys; print(sorted(os.environ)); print('e', file=sys.stderr); sys.exit(3)")

    assert process.exited.result(30) == 3
    lines = (tmp_path / "log").read_text().splitlines()
    # Python itself may set LC_CTYPE.
    assert sorted(lines) in (["['A', 'LC_CTYPE']", "e"], ["['A']", "e"])
    assert process.measure() == 0


@pytest.mark.parametrize("end", ["time.sleep(600)", "pass"])
def test_children_go_with_it(tmp_path: Path, end: str) -> None:
    child = "import subprocess, sys, time; c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    process = start(tmp_path, f"{child}; print(c.pid, flush=True); {end}")
    while not (text := (tmp_path / "log").read_text()).endswith("\n"):
        time.sleep(0.02)

    if end != "pass":
        assert process.measure() > 1_000_000
        process.kill()

    process.exited.result(30)
    deadline = time.monotonic() + 10
    while not gone(int(text)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_no_interpreter(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FunctionProcess(["/no/python"], {}, tmp_path, tmp_path / "log")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (1, "Runtime exited with error: exit status 1"),
        (0, "Runtime exited without providing a reason"),
        (-9, "Runtime exited with error: signal: killed"),
        (-11, "Runtime exited with error: signal: segmentation fault"),
        (-10, "Runtime exited with error: signal: SIGUSR1"),
    ],
)
def test_reasons(status: int, words: str) -> None:
    assert reason(status) == words
