"""Prepared statements ("PreparedStatement" of the Athena API reference): texts with `?`, by name and work group."""

import sqlite3
import time
from dataclasses import dataclass

from laketop.athena.errors import InvalidRequestError, ResourceNotFoundError
from laketop.sqlite import Database

MOST = 1000  # in a work group

SCHEMA = (
    """
    CREATE TABLE prepared_statements (
        work_group TEXT NOT NULL,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        description TEXT,
        modified REAL NOT NULL,
        PRIMARY KEY (work_group, name)
    ) STRICT
    """,
)


@dataclass(frozen=True)
class PreparedStatement:
    """A statement under a name; `modified` is in seconds since the epoch."""

    work_group: str
    name: str
    text: str
    description: str | None
    modified: float


class PreparedStatements:
    """The prepared statements of the lake."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, work_group: str, name: str, text: str, description: str | None = None) -> None:
        """Keep a statement.

        Raises:
            InvalidRequestError: the name is taken, or the work group has as many as Athena allows.
        """
        with self._database.transaction() as tx:
            names = tx.execute("SELECT name FROM prepared_statements WHERE work_group = ?", (work_group,)).fetchall()
            if name in {row["name"] for row in names}:
                raise InvalidRequestError(f"PreparedStatement {name} already exists in workGroup {work_group}")
            if len(names) >= MOST:
                raise InvalidRequestError(f"WorkGroup {work_group} has {MOST} prepared statements, which is the limit")
            tx.execute(
                "INSERT INTO prepared_statements VALUES (?, ?, ?, ?, ?)",
                (work_group, name, text, description, time.time()),
            )

    def get(self, work_group: str, name: str) -> PreparedStatement:
        """The statement of a name.

        Raises:
            ResourceNotFoundError: there is none.
        """
        with self._database.read() as tx:
            row = tx.execute(
                "SELECT * FROM prepared_statements WHERE work_group = ? AND name = ?", (work_group, name)
            ).fetchone()
        if row is None:
            raise ResourceNotFoundError(f"PreparedStatement {name} was not found in workGroup {work_group}", name)
        return _statement(row)

    def all(self, work_group: str) -> list[PreparedStatement]:
        """A work group's statements by name."""
        with self._database.read() as tx:
            rows = tx.execute("SELECT * FROM prepared_statements WHERE work_group = ? ORDER BY name", (work_group,))
            return [_statement(row) for row in rows]

    def update(self, work_group: str, name: str, text: str, description: str | None) -> None:
        """Change a statement; its description stays where none is given.

        Raises:
            ResourceNotFoundError: there is none.
        """
        kept = self.get(work_group, name)
        with self._database.transaction() as tx:
            tx.execute(
                "UPDATE prepared_statements SET text = ?, description = ?, modified = ? "
                "WHERE work_group = ? AND name = ?",
                (text, description if description is not None else kept.description, time.time(), work_group, name),
            )

    def delete(self, work_group: str, name: str) -> None:
        """Delete a statement.

        Raises:
            ResourceNotFoundError: there is none.
        """
        self.get(work_group, name)
        with self._database.transaction() as tx:
            tx.execute("DELETE FROM prepared_statements WHERE work_group = ? AND name = ?", (work_group, name))

    def forget(self, work_group: str) -> None:
        """Delete the statements of a work group."""
        with self._database.transaction() as tx:
            tx.execute("DELETE FROM prepared_statements WHERE work_group = ?", (work_group,))


def _statement(row: sqlite3.Row) -> PreparedStatement:
    return PreparedStatement(row["work_group"], row["name"], row["text"], row["description"], row["modified"])
