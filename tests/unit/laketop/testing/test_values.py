"""Athena's text and Python's values."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from laketop.testing.values import literal, read


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("tinyint", "-5", -5),
        ("bigint", "9223372036854775807", 2**63 - 1),
        ("double", "1.0E-7", 1e-7),
        ("double", "Infinity", float("inf")),
        ("decimal", "10.50", Decimal("10.50")),
        ("date", "2026-01-31", date(2026, 1, 31)),
        ("timestamp", "2026-01-31 23:59:58.123", datetime(2026, 1, 31, 23, 59, 58, 123_000)),
        ("timestamp with time zone", "2026-01-31 12:00:00.000 UTC", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        (
            "timestamp with time zone",
            "2026-07-01 12:00:00.000 Europe/Berlin",
            datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin")),
        ),
        (
            "timestamp with time zone",
            "2026-01-31 12:00:00.000 -03:30",
            datetime(2026, 1, 31, 12, tzinfo=timezone(-timedelta(hours=3, minutes=30))),
        ),
        ("varchar", "", ""),
        ("array", "[1, 2]", "[1, 2]"),
        ("bigint", None, None),
    ],
)
def test_a_value_is_read_by_its_columns_type(type_: str, text: str | None, value: Any) -> None:
    found = read(type_, text)
    assert found == value
    assert type(found) is type(value)
    if isinstance(value, datetime):
        assert found.utcoffset() == value.utcoffset()


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("date", "+10000-01-01"),
        ("timestamp with time zone", "2026-01-31 12:00:00.000 Mars/Olympus"),
        ("bigint", "many"),
    ],
)
def test_what_python_cannot_hold_is_named(type_: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"Python has no such value .*cast it to varchar") as caught:
        read(type_, text)
    assert str(caught.value).startswith(f"{type_} {text!r}")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "TRUE"),
        (7, "7"),
        (0.5, "DOUBLE '0.5'"),
        (float("-inf"), "DOUBLE '-Infinity'"),
        (Decimal("1E+2"), "DECIMAL '100'"),
        ("it's", "'it''s'"),
        (date(2026, 1, 31), "DATE '2026-01-31'"),
        (datetime(2026, 1, 31, 12), "TIMESTAMP '2026-01-31 12:00:00.000000'"),
        (datetime(2026, 1, 31, 12, tzinfo=UTC), "TIMESTAMP '2026-01-31 12:00:00.000000 +00:00'"),
        (None, "NULL"),
    ],
)
def test_a_parameter_is_an_sql_literal(value: Any, text: str) -> None:
    assert literal(value) == text


def test_other_parameters_are_refused() -> None:
    with pytest.raises(TypeError, match="one of bool, int, float, Decimal, datetime, date, str or None, not list"):
        literal([1])
