"""Our generator of transactions beside plain Faker, row by row: rows a second and memory, in one run.

    .venv/bin/python benchmarks/generators.py --rows 1000000 --rounds 3
    .venv/bin/python benchmarks/generators.py --rows 10000000 --rounds 1

Each measure is a process of its own, in turns, so that the ratio means something on a busy machine; the best of the
rounds counts. Time is that of the work alone, without starting Python; ours includes making the shop and writing the
file, in two threads. Faker's rows have the same columns, shares and ids that are never the same twice; a few thousand
are made and written, and the time is taken per row.
"""

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import OrderedDict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # not this folder: this file has the name of the package that it measures
FAKER = "plain Faker, csv"


class Measure(NamedTuple):
    """What a process took: rows, seconds, processor seconds (all threads), peak resident memory in MiB, bytes."""

    rows: int
    seconds: float
    processor: float
    memory: float
    size: int

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


def ours(rows: int, target: Path) -> None:
    """Our transactions, of a shop whose size fits the rows."""
    from generators import generate_transactions

    customers = str(min(1_000_000, max(100, rows // 8)))
    generate_transactions.main(["--rows", str(rows), "--customers", customers, "--output", str(target), "--quiet"])


def plain_faker(rows: int, target: Path) -> None:
    """What a script with Faker does: a row after the other, by its providers."""
    from faker import Faker

    fake = Faker()
    fake.seed_instance(42)
    random.seed(42)
    countries = OrderedDict(US=0.38, DE=0.17, GB=0.15, FR=0.12, CA=0.08, NL=0.06, PL=0.04)
    payments = OrderedDict(card=0.62, paypal=0.25, bank_transfer=0.08, gift_card=0.05)
    states = OrderedDict(completed=0.93, refunded=0.045, cancelled=0.025)
    start, end = datetime(2026, 1, 1), datetime(2026, 1, 31, 23, 59, 59)
    with target.open("w", newline="") as file:
        writer = csv.writer(file)
        for _ in range(rows):
            quantity = fake.random_int(1, 5)
            price = fake.pydecimal(min_value=1, max_value=500, right_digits=2)
            discount = (price * quantity * fake.random_element((0, 0, 0, 10, 20)) / 100).quantize(price)
            placed = fake.date_time_between(start, end)
            status = fake.random_elements(states, length=1, use_weighting=True)[0]
            updated = placed + timedelta(days=fake.random_int(1, 14)) if status == "refunded" else placed
            writer.writerow([
                fake.unique.numerify("TXN-%###########"),
                fake.numerify("ORD-%###########"),
                fake.numerify("C-%#####"),
                fake.numerify("P-%###"),
                quantity,
                price,
                discount,
                price * quantity - discount,
                "USD",
                fake.random_elements(payments, length=1, use_weighting=True)[0],
                status,
                fake.random_elements(countries, length=1, use_weighting=True)[0],
                placed,
                updated,
            ])  # fmt: skip


def alone(name: str, rows: int) -> Measure:
    """A measure in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--one", name, "--rows", str(rows), "--folder", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Measure(*json.loads(done.stdout))


def one(name: str, rows: int, folder: Path) -> Measure:
    """A measure in this process."""
    target = folder / f"a.{name.rpartition(' ')[2]}"
    make: Any = plain_faker if name == FAKER else ours
    make(2, folder / f"warm.{name.rpartition(' ')[2]}")  # what is imported is not measured
    used, began = time.process_time(), time.monotonic()
    make(rows, target)
    seconds, processor = time.monotonic() - began, time.process_time() - used
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measure(rows, seconds, processor, memory, target.stat().st_size)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of our files")
    parser.add_argument("--faker-rows", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--formats", nargs="+", default=["csv", "csv.gz", "jsonl", "parquet"])
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one(given.one, given.rows, given.folder)))
        return
    sizes = {FAKER: given.faker_rows} | {f"ours, {name}": given.rows for name in given.formats}
    best: dict[str, Measure] = {}
    for _ in range(given.rounds):
        for name, rows in sizes.items():
            found = alone(name, rows)
            best[name] = min(found, best.get(name, found), key=lambda measure: measure.seconds)
    columns = {"rows": 12, "seconds": 10, "processor": 11, "rows/s": 12, "× Faker": 9, "peak MiB": 10, "bytes/row": 11}
    print(" " * 18 + "".join(f"{name:>{width}}" for name, width in columns.items()))
    for name, found in best.items():
        times = found.rate / best[FAKER].rate
        print(
            f"{name:18}{found.rows:>12,}{found.seconds:>10.2f}{found.processor:>11.2f}{found.rate:>12,.0f}"
            f"{times:>9.1f}{found.memory:>10.0f}{found.size / found.rows:>11.1f}"
        )


if __name__ == "__main__":
    main()
