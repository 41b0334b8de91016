"""What the catalog asks of a store: keep entries, find them by name, list them in order, all or nothing.

A store knows no rule of Glue's; `service.py` has them once, for every store.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from laketop.glue.catalog.model import Database, Partition, Table


class Records(Protocol):
    """The entries as one transaction sees them. Listings are in the order of names (tables: code points; partitions:
    of their key) and begin behind `after` ("" is before every name)."""

    def database(self, name: str) -> Database | None:
        """The database of that name."""

    def databases(self, after: str) -> Iterator[Database]:
        """All databases."""

    def save_database(self, database: Database) -> None:
        """Add or replace a database."""

    def remove_database(self, name: str) -> None:
        """Remove a database with its tables, their versions and partitions."""

    def table(self, database: str, name: str) -> Table | None:
        """The current version of a table."""

    def tables(self, database: str, after: str) -> Iterator[Table]:
        """The current versions of a database's tables."""

    def table_versions(self, database: str, name: str, before: int | None) -> Iterator[Table]:
        """The versions kept of a table, the newest first, those older than `before` (None: all)."""

    def save_table(self, table: Table) -> None:
        """Add a table, or a new version of it that becomes the current one; an equal version is replaced."""

    def remove_table(self, database: str, name: str) -> None:
        """Remove a table with its versions and partitions."""

    def remove_table_version(self, database: str, name: str, version: int) -> None:
        """Forget one version."""

    def partition(self, database: str, table: str, values: tuple[str, ...]) -> Partition | None:
        """The partition of these values."""

    def partitions(self, database: str, table: str, after: str) -> Iterator[Partition]:
        """A table's partitions."""

    def save_partition(self, partition: Partition) -> None:
        """Add or replace a partition."""

    def remove_partition(self, database: str, table: str, values: tuple[str, ...]) -> None:
        """Remove a partition."""


class CatalogStore(Protocol):
    """Where a catalog is kept; safe to use from several threads."""

    def read(self) -> AbstractContextManager[Records]:
        """The entries at one moment; nothing may be changed."""

    def change(self) -> AbstractContextManager[Records]:
        """A transaction: what is done in it becomes visible at its end, or not at all where it raises."""
