"""Key figures, beside those of the period before where there is one."""

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


def compared(measures: Iterable[Measure], now: Totals, before: Totals | None, currency: str) -> list[Tile]:
    """The tiles of measures, in their order.

    Args:
        measures: which.
        now: the figures of a period, or of all time.
        before: those of the period before; None where there is nothing to compare with.
        currency: of all amounts.
    """
    return [_tile(measure, now[measure.figure], before, currency) for measure in measures]


def _tile(measure: Measure, value: Any, before: Totals | None, currency: str) -> Tile:
    written = measure.written(value, currency)
    if before is None:
        return Tile(measure.label, written, help=measure.help)
    then = before[measure.figure]
    change = formats.change(value, then)
    return Tile(measure.label, written, change, measure.written(then, currency), measure.help)
