"""What a first lake costs: cold and warm `make up`, idle memory, and upload to answer for 10,000 rows.

Run it in a checkout whose tools are set up (`make up` once): `.venv/bin/python benchmarks/first_lake.py [--rounds 3]`.
It makes a lake of its own (a temporary state folder, port 24566) and ends it. Every figure is printed with the machine's
load beside it: on a shared machine the ratios say more than the seconds.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from laketop import settings as lake_settings

ROOT = Path(__file__).resolve().parent.parent
LAKETOP = ROOT / ".venv" / "bin" / "laketop"


def load() -> str:
    """The one-minute load average and the number of cores, as text."""
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def lake_memory(instance: str) -> float:
    """Resident memory of all processes of a lake, shared pages counted once (proportional set size), in MiB."""
    total = 0
    for process in psutil.process_iter():
        try:
            if process.environ().get("LAKETOP_INSTANCE") == instance:
                total += process.memory_full_info().pss
        except psutil.Error:
            continue  # it ended, or belongs to somebody else
    return total / 2**20


def laketop(environment: dict[str, str], *arguments: str) -> float:
    """Run one sub-command; its wall time in seconds. Its talk goes to this program's stderr."""
    started = time.monotonic()
    subprocess.run([LAKETOP, *arguments], env=environment, cwd=ROOT, check=True, stdout=sys.stderr)
    return time.monotonic() - started


def row(what: str, seconds: list[float], unit: str = "s") -> None:
    print(f"| {what} | {statistics.median(seconds):.1f} {unit} | {min(seconds):.1f}–{max(seconds):.1f} | {load()} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each figure is taken (default 3)")
    rounds = parser.parse_args().rounds
    print("| figure | median | range | load |\n|---|---|---|---|")
    ups: list[float] = []
    idles: list[float] = []
    answers: list[float] = []
    with tempfile.TemporaryDirectory(prefix="laketop-bench-") as state:
        environment = {**os.environ, "LAKETOP_STATE": state, "LAKETOP_PORT": "24566", "LAKETOP_SPARK_POOL": "1"}
        instance = lake_settings.load(environment).instance
        for _ in range(rounds):
            try:
                ups.append(laketop({**environment, "SAMPLE": "0"}, "up"))
                laketop(environment, "status", "--wait-warm")
                idles.append(lake_memory(instance))
                answers.append(laketop(environment, "sample"))
            finally:
                laketop(environment, "down")
    row("warm `make up`, to a deployed stack", ups)
    row("idle memory, one warmed driver", idles, "MiB")
    row("upload to answer, 10,000 rows, warm pool", answers)


if __name__ == "__main__":
    main()
