"""What reading objects as files is worth: TPC-H by Athena's engine on local files, over HTTP, and by DuckDB alone.

    make up SAMPLE=0
    PYTHONPATH=. .venv/bin/python benchmarks/athena_files.py --scale 1 --rounds 3

Uploads TPC-H to the running lake, and runs each query in turns, each time in a fresh instance of the engine: on the
files that the object store's index names, on the same objects by their URLs, and in DuckDB's own words on the files of
the readable tree. Deletes its bucket at the end.
"""

import argparse
import dataclasses
import statistics
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.athena_sql import Seconds, least, seconds_of, write_files
from laketop import settings, storage
from laketop.athena.engine.job import Failed, Job
from laketop.athena.engine.worker import run
from laketop.athena.scan.objects import IndexedObjects, Objects, RemoteObjects
from laketop.athena.scan.plan import ScanPlan, plan
from laketop.athena.sql.core import Scan
from laketop.athena.sql.translate import Translation, translate
from laketop.stack.clients import client
from laketop.storage import Layout

BUCKET = "laketop-benchmark-tpch"


def upload(s3: Any, files: dict[str, Path]) -> dict[str, Path]:
    """Put the files into the lake; returns where the tree shows them."""
    s3.create_bucket(Bucket=BUCKET)
    for name, path in files.items():
        s3.upload_file(str(path), BUCKET, f"{name}/{name}.parquet")
    tree = Path(Layout.of(settings.load().state).bucket(BUCKET))
    return {name: tree / name / f"{name}.parquet" for name in files}


def delete(s3: Any, files: dict[str, Path]) -> None:
    """Delete the bucket with everything in it."""
    for name in files:
        s3.delete_object(Bucket=BUCKET, Key=f"{name}/{name}.parquet")
    s3.delete_bucket(Bucket=BUCKET)


def planned(scan: Scan, used: frozenset[int], objects: Objects) -> ScanPlan:
    """What to read for one use of a table."""
    table = scan.table
    source = {"StorageDescriptor": {"Location": f"s3://{BUCKET}/{table.name}/"}}
    located = dataclasses.replace(scan, table=dataclasses.replace(table, source=source))
    return plan(located, None, objects, used)  # type: ignore[arg-type] - a table without partitions asks no catalog


def by_athena(found: Translation, objects: Objects, scratch: Path) -> Seconds:
    """The time of a query in the engine, listing and result file included."""

    def query() -> None:
        scans = tuple(planned(scan, used, objects) for scan, used in zip(found.scans, found.used, strict=True))
        answer = run(
            Job(found.sql, found.macros, scans, found.columns, str(scratch / "result"), str(scratch), found.udfs, None,
                found.careful)
        )  # fmt: skip
        if isinstance(answer, Failed):
            raise answer.error

    return seconds_of(query)


def by_duckdb(text: str, files: dict[str, Path]) -> Seconds:
    """The time of a query in DuckDB's own words, in an instance without any settings."""

    def query() -> None:
        with duckdb.connect() as connection:
            for name, path in files.items():
                connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")
            connection.execute(text).fetchall()

    return seconds_of(query)


def measure(given: argparse.Namespace, folder: Path, reader: storage.Reader, s3: Any) -> None:
    """Run all queries and print what they took."""
    scratch = folder / "scratch"
    scratch.mkdir()
    files, tables, queries = write_files(folder, given.scale)
    shown = upload(s3, files)
    try:
        lines = []
        for number, (own, text) in sorted(queries.items()):
            found = translate(text, tables)
            runs = [
                (
                    by_athena(found, IndexedObjects(reader), scratch),
                    by_athena(found, RemoteObjects(s3), scratch),
                    by_duckdb(own, shown),
                )
                for _ in range(given.rounds)
            ]
            local, remote, raw = (least(times).elapsed for times in zip(*runs, strict=True))
            lines.append((local, remote, raw))
            print(
                f"q{number:02}  files {local:6.3f} s  HTTP {remote:6.3f} s ({remote / local:5.1f} x)  "
                f"DuckDB {raw:6.3f} s ({local / raw:5.2f} x)",
                flush=True,
            )
    finally:
        delete(s3, files)
    totals = [sum(column) for column in zip(*lines, strict=True)]
    print(
        f"total: files {totals[0]:.2f} s, HTTP {totals[1]:.2f} s ({totals[1] / totals[0]:.2f} x, by query "
        f"{min(b / a for a, b, _ in lines):.1f} to {max(b / a for a, b, _ in lines):.1f}), "
        f"DuckDB {totals[2]:.2f} s ({totals[0] / totals[2]:.2f} x, geometric mean "
        f"{statistics.geometric_mean([a / c for a, _, c in lines]):.2f})"
    )


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, storage.reading() as reader:
        if reader is None:
            parser.error("there is no lake here: run `make up SAMPLE=0` first")
        measure(given, Path(name), reader, client(settings.load(), "s3"))


if __name__ == "__main__":
    main()
