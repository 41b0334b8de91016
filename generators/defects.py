"""Puts realistic dirt into good rows, an exact share of them, and counts what it did.

A defect is of one kind, a bad row has one defect. Kinds take turns by the number of the defect, so that the counts
follow from the number of rows alone. Repeats and later reports are rows more; the rows that they repeat stay good.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generators.arrays import DAY, ids
from generators.dataset import Dataset
from generators.world import World

MISSING, WRONG_TYPE, WRONG_PATTERN, NOT_ALLOWED = "missing", "wrong_type", "wrong_pattern", "not_allowed"
OUT_OF_RANGE, REPEAT, SECOND_REPORT, ORPHAN, LATE = "out_of_range", "repeat", "second_report", "orphan", "late"

# Why the pipeline has to reject a row with the defect; None: it has to take it. Of two rows with one key one is
# rejected: the later report holds, and the earlier one is the duplicate.
REASONS: dict[str, str | None] = {
    MISSING: "MISSING_VALUE",
    WRONG_TYPE: "BAD_TYPE",
    REPEAT: "DUPLICATE",
    OUT_OF_RANGE: "OUT_OF_RANGE",
    NOT_ALLOWED: "NOT_ALLOWED",
    SECOND_REPORT: "DUPLICATE",
    WRONG_PATTERN: "BAD_PATTERN",
    ORPHAN: None,
    LATE: None,
}
MOST = 0.5  # share of rows
_COPIES = (REPEAT, SECOND_REPORT)
_UNKNOWN, _UNKNOWNS = 9_999_999, 1000  # numbers of ids that exist nowhere: this and those before it


@dataclass(frozen=True)
class Plan:
    """How many rows of a file have which defect.

    Attributes:
        rows: of the file, in all.
        share: of the rows that have a defect, 0 to 0.5.
        kinds: of defects, in the order in which they take turns.
    """

    rows: int
    share: float
    kinds: tuple[str, ...]

    @property
    def defects(self) -> int:
        """How many rows have a defect."""
        return int(self.rows * self.share + 1e-9) if self.kinds else 0

    @property
    def originals(self) -> int:
        """How many rows are no repeats."""
        turns, rest = divmod(self.defects, len(self.kinds) or 1)
        copies = [kind in _COPIES for kind in self.kinds]
        return self.rows - turns * sum(copies) - sum(copies[:rest])

    def numbers(self, first: int, rows: int) -> np.ndarray:
        """The numbers of the defects that belong to the originals from `first`; never more than `rows`."""
        bounds = [self.defects * at // self.originals for at in (first, first + rows)]
        return np.arange(*bounds)


def kinds_of(dataset: Dataset, *, typed: bool) -> tuple[str, ...]:
    """The kinds of defects that rows of a dataset can have; `typed`: in a file whose columns have one type each."""
    own = {MISSING, REPEAT, SECOND_REPORT, LATE, *dataset.dirt.cells} | ({ORPHAN} if dataset.dirt.orphans else set())
    return tuple(kind for kind in REASONS if kind in own and not (typed and kind == WRONG_TYPE))


def plan_for(originals: int, share: float, kinds: tuple[str, ...]) -> Plan:
    """The smallest plan with so many originals."""
    plan = Plan(originals, share, kinds)
    while plan.originals < originals:
        plan = Plan(plan.rows + originals - plan.originals, share, kinds)
    return plan


@dataclass
class Tally:
    """How many rows got which defect, by kind and column (None where it is about the row)."""

    counts: Counter[tuple[str, str | None]] = field(default_factory=Counter)

    def report(self, dataset: str, rows: int) -> dict[str, Any]:
        """What `--defects-report` writes: rows by kind with the pipeline's reason, and in sum by reason."""
        kinds: dict[str, Any] = {}
        reasons: Counter[str] = Counter()
        for kind, reason in REASONS.items():
            columns = {column: n for (name, column), n in sorted(self.counts.items(), key=str) if name == kind}
            kinds[kind] = {
                "rows": sum(columns.values()),
                "reason": reason,
                "columns": {column: n for column, n in columns.items() if column},
            }
            if reason:
                reasons[reason] += kinds[kind]["rows"]
        rejected = reasons.total()
        return {
            "dataset": dataset,
            "rows": rows,
            "good": rows - rejected,
            "rejected": rejected,
            "reasons": {reason: n for reason, n in sorted(reasons.items()) if n},
            "defects": kinds,
        }


def dirty(
    dataset: Dataset, world: World, table: pa.Table, kinds: Sequence[str], numbers: np.ndarray
) -> tuple[pa.Table, Tally]:
    """Give rows of a table these defects.

    Args:
        dataset: whose rows they are.
        world: whose rows they are; its stream decides which rows.
        table: good rows.
        kinds: of defects, in the order in which they take turns.
        numbers: of the defects, ascending, at most as many as rows.

    Returns:
        the table, with repeats among its rows, and what was done. A column with a value of a wrong type is of strings.
    """
    if not len(numbers):
        return table, Tally()
    random = world.stream(f"defects of {dataset.name}", int(numbers[0]))
    chosen = random.choice(len(table), len(numbers), replace=False)
    cells, tally, copies, late = _Cells(), Tally(), [], np.empty(0, np.int64)
    for at, kind in enumerate(kinds):
        mine = numbers % len(kinds) == at
        rows, turns = chosen[mine], numbers[mine] // len(kinds)
        if kind in _COPIES or kind == LATE:
            tally.counts[kind, None] += len(rows)
        if kind == LATE:
            late = rows
        elif kind in _COPIES:
            taken = table.take(pa.array(rows))
            copies.append(dataset.dirt.again(random, taken) if kind == SECOND_REPORT else taken)
        else:
            cells.choose(dataset, world, table, kind, rows, turns)
    tally.counts.update(cells.counts)
    table = _made_late(random, table, dataset, late)
    table = cells.put(pa.concat_tables([table, *copies]))
    return _mixed(random, table, sum(map(len, copies))), tally


class _Cells:
    """Cells that get another value: column → rows and texts (None: no value)."""

    def __init__(self) -> None:
        self.found: dict[str, dict[int, str | None]] = {}
        self.texts: set[str] = set()  # columns that have to become strings
        self.counts: Counter[tuple[str, str | None]] = Counter()

    def choose(
        self, dataset: Dataset, world: World, table: pa.Table, kind: str, rows: np.ndarray, turns: np.ndarray
    ) -> None:
        """Note a defect for each of the rows; columns and values take turns."""
        options = _options(dataset, kind)
        for row, turn in zip(rows.tolist(), turns.tolist(), strict=True):
            column, values = options[turn % len(options)]
            if kind == ORPHAN:
                if not table[column][row].is_valid:
                    column, values = options[-1]
                number = np.array([_UNKNOWN - turn % _UNKNOWNS])
                value: str | None = ids(values[0], world.seed, number)[0].as_py()
            else:
                value = values[turn // len(options) % len(values)]
            self.found.setdefault(column, {})[row] = value
            self.counts[kind, column] += 1
            if kind == WRONG_TYPE:
                self.texts.add(column)

    def put(self, table: pa.Table) -> pa.Table:
        """The table with the cells in it."""
        for column, cells in self.found.items():
            rows = sorted(cells)
            mask = np.zeros(len(table), bool)
            mask[rows] = True
            old = table[column].combine_chunks()
            if column in self.texts:
                old = old.cast(pa.string())
            new = pa.array([cells[row] for row in rows], pa.string()).cast(old.type)
            table = replaced(table, column, pc.replace_with_mask(old, pa.array(mask), new))
        return table


def _options(dataset: Dataset, kind: str) -> list[tuple[str, tuple[str | None, ...]]]:
    dirt = dataset.dirt
    if kind == MISSING:
        return [(column, (None,)) for column in dirt.missing]
    if kind == ORPHAN:
        return [(column, (prefix,)) for column, prefix in dirt.orphans.items()]
    return list(dirt.cells[kind].items())


def _made_late(random: np.random.Generator, table: pa.Table, dataset: Dataset, rows: np.ndarray) -> pa.Table:
    seconds = np.zeros(len(table), np.int64)
    low, high = dataset.dirt.late.days
    seconds[rows] = random.integers(low * DAY, high * DAY, len(rows))
    for column in dataset.dirt.late.columns if len(rows) else ():
        table = moved(table, column, seconds)
    return table


def _mixed(random: np.random.Generator, table: pa.Table, copies: int) -> pa.Table:
    """The table with its last `copies` rows somewhere among the others, which keep their order."""
    if not copies:
        return table
    rest = len(table) - copies
    place = np.concatenate([np.arange(rest), random.integers(0, rest, copies) + 0.5])
    return table.take(pa.array(np.argsort(place, kind="stable")))


def replaced(table: pa.Table, column: str, values: Any) -> pa.Table:
    """The table with other values in a column."""
    return table.set_column(table.schema.get_field_index(column), column, values)


def moved(table: pa.Table, column: str, seconds: np.ndarray) -> pa.Table:
    """The table with the moments of a column moved."""
    return replaced(table, column, pc.add(table[column], pa.array(seconds, pa.duration("s"))))
