"""ALTER TABLE ADD and DROP PARTITION, MSCK REPAIR TABLE: the catalog's partitions, not the files in them.

Follows AWS's pages of these names, and Hive's messages.
"""

from collections.abc import Mapping, Sequence

from laketop.athena.catalog_client import GlueCatalog
from laketop.athena.scan.objects import Objects
from laketop.athena.scan.paths import folder, partition_name, partition_values
from laketop.athena.sql.core import Table
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.grammar.hive import ChangePartitions, NamedTable, PartitionSpec
from laketop.athena.sql.grammar.writing import Target
from laketop.athena.statements.failures import execution_failed, failed, semantic, table_not_found
from laketop.athena.statements.views import VIEW, located

_INTEGERS = ("tinyint", "smallint", "int", "bigint")


def add(statement: ChangePartitions, catalog: GlueCatalog) -> None:
    """ALTER TABLE ADD PARTITION: all of them, or none.

    Raises:
        SqlError: a partition does not fit the table, or exists and IF NOT EXISTS was not said.
    """
    table, keys = _table(statement.target, catalog)
    places = {}
    for spec in statement.partitions:
        values = _values(spec, keys)
        places[values] = _location(spec.location) or f"{_root(table)}/{partition_name(list(keys), values)}"
    existing = set(catalog.partition_values(table)) & set(places)
    if existing and not statement.lenient:
        raise execution_failed("AlreadyExistsException(message:Partition already exists.)")
    new = {values: place for values, place in places.items() if values not in existing}
    problems = catalog.create_partitions(table, new)
    # one that was made meanwhile is as good
    refused = {code for code in problems.values() if code != "AlreadyExistsException" or not statement.lenient}
    if refused:
        catalog.delete_partitions(table, [values for values in new if values not in problems])
        raise execution_failed(f"{', '.join(sorted(refused))}(message:Partition cannot be created.)")


def drop(statement: ChangePartitions, catalog: GlueCatalog) -> None:
    """ALTER TABLE DROP PARTITION; values for some of the keys mean every partition that has them.

    Raises:
        SqlError: there is no such partition and IF EXISTS was not said.
    """
    table, keys = _table(statement.target, catalog)
    known = list(catalog.partition_values(table))
    chosen: dict[tuple[str, ...], None] = {}
    for spec in statement.partitions:
        _check_keys(spec, keys)
        found = [values for values in known if _matches(spec, keys, values)]
        if not found and not statement.lenient:
            shown = ", ".join(f"{name} = '{value}'" for name, value in spec.values.items())
            raise semantic(10006, f"Partition not found ({shown})")
        chosen.update(dict.fromkeys(found))
    catalog.delete_partitions(table, list(chosen))


def repair(statement: NamedTable, catalog: GlueCatalog, objects: Objects) -> list[str]:
    """MSCK REPAIR TABLE: adds the partitions whose folders are there; none is taken away.

    Returns:
        The lines that Athena shows.

    Raises:
        SqlError: the table cannot be read, or its folder not listed.
    """
    table, keys = _table(statement.target, catalog)
    bucket, prefix = folder(_root(table))
    [found] = objects.list([(bucket, prefix)])
    names = dict.fromkeys(
        "/".join(parts[: len(keys)])
        for parts in (one.key[len(prefix) :].split("/") for one in found)
        if len(parts) > len(keys)
    )
    folders = {tuple(values): name for name in names if (values := partition_values(list(keys), name)) is not None}
    known = set(catalog.partition_values(table))
    new = {values: name for values, name in folders.items() if values not in known}
    gone = [partition_name(list(keys), values) for values in sorted(known - set(folders))]
    catalog.create_partitions(table, {values: f"{_root(table)}/{name}" for values, name in new.items()})
    listed = [f"{table.name}:{name}" for name in new.values()]
    lines = ["\t".join(["Partitions not in metastore:", *listed])] if listed else []
    if gone:
        lines.append("\t".join(["Partitions missing from filesystem:", *(f"{table.name}:{name}" for name in gone)]))
    return [*lines, *(f"Repair: Added partition to metastore {name}" for name in listed)]


def _table(target: Target, catalog: GlueCatalog) -> tuple[Table, Mapping[str, str]]:
    """A partitioned table, whatever its format, and its keys with their Hive types."""
    database, name = located(target, catalog)
    found = catalog.find(database, name)
    if found is None:
        raise table_not_found(database, name)
    if found.get("TableType") == VIEW:
        raise semantic(10131, "To alter a view you need to use the ALTER VIEW command.")
    kind = str((found.get("Parameters") or {}).get("table_type") or "").lower()
    if kind in ("iceberg", "delta", "hudi"):
        raise not_supported(f"Partitions of the {kind} table {database}.{name}: a change of these")
    keys = {str(key["Name"]).lower(): str(key.get("Type") or "string") for key in found.get("PartitionKeys") or []}
    if not keys:
        raise failed(f"SemanticException table {database}.{name} is not partitioned")
    return Table(database, name, (), len(keys), found), keys


def _root(table: Table) -> str:
    location = str((table.source.get("StorageDescriptor") or {}).get("Location") or "")
    if "://" not in location:
        raise SqlError("HIVE_INVALID_METADATA", f"{table.database}.{table.name} has no S3 location: {location!r}")
    return location.rstrip("/")


def _location(said: str | None) -> str | None:
    if said is not None and not said.startswith(("s3://", "s3a://", "s3n://")):
        raise execution_failed(f"MetaException(message:The location {said} is not an S3 location)")
    return said


def _check_keys(spec: PartitionSpec, keys: Mapping[str, str]) -> None:
    if not set(spec.values) <= set(keys):
        raise failed(f"ValidationFailureSemanticException Partition spec {_shown(spec)} contains non-partition columns")


def _values(spec: PartitionSpec, keys: Mapping[str, str]) -> tuple[str, ...]:
    _check_keys(spec, keys)
    if len(spec.values) != len(keys):
        raise failed(
            f"ValidationFailureSemanticException partition spec {_shown(spec)} doesn't contain all "
            f"({len(keys)}) partition columns"
        )
    return tuple(spec.values[key] for key in keys)


def _shown(spec: PartitionSpec) -> str:
    return "{" + ", ".join(f"{name}={value}" for name, value in spec.values.items()) + "}"


def _matches(spec: PartitionSpec, keys: Mapping[str, str], values: Sequence[str]) -> bool:
    return all(
        _same(spec.values[name], value, kind)
        for (name, kind), value in zip(keys.items(), values, strict=True)
        if name in spec.values
    )


def _same(one: str, other: str, kind: str) -> bool:
    if kind.lower() in _INTEGERS and one.lstrip("-").isdigit() and other.lstrip("-").isdigit():
        return int(one) == int(other)
    return one == other
