"""What every catalog store promises, shown on each of them, and on both at once."""

from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from laketop.glue.catalog import sqlite
from laketop.glue.catalog.memory import MemoryStore
from laketop.glue.catalog.model import Database, Partition, Table
from laketop.glue.catalog.store import CatalogStore, Records
from laketop.sqlite import Database as SqliteDatabase

THEN, LATER = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2024, 6, 7, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CatalogStore]:
    if request.param == "memory":
        yield MemoryStore()
        return
    with closing(SqliteDatabase(tmp_path / "glue.db", sqlite.SCHEMA)) as database:
        yield sqlite.SqliteStore(database)


def table(name: str, version: int = 0, **definition: Any) -> Table:
    return Table("db", name, version, {"Name": name, **definition}, THEN, LATER)


def partition(*values: str, of: str = "t") -> Partition:
    return Partition("db", of, values, {"Values": list(values)}, THEN)


def fill(store: CatalogStore) -> None:
    with store.change() as records:
        records.save_database(Database("db", {"Name": "DB", "Parameters": {"ä": "1"}}, THEN))
        records.save_table(table("t"))
        records.save_partition(partition("1", "x"))


def test_entries_come_back_as_they_were_saved(store: CatalogStore) -> None:
    fill(store)
    definition = {"Name": "u", "LastAccessTime": LATER, "Parameters": {"LastAccessTime": "[1]"}, "PartitionKeys": []}
    with store.change() as records:
        records.save_table(Table("db", "u", 3, definition, THEN, LATER))
    with store.read() as records:
        assert records.database("db") == Database("db", {"Name": "DB", "Parameters": {"ä": "1"}}, THEN)
        assert records.table("db", "u") == Table("db", "u", 3, definition, THEN, LATER)
        assert records.partition("db", "t", ("1", "x")) == partition("1", "x")


def test_what_is_missing_is_none(store: CatalogStore) -> None:
    fill(store)
    with store.read() as records:
        assert records.database("DB") is None
        assert records.table("db", "x") is None
        assert records.partition("db", "t", ("1", "y")) is None
        assert list(records.tables("x", "")) == list(records.partitions("db", "x", "")) == []


def test_a_change_that_raises_leaves_nothing(store: CatalogStore) -> None:
    fill(store)
    with suppress(KeyError), store.change() as records:
        records.remove_database("db")
        records.save_database(Database("new", {"Name": "new"}, THEN))
        raise KeyError
    with store.read() as records:
        assert [database.name for database in records.databases("")] == ["db"]
        assert records.table("db", "t") == table("t")
        assert records.partition("db", "t", ("1", "x")) == partition("1", "x")


def test_listings_are_in_order_and_begin_behind_a_name(store: CatalogStore) -> None:
    names = ["a", "a_b", "a b", "B", "é", "\U0001f600", "\uffee", "z"]
    with store.change() as records:
        records.save_database(Database("db", {"Name": "db"}, THEN))
        for name in names:
            records.save_table(table(name))
    with store.read() as records:
        assert [found.name for found in records.tables("db", "")] == sorted(names)
        assert [found.name for found in records.tables("db", "a b")] == sorted(names)[sorted(names).index("a b") + 1 :]


def test_versions_are_kept_until_they_are_forgotten(store: CatalogStore) -> None:
    fill(store)
    with store.change() as records:
        for version in (1, 2, 3):
            records.save_table(table("t", version, Description=str(version)))
        records.remove_table_version("db", "t", 2)
    with store.read() as records:
        assert [found.version for found in records.table_versions("db", "t", None)] == [3, 1, 0]
        assert [found.version for found in records.table_versions("db", "t", 3)] == [1, 0]
        assert records.table("db", "t") == table("t", 3, Description="3")


def test_removing_takes_along_what_hangs_on_it(store: CatalogStore) -> None:
    fill(store)
    with store.change() as records:
        records.remove_table("db", "t")
        records.save_table(table("t"))
    with store.read() as records:
        assert [found.version for found in records.table_versions("db", "t", None)] == [0]
        assert list(records.partitions("db", "t", "")) == []
    fill(store)
    with store.change() as records:
        records.remove_database("db")
        records.save_database(Database("db", {"Name": "db"}, THEN))
    with store.read() as records:
        assert list(records.tables("db", "")) == []
        assert records.partition("db", "t", ("1", "x")) is None


def everything(records: Records) -> list[Any]:
    """All that can be read, in the order in which it is listed."""
    found: list[Any] = []
    for database in records.databases(""):
        found.append(database)
        for one in records.tables(database.name, ""):
            found += [one, *records.table_versions(one.database, one.name, None)]
            found += records.partitions(one.database, one.name, "")
    return found


names = st.sampled_from(["a", "b", "é"])
values = st.tuples(st.sampled_from(["", "1", '"', "\ud800", "/"]))


class BothStores(RuleBasedStateMachine):
    """Any sequence of changes leaves the same in memory as in SQLite."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.database = SqliteDatabase(Path(self.folder.name) / "glue.db", sqlite.SCHEMA)
        self.stores: tuple[CatalogStore, ...] = (MemoryStore(), sqlite.SqliteStore(self.database))

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    @rule(name=names, text=st.text(max_size=3))
    def save_database(self, name: str, text: str) -> None:
        for store in self.stores:
            with store.change() as records:
                records.save_database(Database(name, {"Name": name, "Description": text}, THEN))

    @rule(database=names, name=names)
    def save_table(self, database: str, name: str) -> None:
        for store in self.stores:
            with store.change() as records:
                if records.database(database):
                    current = records.table(database, name)
                    version = current.version + 1 if current else 0
                    records.save_table(Table(database, name, version, {"Name": name}, THEN, LATER))

    @rule(database=names, name=names, of=values)
    def save_partition(self, database: str, name: str, of: tuple[str]) -> None:
        for store in self.stores:
            with store.change() as records:
                if records.table(database, name):
                    records.save_partition(Partition(database, name, of, {"Values": list(of)}, THEN))

    @rule(database=names, name=names, of=values)
    def remove_partition(self, database: str, name: str, of: tuple[str]) -> None:
        for store in self.stores:
            with store.change() as records:
                records.remove_partition(database, name, of)

    @rule(database=names, name=names)
    def remove_table(self, database: str, name: str) -> None:
        for store in self.stores:
            with store.change() as records:
                records.remove_table(database, name)

    @rule(name=names)
    def remove_database(self, name: str) -> None:
        for store in self.stores:
            with store.change() as records:
                records.remove_database(name)

    @invariant()
    def same(self) -> None:
        memory, lasting = self.stores
        with memory.read() as one, lasting.read() as other:
            assert everything(one) == everything(other)


TestBothStores = BothStores.TestCase
TestBothStores.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
