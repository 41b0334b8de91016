"""A job from the notes to the catalog, on a lake in a folder."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from lakehouse.contracts import ContractError
from lakehouse.etl import run
from lakehouse.etl.notes import BatchError
from tests.unit.jobs.etl.lake import (
    ROOT,
    TRANSACTIONS,
    Lake,
    contract_document,
    document,
    line,
    property_,
)

# PySpark leaves the sockets by which results come to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

THINGS = document([property_("id", key=True), property_("count", "int", minimum=1), property_("at", "timestamp")])


@pytest.fixture
def shop(lake: Lake) -> Lake:
    lake.deploy(contract_document("transactions"))
    return lake


def process(lake: Lake, dataset: str = "transactions") -> run.Summary:
    return run.process(lake.spark, lake.s3, lake.glue, lake.arguments(dataset))


def table(lake: Lake, dataset: str = "transactions") -> pd.DataFrame:
    """The rows of a processed table with the folder that they are in, in an order of their own."""
    frames = []
    for key in lake.objects("processed"):
        folder, _, name = key.rpartition("/")
        if folder.split("/")[0] == dataset:
            path = lake.path(f"s3://{lake.buckets['processed']}/{folder}/{name}")
            frames.append(pq.read_table(path, partitioning=None).to_pandas().assign(folder=folder))
    rows = pd.concat(frames) if frames else pd.DataFrame()
    return rows.sort_values(list(rows.columns[:1])).reset_index(drop=True) if frames else rows


def state(lake: Lake) -> tuple[Any, ...]:
    """What a run leaves, without the names of its files."""
    partitions = {"/".join(name): sorted(values) for name, values in lake.glue.partitions.items()}
    return table(lake).astype(str).to_dict("list"), lake.rejected(), partitions, sorted(lake.objects("raw"))


def jobs_of(spark: SparkSession, group: str, work: Callable[[], Any]) -> int:
    spark.sparkContext.setJobGroup(group, group)
    try:
        work()
    finally:
        spark.sparkContext.setLocalProperty("spark.jobGroup.id", None)
    return len(spark.sparkContext.statusTracker().getJobIdsForGroup(group))


def fill(lake: Lake, names: tuple[str, ...] = ("1", "2", "3")) -> None:
    """Three files, one of each format: reports of 40 transactions, later ones in any of them, and dirt."""
    rows = [
        line(
            number % 40,
            transaction_ts=f"2026-0{1 + number % 3}-01 10:00:00",
            updated_at=f"2026-04-{1 + (number + number // 40 * 5) % 28:02} 00:00:00",
            quantity="many" if number % 11 == 0 else str(1 + number % 5),
        )
        for number in range(120)
    ]
    lake.csv(TRANSACTIONS, f"{names[0]}.csv", rows[:40], extra=("short",))
    lake.jsonl(TRANSACTIONS, f"{names[1]}.jsonl.gz", [json.dumps(row) for row in rows[40:80]])
    address = lake.address("transactions", f"{names[2]}.parquet")
    pq.write_table(pa.Table.from_pylist(rows[80:]), lake.path(address))
    lake.note(address, 40, format="parquet")


def test_a_batch_of_all_formats(shop: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    fill(shop)
    summary = process(shop)
    assert (summary.rows_in, summary.rows_out + summary.rejected) == (121, 121)
    assert summary.rejected == sum(summary.reasons.values()) == len(shop.rejected())
    assert summary.reasons["MALFORMED_ROW"] == 1
    assert summary.reasons["BAD_TYPE"] == 11
    assert summary.duplicates == summary.reasons["DUPLICATE"]
    assert summary.rows_out == len(table(shop)) == 40
    assert len(summary.files) == 3
    assert summary.partitions == (("2026-01",), ("2026-02",), ("2026-03",))
    assert set(shop.glue.partitions["processed", "transactions"]) == set(summary.partitions)
    assert shop.open_notes() == []
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines() if text.startswith("{")]
    files = [item for item in lines if item["event"] == "file accounted"]
    assert [item["rows_in"] for item in files] == [41, 40, 40]
    assert all(item["rows_in"] == item["rows_out"] + item["rejected"] for item in lines)
    assert {item["run_id"] for item in lines} == {"run-1"}
    assert lines[-1]["partitions"] == ["2026-01", "2026-02", "2026-03"]


def test_order_of_arrival_does_not_matter(spark: SparkSession, tmp_path: Path) -> None:
    found = []
    # In one batch or one after the other, and whichever file comes first; no two reports of a row have one time.
    for number, names in enumerate([*itertools.permutations("123")][:3]):
        folder = tmp_path / str(number)
        folder.mkdir()
        lake = Lake(spark, folder)
        lake.deploy(contract_document("transactions"))
        fill(lake, names)
        if number == 2:
            notes = {key: lake.path(f"s3://{lake.buckets['raw']}/{key}") for key in lake.open_notes()}
            texts = {path: path.read_text() for path in notes.values()}
            for path in texts:
                path.unlink()
            for path, text in texts.items():
                path.write_text(text)
                process(lake)
        else:
            process(lake)
        found.append(table(lake))
    pd.testing.assert_frame_equal(found[0], found[1])
    pd.testing.assert_frame_equal(found[0], found[2])


def begin(lake: Lake) -> None:
    """One batch done, and a second one open in which transaction 2 moves: its month has no rows any more."""
    lake.deploy(contract_document("transactions"))
    lake.csv(TRANSACTIONS, "1.csv", [line(1), line(2, transaction_ts="2026-02-01 00:00:00")])
    process(lake)
    later = {"transaction_ts": "2026-03-01 00:00:00", "updated_at": "2026-03-02 00:00:00"}
    lake.csv(TRANSACTIONS, "2.csv", [line(2, **later), line(3, quantity="x")])


def end(lake: Lake) -> Any:
    process(lake)
    return json.loads(json.dumps(state(lake)).replace(lake.buckets["raw"], "raw"))


@pytest.fixture(scope="module")
def undisturbed(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Any:
    lake = Lake(spark, tmp_path_factory.mktemp("undisturbed"))
    begin(lake)
    left = end(lake)
    assert set(table(lake)["folder"]) == {f"transactions/transaction_month=2026-0{month}" for month in (1, 3)}
    assert [row["reason"] for row in lake.rejected()] == ["DUPLICATE", "BAD_TYPE"]
    return left


@pytest.mark.parametrize(
    "step", ["copy_object", "delete_object", "batch_create_partition", "batch_delete_partition", "write_rejected"]
)
def test_a_run_that_fails_anywhere_is_simply_repeated(
    undisturbed: Any, lake: Lake, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    begin(lake)
    break_at(lake, step, monkeypatch)
    with pytest.raises(InterruptedError, match=step):
        process(lake)
    monkeypatch.undo()
    lake.s3.hook, lake.glue.hook = lambda *_: None, lambda *_: None
    assert len(lake.open_notes()) == 1
    assert end(lake) == undisturbed


def break_at(lake: Lake, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def hook(operation: str, *_: Any) -> None:
        if operation == step:
            raise InterruptedError(step)

    lake.s3.hook = lake.glue.hook = hook
    if step == "write_rejected":
        monkeypatch.setattr(run.tables, step, lambda *_: hook(step))


def test_rows_that_are_not_as_many_as_counted_write_nothing(shop: Lake) -> None:
    note = shop.csv(TRANSACTIONS, "1.csv", [line(1), line(2)])
    shop.note(note.raw, 3)
    with pytest.raises(BatchError, match=r"1\.csv: 2 rows read, but the validator counted 3"):
        process(shop)
    assert (shop.objects("processed"), shop.objects("quarantine"), len(shop.open_notes())) == ({}, {}, 1)


def test_an_empty_batch_costs_no_spark_job(shop: Lake) -> None:
    assert jobs_of(shop.spark, "empty", lambda: process(shop)) == 0
    assert process(shop) == run.Summary("transactions", "run-1")


def test_a_batch_takes_few_spark_jobs(shop: Lake) -> None:
    rows = [line(number, transaction_ts=f"2026-0{1 + number % 6}-01 10:00:00") for number in range(500)]
    shop.csv(TRANSACTIONS, "1.csv", [*rows, line(1, quantity="x")])
    # Adaptive execution makes each shuffle a job: reading and counting 4, the table 2, the rejected rows 1.
    assert jobs_of(shop.spark, "batch", lambda: process(shop)) <= 7


def test_a_table_without_partitions(lake: Lake) -> None:
    contract = lake.deploy(THINGS)
    lake.jsonl(contract, "1.jsonl", ['{"id": "a", "count": 1}', '{"id": "b", "count": 0}'])
    summary = process(lake, "things")
    assert (summary.partitions, summary.reasons) == (((),), {"OUT_OF_RANGE": 1})
    lake.csv(contract, "2.csv", [{"id": "c", "count": "2"}, {"id": "a", "count": "3", "at": "2026-01-01 00:00:00"}])
    process(lake, "things")
    found = table(lake, "things")
    assert dict(zip(found["id"], found["count"], strict=True)) == {"a": 3, "c": 2}
    assert lake.glue.partitions == {}


def test_rejected_rows_of_before_go_when_none_are_left_and_so_do_tables(lake: Lake) -> None:
    contract = lake.deploy(THINGS)
    bucket = lake.buckets
    for key in (f"{bucket['quarantine']}/rows/things/old.json", f"{bucket['processed']}/things/old.parquet"):
        lake.path(f"s3://{key}").write_bytes(b"old")
    lake.jsonl(contract, "1.jsonl", ["[]"])
    process(lake, "things")
    assert (lake.objects("processed"), len(lake.rejected("things"))) == ({}, 1)
    lake.csv(contract, "1.jsonl", [{"id": "a"}])
    lake.note(lake.address("things", "1.jsonl"), 1, format="csv")
    process(lake, "things")
    assert (len(table(lake, "things")), lake.objects("quarantine")) == (1, {})


def test_ancient_moments_are_written_as_they_are(shop: Lake) -> None:
    shop.csv(
        TRANSACTIONS,
        "1.csv",
        [line(1, transaction_ts="0001-01-01 00:00:00"), line(2, updated_at="9999-12-31 23:59:59")],
    )
    assert process(shop).partitions == (("0001-01",), ("2026-01",))
    found = shop.spark.read.parquet(f"s3://{shop.buckets['processed']}/transactions/")
    rows = found.selectExpr(
        "cast(transaction_ts as string)", "cast(updated_at as string)", "transaction_month"
    ).collect()
    assert {tuple(row) for row in rows} == {
        ("0001-01-01 00:00:00", "2026-01-01 10:00:00", "0001-01"),
        ("2026-01-01 10:00:00", "9999-12-31 23:59:59", "2026-01"),
    }


def test_the_contract_must_be_the_datasets(lake: Lake) -> None:
    lake.deploy(THINGS)
    folder = lake.root / lake.buckets["raw"] / "contracts"
    (folder / "others.json").write_bytes((folder / "things.json").read_bytes())
    with pytest.raises(ContractError, match=r"others\.json: the contract is of 'things', not of 'others'"):
        process(lake, "others")


def test_main_processes_each_dataset_then_calls_after(shop: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    things = shop.deploy(THINGS)
    shop.csv(TRANSACTIONS, "1.csv", [line(1)])
    shop.csv(things, "1.csv", [{"id": "a"}, {"id": "b"}])
    monkeypatch.setattr(boto3, "client", lambda service: {"s3": shop.s3, "glue": shop.glue}[service])
    calls: list[Any] = []
    arguments = shop.arguments("things, transactions")
    words = ["job.py", *(word for name, value in arguments.items() for word in (f"--{name}", value))]
    for _ in range(2):
        run.main(words, after=lambda *given: calls.append(given))
    spark, s3, glue, given, summaries = calls[0]
    assert (s3, glue, given["warehouse"]) == (shop.s3, shop.glue, "s3://curated/")
    assert spark.range(1).count() == 1
    assert [(item.dataset, item.rows_out) for item in summaries] == [("things", 2), ("transactions", 1)]
    assert [item.files for item in calls[1][-1]] == [(), ()]


def test_the_template_of_a_script_is_this_repository_s_own(tmp_path: Path) -> None:
    text = (ROOT / "contracts" / "templates" / "job.py.txt").read_text().replace("{dataset}", "transactions")
    compile(text, "job.py", "exec")
    code = text[text.index("import sys") :]
    assert code == (ROOT / "jobs" / "transaction_etl.py").read_text().split('"""\n\n', 1)[1]
