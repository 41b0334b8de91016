"""Texts of values against an independent statement of each rule."""

import decimal
import struct
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.athena.results.values import double_text, real_text, writer
from laketop.athena.sql import types as t


@pytest.mark.parametrize(
    ("value", "text"),
    # from the documentation of java.lang.Double.toString, and its source's own examples
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (0.5, "0.5"),
        (100.0, "100.0"),
        (0.001, "0.001"),
        (0.00099, "9.9E-4"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (1e10, "1.0E10"),
        (12345678.9, "1.23456789E7"),
        (-1.5e300, "-1.5E300"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (4.9e-324, "5.0E-324"),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_doubles(value: float, text: str) -> None:
    assert double_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_reads_back_and_has_java_shape(value: float) -> None:
    text = double_text(value)
    assert struct.pack("d", float(text)) == struct.pack("d", value)
    mantissa, _, exponent = text.lstrip("-").partition("E")
    whole, point, fraction = mantissa.partition(".")
    assert point == "."
    assert fraction
    assert fraction == "0" or not fraction.endswith("0")
    plain = value == 0 or 1e-3 <= abs(value) < 1e7
    assert bool(exponent) != plain
    if exponent:
        assert len(whole) == 1
        assert whole != "0"
        assert not exponent.startswith("+")


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_real_reads_back_with_no_digit_too_many(value: float) -> None:
    text = real_text(value)
    assert struct.pack("f", float(text)) == struct.pack("f", value)
    digits = text.lstrip("-").partition("E")[0].replace(".", "").strip("0")
    assert len(digits) <= 9


@pytest.mark.parametrize(("value", "text"), [(0.1, "0.1"), (16777216.0, "1.6777216E7"), (1.5, "1.5"), (1e-4, "1.0E-4")])
def test_reals(value: float, text: str) -> None:
    assert real_text(struct.unpack("f", struct.pack("f", value))[0]) == text


@given(st.integers(-(10**38) + 1, 10**38 - 1), st.integers(0, 38))
def test_decimals_have_all_digits_of_their_scale(unscaled: int, scale: int) -> None:
    with decimal.localcontext(decimal.Context(prec=60)):
        value = decimal.Decimal(unscaled).scaleb(-scale)
        text = writer(t.Decimal(38, scale))(value)
        digits = str(abs(unscaled)).rjust(scale + 1, "0")
        expected = digits[: len(digits) - scale] + ("." + digits[len(digits) - scale :] if scale else "")
        assert text == ("-" if unscaled < 0 else "") + expected


@given(st.datetimes(), st.integers(0, 6))
def test_timestamps_have_the_digits_of_their_precision(value: datetime, precision: int) -> None:
    text = writer(t.Timestamp(precision))(value)
    whole = value.isoformat(sep=" ", timespec="seconds")
    fraction = f"{value.microsecond:06d}"[:precision]
    assert text == (f"{whole}.{fraction}" if precision else whole)


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [
        (t.BOOLEAN, True, "true"),
        (t.BOOLEAN, False, "false"),
        (t.BIGINT, -9223372036854775808, "-9223372036854775808"),
        (t.DATE, date(99, 1, 2), "0099-01-02"),
        (t.VARBINARY, b"123\xff", "31 32 33 ff"),
        (t.VARCHAR, 'a "b"', 'a "b"'),
        (t.TimestampTz(3), {"t": datetime(2024, 1, 2, 3, 4, 5, 678000), "z": "UTC"}, "2024-01-02 03:04:05.678 UTC"),
        (t.INTERVAL_DAY, 29 * 86_400_000, "29 00:00:00.000"),
        (t.INTERVAL_DAY, -90_061_001, "-1 01:01:01.001"),
        (t.INTERVAL_YEAR, 14, "1-2"),
        (t.Array(t.Array(t.VARCHAR)), [["hello", "amazon"], None, []], "[[hello, amazon], null, []]"),
        (t.Map(t.VARCHAR, t.INTEGER), {"last": 1, "first": None}, "{last=1, first=null}"),
        (t.Row((("a", t.INTEGER), ("b", t.DOUBLE))), {"f0": 1, "f1": 2.0}, "{a=1, b=2.0}"),
        (t.Row(((None, t.VARCHAR), (None, t.INTEGER))), {"f0": "Bob", "f1": 38}, "{field0=Bob, field1=38}"),
    ],
)
def test_other_types(type_: t.Type, value: Any, text: str) -> None:
    assert writer(type_)(value) == text
