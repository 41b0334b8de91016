"""Whatever a caller writes is either a value that Athena may be given, or a 400 that names the parameter."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.athena_helper import literal
from lambdas.api_handler import parameters
from lambdas.api_handler.messages import ApiError
from lambdas.api_handler.parameters import Period

ALL = ("from", "to", "category", "limit", "next")


def refused(given_: dict[str, list[str]], known: tuple[str, ...] = ALL) -> ApiError:
    with pytest.raises(ApiError) as caught:
        parameters.read(given_, known)
    return caught.value


@given(st.sampled_from(ALL), st.text())
def test_any_text_is_a_value_or_a_400_that_names_the_parameter(name: str, text: str) -> None:
    try:
        found: Any = parameters.read({name: [text]}, ALL)[name]
    except ApiError as refusal:
        found = refusal
    if isinstance(found, ApiError):
        assert (found.status, found.code, found.parameter) == (400, "BadParameter", name)
        assert found.message.startswith(f"{name}: ")
    else:
        assert str(found) == text


@given(st.dates(parameters.EARLIEST, parameters.LATEST))
def test_every_day_of_the_calendar_is_one(day: date) -> None:
    assert parameters.read({"from": [day.isoformat()]}, ALL) == {"from": day}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("from", "2026-02-30"),
        ("from", "2026-1-31"),
        ("from", "20260131"),
        ("from", "2026-01-31T00:00:00"),
        ("from", "1969-12-31"),
        ("to", "9999-12-31"),
        ("to", "'2026-01-01'"),
        ("to", "\u0662\u0660\u0662\u0666-01-01"),  # digits, but not ours
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "-1"),
        ("limit", "1.0"),
        ("limit", "1e1"),
        ("limit", "\u0661"),
        ("limit", ""),
        ("category", ""),
        ("category", " x"),
        ("category", "x" * 101),
        ("category", "x\n"),
        ("category", "x\x00y"),
        ("next", "=="),
        ("next", "a b"),
    ],
)
def test_what_is_no_value(name: str, text: str) -> None:
    assert refused({name: [text]}).parameter == name


def test_what_is_given_twice_and_what_nobody_knows() -> None:
    assert "more than once" in refused({"limit": ["1", "2"]}).message
    unknown = refused({"sort\u202e" + "x" * 100: ["1"]}, ("from", "to"))
    assert unknown.parameter == "sort\\u202e" + "x" * 35
    assert "this route has from, to" in unknown.message
    assert "no parameters" in refused({"x": ["1"]}, ()).message


@given(st.text(min_size=1, max_size=100))
def test_a_category_is_bound_as_one_string_whatever_is_in_it(text: str) -> None:
    try:
        category = parameters.category("category", text)
    except ApiError:
        return
    bound = literal(category)
    assert (bound[0], bound[-1]) == ("'", "'")
    assert "'" not in bound[1:-1].replace("''", "")
    assert bound[1:-1].replace("''", "'") == text


@given(st.dates(parameters.EARLIEST, date(2198, 1, 1)), st.integers(1, parameters.MOST_DAYS))
def test_the_period_before_is_as_long_and_ends_the_day_before(first: date, days: int) -> None:
    period = parameters.period({"from": first, "to": first + timedelta(days=days - 1)})
    before = period.before()
    assert (period.days, before.days) == (days, days)
    assert before.last + timedelta(days=1) == period.first


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "from"),
        ({"from": date(2026, 1, 1)}, "to"),
        ({"to": date(2026, 1, 1)}, "from"),
        ({"from": date(2026, 1, 2), "to": date(2026, 1, 1)}, "to"),
        ({"from": date(2026, 1, 1), "to": date(2027, 1, 2)}, "from"),
    ],
)
def test_what_is_no_period(values: dict[str, Any], name: str) -> None:
    with pytest.raises(ApiError) as caught:
        parameters.period(values)
    assert caught.value.parameter == name


def test_a_leap_year_is_a_period() -> None:
    assert parameters.period({"from": date(2028, 1, 1), "to": date(2028, 12, 31)}).days == 366
    assert Period(date(2026, 1, 31), date(2026, 2, 1)).months() == ("2026-01", "2026-02")


@given(st.integers(0, 300), st.integers(1, 100))
def test_pages_give_each_row_once_and_in_order(count: int, size: int) -> None:
    rows, found, token, query = list(range(count)), [], None, ("list", "2026-01-01")
    while True:
        offset = parameters.offset_of(query, token)
        page, token = parameters.page(rows[: offset + size + 1], query, offset, size)
        assert len(page) <= size
        found += page
        if token is None:
            break
        assert parameters.read({"next": [token]}, ALL) == {"next": token}
    assert found == rows


@given(st.text(alphabet="abcXYZ019-_", min_size=1, max_size=60))
def test_a_made_up_token_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        parameters.offset_of("query", text)
    assert (caught.value.status, caught.value.parameter) == (400, "next")


def test_a_token_is_of_one_question() -> None:
    token = parameters.next_token(("top", "2026-01-01"), 20)
    assert parameters.offset_of(("top", "2026-01-01"), token) == 20
    with pytest.raises(ApiError, match="another question"):
        parameters.offset_of(("top", "2026-01-02"), token)
    with pytest.raises(ApiError):
        parameters.offset_of("q", parameters.next_token("q", parameters.LAST_PLACE + 1))


def test_a_list_ends_where_tokens_end() -> None:
    rows = list(range(parameters.LAST_PLACE + 50))
    _, token = parameters.page(rows, "q", parameters.LAST_PLACE - 10, 20)
    assert token is None
