"""What the query computes of a partition's rows for the matcher of MATCH_RECOGNIZE."""

import re
from dataclasses import dataclass, field

_SAFE = re.compile(r"[\w.'\s()<>=]*")  # DuckDB SQL that cannot fail: names, literals, comparisons
_CALL = re.compile(r"\w\(")
_TRUTH = "CASE WHEN {0} THEN 1 WHEN NOT {0} THEN 0 ELSE 2 END"


@dataclass
class Columns:
    """What the query computes for the matcher, each as DuckDB SQL for a row and for no row.

    Attributes:
        truths: conditions as 0, 1, 2 for NULL, and NULL where they fail.
        operands: values as text.
        kinds: how the text of each operand is read.
        pairs: conditions on two rows, the one of `alias` and the one of `other`.
        shifted: (column, how many rows away) → the name of a column that has it.
    """

    alias: str
    other: str
    truths: list[tuple[str, str]] = field(default_factory=list)
    operands: list[tuple[str, str]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    pairs: list[str] = field(default_factory=list)
    shifted: dict[tuple[int, int], str] = field(default_factory=dict)

    def column(self, number: int, shift: int, alias: str = "") -> str:
        """The SQL of a column some rows away."""
        if (number, shift) not in self.shifted:
            self.shifted[number, shift] = f"c{number}" if not shift else f"n{len(self.shifted)}"
        return f"{alias or self.alias}.{self.shifted[number, shift]}"

    def truth(self, sql: str, missing: str) -> int:
        """The number of a condition."""
        return _kept(self.truths, (guarded(sql), guarded(missing)))

    def operand(self, sql: str, missing: str, kind: str) -> int:
        """The number of an operand."""
        number = _kept(self.operands, (sql, missing))
        if number == len(self.kinds):
            self.kinds.append(kind)
        return number


def _kept(known: list[tuple[str, str]], wanted: tuple[str, str]) -> int:
    if wanted not in known:
        known.append(wanted)
    return known.index(wanted)


def guarded(sql: str) -> str:
    """A condition as a number; one that fails becomes NULL, and the matcher fails where it gets there."""
    if _SAFE.fullmatch(sql) and not _CALL.search(sql):
        return _TRUTH.format(sql)
    return f"TRY(coalesce(CAST({sql} AS INTEGER), 2))"
