"""Processes are found by their environment, with real ones."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from laketop.stack import processes


@pytest.fixture
def instance() -> Iterator[str]:
    """A marker of this test's own; nothing with it survives the test."""
    marker = f"test{os.getpid():x}{time.time_ns():x}"
    yield marker
    for process in processes.marked(marker):
        os.kill(process.pid, signal.SIGKILL)


def start(instance: str, code: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={"LAKETOP_INSTANCE": instance},
        start_new_session=True,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    process.stdout.close()
    return process


SLEEP = "import time; print('up', flush=True); time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
# The parent ends at once, its child lives on in a session of its own: an orphan.
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}], start_new_session=True)"


def test_it_finds_a_process_by_its_marker_and_no_other(instance: str) -> None:
    ours, stranger = start(instance, SLEEP), start(instance + "x", SLEEP)
    try:
        assert [process.pid for process in processes.marked(instance)] == [ours.pid]
    finally:
        for process in (ours, stranger):
            process.kill()
            process.wait()


def test_it_ends_an_orphan_whose_parent_is_gone(instance: str) -> None:
    parent = start(instance, PARENT)
    parent.wait()
    (orphan,) = processes.marked(instance)
    assert [ended.pid for ended in processes.end_all(instance)] == [orphan.pid]
    assert not psutil.pid_exists(orphan.pid)


def test_it_kills_what_does_not_listen(instance: str) -> None:
    process = start(instance, DEAF)
    began = time.monotonic()
    processes.end_all(instance, grace=0.3)
    assert time.monotonic() - began >= 0.3, "it was not given its time"
    assert not psutil.pid_exists(process.pid)
    process.wait()


def test_it_leaves_what_is_to_be_kept(instance: str) -> None:
    kept, other = start(instance, SLEEP), start(instance, SLEEP)
    try:
        processes.end_all(instance, keep=(kept.pid,), grace=1)
        assert not psutil.pid_exists(other.pid)
        assert kept.poll() is None
    finally:
        kept.kill()
        kept.wait()
        other.wait()


def test_it_never_names_its_caller(instance: str, tmp_path: Path) -> None:
    code = "import sys; from laketop.stack import processes; print(len(processes.marked(sys.argv[1])))"
    answer = subprocess.run(
        [sys.executable, "-c", code, instance],
        env={"LAKETOP_INSTANCE": instance},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == "0\n"


def test_memory_counts_the_whole_tree() -> None:
    child = subprocess.Popen([sys.executable, "-c", SLEEP], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    child.stdout.close()
    try:
        own = psutil.Process().memory_info().rss
        assert processes.tree_memory(os.getpid()) > own
    finally:
        child.kill()
        child.wait()
    assert processes.tree_memory(child.pid) == 0
