"""Which days are shown at first, and what they may be compared with."""

from datetime import date

import pytest

from lakehouse.asking import EVERY
from lakehouse.figures import Period
from streamlit_app.show.filters import Chosen, first_view

LAST = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("first", "start"),
    [
        (date(2026, 1, 1), date(2026, 3, 2)),  # 90 days: 30, and 30 before
        (date(2026, 1, 31), date(2026, 3, 2)),  # 60 days: just enough
        (date(2026, 2, 1), date(2026, 3, 18)),  # 59 days: 14
        (date(2026, 3, 18), date(2026, 3, 25)),  # 14 days: 7
        (date(2026, 3, 19), date(2026, 3, 19)),  # 13 days: all there are
    ],
)
def test_the_most_days_that_have_as_many_before_them(first: date, start: date) -> None:
    assert first_view(first, LAST) == Period(start, LAST)


@pytest.mark.parametrize(
    ("first_day", "comparable"), [(date(2026, 3, 12), True), (date(2026, 3, 13), False), (date(2026, 3, 22), False)]
)
def test_a_part_of_the_days_before_is_nothing_to_compare_with(first_day: date, comparable: bool) -> None:
    chosen = Chosen(Period(date(2026, 3, 22), LAST), EVERY, "USD", first_day)
    assert chosen.before == Period(date(2026, 3, 12), date(2026, 3, 21))
    assert chosen.comparable is comparable
    assert ("Nothing is compared" in chosen.told_before) is not comparable
