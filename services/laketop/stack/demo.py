"""A small stream of files for a running lake: good ones, dirty ones, a duplicate, a late one, corrupt ones.

It is a producer like any other: the generators make the files, S3 takes them, the state machines tell what becomes of
each. Names come from Terraform's outputs.
"""

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.live import Live
from rich.table import Table

from laketop.settings import Settings
from laketop.stack import executions, producer
from laketop.stack.clients import client
from laketop.stack.messages import StackError, talk

PAUSE = 0.5
TIMEOUT = 900.0
PRODUCTS, ORDERS = 200, 2000  # the shop's; orders in lines
_CUT = 2000  # bytes that the corrupt file lacks at its end


@dataclass
class File:
    """One file of the stream, and what is known of it.

    Attributes:
        kind: what is special about it.
        dataset, name: where it lands.
        content: its bytes.
        after: the name of a file that must have been dealt with before, or "".
        state: what became of it so far, for people.
        execution: the ARN of its ingest.
        raw: its address in the raw zone, once it is there.
        is_done: whether its ingest has ended.
    """

    kind: str
    dataset: str
    name: str
    content: bytes
    after: str = ""
    state: str = "waits"
    execution: str = ""
    raw: str = ""
    is_done: bool = False


@dataclass
class Stream:
    """The files and the transform that follows them; `table` is what a person sees."""

    files: list[File]
    steps: list[tuple[str, str]] = field(default_factory=list)

    def table(self) -> Table:
        """The present state as a table."""
        table = Table(box=None, pad_edge=False)
        for title in ("file", "", "what becomes of it"):
            table.add_column(title, overflow="fold")
        for file in self.files:
            table.add_row(f"{file.dataset}/{file.name}", file.kind, file.state)
        for name, state in self.steps:
            table.add_row(f"transform: {name}", "", state)
        return table


def make(settings: Settings, seed: int) -> list[File]:
    """The stream's files; another seed gives other rows.

    Raises:
        StackError: a generator failed.
    """
    folder = settings.state / "build" / "demo"

    def made(dataset: str, suffix: str, rows: int, *options: str, seed: int = seed) -> bytes:
        world = ("--products", str(PRODUCTS), "--transactions", str(ORDERS))
        target = folder / f"{dataset}-{seed}.{suffix}"
        chosen = ("--rows", str(rows), "--seed", str(seed), *world, *options)
        return producer.generate(settings, dataset, target, *chosen).read_bytes()

    orders = made("transactions", "csv.gz", ORDERS)
    clicks = made("clickstream", "parquet", 1500)
    dirty = made("reviews", "csv", 400, "--defects", "0.1", seed=seed + 1)
    last_year = ("--start", "2025-06-01", "--end", "2025-06-30")
    return [
        File("good", "products", f"catalogue-{seed}.csv", made("products", "csv", PRODUCTS)),
        File("good, gzip", "transactions", f"orders-{seed}.csv.gz", orders),
        File("good, Parquet", "clickstream", f"clicks-{seed}.parquet", clicks),
        File("good, JSON lines", "reviews", f"reviews-{seed}.jsonl", made("reviews", "jsonl", 300)),
        File("dirty rows", "reviews", f"import-{seed}.csv", dirty),
        # of two at once, either may be the first
        File("the same again", "transactions", f"orders-{seed}-copy.csv.gz", orders, after=f"orders-{seed}.csv.gz"),
        File("late", "clickstream", f"june-{seed}.csv", made("clickstream", "csv", 300, *last_year, seed=seed + 1)),
        File("cut off", "transactions", f"cut-{seed}.csv.gz", gzip.compress(gzip.decompress(orders))[:-_CUT]),
        File("not of this dataset", "products", f"wrong-{seed}.csv", made("reviews", "csv", 10, seed=seed + 2)),
        File("not what its name says", "reviews", f"renamed-{seed}.csv", clicks),
    ]


def run(settings: Settings, outputs: Mapping[str, Any], seed: int) -> Stream:
    """Pour the stream into the lake and show live what becomes of each file.

    Args:
        settings: the running, deployed lake.
        outputs: Terraform's outputs of the environment `local`.
        seed: of the generated rows.

    Raises:
        StackError: a file or the batch came to no end.
    """
    machines = producer.machines(outputs)
    stream = Stream(make(settings, seed))
    watch = executions.Watch(client(settings, "stepfunctions"))
    with Live(stream.table(), console=talk, refresh_per_second=4, transient=False) as live:
        for _ in _ingested(settings, outputs["landing"], stream.files, watch, machines["ingest"]):
            live.update(stream.table())
        for _ in _transformed(settings, outputs, stream, watch, machines["transform"]):
            live.update(stream.table())
        _accounted(settings, outputs["buckets"]["quarantine"], stream.files)
        live.update(stream.table())
    return stream


def _ingested(
    settings: Settings, landing: Mapping[str, str], files: list[File], watch: executions.Watch, machine: str
) -> Iterator[None]:
    known = watch.known(machine)
    sent: dict[str, File] = {}
    began = time.monotonic()
    while not all(file.is_done for file in files):
        if time.monotonic() - began > TIMEOUT:
            raise StackError("ingest", f"files had no end after {TIMEOUT:.0f} s", "see `make logs PART=localstack`")
        done = {"", *(file.name for file in files if file.is_done)}
        for file in files:
            if file not in sent.values() and file.after in done:
                sent[producer.upload(settings, landing[file.dataset], file.name, file.content)] = file
                file.state = f"{len(file.content):,} bytes uploaded"
                yield
        for arn in watch.known(machine) - known:
            execution = watch.client.describe_execution(executionArn=arn)
            found = sent.get(json.loads(execution["input"]).get("key", ""))
            if found is not None:
                found.execution, found.state = arn, "is checked"
                if execution["status"] != "RUNNING":
                    known.add(arn)
                    _ended(found, execution)
        yield
        time.sleep(PAUSE)


def _ended(file: File, execution: Mapping[str, Any]) -> None:
    if execution["status"] != "SUCCEEDED":
        raise StackError(f"ingest of {file.name}", str(execution.get("cause")), f"its history: {file.execution}")
    output, file.is_done = json.loads(execution["output"]), True
    if output["outcome"] == "accepted":
        file.raw = output["raw"]
        file.state = f"accepted, {output['rows']:,} rows"
    else:
        reason = output.get("reason", {"code": output["outcome"], "message": ""})
        file.state = f"quarantined: {reason['code']}: {reason['message']}"


def _transformed(
    settings: Settings, outputs: Mapping[str, Any], stream: Stream, watch: executions.Watch, machine: str
) -> Iterator[None]:
    known = watch.known(machine)
    producer.batch_ready(settings, outputs, {"from": "demo"})
    began = time.monotonic()
    status = "RUNNING"
    while status == "RUNNING":
        if time.monotonic() - began > TIMEOUT:
            raise StackError("transform", f"it had no end after {TIMEOUT:.0f} s", "see `make status`")
        time.sleep(PAUSE)
        for arn in watch.known(machine) - known:
            execution = watch.client.describe_execution(executionArn=arn)
            status = execution["status"]
            stream.steps = list(_steps(watch.client, arn))
            if status not in ("RUNNING", "SUCCEEDED"):
                raise StackError("transform", f"{status}: {execution.get('cause')}", f"its history: {arn}")
        yield


def _steps(stepfunctions: Any, arn: str) -> Iterator[tuple[str, str]]:
    """(state, how it stands) of the states that were entered at the top or below a Map."""
    pages = stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
    events = [event for page in pages for event in page["events"]]
    entered: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for event in events:
        if event["type"] == "TaskStateEntered":
            entered[event["stateEnteredEventDetails"]["name"]] += 1
        elif event["type"] == "TaskStateExited":
            left[event["stateExitedEventDetails"]["name"]] += 1
    for name, count in entered.items():
        yield name, f"{left[name]} of {count} done"


def _accounted(settings: Settings, quarantine: str, files: list[File]) -> None:
    """Add to each accepted file what became of its rows."""
    s3 = client(settings, "s3")
    reasons: dict[str, Counter[str]] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=quarantine, Prefix="rows/"):
        for item in page.get("Contents", ()):
            if item["Key"].endswith(".json"):
                for line in s3.get_object(Bucket=quarantine, Key=item["Key"])["Body"].iter_lines():
                    row = json.loads(line)
                    reasons.setdefault(row["source_file"], Counter())[row["reason"]] += 1
    for file in files:
        if file.raw and (found := reasons.get(file.raw)):
            told = ", ".join(f"{count:,} {reason}" for reason, count in sorted(found.items()))
            file.state += f"; not written: {told}"
