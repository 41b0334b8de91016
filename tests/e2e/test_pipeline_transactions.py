"""Transactions through the whole lake: from the landing prefix to an Athena answer, against pandas over the same files.

One batch carries everything at first: generated rows, rows that are wrong, real sales, and files that are broken. Then
a batch that fails, and one that corrects earlier rows.
"""

import csv
import gzip
import importlib.metadata
import io
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "laketop-local-{}-000000000000"
RAW, QUARANTINE = BUCKET.format("raw"), BUCKET.format("quarantine")
DATABASE, WORK_GROUP = "laketop_local_processed", "laketop-local"
LANDING = "landing/transactions/"
WAIT = 180  # seconds for one execution; a cold Spark driver on a busy machine takes a minute

# Rows that the contract refuses: what is changed in a good row, and the reason.
WRONG_ROWS = [
    ({"quantity": "many"}, "BAD_TYPE"),
    ({"total_amount": "1.005"}, "BAD_TYPE"),
    ({"status": "lost"}, "NOT_ALLOWED"),
    ({"customer_id": ""}, "MISSING_VALUE"),
    ({"quantity": "0"}, "OUT_OF_RANGE"),
]


@dataclass
class Pipeline:
    """The pipeline of one lake, by AWS's APIs alone; `files` are the good files that went in, by name."""

    lake: Any
    files: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for service in ("s3", "stepfunctions", "events", "athena", "glue", "sqs", "sns"):
            setattr(self, service, self.lake.client(service))
        machines = self.stepfunctions.list_state_machines()["stateMachines"]
        self.machines = {item["name"].removeprefix("laketop-local-"): item["stateMachineArn"] for item in machines}

    def executions(self, machine: str) -> set[str]:
        pages = self.stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=self.machines[machine])
        return {item["executionArn"] for page in pages for item in page["executions"]}

    def ended(self, machine: str, known: set[str], count: int) -> list[dict[str, Any]]:
        """Wait until `count` executions that are not in `known` have ended; there must not be more."""
        began = time.monotonic()
        while True:
            new = self.executions(machine) - known
            found = [self.stepfunctions.describe_execution(executionArn=arn) for arn in new]
            if len(found) >= count and all(item["status"] != "RUNNING" for item in found):
                assert len(found) == count
                return found
            assert time.monotonic() - began < WAIT, f"{machine}: {[(item['name'], item['status']) for item in found]}"
            time.sleep(0.3)

    def ingest(self, files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
        """Upload files below landing/, and return what became of each: key → output of its execution."""
        known = self.executions("ingest")
        for key, content in files.items():
            self.s3.put_object(Bucket=RAW, Key=key, Body=content)
        ended = self.ended("ingest", known, len(files))
        assert {item["status"] for item in ended} == {"SUCCEEDED"}, [item.get("cause") for item in ended]
        outputs = [json.loads(item["output"]) for item in ended]
        for output in outputs:
            if output["outcome"] == "accepted":
                self.files[output["raw"]] = files[output["key"]]
        return {output["key"]: output for output in outputs}

    def transform(self) -> dict[str, Any]:
        """Say that the batch is ready, and return the execution when it has ended."""
        known = self.executions("transform")
        entry = {"Source": "laketop.pipeline", "DetailType": "Batch Ready", "Detail": json.dumps({"test": "e2e"})}
        assert self.events.put_events(Entries=[entry])["FailedEntryCount"] == 0
        return self.ended("transform", known, 1)[0]

    def object(self, address: str) -> bytes:
        bucket, _, key = address.removeprefix("s3://").partition("/")
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", ())]

    def query(self, sql: str) -> list[dict[str, str]]:
        """The rows of a query, from its result file in S3; NULL is the empty string."""
        context = {"Database": DATABASE}
        asked = self.athena.start_query_execution(QueryString=sql, QueryExecutionContext=context, WorkGroup=WORK_GROUP)
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=asked["QueryExecutionId"])["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.1)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        return self.rows(execution["ResultConfiguration"]["OutputLocation"])

    def rows(self, address: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.object(address).decode())))

    def partitions(self) -> set[str]:
        """The values of the table's partition key."""
        pages = self.glue.get_paginator("get_partitions").paginate(DatabaseName=DATABASE, TableName="transactions")
        return {partition["Values"][0] for page in pages for partition in page["Partitions"]}

    def rejected(self) -> list[dict[str, Any]]:
        """All rejected rows."""
        keys = [key for key in self.keys(QUARANTINE, "rows/transactions/") if key.endswith(".json")]
        lines = [line for key in keys for line in self.object(f"s3://{QUARANTINE}/{key}").decode().splitlines()]
        return [json.loads(line) for line in lines]

    def kpis(self) -> dict[str, tuple[Any, ...]]:
        """What the daily figures must be by the files that went in: day → the query's columns. By pandas alone."""
        frames = []
        for address, content in sorted(self.files.items()):
            text = gzip.decompress(content) if address.endswith(".gz") else content
            frame = pd.read_csv(io.BytesIO(text), dtype=str, keep_default_na=False)
            frames.append(frame[~frame.customer_id.str.startswith("BAD") & (frame.customer_id != "")])
        lines = (
            pd.concat(frames).sort_values("updated_at", kind="stable").drop_duplicates("transaction_id", keep="last")
        )
        lines["day"] = lines.transaction_ts.str[:10]
        lines["amount"] = lines.total_amount.map(Decimal)
        return {day: _figures(group) for day, group in lines.groupby("day")}


def _figures(lines: pd.DataFrame) -> tuple[Any, ...]:
    by_status = {status: lines[lines.status == status] for status in ("completed", "refunded", "cancelled")}
    sold, refunded = by_status["completed"], by_status["refunded"]
    orders, revenue = sold.order_id.nunique(), sum(sold.amount, Decimal("0.00"))
    average = (revenue / orders).quantize(Decimal("0.01"), ROUND_HALF_UP) if orders else None
    units, customers = int(sold.quantity.astype(int).sum()), sold.customer_id.nunique()
    money_back = sum(refunded.amount, Decimal("0.00"))
    return orders, customers, units, revenue, average, len(refunded), money_back, len(by_status["cancelled"])


def _answered(rows: list[dict[str, str]]) -> dict[str, tuple[Any, ...]]:
    """The daily figures as Athena wrote them, in the form of `Pipeline.kpis`."""
    counts = ("orders", "customers", "units")
    return {
        row["transaction_date"]: (
            *(int(row[name]) for name in counts),
            Decimal(row["revenue"]),
            Decimal(row["average_order_value"]) if row["average_order_value"] else None,
            int(row["refunded_lines"]),
            Decimal(row["refunded_amount"]),
            int(row["cancelled_lines"]),
        )
        for row in rows
    }


def _generated(tmp: Path, *arguments: str) -> bytes:
    script, target = ROOT / "generators" / "generate_transactions.py", tmp / "generated.csv"
    subprocess.run([sys.executable, str(script), *arguments, "--output", str(target)], check=True, capture_output=True)
    return target.read_bytes()


def _wrong_rows(good: bytes) -> bytes:
    """A file with a good row, alone in its month, rows that are wrong, and one that is too short."""
    first = next(csv.DictReader(io.StringIO(good.decode())))
    header = list(first)
    rows = []
    alone = {"transaction_ts": "2025-07-04 12:00:00", "updated_at": "2025-07-04 12:00:00"}
    for number, (changes, _) in enumerate([(alone, ""), *WRONG_ROWS], 1):
        customer = "C-999999" if number == 1 else f"BAD-{number:04}"
        rows.append(first | {"transaction_id": f"WRG-{number:06}", "customer_id": customer} | changes)
    lines = [header, *([row[name] for name in header] for row in rows), ["WRG-999999", "ORD-000001"]]
    return "".join(",".join(line) + "\n" for line in lines).encode()


@pytest.fixture(scope="module")
def pipeline(stack: Any) -> Pipeline:
    return Pipeline(stack)


@pytest.fixture(scope="module")
def messages(pipeline: Pipeline) -> Iterator[Any]:
    """Reads what the topic of alerts has told since the last call: (subject, message)."""
    topic = next(
        item["TopicArn"] for item in pipeline.sns.list_topics()["Topics"] if item["TopicArn"].endswith("-alerts")
    )
    queue = pipeline.sqs.create_queue(QueueName="e2e-alerts")["QueueUrl"]
    arn = pipeline.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    subscription = pipeline.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)

    def read() -> list[tuple[str, dict[str, Any]]]:
        found = []
        while got := pipeline.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get(
            "Messages"
        ):
            for item in got:
                body = json.loads(item["Body"])
                found.append((body["Subject"], json.loads(body["Message"])))
                pipeline.sqs.delete_message(QueueUrl=queue, ReceiptHandle=item["ReceiptHandle"])
        return found

    yield read
    pipeline.sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    pipeline.sqs.delete_queue(QueueUrl=queue)


@dataclass(frozen=True)
class Batch:
    """The first batch: what was uploaded, what became of it, the transform's execution, and what was told of it."""

    uploaded: dict[str, bytes]
    outcomes: dict[str, dict[str, Any]]
    execution: dict[str, Any]
    told: list[tuple[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def batch(pipeline: Pipeline, messages: Any, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    tmp = tmp_path_factory.mktemp("batch")
    good = _generated(tmp, "--rows", "10000", "--seed", "7", "--duplicates", "0.02")
    cdnow = tmp / "cdnow.csv"
    subprocess.run([sys.executable, str(ROOT / "generators" / "map_cdnow.py"), "--output", str(cdnow)], check=True)
    uploaded = {
        f"{LANDING}good file.csv": good,
        f"{LANDING}2026/wrong rows.csv": _wrong_rows(good),
        f"{LANDING}cdnow.csv.gz": gzip.compress(cdnow.read_bytes()),
        f"{LANDING}wrong-header.csv": good.replace(b"quantity", b"amount", 1),
        f"{LANDING}empty.csv": b"",
        f"{LANDING}truncated.csv.gz": gzip.compress(good)[:-2000],
        "landing/unheard-of/file.csv": good,
    }
    outcomes = pipeline.ingest(uploaded)
    return Batch(uploaded, outcomes, pipeline.transform(), messages())


def test_every_file_has_one_outcome(batch: Batch) -> None:
    found = {
        key: (out["outcome"], out.get("rows"), out.get("reason", {}).get("code")) for key, out in batch.outcomes.items()
    }
    assert found == {
        f"{LANDING}good file.csv": ("accepted", 10_000, None),
        f"{LANDING}2026/wrong rows.csv": ("accepted", len(WRONG_ROWS) + 2, None),
        f"{LANDING}cdnow.csv.gz": ("accepted", 6919, None),
        f"{LANDING}wrong-header.csv": ("quarantined", None, "WRONG_HEADER"),
        f"{LANDING}empty.csv": ("quarantined", None, "EMPTY_FILE"),
        f"{LANDING}truncated.csv.gz": ("quarantined", None, "UNREADABLE_GZIP"),
        "landing/unheard-of/file.csv": ("quarantined", None, "UNKNOWN_DATASET"),
    }


def test_no_byte_is_lost(pipeline: Pipeline, batch: Batch) -> None:
    for key, outcome in batch.outcomes.items():
        assert pipeline.object(outcome.get("raw") or outcome["quarantine"]) == batch.uploaded[key], key
    assert pipeline.keys(RAW, "landing/") == []


def test_quarantined_files_have_their_reason_beside_them(pipeline: Pipeline, batch: Batch) -> None:
    for key, outcome in batch.outcomes.items():
        if outcome["outcome"] == "quarantined":
            reason = json.loads(pipeline.object(f"{outcome['quarantine']}.reason.json"))
            assert {name: reason[name] for name in ("code", "message", "details")} == outcome["reason"]
            assert reason["landing"] == f"s3://{RAW}/{key}"
            assert reason["execution"] in pipeline.executions("ingest")


def test_the_batch_is_transformed(batch: Batch) -> None:
    assert batch.execution["status"] == "SUCCEEDED", batch.execution.get("cause")
    output = json.loads(batch.execution["output"])
    assert output["job_run"]["state"] == "SUCCEEDED"


def test_people_are_told(batch: Batch) -> None:
    subjects = Counter(subject.partition(": ")[2] for subject, _ in batch.told)
    assert subjects == {"file quarantined": 4, "batch transformed": 1}
    codes = {message["reason"]["code"] for subject, message in batch.told if "quarantined" in subject}
    assert codes == {"WRONG_HEADER", "EMPTY_FILE", "UNREADABLE_GZIP", "UNKNOWN_DATASET"}


def test_daily_kpis_are_those_of_pandas(pipeline: Pipeline, batch: Batch) -> None:
    output = json.loads(batch.execution["output"])
    rows = pipeline.rows(output["kpis"]["output_location"])
    days = [row["transaction_date"] for row in rows]
    assert days == sorted(set(days))
    assert _answered(rows) == pipeline.kpis()


def test_real_sales_daily_revenue_is_that_of_pandas(pipeline: Pipeline, batch: Batch) -> None:
    path = next(
        file for file in importlib.metadata.files("lifetimes") or () if file.name == "CDNOW_sample.txt"
    ).locate()
    sales = pd.read_csv(path, sep=r"\s+", names=["id", "sample", "day", "discs", "dollars"], dtype=str)
    expected = sales.dollars.map(Decimal).groupby(sales.day).sum().to_dict()
    rows = pipeline.query(
        "SELECT transaction_date, sum(total_amount) AS revenue FROM transactions "
        "WHERE transaction_month BETWEEN '1997-01' AND '1998-06' GROUP BY transaction_date"
    )
    assert {row["transaction_date"].replace("-", ""): Decimal(row["revenue"]) for row in rows} == expected
    assert len(expected) == 545


def test_rows_read_are_rows_written_and_rejected(pipeline: Pipeline, batch: Batch) -> None:
    rejected = pipeline.rejected()
    written = int(pipeline.query("SELECT count(*) AS n FROM transactions")[0]["n"])
    read = sum(outcome["rows"] for outcome in batch.outcomes.values() if outcome["outcome"] == "accepted")
    assert written + len(rejected) == read
    expected = Counter(reason for _, reason in WRONG_ROWS) + Counter({"MALFORMED_ROW": 1, "DUPLICATE": 200})
    assert Counter(row["reason"] for row in rejected) == expected
    wrong = batch.outcomes[f"{LANDING}2026/wrong rows.csv"]["raw"]
    assert Counter(row["source_file"] for row in rejected if row["reason"] != "DUPLICATE") == {
        wrong: len(WRONG_ROWS) + 1
    }


def test_types_are_those_of_the_contract(pipeline: Pipeline, batch: Batch) -> None:
    table = pipeline.glue.get_table(DatabaseName=DATABASE, Name="transactions")["Table"]
    columns = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    assert columns["total_amount"] == "decimal(12,2)"
    (row,) = pipeline.query(
        "SELECT sum(total_amount) AS a, min(transaction_ts) AS t, count(product_id) AS p, sum(quantity) AS q "
        "FROM transactions WHERE transaction_month = '1997-01'"
    )
    assert row["t"] == "1997-01-01 00:00:00.000"
    assert row["p"] == "0"


def test_a_broken_batch_fails_loudly_and_says_where(pipeline: Pipeline, batch: Batch, messages: Any) -> None:
    before = pipeline.query("SELECT count(*) AS n FROM transactions")
    key = "batches/transactions/open/broken.json"
    broken = {"raw": f"s3://{RAW}/transactions/ingest_date=2026-01-01/gone.csv", "rows": 1}
    pipeline.s3.put_object(Bucket=RAW, Key=key, Body=json.dumps(broken))
    try:
        execution = pipeline.transform()
    finally:
        pipeline.s3.delete_object(Bucket=RAW, Key=key)
    assert (execution["status"], execution["error"]) == ("FAILED", "TransformFailed")
    assert execution["cause"].startswith("TransactionEtl: States.TaskFailed: ")
    assert "gone.csv" in execution["cause"]
    ((subject, message),) = messages()
    assert subject == "laketop-local: transform failed"
    assert (message["step"], message["execution"]) == ("TransactionEtl", execution["executionArn"])
    assert "gone.csv" in json.dumps(message["error"])
    assert pipeline.query("SELECT count(*) AS n FROM transactions") == before


def test_a_later_report_corrects_the_figures(pipeline: Pipeline, batch: Batch) -> None:
    """An order is refunded, and a line moves to another month: the one that it leaves is empty, the other is new."""
    good = pd.read_csv(io.BytesIO(batch.uploaded[f"{LANDING}good file.csv"]), dtype=str, keep_default_na=False)
    refunded = good[good.order_id == good.order_id[0]].drop_duplicates("transaction_id").assign(status="refunded")
    wrong = pd.read_csv(io.BytesIO(batch.uploaded[f"{LANDING}2026/wrong rows.csv"]), dtype=str, nrows=1)
    moved = wrong.assign(transaction_ts="2026-05-31 12:00:00")
    lines = pd.concat([refunded, moved]).assign(updated_at="2026-06-01 00:00:00")
    assert "2025-07" in pipeline.partitions()
    outcomes = pipeline.ingest({f"{LANDING}correction.csv": lines.to_csv(index=False).encode()})
    assert outcomes[f"{LANDING}correction.csv"]["rows"] == len(lines)
    execution = pipeline.transform()
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    found = _answered(pipeline.rows(json.loads(execution["output"])["kpis"]["output_location"]))
    assert "2026-05-31" in found
    assert "2025-07-04" not in found
    assert found == pipeline.kpis()
    assert "2025-07" not in pipeline.partitions()
    assert not pipeline.keys(BUCKET.format("processed"), "transactions/transaction_month=2025-07/")
    # Once more with nothing new: the same answer.
    again = pipeline.transform()
    assert _answered(pipeline.rows(json.loads(again["output"])["kpis"]["output_location"])) == found


def test_the_plan_is_empty_after_the_pipeline_ran(stack: Any, batch: Batch) -> None:
    answer = stack.laketop("plan", "--check", check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "No changes" in answer.stdout


def test_clients_read_the_same(stack: Any, pipeline: Pipeline, batch: Batch, tmp_path: Path) -> None:
    """PyAthena and awswrangler, unmodified, in an environment of their own."""
    expected = {day: [None if value is None else str(value) for value in row] for day, row in pipeline.kpis().items()}
    file = tmp_path / "expected.json"
    file.write_text(json.dumps(expected))
    own = ROOT / ".tools" / "uv" / "bin" / "uv"
    uv = os.environ.get("LAKETOP_UV") or (str(own) if own.exists() else "uv")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COVERAGE_"))} | {
        "AWS_ENDPOINT_URL": stack.settings.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "EXPECTED_KPIS": str(file),
        "UV_PROJECT_ENVIRONMENT": str(ROOT / ".tools" / "envs" / "clients"),
    }
    command = [uv, "run", "--quiet", "--locked", "--project", "tests/clients", "pytest", "-q", "tests/clients"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
