"""Athena's engine gives the same results on the files that the store's index names as over HTTP."""

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from laketop import storage
from laketop.athena.engine.job import Done, Job
from laketop.athena.engine.worker import run
from laketop.athena.scan.objects import IndexedObjects, Objects, RemoteObjects
from laketop.athena.scan.plan import ScanPlan, plan
from laketop.athena.sql.core import Scan
from laketop.athena.sql.translate import Translation, translate
from tests.contract.localstack_process import LocalStack
from tests.contract.s3.asking import fresh
from tests.oracle import tpc

pytestmark = pytest.mark.files_only


@pytest.fixture(scope="module")
def lake(store: LocalStack, s3: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any, Any]]:
    """TPC-H in a bucket, a Parquet file a table: the bucket, the catalog, the queries."""
    bucket, folder = fresh(s3), tmp_path_factory.mktemp("tpch")
    with tpc.database("tpch", 0.01) as connection:
        for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            connection.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")
            s3.upload_file(str(folder / f"{name}.parquet"), bucket, f"{name}/part.parquet")
        yield bucket, tpc.Tables(connection), tpc.queries(connection, "tpch")


@pytest.fixture
def visible(store: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[storage.Reader]:
    monkeypatch.setenv("LAKETOP_STATE", str(store.state))
    monkeypatch.setenv("LAKETOP_PORT", str(store.port))
    with storage.reading() as reader:
        assert reader is not None
        yield reader


def planned(bucket: str, found: Translation, objects: Objects) -> tuple[ScanPlan, ...]:
    def one(scan: Scan, used: frozenset[int]) -> ScanPlan:
        source = {"StorageDescriptor": {"Location": f"s3://{bucket}/{scan.table.name}/"}}
        located = dataclasses.replace(scan, table=dataclasses.replace(scan.table, source=source))
        return plan(located, None, objects, used)  # type: ignore[arg-type] - no partitions: no catalog is asked

    return tuple(one(scan, used) for scan, used in zip(found.scans, found.used, strict=True))


def result(found: Translation, scans: tuple[ScanPlan, ...], folder: Path) -> tuple[str, int]:
    """The result file's text, and the bytes that were scanned."""
    job = Job(
        found.sql, found.macros, scans, found.columns, str(folder / "result"), str(folder), found.udfs, None,
        found.careful,
    )  # fmt: skip
    answer = run(job)
    assert isinstance(answer, Done), answer
    return (folder / "result").read_text(), answer.scanned_bytes


@pytest.mark.parametrize("number", range(1, 23))
def test_files_and_http_give_the_same(
    lake: tuple[str, Any, Any], s3: Any, visible: storage.Reader, tmp_path: Path, number: int
) -> None:
    bucket, tables, queries = lake
    found = translate(queries[number][1], tables)
    places = [planned(bucket, found, objects) for objects in (IndexedObjects(visible), RemoteObjects(s3))]
    assert all(os.path.isabs(file.url) for scan in places[0] for file in scan.files)
    assert all(file.url.startswith("http://") for scan in places[1] for file in scan.files)
    local, remote = (result(found, scans, tmp_path) for scans in places)
    assert local == remote
    assert local[0].count("\n") >= 1


def test_an_overwrite_while_a_query_runs_changes_nothing_in_it(
    lake: tuple[str, Any, Any], s3: Any, visible: storage.Reader, tmp_path: Path
) -> None:
    bucket, tables, _ = lake
    found = translate("SELECT count(*), min(n_name) FROM nation", tables)
    before = planned(bucket, found, IndexedObjects(visible))
    expected = result(found, before, tmp_path)
    old = s3.get_object(Bucket=bucket, Key="nation/part.parquet")["Body"].read()
    try:
        s3.put_object(Bucket=bucket, Key="nation/part.parquet", Body=b"no Parquet at all")
        s3.delete_object(Bucket=bucket, Key="nation/part.parquet")
        assert result(found, before, tmp_path) == expected
    finally:
        s3.put_object(Bucket=bucket, Key="nation/part.parquet", Body=old)
