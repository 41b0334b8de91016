"""Tags of work groups and data catalogs ("TagResource" of the Athena API reference)."""

from collections.abc import Mapping, Sequence

from laketop.sqlite import Database

SCHEMA = (
    """
    CREATE TABLE tags (
        arn TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (arn, key)
    ) STRICT
    """,
)


class Tags:
    """Tags by ARN."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, arn: str) -> dict[str, str]:
        """The tags of a resource."""
        with self._database.read() as tx:
            return {
                row["key"]: row["value"] for row in tx.execute("SELECT * FROM tags WHERE arn = ? ORDER BY key", (arn,))
            }

    def add(self, arn: str, tags: Mapping[str, str]) -> None:
        """Set tags."""
        with self._database.transaction() as tx:
            tx.executemany(
                "INSERT OR REPLACE INTO tags VALUES (?, ?, ?)", [(arn, key, value) for key, value in tags.items()]
            )

    def remove(self, arn: str, keys: Sequence[str]) -> None:
        """Remove tags by key."""
        with self._database.transaction() as tx:
            tx.executemany("DELETE FROM tags WHERE arn = ? AND key = ?", [(arn, key) for key in keys])

    def forget(self, arn: str) -> None:
        """Remove all tags of a resource."""
        with self._database.transaction() as tx:
            tx.execute("DELETE FROM tags WHERE arn = ?", (arn,))
