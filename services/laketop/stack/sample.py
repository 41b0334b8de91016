"""Runs sample data through the lake, the way any producer would: generate, upload, wait, tell that the batch is ready.

It speaks to AWS's APIs only and calls the pipeline's generator as a program; the names of buckets and state machines
come from Terraform's outputs. Loading is noted, so that a second `up` does not deliver the same batch again.
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from laketop.settings import Settings
from laketop.stack import executions, lake, producer, query
from laketop.stack.clients import client
from laketop.stack.messages import say
from laketop.stack.steps import Steps
from laketop.stack.tables import show

ROWS = {"transactions": 10_000, "products": 500, "clickstream": 5_000, "reviews": 1_000}
SEED = 42
DAYS = ("--start", "2025-11-01", "--end", "2026-01-31")  # three months: cohorts, and a period before the latest
SHOWN_DAYS = 7
_NOTE = "sample.json"
SHOWN = (
    "day",
    "orders",
    "customers",
    "new_customers",
    "units",
    "revenue",
    "average_order_value",
    "refunded_amount",
    "sessions",
    "round(100 * conversion_rate, 1) AS conversion_percent",
)


def load(settings: Settings, outputs: Mapping[str, Any], steps: Steps) -> None:
    """Bring the sample data from a file to the processed zone; does nothing where that was done before.

    Args:
        settings: the running, deployed lake.
        outputs: Terraform's outputs of the environment `local`.
        steps: where the time of each step is noted.

    Raises:
        StackError: a step failed; the cause is that of the state machine.
    """
    note = lake.run_folder(settings) / _NOTE
    if note.exists():
        say("  the sample data is loaded already")
        return
    rows = ", ".join(f"{count:,} {dataset}" for dataset, count in ROWS.items())
    files = steps.run(f"generate {rows}", lambda: generate(settings))
    steps.run("upload and ingest", lambda: ingest(settings, outputs, files))
    steps.run("transform", lambda: transform(settings, outputs))
    lake.write_private(note, json.dumps({"rows": ROWS, "at": lake.now()}))


def bring(settings: Settings, outputs: Mapping[str, Any], steps: Steps) -> None:
    """Load the sample data and print what came of it."""
    load(settings, outputs, steps)
    show_kpis(settings, outputs)


def forget(settings: Settings) -> None:
    """The data is gone: the next `up` loads it again."""
    (settings.state / "run" / _NOTE).unlink(missing_ok=True)


def generate(settings: Settings) -> dict[str, Path]:
    """A file of each dataset: dataset → file."""
    folder = settings.state / "build" / "sample"
    return {
        dataset: producer.generate(
            settings, dataset, folder / f"{dataset}.csv", "--rows", str(rows), "--seed", str(SEED), *DAYS
        )
        for dataset, rows in ROWS.items()
    }


def ingest(settings: Settings, outputs: Mapping[str, Any], files: Mapping[str, Path]) -> None:
    """Upload files and wait until they are in the raw zone."""
    watch, machine = executions.Watch(client(settings, "stepfunctions")), producer.machines(outputs)["ingest"]
    known = watch.known(machine)
    for dataset, file in files.items():
        name = f"{file.stem}-{time.time_ns()}{file.suffix}"
        producer.upload(settings, outputs["landing"][dataset], name, file.read_bytes())
    watch.wait_for_new(machine, known, len(files))


def transform(settings: Settings, outputs: Mapping[str, Any]) -> None:
    """Say that the batch is ready and wait for its end."""
    watch, machine = executions.Watch(client(settings, "stepfunctions")), producer.machines(outputs)["transform"]
    known = watch.known(machine)
    producer.batch_ready(settings, outputs, {"datasets": [*ROWS]})
    watch.wait_for_new(machine, known)


def show_kpis(settings: Settings, outputs: Mapping[str, Any]) -> None:
    """Print the last days' KPIs: the pipeline's own view, asked of Athena."""
    statement = f"SELECT {', '.join(SHOWN)} FROM daily_kpis ORDER BY day"  # noqa: S608 - names of ours
    database = outputs["databases"]["curated"]
    result = query.run(client(settings, "athena"), statement, database, outputs["work_group"])
    say(f"daily KPIs, the last {SHOWN_DAYS} of {len(result.rows)} days", style="bold")
    show(result.header, result.rows[-SHOWN_DAYS:])


NEXT = (
    "make sql Q='select count(*) as transactions from laketop_local_processed.transactions'",
    "aws --endpoint-url {endpoint} s3 ls",
    "make dashboard OPEN=1    # {dashboard}",
    "make status",
    "make down",
)


def show_next(settings: Settings) -> None:
    """Say what to try next."""
    say("next", style="bold")
    for command in NEXT:
        say(f"  {command.format(endpoint=settings.endpoint, dashboard=settings.url('streamlit'))}")
