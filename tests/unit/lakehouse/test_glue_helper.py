from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lakehouse import glue_helper


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("glue", region_name="us-east-1")
        client.create_database(DatabaseInput={"Name": "shop"})
        client.create_table(
            DatabaseName="shop",
            TableInput={
                "Name": "sales",
                "PartitionKeys": [{"Name": "day", "Type": "date"}],
                "StorageDescriptor": {
                    "Columns": [{"Name": "id", "Type": "string"}],
                    "Location": "s3://lake/sales/",
                    "SerdeInfo": {"SerializationLibrary": "serde"},
                },
            },
        )
        yield client


def locations(glue: Any) -> dict[str, str]:
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName="shop", TableName="sales")
    return {
        partition["Values"][0]: partition["StorageDescriptor"]["Location"]
        for page in pages
        for partition in page["Partitions"]
    }


def test_partition_path() -> None:
    assert glue_helper.partition_path(["year", "month"], ["2026", "01"]) == "year=2026/month=01/"
    with pytest.raises(ValueError, match="shorter"):
        glue_helper.partition_path(["year", "month"], ["2026"])


def test_partitions_lie_below_the_table_and_keep_its_serde(glue: Any) -> None:
    assert glue_helper.add_partitions(glue, "shop", "sales", [["2026-01-01"], ["2026-01-02"]]) == 2
    assert locations(glue) == {
        "2026-01-01": "s3://lake/sales/day=2026-01-01/",
        "2026-01-02": "s3://lake/sales/day=2026-01-02/",
    }
    found = glue.get_partition(DatabaseName="shop", TableName="sales", PartitionValues=["2026-01-01"])["Partition"]
    assert found["StorageDescriptor"]["SerdeInfo"] == {"SerializationLibrary": "serde"}
    assert found["StorageDescriptor"]["Columns"] == [{"Name": "id", "Type": "string"}]


def test_again_adds_nothing(glue: Any) -> None:
    glue_helper.add_partitions(glue, "shop", "sales", [["2026-01-01"]])
    assert glue_helper.add_partitions(glue, "shop", "sales", [["2026-01-01"], ["2026-01-02"]]) == 1


def test_more_than_one_request_takes(glue: Any) -> None:
    days = [[f"day-{number:03}"] for number in range(205)]
    assert glue_helper.add_partitions(glue, "shop", "sales", days) == 205
    glue_helper.remove_partitions(glue, "shop", "sales", days[:60])
    assert sorted(locations(glue)) == [day for (day,) in days[60:]]


def test_removing_what_is_not_there_is_no_error(glue: Any) -> None:
    glue_helper.remove_partitions(glue, "shop", "sales", [["2026-01-01"]])


def test_another_refusal_is_an_error() -> None:
    detail = {"ErrorCode": "ResourceNumberLimitExceededException", "ErrorMessage": "too many"}

    class Full:
        """Answers as Glue does when the account's limit of partitions is reached."""

        def get_table(self, **_: Any) -> Any:
            return {"Table": {"PartitionKeys": [{"Name": "day"}], "StorageDescriptor": {"Location": "s3://lake/s"}}}

        def batch_create_partition(self, **_: Any) -> Any:
            return {"Errors": [{"PartitionValues": ["2026-01-01"], "ErrorDetail": detail}]}

    with pytest.raises(RuntimeError, match=r"sales, partition 2026-01-01: ResourceNumberLimit.*: too many"):
        glue_helper.add_partitions(Full(), "shop", "sales", [["2026-01-01"]])  # type: ignore[arg-type]
