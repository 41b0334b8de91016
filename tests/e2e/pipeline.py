"""The pipeline of an environment, by AWS's APIs alone: files in, executions, queries out."""

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DATASETS = ("clickstream", "products", "reviews", "transactions")
# seconds for one execution: here a cold Spark driver on a busy machine takes a minute, on AWS one for each of the jobs
WAIT = 900 if "LAKETOP_E2E_ENV" in os.environ else 300
RUNS = 9_999  # a generator takes seeds of five digits


def generate(folder: Path, dataset: str, suffix: str, rows: int, *options: str) -> bytes:
    """A generator's file, made by running it as a program."""
    folder.mkdir(parents=True, exist_ok=True)
    script, target = ROOT / "generators" / f"generate_{dataset}.py", folder / f"{dataset}.{suffix}"
    command = [sys.executable, str(script), "--rows", str(rows), "--quiet", "--output", str(target), *options]
    subprocess.run(command, check=True, capture_output=True)
    return target.read_bytes()


@dataclass
class Pipeline:
    """What a team would do with its lake.

    Attributes:
        lake: the environment under test.
        run: a number of these tests: an environment that has seen them before takes the same file for a duplicate.
    """

    lake: Any
    run: int = 0
    _contents: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name, self.work_group = self.lake.name, self.lake.name
        self.raw, self.quarantine, self.processed = map(self.lake.bucket, ("raw", "quarantine", "processed"))
        self.processed_db, self.curated_db = map(self.lake.database, ("processed", "curated"))
        if not self.lake.fresh:
            self.run = 1 + int(time.time()) // 60 % (RUNS - 1)
        for service in ("s3", "stepfunctions", "events", "athena", "glue", "sqs", "sns"):
            setattr(self, service, self.lake.client(service))
        self.machines = {
            name: self.lake.arn("states", f"stateMachine:{self.name}-{name}") for name in ("ingest", "transform")
        }

    def seed(self, number: int) -> str:
        """The seed of a generator, for a digit: another one in another run of the tests."""
        assert number < 10
        return str(10 * self.run + number)

    def executions(self, machine: str) -> set[str]:
        pages = self.stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=self.machines[machine])
        return {item["executionArn"] for page in pages for item in page["executions"]}

    def ended(self, machine: str, known: set[str], count: int) -> list[dict[str, Any]]:
        """Wait until `count` executions that are not in `known` have ended; there must not be more."""
        began = time.monotonic()
        found: dict[str, dict[str, Any]] = {}
        while True:
            for arn in self.executions(machine) - known:
                if found.get(arn, {"status": "RUNNING"})["status"] == "RUNNING":
                    found[arn] = self.stepfunctions.describe_execution(executionArn=arn)
            if len(found) >= count and all(item["status"] != "RUNNING" for item in found.values()):
                assert len(found) == count
                return list(found.values())
            states = Counter(item["status"] for item in found.values())
            assert time.monotonic() - began < WAIT, f"{machine}: {states} of {count} executions"
            time.sleep(0.3)

    def upload(self, files: Mapping[str, bytes]) -> None:
        for key, content in files.items():
            self.s3.put_object(Bucket=self.raw, Key=key, Body=content)

    def ingest(self, files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
        """Upload files below landing/, and return what became of each: key → output of its execution."""
        known = self.executions("ingest")
        self.upload(files)
        return self.ingested(files, known)

    def ingested(
        self, files: Mapping[str, bytes], known: set[str], count: int | None = None
    ) -> dict[str, dict[str, Any]]:
        """What became of uploaded files: key → output of its execution, of several of the one that moved it."""
        ended = self.ended("ingest", known, len(files) if count is None else count)
        assert {item["status"] for item in ended} == {"SUCCEEDED"}, [item.get("cause") for item in ended]
        outputs = sorted((json.loads(item["output"]) for item in ended), key=lambda out: out["outcome"] != "absent")
        return {output["key"]: output for output in outputs}

    def raw_files(self, dataset: str) -> dict[str, bytes]:
        """The files of a dataset in the raw zone, whoever brought them: address → content."""
        found = [f"s3://{self.raw}/{key}" for key in self.keys(self.raw, f"{dataset}/")]
        return {address: self._content(address) for address in found}

    def _content(self, address: str) -> bytes:
        if address not in self._contents:
            self._contents[address] = self.object(address)
        return self._contents[address]

    def ready(self) -> None:
        """Say that the batch is ready."""
        entry = {"Source": f"{self.name}.pipeline", "DetailType": "Batch Ready", "Detail": json.dumps({"test": "e2e"})}
        assert self.events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    def transform(self) -> dict[str, Any]:
        """Say that the batch is ready, and return the execution when it has ended."""
        known = self.executions("transform")
        self.ready()
        return self.ended("transform", known, 1)[0]

    def transformed(self) -> dict[str, Any]:
        """The output of a transform that must succeed."""
        execution = self.transform()
        assert execution["status"] == "SUCCEEDED", execution.get("cause")
        return json.loads(execution["output"])

    def object(self, address: str) -> bytes:
        bucket, _, key = address.removeprefix("s3://").partition("/")
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", ())]

    def query(self, sql: str, parameters: Iterable[str] = (), database: str | None = None) -> list[dict[str, str]]:
        """The rows of a query, from its result file in S3; NULL is the empty string."""
        more = {"ExecutionParameters": list(parameters)} if parameters else {}
        context = {"Database": database or self.curated_db}
        asked = self.athena.start_query_execution(
            QueryString=sql, QueryExecutionContext=context, WorkGroup=self.work_group, **more
        )
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=asked["QueryExecutionId"])["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.1)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        text = self.object(execution["ResultConfiguration"]["OutputLocation"]).decode()
        return list(csv.DictReader(io.StringIO(text)))

    def named_query(self, name: str, *parameters: str) -> list[dict[str, str]]:
        """The rows of a named query; parameters are SQL literals."""
        ids = self.athena.list_named_queries(WorkGroup=self.work_group)["NamedQueryIds"]
        found = self.athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"]
        query = next(item for item in found if item["Name"] == name)
        return self.query(query["QueryString"], parameters, query["Database"])

    def count(self, dataset: str) -> int:
        return int(self.query(f"SELECT count(*) AS n FROM {self.processed_db}.{dataset}")[0]["n"])

    def rejected(self, dataset: str) -> list[dict[str, Any]]:
        """All rejected rows of a dataset."""
        keys = [key for key in self.keys(self.quarantine, f"rows/{dataset}/") if key.endswith(".json")]
        lines = [line for key in keys for line in self.object(f"s3://{self.quarantine}/{key}").splitlines()]
        return [json.loads(line) for line in lines]

    def curated(self, table: str, *, but: Iterable[str] = ()) -> list[tuple[tuple[str, str], ...]]:
        """The rows of a curated table in a fixed order, without the columns `but`."""
        rows = self.query(f"SELECT * FROM {table}")
        return sorted(tuple((name, value) for name, value in row.items() if name not in but) for row in rows)
