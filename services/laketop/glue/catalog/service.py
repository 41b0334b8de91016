"""The rules of the Data Catalog: what exists, what may be created, what a change does to a table's version.

Names of databases and tables are folded to lower case, as Glue folds them. Definitions are stored as they came: Glue
takes nearly any text for a type, and so does this. What would need a catalog elsewhere (links, federation, schema
registries) is refused by name.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from laketop.glue.catalog import predicate
from laketop.glue.catalog.model import Database, Partition, Table
from laketop.glue.catalog.patterns import matches
from laketop.glue.catalog.store import CatalogStore, Records
from laketop.glue.errors import (
    AlreadyExists,
    ConcurrentModification,
    EntityNotFound,
    GlueError,
    InvalidInput,
    NotSupported,
)
from laketop.glue.paging import Page, page, position

UNSUPPORTED_OF_DATABASE = ("TargetDatabase", "FederatedDatabase")
UNSUPPORTED_OF_TABLE = ("TargetTable", "FederatedTable", "ViewDefinition")
MOST_ENTRIES, MOST_PARTITIONS = 100, 1000  # a page's limit, as the API reference has it

type Definition = Mapping[str, Any]


def _now() -> datetime:
    """The time of a change: whole seconds, as the real catalog keeps them."""
    return datetime.now(UTC).replace(microsecond=0)


def refuse(kind: str, definition: Definition, names: Sequence[str]) -> None:
    """Refuse members that cannot be honoured, where they say anything.

    Raises:
        NotSupported: naming the first of them.
    """
    for name in names:
        if definition.get(name):
            raise NotSupported(f"{kind}.{name}")


class Catalog:
    """The Data Catalog of the account, kept in a store.

    Args:
        store: where the entries are.
        now: the clock.

    Every method raises EntityNotFound where a database, table or partition that it needs is missing.
    Follows "Catalog API" of the AWS Glue Developer Guide.
    """

    def __init__(self, store: CatalogStore, now: Callable[[], datetime] = _now) -> None:
        self._store = store
        self._now = now

    # -- databases

    def create_database(self, definition: Definition) -> Database:
        """Add a database from a DatabaseInput.

        Raises:
            AlreadyExists: the name is taken.
        """
        refuse("DatabaseInput", definition, UNSUPPORTED_OF_DATABASE)
        database = Database(definition["Name"].lower(), definition, self._now())
        with self._store.change() as records:
            if records.database(database.name):
                raise AlreadyExists("Database already exists.")
            records.save_database(database)
        return database

    def database(self, name: str) -> Database:
        """A database by name."""
        with self._store.read() as records:
            return _database(records, name)

    def databases(self, token: str | None, limit: int) -> Page[Database]:
        """A page of the databases, by name."""
        after = position("GetDatabases", token) or ""
        with self._store.read() as records:
            found = records.databases(after)
            return page("GetDatabases", found, limit=limit, most=MOST_ENTRIES, key=lambda one: one.name)

    def update_database(self, name: str, definition: Definition) -> None:
        """Replace a database's definition; its name stays."""
        refuse("DatabaseInput", definition, UNSUPPORTED_OF_DATABASE)
        if definition["Name"].lower() != name.lower():
            raise InvalidInput(f"Database {name} cannot be renamed to {definition['Name']}.")
        with self._store.change() as records:
            records.save_database(replace(_database(records, name), definition=definition))

    def delete_database(self, name: str) -> None:
        """Remove a database with all that is in it."""
        with self._store.change() as records:
            records.remove_database(_database(records, name).name)

    # -- tables

    def create_table(self, database: str, definition: Definition) -> Table:
        """Add a table from a TableInput; its first version is 0.

        Raises:
            AlreadyExists: the name is taken.
        """
        _check_table(definition)
        now = self._now()
        with self._store.change() as records:
            owner = _database(records, database).name
            table = Table(owner, definition["Name"].lower(), 0, definition, now, now)
            if records.table(owner, table.name):
                raise AlreadyExists("Table already exists.")
            records.save_table(table)
        return table

    def table(self, database: str, name: str) -> Table:
        """The current version of a table."""
        with self._store.read() as records:
            return _table(records, database, name)

    def tables(self, database: str, pattern: str | None, token: str | None, limit: int) -> Page[Table]:
        """A page of a database's tables, by name; only those whose name matches the pattern."""
        after = position("GetTables", token) or ""
        with self._store.read() as records:
            found = records.tables(_database(records, database).name, after)
            wanted = (table for table in found if not pattern or matches(pattern, table.name))
            return page("GetTables", wanted, limit=limit, most=MOST_ENTRIES, key=lambda table: table.name)

    def update_table(
        self, database: str, definition: Definition, *, expected_version: str | None = None, archive: bool = True
    ) -> Table:
        """Replace a table's definition by a new version.

        Args:
            database: the database's name.
            definition: the TableInput; its Name says which table.
            expected_version: the VersionId that the caller changed, where it wants to be sure.
            archive: keep the version that is replaced.

        Raises:
            ConcurrentModification: `expected_version` is not the current one.
        """
        _check_table(definition)
        with self._store.change() as records:
            current = _table(records, database, definition["Name"])
            if expected_version is not None and expected_version != str(current.version):
                raise ConcurrentModification("Update table failed due to concurrent modifications.")
            table = replace(current, version=current.version + 1, definition=definition, updated=self._now())
            records.save_table(table)
            if not archive:
                records.remove_table_version(current.database, current.name, current.version)
        return table

    def delete_table(self, database: str, name: str) -> None:
        """Remove a table with its versions and partitions."""
        with self._store.change() as records:
            table = _table(records, database, name)
            records.remove_table(table.database, table.name)

    def table_versions(self, database: str, name: str, token: str | None, limit: int) -> Page[Table]:
        """A page of the versions kept of a table, the newest first."""
        before = position("GetTableVersions", token)
        with self._store.read() as records:
            table = _table(records, database, name)
            versions = records.table_versions(table.database, table.name, int(before) if before else None)
            return page(
                "GetTableVersions", versions, limit=limit, most=MOST_ENTRIES, key=lambda version: str(version.version)
            )

    # -- partitions

    def create_partition(self, database: str, table: str, definition: Definition) -> Partition:
        """Add a partition from a PartitionInput.

        Raises:
            AlreadyExists: the table has a partition of these values.
        """
        with self._changed(database, table) as (records, owner):
            return self._add_partition(records, owner, definition)

    def _add_partition(self, records: Records, table: Table, definition: Definition) -> Partition:
        refuse("StorageDescriptor", definition.get("StorageDescriptor") or {}, ("SchemaReference",))
        values = _values(table, definition.get("Values"))
        if records.partition(table.database, table.name, values):
            raise AlreadyExists("Partition already exists.")
        partition = Partition(table.database, table.name, values, definition, self._now())
        records.save_partition(partition)
        return partition

    def create_partitions(
        self, database: str, table: str, definitions: Sequence[Definition]
    ) -> list[tuple[Definition, GlueError]]:
        """Add several partitions; returns those that could not be added, each with the reason."""
        failed: list[tuple[Definition, GlueError]] = []
        with self._changed(database, table) as (records, owner):
            for definition in definitions:
                try:
                    self._add_partition(records, owner, definition)
                except GlueError as error:
                    failed.append((definition, error))
        return failed

    def partition(self, database: str, table: str, values: Sequence[str]) -> Partition:
        """A partition by its values."""
        with self._store.read() as records:
            owner = _table(records, database, table)
            return _partition(records, owner, _values(owner, values))

    def partitions_of(self, database: str, table: str, wanted: Sequence[Sequence[str]]) -> list[Partition]:
        """The partitions of these values that exist."""
        with self._store.read() as records:
            owner = _table(records, database, table)
            found = [records.partition(owner.database, owner.name, _values(owner, values)) for values in wanted]
        return [partition for partition in found if partition]

    def partitions(
        self,
        database: str,
        table: str,
        *,
        expression: str | None = None,
        segment: tuple[int, int] = (0, 1),
        token: str | None = None,
        limit: int = MOST_PARTITIONS,
    ) -> Page[Partition]:
        """A page of a table's partitions.

        Args:
            database: the database's name.
            table: the table's name.
            expression: what the partitions' values must satisfy, see `predicate.parse`.
            segment: (number, count): only this share of the partitions, for callers that scan in parallel.
            token: the position behind which the page begins.
            limit: entries at most.

        Raises:
            InvalidInput: the expression, segment, token or limit cannot be used.
        """
        number, count = segment
        if not 0 <= number < count:
            raise InvalidInput(f"SegmentNumber is a whole number from 0 to {count - 1}, not {number}.")
        after = position("GetPartitions", token) or ""
        with self._store.read() as records:
            owner = _table(records, database, table)
            chosen = predicate.parse(expression, owner.partition_keys) if expression and expression.strip() else None
            wanted = (
                partition
                for partition in records.partitions(owner.database, owner.name, after)
                if zlib.crc32(partition.key.encode()) % count == number and (chosen is None or chosen(partition.values))
            )
            return page("GetPartitions", wanted, limit=limit, most=MOST_PARTITIONS, key=lambda one: one.key)

    def update_partition(self, database: str, table: str, values: Sequence[str], definition: Definition) -> None:
        """Replace a partition's definition, and its values where the definition has others.

        Raises:
            AlreadyExists: the new values are another partition's.
        """
        with self._changed(database, table) as (records, owner):
            self._replace_partition(records, owner, values, definition)

    def _replace_partition(self, records: Records, table: Table, values: Sequence[str], definition: Definition) -> None:
        refuse("StorageDescriptor", definition.get("StorageDescriptor") or {}, ("SchemaReference",))
        current = _partition(records, table, _values(table, values))
        new = _values(table, definition.get("Values") or values)
        if new != current.values and records.partition(table.database, table.name, new):
            raise AlreadyExists("Partition already exists.")
        records.remove_partition(table.database, table.name, current.values)
        records.save_partition(replace(current, values=new, definition={**definition, "Values": list(new)}))

    def update_partitions(
        self, database: str, table: str, entries: Sequence[tuple[Sequence[str], Definition]]
    ) -> list[tuple[Sequence[str], GlueError]]:
        """Replace several partitions; returns the values of those that could not be, each with the reason."""
        failed: list[tuple[Sequence[str], GlueError]] = []
        with self._changed(database, table) as (records, owner):
            for values, definition in entries:
                try:
                    self._replace_partition(records, owner, values, definition)
                except GlueError as error:
                    failed.append((values, error))
        return failed

    def delete_partition(self, database: str, table: str, values: Sequence[str]) -> None:
        """Remove a partition."""
        with self._changed(database, table) as (records, owner):
            found = _partition(records, owner, _values(owner, values))
            records.remove_partition(owner.database, owner.name, found.values)

    @contextmanager
    def _changed(self, database: str, table: str) -> Iterator[tuple[Records, Table]]:
        with self._store.change() as records:
            yield records, _table(records, database, table)


def _check_table(definition: Definition) -> None:
    refuse("TableInput", definition, UNSUPPORTED_OF_TABLE)
    refuse("StorageDescriptor", definition.get("StorageDescriptor") or {}, ("SchemaReference",))


def _database(records: Records, name: str) -> Database:
    found = records.database(name.lower())
    if found is None:
        raise EntityNotFound(f"Database {name} not found.")
    return found


def _table(records: Records, database: str, name: str) -> Table:
    found = records.table(_database(records, database).name, name.lower())
    if found is None:
        raise EntityNotFound(f"Table {name} not found.")
    return found


def _partition(records: Records, table: Table, values: tuple[str, ...]) -> Partition:
    found = records.partition(table.database, table.name, values)
    if found is None:
        raise EntityNotFound("Cannot find partition.")
    return found


def _values(table: Table, values: Sequence[str] | None) -> tuple[str, ...]:
    if len(values or ()) != len(table.partition_keys) or not values:
        raise InvalidInput("The number of partition keys do not match the number of partition values")
    return tuple(values)
