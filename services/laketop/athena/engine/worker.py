"""A worker process: takes one query after another, each in a DuckDB instance of its own.

`python -m laketop.athena.engine.worker` reads pickled `Job`s from its standard input and writes pickled `Done` or
`Failed` to its standard output; it ends when its input does, so it never outlives the server.
"""

import pickle
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import duckdb

from laketop.athena.engine import parquet
from laketop.athena.engine.failures import translate
from laketop.athena.engine.instance import instance
from laketop.athena.engine.job import Done, Failed, Job, Written
from laketop.athena.results import csv
from laketop.athena.results.values import writer
from laketop.athena.scan.relation import create_views
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs.registry import PAST_TRY, define

_TOO_NARROW = "Overflow in multiplication of DECIMAL(18)"
_BATCH = 2048  # rows a fetch


def main() -> None:
    """Serve jobs until the input ends."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    # whatever a library prints must not end up between the answers
    sys.stdout = sys.stderr
    while True:
        try:
            job: Job = pickle.load(source)  # noqa: S301 - from our own server, over its own pipe
        except EOFError:
            return
        _send(sink, run(job))


def _send(sink: BinaryIO, answer: Done | Failed) -> None:
    pickle.dump(answer, sink)
    sink.flush()


def run(job: Job) -> Done | Failed:
    """Run one query and write its result."""
    started = time.monotonic()
    scanned = 0
    try:
        files = [place for scan in job.scans for place in scan.places]
        with instance(files, Path(job.scratch)) as connection:
            scanned = create_views(connection, job.scans)
            if job.cutoff_bytes is not None and scanned > job.cutoff_bytes:
                raise SqlError("EXCEEDED_SCAN_LIMIT", f"Bytes scanned limit was exceeded: {scanned} bytes")
            prepare(connection, job.udfs, job.macros)
            planned = time.monotonic()
            rows, written = with_care(job.sql, job.careful, lambda sql: _write(connection, sql, job))
    except SqlError as error:
        return Failed(error, scanned)
    except duckdb.Error as error:
        return Failed(translate(error), scanned)
    except (OverflowError, ValueError, UnicodeError) as error:
        # a value outside of what Python can carry, e.g. a date after the year 9999
        return Failed(SqlError("NOT_SUPPORTED", f"A value of the result cannot be carried: {error}"), scanned)
    except Exception as error:  # noqa: BLE001 - one query's accident must not take the process with it
        traceback.print_exc()
        return Failed(SqlError("GENERIC_INTERNAL_ERROR", f"{type(error).__name__}: {error}"), scanned)
    finished = time.monotonic()
    return Done(rows, scanned, round((planned - started) * 1000), round((finished - planned) * 1000), written)


def prepare(connection: duckdb.DuckDBPyConnection, udfs: tuple[str, ...], macros: tuple[str, ...]) -> None:
    """Define in an instance what a translated query uses."""
    PAST_TRY.clear()
    define(connection, udfs)
    for macro in macros:
        connection.execute(macro)


def with_care[T](sql: str, careful: str | None, run: Callable[[str], T]) -> T:
    """What running a query gives; the careful form of it where 64 bits were too few for a product.

    Raises:
        SqlError: the query's TRY took an error that it must not take.
    """
    try:
        found = run(sql)
    except duckdb.OutOfRangeException as error:
        if careful is None or _TOO_NARROW not in str(error):
            raise
        found = run(careful)
    if PAST_TRY:
        raise PAST_TRY[0]
    return found


def _write(connection: duckdb.DuckDBPyConnection, sql: str, job: Job) -> tuple[int, tuple[Written, ...]]:
    if job.output is not None:
        return parquet.write(connection, sql, job.output)
    cursor = connection.execute(sql)
    writers = [writer(column.type) for column in job.columns]
    count = 0
    with Path(job.result).open("w", encoding="utf-8", newline="") as out:
        out.write(csv.header([column.name for column in job.columns]))
        while rows := cursor.fetchmany(_BATCH):
            count += len(rows)
            out.writelines(
                csv.line(None if value is None else write(value) for write, value in zip(writers, row, strict=True))
                for row in rows
            )
    return count, ()


if __name__ == "__main__":
    main()
