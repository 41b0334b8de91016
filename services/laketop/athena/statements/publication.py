"""Making written files a part of a table: all of them, or none.

They are uploaded under names that nobody else has, then new partitions are put into the catalog; where anything fails,
what was uploaded is deleted again. The manifest lists them beforehand. Follows "INSERT INTO" and "Find query output
files in Amazon S3" (data manifest files) of the Athena user guide.
"""

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from laketop.athena.catalog_client import GlueCatalog
from laketop.athena.engine.job import Written
from laketop.athena.results import files
from laketop.athena.scan.paths import folder, partition_name
from laketop.athena.sql.core import Table
from laketop.athena.sql.errors import SqlError

_log = logging.getLogger("laketop.athena.statements")


@dataclass(frozen=True)
class Publisher:
    """What an execution needs to publish.

    Attributes:
        s3: a boto3 S3 client.
        identifier: the execution's id.
        output: where its results would be, without an ending.
        configuration: its result configuration.
        running: whether it still runs; what was stopped must leave nothing.
    """

    s3: Any
    identifier: str
    output: str
    configuration: Mapping[str, Any]
    running: Callable[[], bool]

    @property
    def manifest(self) -> str:
        """The address of the list of files."""
        return f"{self.output}-manifest.csv"

    def publish(
        self,
        table: Table,
        written: Sequence[Written],
        catalog: GlueCatalog,
        *,
        create: bool = False,
    ) -> None:
        """Upload files into a table and add the partitions that it does not have.

        Args:
            create: whether the table is still to be put into the catalog.

        Raises:
            SqlError: an upload or the catalog failed, or the execution was stopped; nothing is left then.
        """
        keys = [column.name for column in table.columns[len(table.columns) - table.partition_keys :]]
        values = list(dict.fromkeys(file.values for file in written if file.values))
        existing = catalog.partition_locations(table, values) if values and not create else {}
        places = {value: existing.get(value) or _below(table, keys, value) for value in values}
        targets = [(file.path, *self._place(places.get(file.values) or _location(table))) for file in written]
        listed = "".join(f"s3://{bucket}/{key}\n" for _, bucket, key in targets)
        files.put(self.s3, self.manifest, listed.encode(), self.configuration)
        new = {value: place for value, place in places.items() if value not in existing}
        done: list[tuple[str, str]] = []
        try:
            for path, bucket, key in targets:
                self._check()
                done.append((bucket, key))
                self._upload(path, bucket, key)
            self._check()
            if create:
                catalog.create_table(table.database, table.source)
            try:
                _add(table, new, catalog)
            except SqlError:
                if create:
                    catalog.delete_table(table.database, table.name)
                raise
        except BaseException:
            self._delete(done)
            raise

    def _check(self) -> None:
        if not self.running():
            raise SqlError("USER_CANCELED", "Query was canceled")

    def _place(self, location: str) -> tuple[str, str]:
        """Bucket and key of a new file."""
        bucket, prefix = folder(location)
        plain = self.identifier.replace("-", "")
        query = f"{datetime.now(UTC):%Y%m%d_%H%M%S}_{int(plain[:4], 16):05d}_{plain[4:9]}"
        return bucket, f"{prefix}{query}_{uuid.uuid4()}"

    def _upload(self, path: str, bucket: str, key: str) -> None:
        try:
            self.s3.upload_file(path, bucket, key, ExtraArgs=files.encryption(self.configuration))
        except (ClientError, BotoCoreError, Boto3Error) as error:
            problem = f"Error committing write parquet to Hive: s3://{bucket}/{key}: {error}"
            raise SqlError("HIVE_WRITER_CLOSE_ERROR", problem) from error

    def _delete(self, done: Sequence[tuple[str, str]]) -> None:
        for bucket, key in done:
            try:
                self.s3.delete_object(Bucket=bucket, Key=key)
            except (ClientError, BotoCoreError):
                # the manifest says what it was
                _log.warning("query %s: s3://%s/%s is left behind", self.identifier, bucket, key, exc_info=True)


def _location(table: Table) -> str:
    return str(table.source["StorageDescriptor"]["Location"])


def _below(table: Table, keys: Sequence[str], values: tuple[str, ...]) -> str:
    return f"{_location(table).rstrip('/')}/{partition_name(keys, values)}/"


def _add(table: Table, places: Mapping[tuple[str, ...], str], catalog: GlueCatalog) -> None:
    """Create partitions; where one cannot be, those that were created go again."""
    failed = catalog.create_partitions(table, places)
    # one that another query made meanwhile serves as well, where it is the same folder
    known = [value for value, code in failed.items() if code == "AlreadyExistsException"]
    others = catalog.partition_locations(table, known)
    for value in failed:
        if folder(others.get(value, "s3://")) != folder(places[value]):
            _take_back(table, [value for value in places if value not in failed], catalog)
            problem = f"Partition {'/'.join(value)} of {table.database}.{table.name}: {failed[value]}"
            raise SqlError("HIVE_METASTORE_ERROR", problem)


def _take_back(table: Table, values: Sequence[tuple[str, ...]], catalog: GlueCatalog) -> None:
    try:
        catalog.delete_partitions(table, values)
    except SqlError:
        _log.warning("partitions of %s.%s are left behind", table.database, table.name, exc_info=True)
