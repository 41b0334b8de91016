"""What became of each row of each file, so that none is lost: rows read = rows written + rows rejected."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from lakehouse.contracts import Contract
from lakehouse.etl.files import SOURCE
from lakehouse.etl.notes import BatchError, Note
from lakehouse.etl.rows import DUPLICATE, REASON, TOUCHED

Values = tuple[str, ...]  # a partition: the values of its keys as text, in their order


@dataclass(frozen=True)
class Account:
    """What became of the rows.

    Attributes:
        rows: how many of each file by reason (None: written).
        changed: partitions whose rows may have changed; one without values where the table has no partition key.
        kept: those of them that have rows to write.
    """

    rows: Counter[tuple[str, str | None]]
    changed: frozenset[Values]
    kept: frozenset[Values]

    def by_file(self) -> Counter[str]:
        """Rows read of each file."""
        count: Counter[str] = Counter()
        for (source, _), rows in self.rows.items():
            count[source] += rows
        return count

    def by_reason(self, source: str | None = None) -> Counter[str | None]:
        """Rows by reason, None for those written; of one file or of all."""
        count: Counter[str | None] = Counter()
        for (name, reason), rows in self.rows.items():
            if source in (None, name):
                count[reason] += rows
        return count


def account(result: DataFrame, contract: Contract) -> Account:
    """Count the rows of `rows.transform` by file and reason, and find the partitions whose rows may have changed."""
    keys = [f.col(column.name).cast("string").alias(f"_key{place}") for place, column in enumerate(contract.partitions)]
    groups = result.groupBy(SOURCE, REASON, TOUCHED, *keys).count().collect()
    rows: Counter[tuple[str, str | None]] = Counter()
    for group in groups:
        rows[group[SOURCE], group[REASON]] += group["count"]
    good = [(group, tuple(group[3:-1])) for group in groups if group[REASON] in (None, DUPLICATE)]
    changed = frozenset(values for group, values in good if group[TOUCHED])
    kept = frozenset(values for group, values in good if group[REASON] is None)
    return Account(rows=rows, changed=changed, kept=kept & changed)


def check_counts(notes: Iterable[Note], read: Counter[str]) -> None:
    """Compare the rows read of each file with what the validator counted.

    Raises:
        BatchError: they differ, so that a row would be lost or made up.
    """
    for note in notes:
        if read[note.raw] != note.rows:
            raise BatchError(
                f"{note.raw}: {read[note.raw]} rows read, but the validator counted {note.rows}: nothing was written; "
                "compare the file with the landing object that its note names, and run the job again"
            )


def figures(reasons: Counter[str | None]) -> dict[str, Any]:
    """Rows by reason as log lines and summaries show them: rows_in, rows_out, rejected, duplicates, reasons."""
    rejected = {reason: rows for reason, rows in sorted(reasons.items(), key=str) if reason}
    return {
        "rows_in": reasons.total(),
        "rows_out": reasons[None],
        "rejected": sum(rejected.values()),
        "duplicates": rejected.get(DUPLICATE, 0),
        "reasons": rejected,
    }
