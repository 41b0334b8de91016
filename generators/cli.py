"""The command line that all generators share, and what it does: make chunks ahead, dirty them, write them in order."""

import argparse
import json
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from generators import defects, output
from generators.dataset import Chunk, Dataset
from generators.defects import Plan, Tally
from generators.progress import bar
from generators.world import MAX_ROWS, World

WORKERS = 2  # numpy and Arrow leave the interpreter to others while they work


@dataclass(frozen=True)
class Job:
    """What is to be made and where it goes; `report` is the path of the report of defects, or None."""

    world: World
    plan: Plan
    target: output.Target
    report: Path | None
    quiet: bool


def parser_of(dataset: Dataset) -> argparse.ArgumentParser:
    """The arguments of a generator: the same for all."""
    parser = argparse.ArgumentParser(
        description=f"Makes {dataset.name} ({dataset.description}) by their contract. The same arguments give the same "
        "file, byte for byte. Files of one seed and one world (--customers, --products, --transactions, --start, "
        "--end) agree: what one names, the others have."
    )
    add = parser.add_argument
    add("--output", required=True, help="a path or s3://bucket/key; with a slash at the end, a name is made there")
    add("--format", choices=output.FORMATS, help="by default, what the output's name ends in")
    add("--rows", type=int, help="rows of the file; by default, those of the world, and what repeats add")
    add("--seed", type=int, default=42, help="0 to 99999; other seeds have other ids (default: %(default)s)")
    add("--start", type=_day, default=date(2026, 1, 1), help="first day with orders, UTC (default: %(default)s)")
    add(
        "--end", type=_day, default=date(2026, 1, 31), help="last day with orders, UTC, included (default: %(default)s)"
    )
    add("--customers", type=int, default=2000, help="of the shop (default: %(default)s)")
    add("--products", type=int, default=500, help="of the shop (default: %(default)s)")
    add("--transactions", type=int, help="rows of the shop's transactions: no other dataset names an order beyond "
        "(default: 10000; for transactions, --rows)")  # fmt: skip
    add("--defects", type=float, default=0.0, metavar="SHARE", help="share of the rows that have a defect, 0 to 0.5")
    add("--defect-kinds", metavar="KIND,…", help="by default all that the rows can have: "
        f"{', '.join(defects.kinds_of(dataset, typed=False))}")  # fmt: skip
    add("--defects-report", type=Path, metavar="FILE", help="JSON: how many rows of which defect, and the reason that "
        "the pipeline must give for each")  # fmt: skip
    add("--quiet", action="store_true", help="no progress bar; there is none either where stderr is no terminal")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day like 2026-01-31") from error


def job_of(dataset: Dataset, given: argparse.Namespace) -> Job:
    """Check arguments.

    Raises:
        ValueError: an argument is wrong; the message names it and what is needed.
    """
    if given.rows is not None and not 1 <= given.rows <= MAX_ROWS:
        raise ValueError(f"--rows {given.rows}: 1 to {MAX_ROWS:,} is needed")
    transactions = given.transactions
    if transactions is None:
        transactions = given.rows if dataset.name == "transactions" and given.rows is not None else 10_000
    world = World(given.seed, given.customers, given.products, transactions, given.start, given.end)
    stem = f"{dataset.name}-{world.seed:05}-{world.start}-{world.end}"
    target = output.target(given.output, given.format, stem)
    if not 0 <= given.defects <= defects.MOST:
        raise ValueError(f"--defects {given.defects}: a share from 0 to {defects.MOST} is needed")
    kinds = _kinds(dataset, given.defect_kinds, target.format)
    return Job(
        world, _plan(dataset, world, given.rows, given.defects, kinds), target, given.defects_report, given.quiet
    )


def _kinds(dataset: Dataset, text: str | None, wanted: str) -> tuple[str, ...]:
    possible = defects.kinds_of(dataset, typed=wanted == "parquet")
    if text is None:
        return possible
    kinds = tuple(text.split(","))
    for kind in kinds:
        if kind not in possible:
            problem = f"{kind!r} is no defect that {dataset.name} as {wanted} can have"
            raise ValueError(f"--defect-kinds: {problem}; there are {', '.join(possible)}")
    if len(set(kinds)) < len(kinds):
        raise ValueError(f"--defect-kinds {text}: each kind once is needed")
    return kinds


def _plan(dataset: Dataset, world: World, rows: int | None, share: float, kinds: tuple[str, ...]) -> Plan:
    most = dataset.most(world)
    plan = Plan(rows, share, kinds) if rows is not None else defects.plan_for(dataset.rows(world), share, kinds)
    if plan.originals > most:
        raise ValueError(f"--rows {plan.rows}: the shop has {most:,} {dataset.name}; --{dataset.name} says how many")
    return plan


def ahead[T](calls: Iterable[Callable[[], T]], workers: int = WORKERS) -> Iterator[T]:
    """The answers of the calls in their order, made by threads; at most `workers` + 1 are held."""
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[T]] = deque()
        try:
            for call in calls:
                waiting.append(pool.submit(call))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def make(dataset: Dataset, job: Job) -> Tally:
    """Write the file; returns what was done to its rows.

    Raises:
        OSError: the file cannot be written.
        botocore.exceptions.BotoCoreError, ClientError: S3 cannot be asked, or refuses.
    """
    tally = Tally()
    with (
        output.opened(job.target, dataset.schema) as writer,
        bar(job.target.address, job.plan.rows, quiet=job.quiet) as advance,
    ):

        def one(chunk: Chunk, first: int) -> tuple[Any, Tally, int]:
            numbers = job.plan.numbers(first, chunk.rows)
            table, done = defects.dirty(dataset, job.world, chunk.make(), job.plan.kinds, numbers)
            return writer.prepare(table), done, len(table)

        for prepared, done, rows in ahead(_calls(dataset, job, one)):
            writer.write(prepared)
            tally.counts.update(done.counts)
            advance(rows)
    return tally


def _calls[T](dataset: Dataset, job: Job, one: Callable[[Chunk, int], T]) -> Iterator[Callable[[], T]]:
    first = 0
    for chunk in dataset.chunks(job.world, job.plan.originals):
        yield partial(one, chunk, first)
        first += chunk.rows


@contextmanager
def _told(place: str | Path) -> Iterator[None]:
    try:
        yield
    except (OSError, BotoCoreError, ClientError) as error:
        advice = "check the path or bucket, and the permissions, and run it again"
        raise SystemExit(f"{place}: cannot be written: {error}; {advice}") from error


def run(dataset: Dataset, argv: list[str] | None = None) -> None:
    """Run a generator.

    Args:
        dataset: what it makes.
        argv: the arguments; the process's own where None.

    Raises:
        SystemExit: 2 where an argument is wrong, 1 where the output cannot be written; stderr says why.
    """
    parser = parser_of(dataset)
    given = parser.parse_args(argv)
    try:
        job = job_of(dataset, given)
    except ValueError as error:
        parser.error(str(error))
    with _told(job.target.address):
        tally = make(dataset, job)
    if job.report:
        with _told(job.report):
            report = tally.report(dataset.name, job.plan.rows)
            job.report.parent.mkdir(parents=True, exist_ok=True)
            job.report.write_text(json.dumps(report, indent=2) + "\n")
    if not job.quiet and sys.stderr.isatty():
        print(f"{job.plan.rows:,} rows written to {job.target.address}", file=sys.stderr)
