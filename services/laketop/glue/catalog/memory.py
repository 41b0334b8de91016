"""A catalog store in memory: the shortest thing that keeps the promises of `store.py`.

It shows that the rules of the catalog owe nothing to SQL, and the SQLite store is held against it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from threading import RLock
from typing import Self

from laketop.glue.catalog.model import Database, Partition, Table


class MemoryRecords:
    """Entries in dictionaries; entries never change in place, so a copy of the dictionaries is a snapshot."""

    def __init__(self) -> None:
        self._databases: dict[str, Database] = {}
        self._tables: dict[tuple[str, str], dict[int, Table]] = {}
        self._partitions: dict[tuple[str, str], dict[tuple[str, ...], Partition]] = {}

    def __copy__(self) -> Self:
        other = type(self)()
        other._databases = dict(self._databases)
        other._tables = {name: dict(versions) for name, versions in self._tables.items()}
        other._partitions = {name: dict(partitions) for name, partitions in self._partitions.items()}
        return other

    def database(self, name: str) -> Database | None:
        """See Records."""
        return self._databases.get(name)

    def databases(self, after: str) -> Iterator[Database]:
        """See Records."""
        return (self._databases[name] for name in sorted(self._databases) if name > after)

    def save_database(self, database: Database) -> None:
        """See Records."""
        self._databases[database.name] = database

    def remove_database(self, name: str) -> None:
        """See Records."""
        self._databases.pop(name, None)
        for table in [table for database, table in self._tables if database == name]:
            self.remove_table(name, table)

    def table(self, database: str, name: str) -> Table | None:
        """See Records."""
        return next(self.table_versions(database, name, None), None)

    def tables(self, database: str, after: str) -> Iterator[Table]:
        """See Records."""
        names = sorted(table for owner, table in self._tables if owner == database and table > after)
        return (table for name in names if (table := self.table(database, name)))

    def table_versions(self, database: str, name: str, before: int | None) -> Iterator[Table]:
        """See Records."""
        versions = self._tables.get((database, name), {})
        return (versions[number] for number in sorted(versions, reverse=True) if before is None or number < before)

    def save_table(self, table: Table) -> None:
        """See Records."""
        self._tables.setdefault((table.database, table.name), {})[table.version] = table

    def remove_table(self, database: str, name: str) -> None:
        """See Records."""
        self._tables.pop((database, name), None)
        self._partitions.pop((database, name), None)

    def remove_table_version(self, database: str, name: str, version: int) -> None:
        """See Records."""
        self._tables.get((database, name), {}).pop(version, None)

    def partition(self, database: str, table: str, values: tuple[str, ...]) -> Partition | None:
        """See Records."""
        return self._partitions.get((database, table), {}).get(values)

    def partitions(self, database: str, table: str, after: str) -> Iterator[Partition]:
        """See Records."""
        found = self._partitions.get((database, table), {}).values()
        return iter(sorted((one for one in found if one.key > after), key=lambda one: one.key))

    def save_partition(self, partition: Partition) -> None:
        """See Records."""
        self._partitions.setdefault((partition.database, partition.table), {})[partition.values] = partition

    def remove_partition(self, database: str, table: str, values: tuple[str, ...]) -> None:
        """See Records."""
        self._partitions.get((database, table), {}).pop(values, None)


class MemoryStore:
    """One catalog in memory; one transaction at a time."""

    def __init__(self) -> None:
        self._records = MemoryRecords()
        self._lock = RLock()

    @contextmanager
    def read(self) -> Iterator[MemoryRecords]:
        """See CatalogStore."""
        with self._lock:
            yield self._records

    @contextmanager
    def change(self) -> Iterator[MemoryRecords]:
        """See CatalogStore."""
        with self._lock:
            draft = copy(self._records)
            yield draft
            self._records = draft
