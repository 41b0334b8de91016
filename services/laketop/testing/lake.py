"""What a test does with a lake: its buckets, tables, queries and jobs, with names that no other test has."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from laketop.settings import Settings
from laketop.stack import clients, query
from laketop.stack.messages import StackError
from laketop.testing import jobs
from laketop.testing.jobs import JobRun
from laketop.testing.values import literal, read

# "CREATE TABLE" of the Athena User Guide, STORED AS PARQUET.
_PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}
_LONGEST = 24  # of what a name takes from a test's: a bucket's has 63 characters at most


class QueryFailedError(RuntimeError):
    """A query failed or was refused; the message has Athena's reason and the query.

    Attributes:
        reason: Athena's words.
        query: the statement.
    """

    def __init__(self, reason: str, statement: str) -> None:
        super().__init__(f"{reason}\n\n{statement.strip()}")
        self.reason, self.query = reason, statement


class Lake:
    """A running lake, as one test sees it: what it makes here begins with a name of its own.

    Args:
        settings: where the lake is.
        label: what the names begin with, e.g. the test's name; a random ending makes them unique.

    Attributes:
        settings: as given.
        name: lower-case letters, digits and hyphens, 33 at most.
    """

    def __init__(self, settings: Settings, label: str = "test") -> None:
        self.settings = settings
        slug = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:_LONGEST].strip("-") or "test"
        self.name = f"{slug}-{secrets.token_hex(4)}"
        self._clients: dict[str, Any] = {}
        self._buckets: dict[str, str] = {}

    @property
    def endpoint(self) -> str:
        """The URL that every AWS client uses."""
        return self.settings.endpoint

    @property
    def state(self) -> Path:
        """The folder of everything that the lake holds; its logs are in `logs`."""
        return self.settings.state

    @property
    def environment(self) -> dict[str, str]:
        """The environment of this process with the lake's endpoint and credentials in place of a person's own."""
        return clients.aws_environment(self.settings)

    def client(self, service: str) -> Any:
        """A boto3 client of a service, e.g. `stepfunctions`; the same at every call."""
        if service not in self._clients:
            self._clients[service] = clients.client(self.settings, service)
        return self._clients[service]

    @property
    def s3(self) -> Any:
        """A boto3 client of S3."""
        return self.client("s3")

    @property
    def athena(self) -> Any:
        """A boto3 client of Athena."""
        return self.client("athena")

    @property
    def glue(self) -> Any:
        """A boto3 client of Glue."""
        return self.client("glue")

    def bucket(self, name: str = "data") -> str:
        """The name of this test's bucket `name`, which is made at the first call."""
        if name not in self._buckets:
            full = f"{self.name}-{name}"
            self.s3.create_bucket(Bucket=full)
            self._buckets[name] = full
        return self._buckets[name]

    @cached_property
    def database(self) -> str:
        """The name of this test's Glue database, which is made at the first use."""
        name = self.name.replace("-", "_")
        self.glue.create_database(DatabaseInput={"Name": name})
        return name

    @cached_property
    def work_group(self) -> str:
        """The name of this test's Athena work group, which is made at the first use."""
        configuration = {
            "ResultConfiguration": {"OutputLocation": f"s3://{self.bucket('results')}/"},
            "EnforceWorkGroupConfiguration": False,  # else CREATE TABLE AS may not say where its files go
        }
        self.athena.create_work_group(Name=self.name, Configuration=configuration)
        return self.name

    @cached_property
    def role(self) -> str:
        """The ARN of the role of this test's jobs, which is made at the first use."""
        return jobs.make_role(self.client("iam"), f"{self.name}-glue")

    def upload(self, source: Path | str | bytes, key: str, bucket: str | None = None) -> str:
        """Put an object on S3.

        Args:
            source: a file's path, or the content as text or bytes.
            key: the object's key.
            bucket: the bucket; `lake.bucket()` where there is none.

        Returns:
            the object's address, s3://bucket/key.
        """
        bucket = bucket or self.bucket()
        body = source.read_bytes() if isinstance(source, Path) else source
        self.s3.put_object(Bucket=bucket, Key=key, Body=body)
        return f"s3://{bucket}/{key}"

    def table(
        self,
        name: str,
        columns: Mapping[str, str],
        location: str,
        partitions: Mapping[str, str] | None = None,
        database: str | None = None,
    ) -> str:
        """Make an external table over Parquet files.

        Args:
            name: the table's name.
            columns: column → type in Hive's words, e.g. `bigint`, `decimal(10,2)`.
            location: the folder of its files, s3://…
            partitions: the columns that are folders; add theirs by `ALTER TABLE … ADD PARTITION`.
            database: the Glue database; `lake.database` where there is none.

        Returns:
            the table's name with its database.
        """
        database = database or self.database
        definition = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", "classification": "parquet"},
            "PartitionKeys": _columns(partitions or {}),
            "StorageDescriptor": {"Columns": _columns(columns), "Location": location, **_PARQUET},
        }
        self.glue.create_table(DatabaseName=database, TableInput=definition)
        return f"{database}.{name}"

    def sql(self, query: str, parameters: Sequence[Any] = (), database: str | None = None) -> list[dict[str, Any]]:
        """Run a statement on Athena.

        Args:
            query: Athena SQL.
            parameters: values for its `?`, in order: bool, int, float, Decimal, date, datetime, str or None.
            database: the database of unqualified names; `lake.database` where there is none.

        Returns:
            the rows: column → bool, int, float, Decimal, date, datetime, None, or Athena's text of any other type.

        Raises:
            QueryFailedError: Athena refused the statement, or it failed.
            ValueError: two columns have one name, or Python has no such value.
        """
        __tracebackhide__ = True
        return sql(self.athena, query, database or self.database, self.work_group, parameters)

    def run_job(
        self,
        script: Path | str,
        arguments: Mapping[str, Any] | None = None,
        files: Iterable[Path | str] = (),
        timeout: float = 900,
        workers: int = 2,
    ) -> JobRun:
        """Run a script as a Glue job: uploads it, makes the job (Glue 6.0, workers G.1X) and waits for its end.

        Args:
            script: the script's path.
            arguments: the job's arguments; a name may come without its `--`.
            files: modules that the script imports: .py, .zip or .whl (`--extra-py-files`).
            timeout: seconds.
            workers: how many, the driver's included.

        Raises:
            JobFailedError: the run did not succeed; the message has Glue's and the end of the error log.
            TimeoutError: it has not ended in time, and was stopped.
            FileNotFoundError, ValueError: a file does not exist, or is none that Glue takes.
            ClientError: Glue refused the job.
        """
        __tracebackhide__ = True
        script, modules = Path(script), [Path(path) for path in files]
        jobs.checked(script, modules)
        bucket, job = self.bucket("jobs"), f"{self.name}-{script.stem}-{secrets.token_hex(2)}"
        named = {f"--{name.removeprefix('--')}": str(value) for name, value in (arguments or {}).items()}
        uploaded = [self.upload(path, f"{job}/files/{path.name}", bucket) for path in modules]
        if uploaded:
            named["--extra-py-files"] = ",".join(filter(None, (named.get("--extra-py-files"), *uploaded)))
        location = self.upload(script, f"{job}/{script.name}", bucket)
        self.glue.create_job(
            Name=job,
            Role=self.role,
            Command={"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"},
            GlueVersion="6.0",
            WorkerType="G.1X",
            NumberOfWorkers=workers,
        )
        return jobs.run(self.glue, self.client("logs"), job, named, timeout)


def sql(
    athena: Any, statement: str, database: str, work_group: str, parameters: Sequence[Any] = ()
) -> list[dict[str, Any]]:
    """Run a statement; arguments, rows and errors are those of `Lake.sql`."""
    __tracebackhide__ = True
    try:
        result = query.run(athena, statement, database, work_group, [literal(value) for value in parameters])
    except StackError as error:
        raise QueryFailedError(error.cause, statement) from None
    twice = [name for name in result.header if result.header.count(name) > 1]
    if twice:
        raise ValueError(f"two columns are named {twice[0]!r}; give one an alias:\n\n{statement.strip()}")
    names = list(zip(result.header, result.types, strict=True))
    return [{name: read(type_, text) for (name, type_), text in zip(names, row, strict=True)} for row in result.rows]


def _columns(columns: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": type_} for name, type_ in columns.items()]
