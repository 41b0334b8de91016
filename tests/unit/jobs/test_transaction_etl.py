"""The script as Glue runs it: by its path, with the job's arguments."""

import runpy
import sys

import boto3
import pytest
from pyspark.sql import SparkSession

from tests.unit.jobs.etl.lake import ROOT, TRANSACTIONS, Lake, contract_document, line

# PySpark leaves the sockets by which results come to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


@pytest.fixture
def lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(spark, tmp_path_factory.mktemp("lake"))


def test_the_script_processes_its_dataset(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.deploy(contract_document("transactions"))
    lake.csv(TRANSACTIONS, "a.csv", [line(1), line(2, quantity="many")])
    arguments = [word for name, value in lake.arguments().items() for word in (f"--{name}", value)]
    monkeypatch.setattr(sys, "argv", ["transaction_etl.py", *arguments])
    monkeypatch.setattr(boto3, "client", lambda service: {"s3": lake.s3, "glue": lake.glue}[service])
    runpy.run_path(str(ROOT / "jobs" / "transaction_etl.py"), run_name="__main__")
    assert lake.open_notes() == []
    assert set(lake.glue.partitions["processed", "transactions"]) == {("2026-01",)}
    assert [row["reason"] for row in lake.rejected()] == ["BAD_TYPE"]
