"""Tags of databases and jobs, by ARN. They live with what they are on and go with it."""

from collections.abc import Mapping, Sequence

from laketop.glue.errors import InvalidInput
from laketop.sqlite import Database

SCHEMA = (
    """CREATE TABLE tags (
        arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)) WITHOUT ROWID""",
)
MOST_TAGS = 50  # of a resource


class Tags:
    """The tags of every resource, in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, arn: str) -> dict[str, str]:
        """The tags of a resource, by key."""
        with self._database.read() as tx:
            rows = tx.execute("SELECT key, value FROM tags WHERE arn = ? ORDER BY key", (arn,))
            return {row["key"]: row["value"] for row in rows}

    def add(self, arn: str, tags: Mapping[str, str]) -> None:
        """Set tags; those of other keys stay.

        Raises:
            InvalidInput: the resource would have more than fifty.
        """
        with self._database.transaction() as tx:
            tx.executemany(
                "INSERT INTO tags VALUES (?, ?, ?) ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value",
                [(arn, key, value) for key, value in tags.items()],
            )
            (count,) = tx.execute("SELECT count(*) FROM tags WHERE arn = ?", (arn,)).fetchone()
            if count > MOST_TAGS:
                raise InvalidInput(f"{arn} would have {count} tags, {MOST_TAGS} are allowed.")

    def replace(self, arn: str, tags: Mapping[str, str]) -> None:
        """Have a resource carry exactly these tags."""
        self.remove(arn)
        self.add(arn, tags)

    def remove(self, arn: str, keys: Sequence[str] | None = None) -> None:
        """Remove tags by key; all of them without keys."""
        with self._database.transaction() as tx:
            if keys is None:
                tx.execute("DELETE FROM tags WHERE arn = ?", (arn,))
            else:
                tx.executemany("DELETE FROM tags WHERE arn = ? AND key = ?", [(arn, key) for key in keys])
