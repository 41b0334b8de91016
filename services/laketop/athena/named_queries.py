"""Named queries ("NamedQuery" of the Athena API reference): texts that are kept, by id and work group."""

import sqlite3
import uuid
from dataclasses import asdict, dataclass

from laketop.athena.errors import InvalidRequestError
from laketop.sqlite import Database

SCHEMA = (
    """
    CREATE TABLE named_queries (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        database TEXT NOT NULL,
        text TEXT NOT NULL,
        description TEXT,
        work_group TEXT NOT NULL,
        token TEXT UNIQUE
    ) STRICT
    """,
)


@dataclass(frozen=True)
class NamedQuery:
    """A query text under a name."""

    id: str
    name: str
    database: str
    text: str
    description: str | None
    work_group: str


class NamedQueries:
    """The named queries of the lake."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, name: str, database: str, text: str, description: str | None, work_group: str, token: str | None
    ) -> NamedQuery:
        """Keep a query; the same token finds the one that it made.

        Raises:
            InvalidRequestError: the token was used for another query.
        """
        query = NamedQuery(str(uuid.uuid4()), name, database, text, description, work_group)
        with self._database.transaction() as tx:
            row = tx.execute("SELECT * FROM named_queries WHERE token = ? AND token IS NOT NULL", (token,)).fetchone()
            if row is not None:
                found = _query(row)
                if asdict(found) | {"id": ""} != asdict(query) | {"id": ""}:
                    raise InvalidRequestError("Idempotent parameters do not match")
                return found
            tx.execute(
                "INSERT INTO named_queries (id, name, database, text, description, work_group, token) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (query.id, name, database, text, description, work_group, token),
            )
        return query

    def get(self, identifier: str) -> NamedQuery | None:
        """The query of an id, None where there is none."""
        with self._database.read() as tx:
            row = tx.execute("SELECT * FROM named_queries WHERE id = ?", (identifier,)).fetchone()
        return _query(row) if row else None

    def page(self, work_group: str, after: int, size: int) -> tuple[list[str], int | None]:
        """Ids of a work group's queries after a number, and where the next page begins (None at the end)."""
        with self._database.read() as tx:
            rows = tx.execute(
                "SELECT number, id FROM named_queries WHERE work_group = ? AND number > ? ORDER BY number LIMIT ?",
                (work_group, after, size + 1),
            ).fetchall()
        following = rows[size - 1]["number"] if len(rows) > size else None
        return [row["id"] for row in rows[:size]], following

    def delete(self, identifier: str) -> bool:
        """Delete a query; False where there was none."""
        with self._database.transaction() as tx:
            return tx.execute("DELETE FROM named_queries WHERE id = ?", (identifier,)).rowcount > 0

    def update(self, identifier: str, name: str, text: str, description: str | None) -> bool:
        """Change a query; False where there is none."""
        with self._database.transaction() as tx:
            return (
                tx.execute(
                    "UPDATE named_queries SET name = ?, text = ?, description = coalesce(?, description) WHERE id = ?",
                    (name, text, description, identifier),
                ).rowcount
                > 0
            )

    def active(self, work_group: str) -> bool:
        """Whether a work group has named queries."""
        with self._database.read() as tx:
            row = tx.execute("SELECT 1 FROM named_queries WHERE work_group = ? LIMIT 1", (work_group,)).fetchone()
        return row is not None

    def forget(self, work_group: str) -> None:
        """Delete the named queries of a work group."""
        with self._database.transaction() as tx:
            tx.execute("DELETE FROM named_queries WHERE work_group = ?", (work_group,))


def _query(row: sqlite3.Row) -> NamedQuery:
    return NamedQuery(row["id"], row["name"], row["database"], row["text"], row["description"], row["work_group"])
