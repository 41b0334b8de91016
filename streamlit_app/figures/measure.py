"""Key figures of a period beside those of the one before."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from streamlit_app import formats
from streamlit_app.figures.tile import Tile

type Totals = Mapping[str, Any]


@dataclass(frozen=True)
class Measure:
    """A key figure of a page: which, what it is called, how it is written and what it counts."""

    figure: str
    label: str
    written: Callable[[Any, str], str]
    help: str


def count(value: Any, _currency: str) -> str:
    """A count, as it is written."""
    return formats.number(value)


def share(value: Any, _currency: str) -> str:
    """A share of one, as it is written."""
    return formats.percent(value)


def cents(value: Any, currency: str) -> str:
    """A small amount of money, as it is written."""
    return formats.money(value, currency, cents=True)


def compared(measures: Iterable[Measure], now: Totals, before: Totals, currency: str) -> list[Tile]:
    """The tiles of measures, in their order, against the period before."""
    return [
        Tile(
            measure.label,
            measure.written(now[measure.figure], currency),
            formats.change(now[measure.figure], before[measure.figure]),
            measure.written(before[measure.figure], currency),
            measure.help,
        )
        for measure in measures
    ]


def plain(measures: Iterable[Measure], totals: Totals, currency: str) -> list[Tile]:
    """The tiles of measures, in their order, against nothing."""
    return [
        Tile(measure.label, measure.written(totals[measure.figure], currency), help=measure.help)
        for measure in measures
    ]
