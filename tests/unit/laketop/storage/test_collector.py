import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from laketop.storage import Collector, Layout, collector, leases, orphans
from tests.unit.laketop.storage.test_leases import held_elsewhere

NAMES = [f"{number:02x}" + "0" * 30 for number in range(4)]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "RETRY_SECONDS", 0.005)


@pytest.fixture
def used() -> set[str]:
    return set()


@pytest.fixture
def store(layout: Layout, used: set[str]) -> Iterator[Collector]:
    found = Collector(layout, used.__contains__)
    yield found
    found.close()


@pytest.fixture
def files(layout: Layout) -> list[Path]:
    found = [Path(layout.file(name)) for name in NAMES]
    for path in found:
        path.touch()
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def goes(path: Path) -> None:
    wait_for(lambda: not path.exists())


def stays(path: Path) -> None:
    """A dozen sweeps do not take it."""
    time.sleep(0.06)
    assert path.exists()


def test_a_superfluous_file_goes(store: Collector, files: list[Path]) -> None:
    store.discard(NAMES[:2])
    goes(files[0])
    goes(files[1])
    assert files[2].exists()
    store.discard([])
    store.discard([NAMES[0], NAMES[2]])  # one that is gone hinders nothing
    goes(files[2])


def test_a_file_that_the_index_names_stays(store: Collector, files: list[Path], used: set[str]) -> None:
    used.add(NAMES[0])
    store.discard(NAMES[:2])
    goes(files[1])
    stays(files[0])
    used.clear()
    store.discard([NAMES[0]])
    goes(files[0])


def test_a_request_that_began_before_keeps_it(store: Collector, files: list[Path]) -> None:
    with store.request():
        store.discard([NAMES[0]])
        stays(files[0])
    goes(files[0])


def test_a_request_that_began_later_does_not(store: Collector, files: list[Path], layout: Layout) -> None:
    early = leases.lease(layout.readers)
    early.__enter__()
    store.discard([NAMES[0]])
    with store.request():
        stays(files[0])
        early.__exit__(None, None, None)
        goes(files[0])


def test_a_request_within_a_request_counts_from_the_outer_one(store: Collector, files: list[Path]) -> None:
    with store.request():
        store.discard([NAMES[0]])
        with store.request():
            stays(files[0])
        stays(files[0])
    goes(files[0])


def test_a_request_that_fails_ends(store: Collector, files: list[Path]) -> None:
    with pytest.raises(ZeroDivisionError), store.request():
        raise ZeroDivisionError
    store.discard([NAMES[0]])
    goes(files[0])


def test_each_thread_has_its_request(store: Collector, files: list[Path]) -> None:
    inside, end = threading.Event(), threading.Event()

    def request() -> None:
        with store.request():
            inside.set()
            end.wait(10)

    other = threading.Thread(target=request)
    other.start()
    assert inside.wait(10)
    with store.request():
        store.discard([NAMES[0]])
    stays(files[0])
    end.set()
    other.join(10)
    goes(files[0])


def test_a_lease_of_another_process_keeps_it_until_that_is_killed(
    store: Collector, files: list[Path], layout: Layout
) -> None:
    with held_elsewhere(layout.readers) as holder:
        store.discard([NAMES[0]])
        stays(files[0])
        holder.kill()
        holder.wait(10)
        goes(files[0])
    assert list(layout.readers.iterdir()) == []


def test_a_lease_that_began_later_does_not_keep_it(store: Collector, files: list[Path], layout: Layout) -> None:
    with store.request():
        store.discard([NAMES[0]])
        later = leases.lease(layout.readers)
        later.__enter__()
        store.discard([NAMES[1]])
    goes(files[0])
    stays(files[1])
    later.__exit__(None, None, None)
    goes(files[1])


@pytest.mark.parametrize("error", [sqlite3.OperationalError("locked"), OSError("disk")])
def test_what_could_not_be_deleted_is_tried_again(layout: Layout, files: list[Path], error: Exception) -> None:
    failures = [error, error]

    def is_used(_: str) -> bool:
        if failures:
            raise failures.pop()
        return False

    store = Collector(layout, is_used)
    store.discard(NAMES[:2])
    goes(files[0])
    goes(files[1])
    store.close()


def test_a_request_that_begins_while_files_go_keeps_what_it_may_open(layout: Layout, files: list[Path]) -> None:
    began, end = threading.Event(), threading.Event()

    def request() -> None:
        with store.request():
            began.set()
            end.wait(10)

    def is_used(file: str) -> bool:
        if file == NAMES[0] and not began.is_set():
            other.start()
            began.wait(10)
            store.discard([NAMES[1]])
        return False

    store, other = Collector(layout, is_used), threading.Thread(target=request)
    store.discard([NAMES[0]])
    goes(files[0])
    stays(files[1])
    end.set()
    goes(files[1])
    other.join(10)
    store.close()


def test_a_closed_collector_deletes_nothing(layout: Layout, files: list[Path]) -> None:
    store = Collector(layout, lambda _: False)
    store.close()
    assert not store._thread.is_alive()
    store.discard([NAMES[0]])
    stays(files[0])


def test_orphans_are_the_files_that_no_row_names(layout: Layout, files: list[Path]) -> None:
    assert orphans(layout, {NAMES[1], "ff" * 16}) == [NAMES[0], NAMES[2], NAMES[3]]
    assert orphans(layout, set(NAMES)) == []
