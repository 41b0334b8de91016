"""Which snapshot of an Iceberg table a query reads.

Follows "Perform time travel and version travel queries" of the Athena user guide.
"""

import datetime

from pyiceberg.table.metadata import TableMetadata

from laketop.athena.scan.iceberg.fields import IcebergSource
from laketop.athena.scan.iceberg.metadata import load, schema_of
from laketop.athena.scan.objects import Objects
from laketop.athena.sql.core import Version
from laketop.athena.sql.errors import SqlError


def source(objects: Objects, location: str, version: Version | None = None) -> IcebergSource:
    """A snapshot of a table, with the columns that the table has now, or had then.

    Args:
        objects: where files are.
        location: the address of the table's metadata file.
        version: which snapshot, None for the current one.

    Raises:
        SqlError: INVALID_ARGUMENTS where there is no such version; see `metadata.load` and `metadata.schema_of`.
    """
    metadata = load(objects, location)
    if version is None:
        return IcebergSource(location, metadata.current_snapshot_id, schema_of(metadata, None, location))
    snapshot = _snapshot(metadata, version)
    if metadata.snapshot_by_id(snapshot) is None:
        raise SqlError("INVALID_ARGUMENTS", f"Iceberg snapshot ID does not exists: {snapshot}")
    return IcebergSource(location, snapshot, schema_of(metadata, snapshot, location))


def _snapshot(metadata: TableMetadata, version: Version) -> int:
    if version.snapshot is not None:
        return version.snapshot
    if version.reference is not None:
        found = metadata.refs.get(version.reference)
        if found is None:
            problem = f"Cannot find snapshot with reference name: {version.reference}"
            raise SqlError("INVALID_ARGUMENTS", problem)
        return int(found.snapshot_id)
    moment = version.moment or 0
    then = [entry for entry in metadata.snapshot_log if entry.timestamp_ms * 1000 <= moment]
    if not then:
        shown = datetime.datetime.fromtimestamp(moment / 1e6, datetime.UTC).isoformat(timespec="milliseconds")
        raise SqlError("INVALID_ARGUMENTS", f"No version history of the table at or before {shown}")
    return max(then, key=lambda entry: entry.timestamp_ms).snapshot_id
