"""Metadata tables of an Iceberg table: "t$snapshots", "t$history", "t$refs".

Follows "Query Iceberg table metadata" of the Athena user guide and Trino's page "Iceberg connector" (metadata tables).
"""

from collections.abc import Callable, Mapping

from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.refs import SnapshotRefType

from laketop.athena.scan.iceberg.fields import IcebergRows
from laketop.athena.scan.iceberg.metadata import load
from laketop.athena.scan.objects import Objects
from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column
from laketop.athena.sql.errors import not_supported

type Rows = list[tuple[str, ...]]

_NULL = "NULL"


def rows(objects: Objects, location: str, about: str) -> tuple[tuple[Column, ...], IcebergRows]:
    """The columns and rows of a metadata table.

    Args:
        location: the address of the table's metadata file.
        about: what follows the dollar sign.

    Raises:
        SqlError: NOT_SUPPORTED for one that is not built; see `metadata.load`.
    """
    if about not in _TABLES:
        raise not_supported(f'The metadata table "${about}" of Iceberg tables')
    columns, read = _TABLES[about]
    return columns, IcebergRows(tuple(read(load(objects, location))))


def _number(value: int | None) -> str:
    return _NULL if value is None else str(value)


def _moment(milliseconds: int) -> str:
    return f"{{'t': make_timestamp(CAST({milliseconds * 1000} AS BIGINT)), 'z': 'UTC'}}"


def _texts(values: Mapping[str, str]) -> str:
    keys, items = (", ".join(map(text.string, part)) for part in (values.keys(), values.values()))
    return f"map([{keys}], [{items}])"


def _snapshots(metadata: TableMetadata) -> Rows:
    found: Rows = []
    for one in metadata.snapshots:
        summary = _NULL if one.summary is None else _texts(one.summary.additional_properties)
        operation = _NULL if one.summary is None else text.string(one.summary.operation.value)
        identity = (_moment(one.timestamp_ms), str(one.snapshot_id), _number(one.parent_snapshot_id))
        found.append((*identity, operation, text.string(one.manifest_list), summary))
    return found


def _history(metadata: TableMetadata) -> Rows:
    parents = {one.snapshot_id: one.parent_snapshot_id for one in metadata.snapshots}
    ancestors, following = set(), metadata.current_snapshot_id
    while following is not None and following not in ancestors:
        ancestors.add(following)
        following = parents.get(following)
    return [
        (
            _moment(entry.timestamp_ms),
            str(entry.snapshot_id),
            _number(parents.get(entry.snapshot_id)),
            str(entry.snapshot_id in ancestors).upper(),
        )
        for entry in metadata.snapshot_log
    ]


def _refs(metadata: TableMetadata) -> Rows:
    kinds = {SnapshotRefType.BRANCH: "BRANCH", SnapshotRefType.TAG: "TAG"}
    return [
        (
            text.string(name),
            text.string(kinds[one.snapshot_ref_type]),
            str(one.snapshot_id),
            _number(one.max_ref_age_ms),
            _number(one.min_snapshots_to_keep),
            _number(one.max_snapshot_age_ms),
        )
        for name, one in metadata.refs.items()
    ]


def _columns(**types: t.Type) -> tuple[Column, ...]:
    return tuple(Column(name, type_) for name, type_ in types.items())


_TABLES: dict[str, tuple[tuple[Column, ...], Callable[[TableMetadata], Rows]]] = {
    "snapshots": (
        _columns(
            committed_at=t.TimestampTz(3),
            snapshot_id=t.BIGINT,
            parent_id=t.BIGINT,
            operation=t.VARCHAR,
            manifest_list=t.VARCHAR,
            summary=t.Map(t.VARCHAR, t.VARCHAR),
        ),
        _snapshots,
    ),
    "history": (
        _columns(
            made_current_at=t.TimestampTz(3), snapshot_id=t.BIGINT, parent_id=t.BIGINT, is_current_ancestor=t.BOOLEAN
        ),
        _history,
    ),
    "refs": (
        _columns(
            name=t.VARCHAR,
            type=t.VARCHAR,
            snapshot_id=t.BIGINT,
            max_reference_age_in_ms=t.BIGINT,
            min_snapshots_to_keep=t.INTEGER,
            max_snapshot_age_in_ms=t.BIGINT,
        ),
        _refs,
    ),
}
