"""Runs sample data through the lake, the way any producer would: generate, upload, wait, tell that the batch is ready.

It speaks to AWS's APIs only and calls the pipeline's generator as a program; the names of buckets and state machines
come from Terraform's outputs. Loading is noted, so that a second `up` does not deliver the same batch again.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from laketop.settings import Settings
from laketop.stack import checkout, executions, lake, query
from laketop.stack.clients import aws_environment, client
from laketop.stack.messages import StackError, say
from laketop.stack.steps import Steps
from laketop.stack.tables import show

ROWS = {"transactions": 10_000, "products": 500, "clickstream": 5_000, "reviews": 1_000}
SEED = 42
SHOWN_DAYS = 7
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
    note = lake.run_folder(settings) / "sample.json"
    if note.exists():
        say("  the sample data is loaded already")
        return
    machines = {name.rpartition("-")[2]: arn for name, arn in outputs["state_machines"].items()}
    watch = executions.Watch(client(settings, "stepfunctions"))
    rows = ", ".join(f"{count:,} {dataset}" for dataset, count in ROWS.items())
    files = steps.run(f"generate {rows}", lambda: {dataset: _generate(settings, dataset) for dataset in ROWS})
    landing = outputs["landing"]
    steps.run("upload and ingest", lambda: _ingest(settings, landing, files, watch, machines["ingest"]))
    steps.run("transform", lambda: _transform(settings, watch, machines["transform"]))
    lake.write_private(note, json.dumps({"rows": ROWS, "at": lake.now()}))


def _generate(settings: Settings, dataset: str) -> Path:
    target = settings.state / "build" / "sample" / f"{dataset}.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    script = checkout.ROOT / "generators" / f"generate_{dataset}.py"
    options = ["--rows", str(ROWS[dataset]), "--seed", str(SEED), "--quiet", "--output", str(target)]
    command = [sys.executable, str(script), *options]
    answer = subprocess.run(
        command, cwd=checkout.ROOT, env=aws_environment(settings), capture_output=True, text=True, check=False
    )
    if answer.returncode:
        cause = answer.stderr.strip().rpartition("\n")[2] or f"exit {answer.returncode}"
        raise StackError(f"generators/{script.name}", cause, f"run it by hand: {' '.join(command)}")
    return target


def _ingest(
    settings: Settings, landing: Mapping[str, str], files: Mapping[str, Path], watch: executions.Watch, machine: str
) -> None:
    known = watch.known(machine)
    for dataset, file in files.items():
        address = urlsplit(landing[dataset])
        key = f"{address.path.strip('/')}/{file.stem}-{time.time_ns()}{file.suffix}"
        client(settings, "s3").upload_file(str(file), address.netloc, key)
    watch.wait_for_new(machine, known, len(files))


def _transform(settings: Settings, watch: executions.Watch, machine: str) -> None:
    known = watch.known(machine)
    event = {"Source": "laketop.pipeline", "DetailType": "Batch Ready", "Detail": json.dumps({"datasets": [*ROWS]})}
    answer = client(settings, "events").put_events(Entries=[event])
    if answer["FailedEntryCount"]:
        raise StackError("event Batch Ready", str(answer["Entries"][0]), "`make logs PART=localstack`")
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
    "make status",
    "make down",
)


def show_next(settings: Settings) -> None:
    """Say what to try next."""
    say("next", style="bold")
    for command in NEXT:
        say(f"  {command.format(endpoint=settings.endpoint)}")
