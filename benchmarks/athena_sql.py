"""What our dialect costs: TPC-H translated from Trino's SQL beside the same queries in DuckDB's, on the same files.

    .venv/bin/python benchmarks/athena_sql.py --scale 1 --rounds 3

Both run in the same kind of instance (the engine's: two gigabytes, nothing but the listed files), one after the other
in turns, so that the ratio means something on a busy machine. Prints a line a query and the geometric mean; then the
time that a translation takes when the interpreter is warm.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb

from laketop.athena.engine.instance import instance
from laketop.athena.engine.worker import prepare, with_care
from laketop.athena.sql.core import Scan
from laketop.athena.sql.translate import translate
from tests.oracle import tpc


class Seconds(NamedTuple):
    """What a step took: elapsed seconds, and those of the processors (all threads, user and system)."""

    elapsed: float
    processor: float


def seconds_of(step: Callable[[], object]) -> Seconds:
    """The time of a step."""
    started, used = time.monotonic(), time.process_time()
    step()
    return Seconds(time.monotonic() - started, time.process_time() - used)


def least(runs: Iterable[Seconds]) -> Seconds:
    """The least of each of the two, over several runs."""
    return Seconds(*(min(times) for times in zip(*runs, strict=True)))


def compared(hand: float, ours: float) -> str:
    """Two times and their ratio."""
    return f"by hand {hand:6.3f} s  translated {ours:6.3f} s  ratio {ours / hand:5.2f}"


def write_files(folder: Path, scale: float) -> tuple[dict[str, Path], tpc.Tables, dict[int, tuple[str, str]]]:
    """TPC-H as a Parquet file a table; the catalog; the queries."""
    with tpc.database("tpch", scale) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        for name in names:
            connection.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")
        files = {name: folder / f"{name}.parquet" for name in names}
        return files, tpc.Tables(connection), tpc.queries(connection, "tpch")


@contextmanager
def opened(files: dict[str, Path], scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A fresh instance that can read the files, each offered under its table's name."""
    with instance([str(path) for path in files.values()], scratch) as connection:
        for name, path in files.items():
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")
        yield connection


def by_hand(text: str, files: dict[str, Path], scratch: Path) -> Seconds:
    """The time of a query in DuckDB's own words."""
    with opened(files, scratch) as connection:
        return seconds_of(lambda: connection.execute(text).fetchall())


def translated(text: str, tables: tpc.Tables, files: dict[str, Path], scratch: Path) -> Seconds:
    """The time of a query from Trino's words, the definition of its macros and views included."""
    found = translate(text, tables)
    with opened(files, scratch) as connection:

        def run() -> None:
            offer(connection, found.scans)
            prepare(connection, found.udfs, found.macros)
            with_care(found.sql, found.careful, lambda sql: connection.execute(sql).fetchall())

        return seconds_of(run)


def offer(connection: duckdb.DuckDBPyConnection, scans: Sequence[Scan]) -> None:
    """The views of a query over those of the tables."""
    tpc.offer(connection, scans)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scratch = folder / "scratch"
        scratch.mkdir()
        files, tables, queries = write_files(folder, given.scale)
        pairs, translations = [], []
        for number, (own, text) in sorted(queries.items()):
            runs = [
                (by_hand(own, files, scratch), translated(text, tables, files, scratch)) for _ in range(given.rounds)
            ]
            hand, ours = (least(times) for times in zip(*runs, strict=True))
            pairs.append((hand, ours))
            rounds = [seconds_of(lambda text=text: translate(text, tables)).elapsed for _ in range(given.rounds)]
            translations.append(min(rounds))
            shown = f"{compared(hand.elapsed, ours.elapsed)}  processor {compared(hand.processor, ours.processor)}"
            print(f"q{number:02}  {shown}", flush=True)
        for name in Seconds._fields:
            hands, all_ours = ([getattr(one[side], name) for one in pairs] for side in (0, 1))
            ratios = [a / b for a, b in zip(all_ours, hands, strict=True)]
            print(
                f"{name} seconds: total {sum(all_ours):.2f} / {sum(hands):.2f} = {sum(all_ours) / sum(hands):.3f}, "
                f"geometric mean {statistics.geometric_mean(ratios):.3f}, worst {max(ratios):.2f}"
            )
        warm = sorted(translations)
        print(f"translation, warm: median {statistics.median(warm) * 1000:.1f} ms, worst {warm[-1] * 1000:.1f} ms")


if __name__ == "__main__":
    main()
