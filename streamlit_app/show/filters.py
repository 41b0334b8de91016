"""Days and category: the same on every page, and part of the address, so that a link shows the same."""

from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from lakehouse.asking import EVERY
from lakehouse.figures import Period
from lakehouse.named_queries import Question
from streamlit_app.lake.answers import rows
from streamlit_app.show import states

FIRST_VIEWS = (30, 14, 7)  # days


@dataclass(frozen=True)
class Known:
    """What can be chosen: first and last day of the data, the categories, and the currency of all amounts."""

    first_day: date
    last_day: date
    currency: str
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Chosen:
    """What is chosen.

    Attributes:
        period: the days, both ends included.
        category: its name, or `all`.
        currency: of all amounts.
        first_day: of the data.
    """

    period: Period
    category: str
    currency: str
    first_day: date

    @property
    def before(self) -> Period:
        """As many days, just before."""
        return self.period.before()

    @property
    def comparable(self) -> bool:
        """Whether the data have all of the days before: a part of them would make any rise too great."""
        return self.before.first >= self.first_day

    @property
    def told_before(self) -> str:
        """What the figures are compared with, in words."""
        days = f"the {self.before.days} days before, {self.before.first} to {self.before.last}"
        if self.comparable:
            return f"Beside each figure: {days}."
        return f"Nothing is compared: the data begin on {self.first_day}, and do not have all of {days}."


def first_view(first: date, last: date) -> Period:
    """The last 30, 14 or 7 days: the most that have as many days before them; else all there are."""
    for days in FIRST_VIEWS:
        if (last - first).days + 1 >= 2 * days:
            return Period(last - timedelta(days=days - 1), last)
    return Period(first, last)


def known() -> Known | None:
    """What can be chosen; None while there are no figures.

    Raises:
        what `answers.rows` raises.
    """
    (days, *_), categories = rows(Question("days"), Question("categories"))
    if days["first_day"] is None:
        return None
    names = tuple(row["category"] for row in categories)
    return Known(days["first_day"], days["last_day"], days["currency"], names)


def bar(*, category: bool = True) -> Chosen | None:
    """Draw the filters.

    Args:
        category: whether a category can be chosen on this page; where not, it is kept for the others.

    Returns:
        what is chosen; None where that is no question yet: there are no figures, one end of the days is missing, or
        AWS does not answer. The page then says so, and there is nothing else to draw.
    """
    with states.guarded("Filters"):
        found = known()
        if found is None:
            states.empty("No sales yet", "They are there when the pipeline has run: see *Pipeline*.")
            return None
        return _drawn(found, category)
    return None


def _drawn(found: Known, category: bool) -> Chosen | None:
    view = first_view(found.first_day, found.last_day)
    left, right = st.columns([3, 2])
    days = left.date_input(
        "Days, both ends included",
        (view.first, view.last),
        min_value=found.first_day,
        max_value=found.last_day,
        format="YYYY-MM-DD",
        key="days",
        bind="query-params",
    )
    chosen = EVERY
    if category:
        chosen = right.selectbox(
            "Category",
            [EVERY, *found.categories],
            format_func=lambda name: "All categories" if name == EVERY else name.capitalize(),
            key="category",
            bind="query-params",
        )
    if len(days) != 2:
        states.empty("One end of the days is missing", "Choose the last day too.")
        return None
    return Chosen(Period(*days), chosen, found.currency, found.first_day)
