"""What `glue_helper` does on any Glue: run on a mock by tests/unit, on the lake's own by tests/contract."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakehouse import glue_helper
from tests.contract.lakehouse.clients import Clients


def make_table(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "shop"})
    glue.create_table(
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


@pytest.fixture
def glue(clients: Clients) -> Any:
    make_table(clients.glue)
    yield clients.glue
    clients.glue.delete_database(Name="shop")


def locations(glue: Any) -> dict[str, str]:
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName="shop", TableName="sales")
    return {
        partition["Values"][0]: partition["StorageDescriptor"]["Location"]
        for page in pages
        for partition in page["Partitions"]
    }


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


def test_a_run_to_its_end(clients: Clients) -> None:
    states: list[str] = []
    result = glue_helper.run_job(clients.glue, clients.job, {"day": "2026-01-31", "--b": "x"}, on_state=states.append)
    assert (result.job, result.state, result.error) == (clients.job, "SUCCEEDED", None)
    assert result.seconds >= 0
    assert states[-1] == "SUCCEEDED"
    run = clients.glue.get_job_run(JobName=clients.job, RunId=result.id)["JobRun"]
    assert run["Arguments"] == {"--day": "2026-01-31", "--b": "x"}
    assert glue_helper.last_error(clients.glue, clients.job) is None


def test_no_such_job(clients: Clients) -> None:
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        glue_helper.run_job(clients.glue, "no-such-job")
