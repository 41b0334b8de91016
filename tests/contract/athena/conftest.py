"""The athena server and the glue server as processes of their own, on an S3 that is not ours (moto).

Tables are Parquet files that pyarrow writes; what a query must answer is computed by pandas from the same data.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.config import Config

from tests.ports import free_ports

BUCKET = "lake"
DATABASE = "shop"
PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if httpx.get(url, trust_env=False).status_code < 400:
                return
        except httpx.TransportError:
            pass
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer:\n{log.read_text()}")


@dataclass
class Lake:
    """The three servers, and how to ask them."""

    port: int
    state: Path
    athena: Any
    glue: Any
    s3: Any
    events: Any
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, sql: str, **arguments: Any) -> str:
        arguments.setdefault("ResultConfiguration", {"OutputLocation": f"s3://{BUCKET}/results/"})
        arguments.setdefault("QueryExecutionContext", {"Database": DATABASE})
        identifier: str = self.athena.start_query_execution(QueryString=sql, **arguments)["QueryExecutionId"]
        return identifier

    def wait(self, identifier: str) -> dict[str, Any]:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            execution: dict[str, Any] = self.athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return execution
            time.sleep(0.05)
        raise TimeoutError(f"query {identifier} has not ended")

    def run(self, sql: str, **arguments: Any) -> dict[str, Any]:
        return self.wait(self.start(sql, **arguments))

    def rows(self, sql: str, **arguments: Any) -> list[tuple[str | None, ...]]:
        """The rows of a query that must succeed, without the header."""
        execution = self.run(sql, **arguments)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]["StateChangeReason"]
        pages = self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution["QueryExecutionId"])
        found = [
            tuple(value.get("VarCharValue") for value in row["Data"])
            for page in pages
            for row in page["ResultSet"]["Rows"]
        ]
        return found[1:]

    def error(self, sql: str, **arguments: Any) -> str:
        """The reason of a query that must fail."""
        execution = self.run(sql, **arguments)
        assert execution["Status"]["State"] == "FAILED", execution["Status"]["StateChangeReason"]
        reason: str = execution["Status"]["StateChangeReason"]
        return reason


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    port, state = free_ports(4), tmp_path_factory.mktemp("athena-lake")
    environment = os.environ | {
        "LAKETOP_PORT": str(port),
        "LAKETOP_STATE": str(state),
        "LAKETOP_SERVICE_KEY_ID": "AKIALAKETOP",
    }
    commands = {
        "s3": [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        "glue": [sys.executable, "-m", "laketop.glue"],
        "athena": [sys.executable, "-m", "laketop.athena"],
    }
    urls = {"s3": f"http://127.0.0.1:{port}/moto-api/", "glue": f"http://127.0.0.1:{port + 1}/health"}
    urls["athena"] = f"http://127.0.0.1:{port + 3}/health"
    processes = {}
    for name, command in commands.items():
        with (state / f"{name}.log").open("wb") as log:
            processes[name] = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        for name, process in processes.items():
            _wait(urls[name], process, state / f"{name}.log")
        lake = Lake(port, state, *(_client(name, port) for name in ("athena", "glue", "s3", "events")), processes)
        lake.s3.create_bucket(Bucket=BUCKET)
        lake.glue.create_database(DatabaseInput={"Name": DATABASE})
        yield lake
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.wait(20)


def _client(service: str, port: int) -> Any:
    offset = {"athena": 3, "glue": 1}.get(service, 0)
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{port + offset}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
        config=Config(retries={"max_attempts": 1}, proxies={}, s3={"addressing_style": "path"}),
    )


type MakeTable = Callable[..., None]


@pytest.fixture(scope="session")
def make_table(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> MakeTable:
    """Make a table of the catalog over Parquet files.

    Arguments: its name, columns {name: Hive type}, files {path under the table: pyarrow table or bytes}, partition keys
    {name: Hive type} and partitions {path: values}.
    """
    folder = tmp_path_factory.mktemp("tables")

    def make(
        name: str,
        columns: dict[str, str],
        files: dict[str, pa.Table | bytes],
        keys: dict[str, str] | None = None,
        partitions: dict[str, list[str]] | None = None,
        **more: Any,
    ) -> None:
        for path, content in files.items():
            body = content
            if not isinstance(content, bytes):
                pq.write_table(content, folder / "file.parquet")
                body = (folder / "file.parquet").read_bytes()
            # the engine reads bytes without a signature, which the lake's own store allows
            lake.s3.put_object(Bucket=BUCKET, Key=f"tables/{name}/{path}", Body=body, ACL="public-read")
        location = f"s3://{BUCKET}/tables/{name}/"
        descriptor = {"Columns": _columns(columns), "Location": location, **PARQUET}
        table = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": descriptor,
            "PartitionKeys": _columns(keys or {}),
        }
        lake.glue.create_table(DatabaseName=DATABASE, TableInput=table | more)
        for path, values in (partitions or {}).items():
            inner = {"Values": values, "StorageDescriptor": {**descriptor, "Location": f"{location}{path}"}}
            lake.glue.create_partition(DatabaseName=DATABASE, TableName=name, PartitionInput=inner)

    return make


def _columns(columns: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": type_} for name, type_ in columns.items()]
