"""Which snapshot of an Iceberg table a query reads."""

from laketop.athena.scan.iceberg.fields import IcebergSource
from laketop.athena.scan.iceberg.metadata import load, schema_of
from laketop.athena.scan.objects import Objects


def source(objects: Objects, location: str) -> IcebergSource:
    """The current snapshot of a table.

    Args:
        objects: where files are.
        location: the address of the table's metadata file.

    Raises:
        SqlError: see `metadata.load` and `metadata.schema_of`.
    """
    metadata = load(objects, location)
    return IcebergSource(location, metadata.current_snapshot_id, schema_of(metadata, None, location))
