"""A worker process: kept from query to query, replaced when it dies."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from laketop.athena.engine.job import Done, Failed, Job
from laketop.athena.engine.pool import Worker
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


def _job(folder: Path, sql: str) -> Job:
    return Job(sql, (), (), (Column("n", t.BIGINT),), str(folder / "result"), str(folder))


def _pids() -> set[int]:
    return {child.pid for child in psutil.Process(os.getpid()).children()}


def test_queries_run_one_after_another_in_one_process(worker: Worker, tmp_path: Path) -> None:
    before = _pids()
    assert isinstance(worker.run(_job(tmp_path, "SELECT 1 AS c0")), Done)
    process = _pids() - before
    answer = worker.run(_job(tmp_path, "SELECT unnest(range(5000)) AS c0"))
    assert isinstance(answer, Done)
    assert answer.rows == 5000
    assert (tmp_path / "result").read_text().splitlines()[:2] == ['"n"', '"0"']
    assert _pids() - before == process


def test_an_instance_remembers_nothing(worker: Worker, tmp_path: Path) -> None:
    assert isinstance(worker.run(_job(tmp_path, "CREATE TABLE kept AS SELECT 1 AS c0")), Done | Failed)
    answer = worker.run(_job(tmp_path, "SELECT c0 FROM kept"))
    assert isinstance(answer, Failed)


def test_killed_under_a_query_it_fails_that_query_alone(worker: Worker, tmp_path: Path) -> None:
    slow = "SELECT count(*) AS c0 FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"
    threading.Timer(1, worker.kill).start()
    answer = worker.run(_job(tmp_path, slow))
    assert isinstance(answer, Failed)
    assert answer.error.name == "GENERIC_INTERNAL_ERROR"
    assert answer.error.category == 1
    assert isinstance(worker.run(_job(tmp_path, "SELECT 1 AS c0")), Done)


def _when_busy(before: set[int], number: signal.Signals, times: int) -> threading.Thread:
    """Send a signal to each of the next worker processes as soon as it has begun to work."""

    def send() -> None:
        met: set[int] = set()
        until = time.monotonic() + 30
        while len(met) < times and time.monotonic() < until:
            for pid in _pids() - before - met:
                if psutil.Process(pid).cpu_times().user > 1.5:
                    os.kill(pid, number)
                    met.add(pid)
            time.sleep(0.05)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


@pytest.mark.parametrize(("crashes", "kind"), [(1, Done), (2, Failed)])
def test_a_query_that_its_process_crashed_under_is_run_once_more(
    worker: Worker, tmp_path: Path, crashes: int, kind: type
) -> None:
    thread = _when_busy(_pids(), signal.SIGSEGV, crashes)
    busy = "SELECT count(*) AS c0 FROM range(30000) a, range(30000) b WHERE a.range * b.range % 7 = 3"
    answer = worker.run(_job(tmp_path, busy))
    thread.join()
    assert isinstance(answer, kind)
    assert isinstance(answer, Done) or answer.error.message.endswith(f"status {-signal.SIGSEGV}")
