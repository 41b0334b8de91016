"""Figures as people write them."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

NONE = "–"
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def money(amount: Decimal | None, currency: str, cents: bool = False) -> str:
    """An amount, e.g. `$1,234`; halves are rounded up."""
    if amount is None:
        return NONE
    rounded = amount.quantize(Decimal("0.01") if cents else Decimal(1), ROUND_HALF_UP)
    sign = _SIGNS.get(currency)
    text = f"{abs(rounded):,}"
    return ("-" if rounded < 0 else "") + (f"{sign}{text}" if sign else f"{text} {currency}")


def number(value: int | None) -> str:
    """A count, e.g. `1,234`."""
    return NONE if value is None else f"{value:,}"


def percent(share: float | None, digits: int = 1) -> str:
    """A share of one, e.g. `2.5 %`."""
    return NONE if share is None else f"{100 * share:.{digits}f} %"


def change(now: Decimal | float | None, before: Decimal | float | None) -> str | None:
    """By how much more than before, in percent with its sign; None where there is nothing to compare with."""
    if now is None or not before:
        return None
    return f"{100 * (float(now) - float(before)) / abs(float(before)):+.1f} %"


def size(count: float) -> str:
    """Bytes, e.g. `1.5 MB`; a kB has 1000."""
    for unit in _UNITS:
        if abs(count) < 1000 or unit == _UNITS[-1]:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError


def seconds(value: float | None) -> str:
    """A length of time, e.g. `850 ms`, `12.3 s`, `4 min 5 s`, `2 h 3 min`."""
    if value is None:
        return NONE
    if value < 1:
        return f"{1000 * value:.0f} ms"
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, e.g. `3 min ago`. A moment without a zone is UTC."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    passed = max(now - moment, timedelta(0))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if passed.total_seconds() >= length:
            return f"{int(passed.total_seconds() // length)} {unit} ago"
    return "just now"
