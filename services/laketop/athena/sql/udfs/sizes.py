"""Numbers as people write them: 1.5MB, 12.3K, 2 weeks, 1.5h."""

import decimal
import math
import re

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs.registry import udf

_SIZES = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
_SIZE = re.compile(rf"(\d+\.?\d*|\.\d+)({'|'.join(_SIZES)})", re.ASCII)
_UNITS = ("", "K", "M", "B", "T", "Q")
_THOUSAND = 1000
_SPANS = (("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", re.ASCII)
_MILLISECONDS = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4, "h": 3.6e6, "d": 8.64e7}
_MAX_INT64 = 2**63 - 1


@udf("py_data_size", ("VARCHAR",), "HUGEINT")
def data_size(value: str) -> decimal.Decimal:
    """parse_data_size: bytes, rounded down.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for anything else, NUMERIC_VALUE_OUT_OF_RANGE beyond 38 digits.
    """
    match = _SIZE.fullmatch(value)
    if not match:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"Invalid data size: '{value}'")
    with decimal.localcontext(prec=len(value) + 40):
        size = int(decimal.Decimal(match[1]) * 1024 ** _SIZES.index(match[2]))
    if size >= 10**38:
        raise SqlError("NUMERIC_VALUE_OUT_OF_RANGE", f"Value out of range: '{value}'")
    return decimal.Decimal(size)


@udf("py_format_number", ("DOUBLE",), "VARCHAR")
def format_number(value: float) -> str:
    """format_number of a double, whose fraction is cut."""
    if math.isnan(value):
        return "0"
    return format_whole(
        int(max(min(value, _MAX_INT64), -_MAX_INT64 - 1))
        if math.isfinite(value)
        else int(math.copysign(_MAX_INT64, value))
    )


@udf("py_format_whole", ("BIGINT",), "VARCHAR")
def format_whole(value: int) -> str:
    """format_number of a bigint: about three digits and a unit. Below zero there are always two behind the point."""
    size, unit = float(value), 0
    while abs(size) >= _THOUSAND and unit < len(_UNITS) - 1:
        size, unit = size / _THOUSAND, unit + 1
    places = 2 if size < 10 else 1 if size < 100 else 0
    rounded = decimal.Decimal(repr(size)).quantize(decimal.Decimal(1).scaleb(-places), decimal.ROUND_HALF_EVEN)
    shown = f"{rounded:f}"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) + _UNITS[unit]


@udf("py_readable_seconds", ("DOUBLE",), "VARCHAR")
def readable_seconds(value: float) -> str:
    """human_readable_seconds: weeks to seconds in words.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for NaN and infinities.
    """
    if not math.isfinite(value):
        shown = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"Invalid argument found: {shown}")
    rest, words = min(math.floor(abs(value) + 0.5), 2**63 - 1), []
    for name, seconds in _SPANS:
        count, rest = divmod(rest, seconds)
        if count:
            words.append(f"{count} {name}{'' if count == 1 else 's'}")
    return ", ".join(words) or "0 seconds"


@udf("py_duration", ("VARCHAR",), "BIGINT")
def duration(value: str) -> int:
    """parse_duration: milliseconds.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for anything but a number with a unit.
    """
    match = _DURATION.fullmatch(value)
    if not match:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"duration is not a valid data duration string: {value}")
    if match[2] not in _MILLISECONDS:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"Unknown time unit: {match[2]}")
    return math.floor(float(match[1]) * _MILLISECONDS[match[2]] + 0.5)
