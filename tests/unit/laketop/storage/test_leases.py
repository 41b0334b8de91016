import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from laketop.storage.leases import lease, oldest

HOLDER = """
import sys, time
from pathlib import Path
from laketop.storage.leases import lease
with lease(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def left(folder: Path | str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


@contextmanager
def held_elsewhere(readers: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds a lease."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(readers)], stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout
            assert holder.stdout.readline() == "held\n"
            yield holder
        finally:
            holder.kill()


def test_a_lease_is_held_while_its_block_runs(tmp_path: Path) -> None:
    assert oldest(tmp_path) is None
    before = time.monotonic_ns()
    with lease(tmp_path):
        began = oldest(tmp_path)
        assert began is not None
        assert before <= began <= time.monotonic_ns()
        with lease(tmp_path):
            assert oldest(tmp_path) == began
            assert len(left(tmp_path)) == 2
    assert oldest(tmp_path) is None
    assert left(tmp_path) == []


def test_the_oldest_of_those_that_are_still_held(tmp_path: Path) -> None:
    with ExitStack() as first:
        first.enter_context(lease(tmp_path))
        middle = time.monotonic_ns()
        with lease(tmp_path):
            assert (oldest(tmp_path) or middle) < middle
            first.close()
            assert (oldest(tmp_path) or 0) > middle


def test_a_block_that_raises_ends_its_lease(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lease(tmp_path):
        raise ZeroDivisionError
    assert left(tmp_path) == []


def test_a_lease_ends_with_its_process(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path) as holder:
        assert oldest(tmp_path) is not None
        assert len(left(tmp_path)) == 1
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
        assert len(left(tmp_path)) == 1
        assert oldest(tmp_path) is None
        assert left(tmp_path) == []


def test_what_dead_readers_left_is_removed_up_to_the_first_that_lives(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number:020d}-dead").touch()
    with lease(tmp_path):
        assert (oldest(tmp_path) or 0) > 2
        assert len(left(tmp_path)) == 1


def test_a_lease_that_is_taken_for_a_dead_one_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store looks between the file's creation and its lock."""
    lock, looked = fcntl.flock, []

    def late(handle: int, kind: int) -> None:
        if kind == fcntl.LOCK_EX and len(looked) < 3:
            looked.append(0)
            assert oldest(tmp_path) is None
            assert left(tmp_path) == []
        lock(handle, kind)

    monkeypatch.setattr(fcntl, "flock", late)
    handles = len(left("/dev/fd"))
    with lease(tmp_path):
        assert len(looked) == 3
        assert len(left(tmp_path)) == 1
        assert oldest(tmp_path) is not None
    assert len(left("/dev/fd")) == handles


def test_a_lease_that_ends_while_the_store_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "00000000000000000001-gone").touch()
    listing = left(tmp_path)
    monkeypatch.setattr(os, "listdir", lambda _: listing)
    (tmp_path / listing[0]).unlink()
    assert oldest(tmp_path) is None


def test_leases_come_and_go_while_the_store_looks(tmp_path: Path) -> None:
    """While a lease is held, none that looks ever misses it."""
    missed, stop = [], threading.Event()

    def reader() -> None:
        while not stop.is_set():
            with lease(tmp_path):
                mine = time.monotonic_ns()
                if (oldest(tmp_path) or mine) >= mine:
                    missed.append(mine)

    def store() -> None:
        while not stop.is_set():
            oldest(tmp_path)

    threads = [threading.Thread(target=target) for target in (reader, reader, reader, store, store)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join(10)
    assert missed == []
    assert oldest(tmp_path) is None
    assert left(tmp_path) == []
