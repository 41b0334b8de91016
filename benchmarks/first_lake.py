"""What a first lake costs: warm `make up`, idle memory, and upload to answer for 10,000 rows.

Run it in a checkout whose tools are set up (`make up` once): `.venv/bin/python benchmarks/first_lake.py --rounds 3`.
It makes a lake of its own (a temporary state folder, port 24566) and ends it. Every figure comes with the machine's
load: on a shared machine the ratios say more than the seconds.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from laketop import settings as lake_settings
from laketop.settings import Settings
from laketop.stack import sample, terraform
from laketop.stack.steps import Steps

ROOT = Path(__file__).resolve().parent.parent
WARM_UP_SECONDS = 180


def seconds_of(step: Callable[[], object]) -> float:
    """The wall time of a step."""
    started = time.monotonic()
    step()
    return time.monotonic() - started


def lake_memory(instance: str) -> float:
    """Memory of all processes of a lake, shared pages counted once (proportional set size), in MiB."""
    total = 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it ended meanwhile, or belongs to somebody else
            if process.environ().get("LAKETOP_INSTANCE") == instance:
                total += process.memory_full_info().pss
    return total / 2**20


def laketop(environment: dict[str, str], *arguments: str) -> None:
    """Run one sub-command; its talk goes to stderr."""
    command = [sys.executable, "-m", "laketop.stack", *arguments]
    subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=sys.stderr)


def wait_for_warm_driver(settings: Settings) -> None:
    """Return when the pool has a warmed driver."""
    deadline = time.monotonic() + WARM_UP_SECONDS
    while httpx.get(settings.url("spark") + "/health").json()["warm"] < 1:
        if time.monotonic() > deadline:
            raise TimeoutError(f"no driver was warm after {WARM_UP_SECONDS} s")
        time.sleep(0.5)


def upload_to_answer(settings: Settings) -> float:
    """Seconds from a generated file to the KPI answer, by the sample that `make up` runs; generating not counted."""
    outputs = terraform.outputs(settings, terraform.prepare(settings, "local"))
    steps = Steps()
    sample.load(settings, outputs, steps)
    steps.run("answer", lambda: sample.show_kpis(settings, outputs))
    return sum(seconds for name, seconds in steps.seconds.items() if not name.startswith("generate"))


def main() -> None:
    """Take each figure `--rounds` times and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each figure is taken (default 3)")
    rounds = parser.parse_args().rounds
    figures: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="laketop-bench-") as state:
        variables = {"LAKETOP_STATE": state, "LAKETOP_PORT": "24566", "LAKETOP_SPARK_POOL": "1"}
        environment = {**os.environ, **variables}
        settings = lake_settings.load(environment)
        for _ in range(rounds):
            try:
                up = seconds_of(lambda: laketop(environment, "up", "--no-sample"))
                wait_for_warm_driver(settings)
                memory = lake_memory(settings.instance)
                with contextlib.redirect_stdout(sys.stderr):
                    answer = upload_to_answer(settings)
            finally:
                laketop(environment, "down")
            figures.setdefault("`make up` to a deployed stack, s", []).append(up)
            figures.setdefault("idle memory with one warmed driver, MiB", []).append(memory)
            figures.setdefault("upload to answer, 10,000 rows, warm pool, s", []).append(answer)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {rounds} rounds\n")
    print("| figure | median | range |\n|---|---|---|")
    for name, values in figures.items():
        print(f"| {name} | {statistics.median(values):.1f} | {min(values):.1f}–{max(values):.1f} |")


if __name__ == "__main__":
    main()
