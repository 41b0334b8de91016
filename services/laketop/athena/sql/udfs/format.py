"""format(): Java's Formatter, over arguments that come as texts with the kind of value that they are.

Follows Trino's page "Conversion functions" and the documented rules of java.util.Formatter.
"""

import datetime
import decimal
import math
import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs.registry import udf

LONG, DOUBLE, REAL, DECIMAL, TEXT, BOOLEAN = "L", "D", "F", "N", "S", "B"
DATE, TIME, TIMESTAMP, ZONED = "d", "t", "T", "Z"
_TEMPORAL = DATE + TIME + TIMESTAMP + ZONED

_SPECIFIER = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(\.\d+)?([tT])?([a-zA-Z%])")
_FLAGS = {"d": "-+ 0,(", "o": "-#0", "x": "-#0", "e": "-#+ 0(", "f": "-#+ 0,(", "g": "-+ 0,(", "%": "-"}
_PLAIN_LIMITS = (1e-3, 1e7)  # between them Java writes a double without an exponent
_DEFAULT_PRECISION = 6
_SMALLEST_GENERAL = decimal.Decimal("0.0001")
_HASH_BITS = 32
_HASHES: int = 2**_HASH_BITS
_CONTEXT = decimal.Context(prec=1200, rounding=decimal.ROUND_HALF_UP)


@dataclass(frozen=True)
class _Spec:
    """One specifier: what stands between % and the letter."""

    text: str
    flags: str
    width: int | None
    precision: int | None
    conversion: str
    upper: bool
    temporal: bool


@udf("py_format", ("VARCHAR", "VARCHAR", "VARCHAR[]"), "VARCHAR", nulls=True)
def format_text(pattern: str | None, kinds: str | None, values: list[str | None] | None) -> str | None:
    """A pattern filled with values.

    Args:
        pattern: Java's format string; NULL gives NULL.
        kinds: a letter a value, of those above.
        values: the values as texts.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a pattern that Java refuses or that does not fit the values.
    """
    if pattern is None or kinds is None or values is None:
        return None
    written, end, ordinary, last = [], 0, 0, -1
    for match in _SPECIFIER.finditer(pattern):
        written.append(_literal(pattern[end : match.start()], pattern))
        end = match.end()
        spec = _spec(match, pattern)
        if spec.conversion == "n":
            written.append("\n")
            continue
        if spec.conversion == "%":
            written.append(_justified("%", spec))
            continue
        if "<" in match[2]:
            position = last
        elif match[1]:
            position = int(match[1]) - 1
        else:
            position, ordinary = ordinary, ordinary + 1
        if not 0 <= position < len(values):
            raise _wrong(pattern, f"MissingFormatArgument: Format specifier '{spec.text}'")
        last = position
        written.append(_converted(spec, kinds[position], values[position], pattern))
    return "".join([*written, _literal(pattern[end:], pattern)])


def _wrong(pattern: str, why: str) -> SqlError:
    return SqlError("INVALID_FUNCTION_ARGUMENT", f"Invalid format string: {pattern} ({why})")


def _literal(piece: str, pattern: str) -> str:
    if "%" in piece:
        raise _wrong(pattern, "UnknownFormatConversion: Conversion = '%'")
    return piece


def _spec(match: re.Match[str], pattern: str) -> _Spec:
    _, flags, width, precision, temporal, letter = match.groups()
    flags = flags.replace("<", "")
    conversion = letter if temporal else letter.lower()
    upper = temporal == "T" if temporal else letter.isupper()
    spec = _Spec(
        match[0],
        flags,
        int(width) if width else None,
        int(precision[1:]) if precision else None,
        conversion,
        upper,
        temporal is not None,
    )
    if not temporal and (letter not in "bBhHsScCdoxXeEfgGaA%n" or letter == "N"):
        raise _wrong(pattern, f"UnknownFormatConversion: Conversion = '{letter}'")
    _check(spec, pattern)
    return spec


def _check(spec: _Spec, pattern: str) -> None:
    flags, conversion = spec.flags, spec.conversion
    if len(set(flags)) != len(flags):
        raise _wrong(pattern, f"DuplicateFormatFlags: Flags = '{flags}'")
    if spec.width is None and ("-" in flags or "0" in flags):
        raise _wrong(pattern, f"MissingFormatWidth: {spec.text}")
    if ("-" in flags and "0" in flags) or ("+" in flags and " " in flags):
        raise _wrong(pattern, f"IllegalFormatFlags: Flags = '{flags}'")
    if conversion == "n" and not spec.temporal and (flags or spec.width is not None or spec.precision is not None):
        raise _wrong(pattern, f"IllegalFormatFlags: Flags = '{flags}'")
    if spec.precision is not None and (spec.temporal or conversion in "dxoc%"):
        raise _wrong(pattern, f"IllegalFormatPrecision: {spec.precision}")
    allowed = "-" if spec.temporal else _FLAGS.get(conversion, "-")
    foreign = [flag for flag in flags if flag not in allowed]
    if foreign:
        raise _wrong(pattern, f"FormatFlagsConversionMismatch: Conversion = {conversion}, Flags = {foreign[0]}")


def _justified(value: str, spec: _Spec) -> str:
    """A text in its width, counted as Java does: characters beyond the first 65,536 are two."""
    value = value.upper() if spec.upper else value
    missing = (spec.width or 0) - len(value.encode("utf-16-le")) // 2
    blanks = " " * max(missing, 0)
    return value + blanks if "-" in spec.flags else blanks + value


def _cut(value: str, precision: int | None) -> str:
    if precision is None:
        return value
    return value.encode("utf-16-le")[: 2 * precision].decode("utf-16-le", "replace")


def _converted(spec: _Spec, kind: str, value: str | None, pattern: str) -> str:
    conversion = spec.conversion
    if spec.temporal:
        return _justified("null" if value is None else _temporal(spec, kind, value, pattern), spec)
    if conversion == "b":
        return _justified(
            _cut("false" if value is None or (kind == BOOLEAN and value == "false") else "true", spec.precision), spec
        )
    if value is None:
        return _justified(_cut("null", spec.precision), spec)
    if conversion == "s":
        return _justified(_cut(_shown(kind, value), spec.precision), spec)
    if conversion == "h":
        return _justified(_cut(f"{_hash(kind, value):x}", spec.precision), spec)
    accepted = {"d": LONG, "x": LONG, "o": LONG, "e": DOUBLE + REAL + DECIMAL, "f": DOUBLE + REAL + DECIMAL}
    accepted["g"] = accepted["f"]
    if conversion == "a":
        raise SqlError("NOT_SUPPORTED", "format: the conversion %a is not supported by Laketop")
    if kind not in accepted.get(conversion, ""):
        raise _wrong(pattern, f"IllegalFormatConversion: {conversion} != {kind}")
    if conversion in "xo":
        return _bits(spec, int(value))
    return _number(spec, kind, value)


def _bits(spec: _Spec, value: int) -> str:
    digits = format(value % 2**64, spec.conversion)
    prefix = {"x": "0x", "o": "0"}[spec.conversion] if "#" in spec.flags else ""
    if "0" in spec.flags:
        digits = digits.rjust((spec.width or 0) - len(prefix), "0")
    return _justified(prefix + digits, spec)


def _number(spec: _Spec, kind: str, value: str) -> str:
    if kind in (DOUBLE, REAL):
        number = float(value.rpartition("|")[2])
        if not math.isfinite(number):
            return _justified(_signed("NaN" if math.isnan(number) else "Infinity", spec, negative=number < 0), spec)
        negative = math.copysign(1, number) < 0
        exact = decimal.Decimal(repr(abs(number)))
    else:
        exact = decimal.Decimal(value)
        negative, exact = exact < 0, abs(exact)
    digits = _DIGITS[spec.conversion](exact, _DEFAULT_PRECISION if spec.precision is None else spec.precision)
    if "," in spec.flags and "e" not in digits:
        whole, point, fraction = digits.partition(".")
        digits = f"{int(whole):,}{point}{fraction}"
    if "0" in spec.flags:
        sign = len(_signed("", spec, negative=negative))
        digits = digits.rjust((spec.width or 0) - sign, "0")
    return _justified(
        _signed(digits, spec, negative=negative and (kind != DECIMAL or any(d in digits for d in "123456789"))), spec
    )


def _signed(digits: str, spec: _Spec, *, negative: bool) -> str:
    if negative:
        return f"({digits})" if "(" in spec.flags else f"-{digits}"
    if digits == "NaN":
        return digits
    return ("+" if "+" in spec.flags else " " if " " in spec.flags else "") + digits


def _fixed(value: decimal.Decimal, precision: int) -> str:
    return f"{value.quantize(decimal.Decimal(1).scaleb(-precision), context=_CONTEXT):f}"


def _scientific(value: decimal.Decimal, precision: int) -> str:
    if not value:
        return f"{_fixed(value, precision)}e+00"
    exponent = value.adjusted()
    mantissa = value.scaleb(-exponent).quantize(decimal.Decimal(1).scaleb(-precision), context=_CONTEXT)
    if mantissa >= 10:
        mantissa, exponent = (
            (mantissa / 10).quantize(decimal.Decimal(1).scaleb(-precision), context=_CONTEXT),
            exponent + 1,
        )
    return f"{mantissa:f}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def _general(value: decimal.Decimal, precision: int) -> str:
    precision = max(precision, 1)
    if not value:
        return _fixed(value, precision - 1)
    rounded = value.quantize(decimal.Decimal(1).scaleb(value.adjusted() - precision + 1), context=_CONTEXT)
    if _SMALLEST_GENERAL <= rounded < decimal.Decimal(10) ** precision:
        return _fixed(rounded, max(precision - rounded.adjusted() - 1, 0))
    return _scientific(rounded, precision - 1)


_DIGITS: dict[str, Callable[[decimal.Decimal, int], str]] = {
    "d": lambda value, _: f"{value:f}",
    "f": _fixed,
    "e": _scientific,
    "g": _general,
}


def java_double(value: float) -> str:
    """Java's text of a double: 1.0, 1.0E10, NaN."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return _java_digits(repr(value), abs(value))


def _java_digits(shortest: str, size: float) -> str:
    sign = "-" if shortest.startswith("-") else ""
    if not size:
        return f"{sign}0.0"
    number = abs(decimal.Decimal(shortest))
    if _PLAIN_LIMITS[0] <= size < _PLAIN_LIMITS[1]:
        plain = f"{number:f}"
        return sign + (plain if "." in plain else f"{plain}.0")
    digits = "".join(map(str, number.as_tuple().digits)).rstrip("0") or "0"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{number.adjusted()}"


def _shown(kind: str, value: str) -> str:
    """What Java's toString() says."""
    if kind == DOUBLE:
        return java_double(float(value))
    if kind == REAL:
        shortest, _, exact = value.partition("|")
        number = float(exact)
        return _java_digits(shortest, abs(number)) if math.isfinite(number) else java_double(number)
    if kind == DECIMAL:
        return str(decimal.Decimal(value))
    if kind in _TEMPORAL:
        return _iso(kind, value)
    return value


def _moment(kind: str, value: str) -> datetime.datetime:
    if kind == TIME:
        return datetime.datetime.fromisoformat(f"1970-01-01 {value}")
    if kind == ZONED:
        instant, _, zone = value.partition("|")
        moment = datetime.datetime.fromisoformat(instant).replace(tzinfo=datetime.UTC)
        offset = re.fullmatch(r"([+-])(\d\d):(\d\d)", zone)
        if not offset:
            return moment.astimezone(zoneinfo.ZoneInfo(zone))
        minutes = (int(offset[2]) * 60 + int(offset[3])) * (-1 if offset[1] == "-" else 1)
        return moment.astimezone(datetime.timezone(datetime.timedelta(minutes=minutes)))
    return datetime.datetime.fromisoformat(value)


def _iso(kind: str, value: str) -> str:
    if kind == DATE:
        return value
    moment = _moment(kind, value)
    shown = f"{moment:%H:%M}"
    if moment.second or moment.microsecond:
        shown += f":{moment:%S}"
    if moment.microsecond:
        shown += f".{moment.microsecond // 1000:03}" if moment.microsecond % 1000 == 0 else f".{moment.microsecond:06}"
    if kind != TIME:
        shown = f"{moment.date().isoformat()}T{shown}"
    if kind != ZONED:
        return shown
    offset, zone = f"{moment:%:z}", value.partition("|")[2]
    offset = "Z" if offset == "+00:00" else offset
    return shown + (offset if re.fullmatch(r"[+-]\d\d:\d\d", zone) else f"{offset}[{zone}]")


def _hash(kind: str, value: str) -> int:
    """Java's hashCode() as an unsigned number."""
    if kind == LONG:
        bits = int(value) % 2**64
        return (bits ^ (bits >> _HASH_BITS)) % _HASHES
    if kind != TEXT:
        raise SqlError("NOT_SUPPORTED", "format: %h of anything but text and whole numbers is not supported by Laketop")
    found, units = 0, value.encode("utf-16-be")
    for high, low in zip(units[::2], units[1::2], strict=True):
        found = (found * 31 + high * 256 + low) % _HASHES
    return found


_CLOCK = {
    "H": "%H",
    "M": "%M",
    "S": "%S",
    "T": "%H:%M:%S",
    "R": "%H:%M",
    "I": "%I",
    "k": "%-H",
    "l": "%-I",
    "p": "%p",
    "r": "%I:%M:%S %p",
    "L": None,
    "N": None,
}
_CALENDAR = {
    "Y": "%Y",
    "y": "%y",
    "m": "%m",
    "d": "%d",
    "e": "%-d",
    "B": "%B",
    "b": "%b",
    "h": "%b",
    "A": "%A",
    "a": "%a",
    "j": "%j",
    "F": "%Y-%m-%d",
    "D": "%m/%d/%y",
    "C": None,
}


def _temporal(spec: _Spec, kind: str, value: str, pattern: str) -> str:
    letter = spec.conversion
    if kind not in _TEMPORAL:
        raise _wrong(pattern, f"IllegalFormatConversion: {letter} != {kind}")
    if (
        (letter in _CLOCK and kind == DATE)
        or (letter in _CALENDAR and kind == TIME)
        or letter not in {**_CLOCK, **_CALENDAR}
    ):
        raise SqlError("NOT_SUPPORTED", f"format: {spec.text} of this value is not supported by Laketop")
    moment = _moment(kind, value)
    special = {
        "L": f"{moment.microsecond // 1000:03}",
        "N": f"{moment.microsecond:06}000",
        "C": f"{moment.year // 100:02}",
    }
    if letter in special:
        return special[letter]
    if letter in "YF":
        return f"{moment.year:04}" + ("" if letter == "Y" else f"{moment:-%m-%d}")
    shown = moment.strftime({**_CLOCK, **_CALENDAR}[letter] or "")
    return shown.lower() if letter == "p" else shown
