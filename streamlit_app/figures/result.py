"""The rows of a statement: their columns' names, and how they are best drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

LINE, BAR, POINTS = "Line", "Bars", "Points"
KINDS = (LINE, BAR, POINTS)
MOMENT, NUMBER, WORD = "moment", "number", "word"


@dataclass(frozen=True)
class Drawing:
    """What a chart is made of: the columns of both axes, and the kind of mark."""

    x: str
    y: str
    kind: str


def distinct(table: pa.Table) -> pa.Table:
    """The same rows, columns of one name counted: `a`, `a_2`; one without a name is `column`."""
    return table.rename_columns(renamed(table.column_names))


def renamed(names: Sequence[str]) -> list[str]:
    """The names, each once: the first keeps its own, a later one gets the next number that is free."""
    taken, given = {*names}, set[str]()
    found = []
    for name in names:
        fresh, number = name or "column", 1
        while fresh in given or (number > 1 and fresh in taken):
            number += 1
            fresh = f"{name or 'column'}_{number}"
        given.add(fresh)
        found.append(fresh)
    return found


def role(type_: pa.DataType) -> str:
    """What a column can be on an axis: `MOMENT`, `NUMBER` or `WORD`."""
    if pa.types.is_temporal(type_):
        return MOMENT
    if pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return NUMBER
    return WORD


def numbers(table: pa.Table) -> list[str]:
    """The columns that can be drawn upwards."""
    return [field.name for field in table.schema if role(field.type) == NUMBER]


def suggested(table: pa.Table) -> Drawing | None:
    """The chart that fits: numbers over time as a line, by words as bars, by numbers as points; else None."""
    heights = numbers(table)
    if not heights or not len(table):
        return None
    for kind, wanted in ((LINE, MOMENT), (BAR, WORD)):
        for field in table.schema:
            if role(field.type) == wanted:
                return Drawing(field.name, heights[0], kind)
    return Drawing(heights[0], heights[1], POINTS) if len(heights) > 1 else Drawing(heights[0], heights[0], BAR)


def points(table: pa.Table, x: str, y: str) -> pd.DataFrame:
    """The columns `x` and `y` for a chart, without rows in which one is missing; numbers as floats."""
    frame = pd.DataFrame({"x": _axis(table, x), "y": _axis(table, y)})
    return frame.dropna().reset_index(drop=True)


def _axis(table: pa.Table, name: str) -> pd.Series:
    column = table[name]
    match role(column.type):
        case "number":
            return column.cast(pa.float64(), safe=False).to_pandas()
        case "moment" if not pa.types.is_time(column.type):
            return pd.to_datetime(column.to_pandas(), errors="coerce")
        case _:
            return column.cast(pa.string()).to_pandas()
