"""A worker process: kept from query to query, replaced when it dies."""

import os
import threading
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
