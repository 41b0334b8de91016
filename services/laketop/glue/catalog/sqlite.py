"""The catalog store that lasts: SQLite, a table for each kind of entry.

A table's row is the current version; `table_versions` holds every version kept, the current one included. Foreign keys
remove what hangs on a database or a table.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection, Row

from laketop.glue.catalog.model import Database, Partition, Table, partition_key
from laketop.glue.codec import decode, encode, moment
from laketop.sqlite import Database as SqliteDatabase

SCHEMA = (
    """CREATE TABLE databases (
        name TEXT PRIMARY KEY, definition TEXT NOT NULL, created REAL NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE tables (
        database TEXT NOT NULL REFERENCES databases (name) ON DELETE CASCADE,
        name TEXT NOT NULL, version INTEGER NOT NULL,
        PRIMARY KEY (database, name)) WITHOUT ROWID""",
    """CREATE TABLE table_versions (
        database TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
        definition TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
        PRIMARY KEY (database, name, version),
        FOREIGN KEY (database, name) REFERENCES tables (database, name) ON DELETE CASCADE)""",
    """CREATE TABLE partitions (
        database TEXT NOT NULL, table_name TEXT NOT NULL, key TEXT NOT NULL,
        definition TEXT NOT NULL, created REAL NOT NULL,
        PRIMARY KEY (database, table_name, key),
        FOREIGN KEY (database, table_name) REFERENCES tables (database, name) ON DELETE CASCADE)""",
)

_CURRENT = """SELECT v.* FROM tables t JOIN table_versions v USING (database, name, version)
    WHERE t.database = ? AND t.name"""


class SqliteRecords:
    """The entries in one SQLite transaction."""

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    def database(self, name: str) -> Database | None:
        """See Records."""
        row = self._sql.execute("SELECT * FROM databases WHERE name = ?", (name,)).fetchone()
        return _database(row) if row else None

    def databases(self, after: str) -> Iterator[Database]:
        """See Records."""
        return map(_database, self._sql.execute("SELECT * FROM databases WHERE name > ? ORDER BY name", (after,)))

    def save_database(self, database: Database) -> None:
        """See Records."""
        self._sql.execute(
            """INSERT INTO databases VALUES (?, ?, ?)
               ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, created = excluded.created""",
            (database.name, encode(database.definition), database.created.timestamp()),
        )

    def remove_database(self, name: str) -> None:
        """See Records."""
        self._sql.execute("DELETE FROM databases WHERE name = ?", (name,))

    def table(self, database: str, name: str) -> Table | None:
        """See Records."""
        row = self._sql.execute(f"{_CURRENT} = ?", (database, name)).fetchone()
        return _table(row) if row else None

    def tables(self, database: str, after: str) -> Iterator[Table]:
        """See Records."""
        return map(_table, self._sql.execute(f"{_CURRENT} > ? ORDER BY t.name", (database, after)))

    def table_versions(self, database: str, name: str, before: int | None) -> Iterator[Table]:
        """See Records."""
        rows = self._sql.execute(
            """SELECT * FROM table_versions WHERE database = ? AND name = ? AND (? IS NULL OR version < ?)
               ORDER BY version DESC""",
            (database, name, before, before),
        )
        return map(_table, rows)

    def save_table(self, table: Table) -> None:
        """See Records."""
        identity = (table.database, table.name, table.version)
        self._sql.execute(
            """INSERT INTO tables VALUES (?, ?, ?)
               ON CONFLICT (database, name) DO UPDATE SET version = excluded.version""",
            identity,
        )
        self._sql.execute(
            """INSERT INTO table_versions VALUES (?, ?, ?, ?, ?, ?)
               ON CONFLICT (database, name, version) DO UPDATE
               SET definition = excluded.definition, created = excluded.created, updated = excluded.updated""",
            (*identity, encode(table.definition), table.created.timestamp(), table.updated.timestamp()),
        )

    def remove_table(self, database: str, name: str) -> None:
        """See Records."""
        self._sql.execute("DELETE FROM tables WHERE database = ? AND name = ?", (database, name))

    def remove_table_version(self, database: str, name: str, version: int) -> None:
        """See Records."""
        self._sql.execute(
            "DELETE FROM table_versions WHERE database = ? AND name = ? AND version = ?", (database, name, version)
        )

    def partition(self, database: str, table: str, values: tuple[str, ...]) -> Partition | None:
        """See Records."""
        row = self._sql.execute(
            "SELECT * FROM partitions WHERE database = ? AND table_name = ? AND key = ?",
            (database, table, partition_key(values)),
        ).fetchone()
        return _partition(row) if row else None

    def partitions(self, database: str, table: str, after: str) -> Iterator[Partition]:
        """See Records."""
        rows = self._sql.execute(
            "SELECT * FROM partitions WHERE database = ? AND table_name = ? AND key > ? ORDER BY key",
            (database, table, after),
        )
        return map(_partition, rows)

    def save_partition(self, partition: Partition) -> None:
        """See Records."""
        self._sql.execute(
            """INSERT INTO partitions VALUES (?, ?, ?, ?, ?)
               ON CONFLICT (database, table_name, key) DO UPDATE
               SET definition = excluded.definition, created = excluded.created""",
            (
                partition.database,
                partition.table,
                partition.key,
                encode(partition.definition),
                partition.created.timestamp(),
            ),
        )

    def remove_partition(self, database: str, table: str, values: tuple[str, ...]) -> None:
        """See Records."""
        self._sql.execute(
            "DELETE FROM partitions WHERE database = ? AND table_name = ? AND key = ?",
            (database, table, partition_key(values)),
        )


class SqliteStore:
    """The catalog in a SQLite database that was opened with `SCHEMA`."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    @contextmanager
    def read(self) -> Iterator[SqliteRecords]:
        """See CatalogStore."""
        with self._database.read() as connection:
            yield SqliteRecords(connection)

    @contextmanager
    def change(self) -> Iterator[SqliteRecords]:
        """See CatalogStore."""
        with self._database.transaction() as connection:
            yield SqliteRecords(connection)


def _database(row: Row) -> Database:
    return Database(row["name"], decode(row["definition"]), moment(row["created"]))


def _table(row: Row) -> Table:
    return Table(
        row["database"],
        row["name"],
        row["version"],
        decode(row["definition"]),
        moment(row["created"]),
        moment(row["updated"]),
    )


def _partition(row: Row) -> Partition:
    definition = decode(row["definition"])
    return Partition(
        row["database"], row["table_name"], tuple(definition["Values"]), definition, moment(row["created"])
    )
