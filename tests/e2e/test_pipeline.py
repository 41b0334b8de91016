"""Four datasets through the whole lake: from the landing prefix to Athena's answers, against pandas over the files.

One batch carries everything at first: generated rows with dirt of every kind, real sales, wrong rows and wrong files.
Then a batch that fails, one that corrects earlier rows, and one that is interrupted.
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
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.e2e import truth
from tests.e2e.pipeline import DATASETS, ROOT, Pipeline, generate

# Rows that the contract refuses: what is changed in a good row, and the reason.
WRONG_ROWS = [
    ({"quantity": "many"}, "BAD_TYPE"),
    ({"total_amount": "1.005"}, "BAD_TYPE"),
    ({"status": "lost"}, "NOT_ALLOWED"),
    ({"customer_id": ""}, "MISSING_VALUE"),
    ({"quantity": "0"}, "OUT_OF_RANGE"),
    ({"order_id": "17"}, "BAD_PATTERN"),
]
ROWS = {"transactions": 10_000, "products": 500, "clickstream": 5_000, "reviews": 1_000}
LANDING = "landing/transactions/"


def _alone(pipeline: Pipeline) -> tuple[str, str]:
    """The transaction and the customer of a row that is alone in its month."""
    return f"WRG-{pipeline.run * 10 + 1:06}", f"C-{999_999 - pipeline.run:06}"


def _wrong_rows(pipeline: Pipeline, good: bytes) -> bytes:
    """A file with a good row, alone in its month, rows that are wrong, and one that is too short."""
    first_id, customer = _alone(pipeline)
    first = next(csv.DictReader(io.StringIO(good.decode())))
    header = list(first)
    alone = {"transaction_ts": "2019-07-04 12:00:00", "updated_at": "2019-07-04 12:00:00", "customer_id": customer}
    changed = [(alone, ""), *WRONG_ROWS]
    number = int(first_id.removeprefix("WRG-"))
    rows = [
        first | {"transaction_id": f"WRG-{number + place:06}"} | changes for place, (changes, _) in enumerate(changed)
    ]
    lines = [header, *([row[name] for name in header] for row in rows), ["WRG-999999", "ORD-000001"]]
    return "".join(",".join(line) + "\n" for line in lines).encode()


@dataclass(frozen=True)
class Batch:
    """The first batch: what was uploaded, what became of it, the transform's output, and what was told of it."""

    uploaded: dict[str, bytes]
    outcomes: dict[str, dict[str, Any]]
    output: dict[str, Any]
    told: list[tuple[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def messages(pipeline: Pipeline) -> Iterator[Any]:
    """Reads what the topic of alerts has told since the last call: (subject, message)."""
    topic = pipeline.lake.arn("sns", f"{pipeline.name}-alerts")
    name = f"e2e-alerts-{uuid.uuid4().hex[:8]}"  # a name that was deleted is taken for a minute
    arn = pipeline.lake.arn("sqs", name)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    queue = pipeline.sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
    subscription = pipeline.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)

    def read() -> list[tuple[str, dict[str, Any]]]:
        found = []
        while got := pipeline.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get(
            "Messages"
        ):
            for item in got:
                body = json.loads(item["Body"])
                found.append((body.get("Subject", ""), json.loads(body["Message"])))
                pipeline.sqs.delete_message(QueueUrl=queue, ReceiptHandle=item["ReceiptHandle"])
        return found

    yield read
    pipeline.sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    pipeline.sqs.delete_queue(QueueUrl=queue)


@pytest.fixture(scope="module")
def batch(pipeline: Pipeline, messages: Any, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    tmp = tmp_path_factory.mktemp("batch")
    seed = ("--seed", pipeline.seed(7))
    dirty = (*seed, "--defects", "0.04")
    good = generate(tmp, "transactions", "csv", ROWS["transactions"], *dirty)
    cdnow = tmp / "cdnow.csv"
    subprocess.run([sys.executable, str(ROOT / "generators" / "map_cdnow.py"), "--output", str(cdnow)], check=True)
    clean = generate(tmp / "clean", "transactions", "csv", 10, "--seed", pipeline.seed(8))
    uploaded = {
        f"{LANDING}good file.csv": good,
        f"{LANDING}2026/wrong rows.csv": _wrong_rows(pipeline, clean),
        f"{LANDING}cdnow.csv.gz": gzip.compress(cdnow.read_bytes(), mtime=pipeline.run),
        "landing/products/catalogue.csv": generate(tmp, "products", "csv", ROWS["products"], *dirty),
        "landing/clickstream/clicks.parquet": generate(tmp, "clickstream", "parquet", ROWS["clickstream"], *seed),
        "landing/reviews/reviews.jsonl": generate(tmp, "reviews", "jsonl", ROWS["reviews"], *dirty),
        f"{LANDING}wrong-header.csv": good.replace(b"quantity", b"amount", 1),
        f"{LANDING}empty.csv": b"",
        f"{LANDING}truncated.csv.gz": gzip.compress(good)[:-2000],
        "landing/unheard-of/file.csv": good,
    }
    outcomes = pipeline.ingest(uploaded)
    return Batch(uploaded, outcomes, pipeline.transformed(), messages())


def kept(pipeline: Pipeline, dataset: str) -> pd.DataFrame:
    return truth.kept(dataset, pipeline.raw_files(dataset))


def _number(text: str) -> Any:
    return Decimal(text) if text else None


def test_every_file_has_one_outcome(batch: Batch) -> None:
    found = {key: (out["outcome"], out.get("reason", {}).get("code")) for key, out in batch.outcomes.items()}
    assert found == {
        f"{LANDING}good file.csv": ("accepted", None),
        f"{LANDING}2026/wrong rows.csv": ("accepted", None),
        f"{LANDING}cdnow.csv.gz": ("accepted", None),
        "landing/products/catalogue.csv": ("accepted", None),
        "landing/clickstream/clicks.parquet": ("accepted", None),
        "landing/reviews/reviews.jsonl": ("accepted", None),
        f"{LANDING}wrong-header.csv": ("quarantined", "WRONG_HEADER"),
        f"{LANDING}empty.csv": ("quarantined", "EMPTY_FILE"),
        f"{LANDING}truncated.csv.gz": ("quarantined", "UNREADABLE_GZIP"),
        "landing/unheard-of/file.csv": ("quarantined", "UNKNOWN_DATASET"),
    }
    assert batch.outcomes[f"{LANDING}cdnow.csv.gz"]["rows"] == 6919


def test_no_byte_is_lost(pipeline: Pipeline, batch: Batch) -> None:
    for key, outcome in batch.outcomes.items():
        assert pipeline.object(outcome.get("raw") or outcome["quarantine"]) == batch.uploaded[key], key
    assert pipeline.keys(pipeline.raw, "landing/") == []


def test_quarantined_files_have_their_reason_beside_them(pipeline: Pipeline, batch: Batch) -> None:
    for key, outcome in batch.outcomes.items():
        if outcome["outcome"] == "quarantined":
            reason = json.loads(pipeline.object(f"{outcome['quarantine']}.reason.json"))
            assert {name: reason[name] for name in ("code", "message", "details")} == outcome["reason"]
            assert reason["landing"] == f"s3://{pipeline.raw}/{key}"
            assert reason["execution"] in pipeline.executions("ingest")


def test_people_are_told(batch: Batch) -> None:
    told = [subject for subject, _ in batch.told if not subject.startswith(("ALARM", "OK"))]  # other tests' doing
    subjects = Counter(subject.partition(": ")[2] for subject in told)
    assert subjects == {"file quarantined": 4, "batch transformed": 1}
    codes = {message["reason"]["code"] for subject, message in batch.told if "quarantined" in subject}
    assert codes == {"WRONG_HEADER", "EMPTY_FILE", "UNREADABLE_GZIP", "UNKNOWN_DATASET"}


@pytest.mark.parametrize("dataset", DATASETS)
def test_rows_read_are_rows_written_and_rejected_per_file_and_reason(
    pipeline: Pipeline, batch: Batch, dataset: str
) -> None:
    judged = truth.judged(dataset, pipeline.raw_files(dataset))
    rejected = Counter((row["source_file"], row["reason"]) for row in pipeline.rejected(dataset))
    wrong = judged[judged._reason.notna()]
    assert rejected == Counter(zip(wrong._file, wrong._reason, strict=True))
    assert pipeline.count(dataset) + rejected.total() == len(judged)


def test_the_processed_rows_are_those_of_pandas(pipeline: Pipeline, batch: Batch) -> None:
    rows = pipeline.query(
        "SELECT transaction_id, status, total_amount, transaction_month FROM transactions", (), pipeline.processed_db
    )
    expected = kept(pipeline, "transactions")
    assert {
        (row["transaction_id"], row["status"], row["total_amount"], row["transaction_month"]) for row in rows
    } == set(
        zip(
            expected.transaction_id,
            expected.status,
            expected.total_amount,
            expected.transaction_ts.str[:7],
            strict=True,
        )
    )


def _kpis(rows: list[dict[str, str]]) -> dict[str, tuple[Any, ...]]:
    """The daily figures as Athena wrote them, in the form of `truth.daily_kpis`."""
    names = (
        "orders", "customers", "new_customers", "units", "revenue", "average_order_value", "refunded_lines",
        "refunded_amount", "cancelled_lines", "sessions", "sessions_with_purchase",
    )  # fmt: skip
    return {row["day"]: tuple(_number(row[name]) for name in names) for row in rows}


def expected_kpis(pipeline: Pipeline) -> dict[str, tuple[Any, ...]]:
    return truth.daily_kpis(kept(pipeline, "transactions"), kept(pipeline, "clickstream"))


def test_daily_kpis_are_those_of_pandas(pipeline: Pipeline, batch: Batch) -> None:
    rows = pipeline.named_query("daily_kpis", "'1990-01-01'", "'2030-01-01'")
    days = [row["day"] for row in rows]
    assert days == sorted(set(days))
    assert _kpis(rows) == expected_kpis(pipeline)
    january = pipeline.named_query("daily_kpis", "'2026-01-05'", "'2026-01-07'")
    assert [row["day"] for row in january] == ["2026-01-05", "2026-01-06", "2026-01-07"]


def test_top_products_are_those_of_pandas(pipeline: Pipeline, batch: Batch) -> None:
    rows = pipeline.named_query("top_products", "'2026-01-01'", "'2026-01-15'", "'all'", "10")
    found = [(row["product_id"], int(row["units"]), Decimal(row["revenue"])) for row in rows]
    assert found == truth.top_products(kept(pipeline, "transactions"), "2026-01-01", "2026-01-15", 10)
    categories = {row["product_id"]: row["category"] for row in rows}
    catalogue = kept(pipeline, "products").set_index("product_id").category
    assert categories == {name: catalogue.get(name, "") for name in categories}
    everything = pipeline.query("SELECT product_id, units, revenue FROM top_products WHERE place <= 25 ORDER BY place")
    assert [
        (row["product_id"], int(row["units"]), Decimal(row["revenue"])) for row in everything
    ] == truth.top_products(kept(pipeline, "transactions"), "0", "9", 25)


def test_the_funnel_is_that_of_pandas(pipeline: Pipeline, batch: Batch) -> None:
    rows = pipeline.named_query("conversion_funnel", "'1990-01-01'", "'2030-01-01'")
    steps = ("sessions", "product_views", "carts", "checkouts", "purchases")
    found = {(row["device"], row["source"]): tuple(int(row[step]) for step in steps) for row in rows}
    assert found == truth.funnel(kept(pipeline, "clickstream"))
    assert all(list(counts) == sorted(counts, reverse=True) for counts in found.values())


def test_customer_values_are_those_of_pandas(pipeline: Pipeline, batch: Batch) -> None:
    expected = truth.customer_values(kept(pipeline, "transactions"))
    rows = pipeline.query("SELECT * FROM customer_ltv")
    found = {
        row["customer_id"]: (
            row["cohort"], int(row["orders"]), Decimal(row["revenue"]), int(row["recency_days"]),
            int(row["r_score"]), int(row["f_score"]), int(row["m_score"]),
        )
        for row in rows
    }  # fmt: skip
    names = ("cohort", "orders", "revenue", "recency", "r", "f", "m")
    assert found == {customer: tuple(row[name] for name in names) for customer, row in expected.items()}
    for row in rows:
        assert float(row["predicted_ltv_12_months"]) == pytest.approx(
            expected[row["customer_id"]]["predicted"], abs=0.006
        )
    best = pipeline.named_query("customer_ltv", "5")
    assert len(best) == 5
    assert [row["customer_id"] for row in best] == [
        row["customer_id"]
        for row in sorted(rows, key=lambda row: (-Decimal(row["predicted_ltv_12_months"]), row["customer_id"]))[:5]
    ]


def test_cohorts_are_those_of_pandas(pipeline: Pipeline, batch: Batch) -> None:
    lines = truth.sales(kept(pipeline, "transactions"))
    sold = lines[lines.status == "completed"].assign(month=lines.day.str[:7])
    sold["cohort"] = sold.groupby("customer_id").month.transform("min")
    groups = sold.groupby(["cohort", "month"]).agg(
        customers=("customer_id", "nunique"), revenue=("amount", truth.total)
    )
    expected = {key: (row.customers, row.revenue) for key, row in groups.iterrows()}
    found = {}
    for row in pipeline.query("SELECT * FROM customer_cohorts"):
        year, month = map(int, row["cohort"].split("-"))
        later = year * 12 + month - 1 + int(row["months_since"])
        key = (row["cohort"], f"{later // 12:04}-{later % 12 + 1:02}")
        found[key] = (int(row["customers"]), Decimal(row["revenue"]))
    assert found == expected


def test_real_sales_daily_revenue_is_that_of_the_published_file(pipeline: Pipeline, batch: Batch) -> None:
    files = importlib.metadata.files("lifetimes") or ()
    path = next(file for file in files if file.name == "CDNOW_sample.txt").locate()
    sales = pd.read_csv(path, sep=r"\s+", names=["id", "sample", "day", "discs", "dollars"], dtype=str)
    expected = sales.dollars.map(Decimal).groupby(sales.day).sum().to_dict()
    rows = pipeline.query(
        "SELECT transaction_date, sum(total_amount) AS revenue FROM transactions "
        "WHERE transaction_month BETWEEN '1997-01' AND '1998-06' GROUP BY transaction_date",
        (),
        pipeline.processed_db,
    )
    assert {row["transaction_date"].replace("-", ""): Decimal(row["revenue"]) for row in rows} == expected
    assert len(expected) == 545


def test_the_zones_agree(pipeline: Pipeline, batch: Batch) -> None:
    controls = pipeline.query("SELECT * FROM reconciliation")
    assert {row["control"] for row in controls if row["agrees"] == "true"} == {
        "orders", "quantity", "revenue", "revenue by product", "events in sessions", "reviews", "customers", "products",
    }  # fmt: skip
    assert len(controls) == 8
    revenue = next(row for row in controls if row["control"] == "revenue")
    lines = truth.sales(kept(pipeline, "transactions"))
    assert Decimal(revenue["curated"]) == truth.total(lines[lines.status == "completed"].amount)
    assert pipeline.named_query("reconciliation") == []


def test_quality_is_what_pandas_finds(pipeline: Pipeline, batch: Batch) -> None:
    found = [row for row in pipeline.query("SELECT * FROM data_quality") if row["dataset"] in DATASETS]
    rows = {(row["dataset"], row["rule"]): row for row in found}
    assert {dataset for dataset, _ in rows} == set(DATASETS)
    for row in rows.values():
        if row["dimension"] in ("completeness", "uniqueness", "validity") and row["severity"] == "error":
            assert (row["passed"], float(row["observed"])) == ("true", 0.0)
        assert int(row["rows_checked"]) == len(kept(pipeline, row["dataset"]))
    assert pipeline.count("transactions") == int(rows["transactions", "volume"]["rows_checked"])


def check_references(pipeline: Pipeline) -> None:
    """The share of rows whose product or order nobody knows, as the quality rules tell it."""
    rows = {(row["dataset"], row["rule"]): row for row in pipeline.query("SELECT * FROM data_quality")}
    known = {
        "product_is_known": ("product_id", set(kept(pipeline, "products").product_id)),
        "order_is_known": ("order_id", set(kept(pipeline, "transactions").order_id)),
    }
    ruled = [key for key in rows if key[1] in known]
    assert len(ruled) == 4
    for dataset, rule in ruled:
        column, values = known[rule]
        frame = kept(pipeline, dataset)
        orphans = frame[(frame[column] != "") & ~frame[column].isin(values)]
        share = 100 * len(orphans) / len(frame)
        assert float(rows[dataset, rule]["observed"]) == pytest.approx(share)
        assert (rows[dataset, rule]["passed"] == "true") == (share <= 5)


def test_the_run_is_written_down_with_its_steps(pipeline: Pipeline, batch: Batch) -> None:
    rows = [
        row for row in pipeline.named_query("pipeline_runs", "100") if row["run_id"] == batch.output["batch"]["run_id"]
    ]
    assert (rows[0]["step"], rows[0]["state"], rows[0]["error"]) == ("(run)", "SUCCEEDED", "")
    steps = [row["step"] for row in rows[1:]]
    assert steps[0] == "Open"
    assert {step for step in steps if step.startswith("Check[")} == {f"Check[{dataset}]" for dataset in DATASETS}
    assert len([step for step in steps if step.startswith("RawToProcessed[")]) == 3
    assert "MergeMasterData" in steps
    assert {row["state"] for row in rows} == {"SUCCEEDED"}
    assert all(float(row["seconds"]) >= 0 for row in rows)


def test_a_dimension_has_one_current_version_of_each_key(pipeline: Pipeline, batch: Batch) -> None:
    for table, key, dataset in (
        ("customer_360", "customer_id", "transactions"),
        ("product_360", "product_id", "products"),
    ):
        current = pipeline.query(f"SELECT {key}, count(*) AS n FROM {table} WHERE is_current GROUP BY {key}")
        assert {row[key] for row in current} == set(kept(pipeline, dataset)[key])
        assert {row["n"] for row in current} == {"1"}


def test_types_are_those_of_the_contract(pipeline: Pipeline, batch: Batch) -> None:
    for dataset in DATASETS:
        table = pipeline.glue.get_table(DatabaseName=pipeline.processed_db, Name=dataset)["Table"]
        columns = [*table["StorageDescriptor"]["Columns"], *table["PartitionKeys"]]
        properties = truth.contract(dataset)["schema"][0]["properties"]
        assert {column["Name"]: column["Type"] for column in columns} == {
            item["name"]: item["physicalType"] for item in properties
        }


def test_a_broken_batch_fails_loudly_and_says_where(pipeline: Pipeline, batch: Batch, messages: Any) -> None:
    before = pipeline.count("transactions")
    key = "batches/transactions/open/broken.json"
    broken = {"raw": f"s3://{pipeline.raw}/transactions/ingest_date=2026-01-01/gone.csv", "rows": 1, "format": "csv"}
    pipeline.s3.put_object(Bucket=pipeline.raw, Key=key, Body=json.dumps(broken))
    try:
        execution = pipeline.transform()
    finally:
        pipeline.s3.delete_object(Bucket=pipeline.raw, Key=key)
    assert (execution["status"], execution["error"]) == ("FAILED", "TransformFailed")
    assert execution["cause"].startswith("Datasets: ")
    assert "gone.csv" in execution["cause"]
    told = list(messages())
    deadline = time.monotonic() + 20
    while len(told) < 3 and time.monotonic() < deadline:
        told += messages()
    message = next(body for subject, body in told if subject == f"{pipeline.name}: transform failed")
    assert (message["step"], message["execution"]) == ("Datasets", execution["executionArn"])
    assert "gone.csv" in json.dumps(message["error"])
    # what the rules tell, whoever started the job or the execution
    ruled = [body for subject, body in told if not subject]
    assert [body["job"] for body in ruled if "job" in body] == [f"{pipeline.name}-transaction-etl"]
    assert [body["execution"] for body in ruled if "execution" in body] == [execution["executionArn"]]
    assert pipeline.count("transactions") == before
    run = execution["executionArn"].rpartition(":")[2]
    rows = [row for row in pipeline.named_query("pipeline_runs", "100") if row["run_id"] == run]
    assert (rows[0]["step"], rows[0]["state"]) == ("(run)", "FAILED")
    assert "gone.csv" in rows[0]["error"]


def test_a_later_report_corrects_the_figures(pipeline: Pipeline, batch: Batch) -> None:
    """An order is refunded, and a line moves to another month: the one that it leaves is empty, the other is new."""
    good = pd.read_csv(io.BytesIO(batch.uploaded[f"{LANDING}good file.csv"]), dtype=str, keep_default_na=False)
    sound = kept(pipeline, "transactions")
    order = next(order for order in good.order_id if order in set(sound[sound.status == "completed"].order_id))
    header = list(good.columns)
    refunded = sound[sound.order_id == order][header].assign(status="refunded")
    moved = sound[sound.transaction_id == _alone(pipeline)[0]][header].assign(transaction_ts="2026-05-31 12:00:00")
    lines = pd.concat([refunded, moved]).assign(updated_at="2026-06-01 00:00:00")
    assert pipeline.keys(pipeline.processed, "transactions/transaction_month=2019-07/")
    outcomes = pipeline.ingest({f"{LANDING}correction.csv": lines.to_csv(index=False).encode()})
    assert outcomes[f"{LANDING}correction.csv"]["rows"] == len(lines)
    pipeline.transformed()
    found = _kpis(pipeline.named_query("daily_kpis", "'1990-01-01'", "'2030-01-01'"))
    assert "2026-05-31" in found
    assert "2019-07-04" not in found
    assert found == expected_kpis(pipeline)
    months = pipeline.glue.get_partitions(DatabaseName=pipeline.processed_db, TableName="transactions")["Partitions"]
    assert ["2019-07"] not in [partition["Values"] for partition in months]
    assert not pipeline.keys(pipeline.processed, "transactions/transaction_month=2019-07/")
    history = pipeline.query(
        "SELECT is_current, open_end FROM (SELECT is_current, valid_to IS NULL AS open_end "
        f"FROM customer_360 WHERE customer_id = '{moved.customer_id.iloc[0]}')"
    )
    assert sorted((row["is_current"], row["open_end"]) for row in history) == [
        ("false", "false"),
        ("true", "true"),
    ]


def test_run_again_with_nothing_new_changes_nothing(pipeline: Pipeline, batch: Batch) -> None:
    before = {table: pipeline.curated(table) for table in ("customer_360", "product_360", "daily_sales", "sessions")}
    control = json.loads(pipeline.object(f"s3://{pipeline.raw}/control/transform.json"))
    pipeline.s3.put_object(
        Bucket=pipeline.raw, Key="control/transform.json", Body=json.dumps(control | {"datasets": list(DATASETS)})
    )
    output = pipeline.transformed()
    assert output["batch"]["taken_up"] == list(DATASETS)
    assert {table: pipeline.curated(table) for table in before} == before
    # now that all datasets are there before any check
    check_references(pipeline)


def test_the_plan_is_empty_after_the_pipeline_ran(stack: Any, batch: Batch) -> None:
    answer = stack.laketop("plan", "--env", stack.env, "--check", check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "No changes" in answer.stdout


@pytest.mark.local
def test_clients_read_the_same(stack: Any, pipeline: Pipeline, batch: Batch, tmp_path: Path) -> None:
    """PyAthena and awswrangler, unmodified, in an environment of their own."""
    asked = (0, 1, 3, 4, 5, 6, 7, 8)  # without new customers and sessions
    kpis = {day: [row[place] for place in asked] for day, row in expected_kpis(pipeline).items()}
    file = tmp_path / "expected.json"
    file.write_text(
        json.dumps({day: [None if value is None else str(value) for value in row] for day, row in kpis.items()})
    )
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
