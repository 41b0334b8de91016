"""Security configurations in SQLite: create, get, list, delete. They are never changed, as on AWS."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from laketop.glue.codec import decode, encode, moment
from laketop.glue.errors import AlreadyExists, EntityNotFound, InvalidInput
from laketop.glue.paging import Page, page, position
from laketop.sqlite import Database

SCHEMA = (
    """CREATE TABLE security_configurations (
        name TEXT PRIMARY KEY, encryption TEXT NOT NULL, created REAL NOT NULL) WITHOUT ROWID""",
)
MOST_CONFIGURATIONS = 1000  # a page's limit

# Member of EncryptionConfiguration → the member that says how, and whether that needs a key.
_MODES = {
    "S3Encryption": ("S3EncryptionMode", {"SSE-KMS"}),
    "CloudWatchEncryption": ("CloudWatchEncryptionMode", {"SSE-KMS"}),
    "JobBookmarksEncryption": ("JobBookmarksEncryptionMode", {"CSE-KMS"}),
}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class SecurityConfiguration:
    """A security configuration; `encryption` is the API's EncryptionConfiguration."""

    name: str
    encryption: Mapping[str, Any]
    created: datetime


class SecurityConfigurations:
    """The account's security configurations.

    Follows "Security APIs in AWS Glue" of the AWS Glue Developer Guide.
    """

    def __init__(self, database: Database, now: Callable[[], datetime] = _now) -> None:
        self._database = database
        self._now = now

    def create(self, name: str, encryption: Mapping[str, Any]) -> SecurityConfiguration:
        """Add a configuration.

        Raises:
            AlreadyExists: there is one of the name.
            InvalidInput: a mode needs a key and has none.
        """
        _check(encryption)
        made = SecurityConfiguration(name, dict(encryption), self._now())
        with self._database.transaction() as tx:
            if _find(tx, name):
                raise AlreadyExists(f"Security configuration {name} already exists.")
            row = (name, encode(made.encryption), made.created.timestamp())
            tx.execute("INSERT INTO security_configurations VALUES (?, ?, ?)", row)
        return made

    def get(self, name: str) -> SecurityConfiguration:
        """A configuration by name.

        Raises:
            EntityNotFound: there is none.
        """
        with self._database.read() as tx:
            found = _find(tx, name)
        if found is None:
            raise EntityNotFound(f"Security configuration {name} not found.")
        return found

    def list(self, operation: str, token: str | None, limit: int) -> Page[SecurityConfiguration]:
        """A page of the configurations, by name."""
        after = position(operation, token) or ""
        with self._database.read() as tx:
            rows = tx.execute("SELECT * FROM security_configurations WHERE name > ? ORDER BY name", (after,))
            return page(operation, map(_of, rows), limit=limit, most=MOST_CONFIGURATIONS, key=lambda entry: entry.name)

    def delete(self, name: str) -> None:
        """Remove a configuration.

        Raises:
            EntityNotFound: there is none.
        """
        with self._database.transaction() as tx:
            if not tx.execute("DELETE FROM security_configurations WHERE name = ?", (name,)).rowcount:
                raise EntityNotFound(f"Security configuration {name} not found.")


def _check(encryption: Mapping[str, Any]) -> None:
    for member, (mode, keyed) in _MODES.items():
        found = encryption.get(member) or []
        for part in found if isinstance(found, list) else [found]:
            if part.get(mode) in keyed and not part.get("KmsKeyArn"):
                raise InvalidInput(f"{member} of mode {part[mode]} needs a KmsKeyArn.")


def _find(tx: sqlite3.Connection, name: str) -> SecurityConfiguration | None:
    row = tx.execute("SELECT * FROM security_configurations WHERE name = ?", (name,)).fetchone()
    return _of(row) if row else None


def _of(row: sqlite3.Row) -> SecurityConfiguration:
    return SecurityConfiguration(row["name"], decode(row["encryption"]), moment(row["created"]))
