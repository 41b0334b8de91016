"""Dates in Teradata's formats, and texts as UTF-16. Follows Trino's page "Teradata functions".

What the page leaves open (fields with fewer digits than the format has letters, dates without a year, month or day,
the twelfth hour of `hh`) is refused.
"""

import re
from datetime import datetime
from functools import lru_cache

from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.udfs.registry import udf

# the format's fields: as many digits, and what strftime calls them
_FIELDS = {"yyyy": 4, "yy": 2, "mm": 2, "dd": 2, "hh24": 2, "hh": 2, "mi": 2, "ss": 2}
_TOKEN = re.compile(r"yyyy|yy|mm|dd|hh24|hh|mi|ss|[-/,.;: ]")
_CENTURY = 2000  # what yy counts from
_NOON = 12


@lru_cache(maxsize=256)
def _tokens(form: str) -> list[str]:
    found, at = [], 0
    while at < len(form):
        token = _TOKEN.match(form, at)
        if token is None:
            message = f"Failed to tokenize string [{form}] at offset [{at}]"
            raise SqlError("INVALID_FUNCTION_ARGUMENT", message)
        found.append(token[0])
        at = token.end()
    return found


@udf("py_td_hex", ("VARCHAR",), "VARCHAR")
def hexadecimal(text: str) -> str:
    """The text's UTF-16 in hexadecimal digits."""
    return text.encode("utf-16-be").hex().upper()


@udf("py_td_write", ("TIMESTAMP", "VARCHAR"), "VARCHAR")
def write(moment: datetime, form: str) -> str:
    """A time in a format.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a format that is none.
    """
    tokens = _tokens(form)
    if "hh" in tokens and moment.hour % _NOON == 0:
        raise not_supported("to_char: the twelfth hour as hh")
    values = {
        "yyyy": moment.year,
        "yy": moment.year % 100,
        "mm": moment.month,
        "dd": moment.day,
        "hh24": moment.hour,
        "hh": moment.hour % _NOON,
        "mi": moment.minute,
        "ss": moment.second,
    }
    return "".join(f"{values[token]:0{_FIELDS[token]}}" if token in values else token for token in tokens)


@udf("py_td_read", ("VARCHAR", "VARCHAR"), "TIMESTAMP")
def read(text: str, form: str) -> datetime:
    """The time that a text names in a format.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a format that is none, or a text that does not follow it.
    """
    tokens = _tokens(form)
    if len({token.ljust(4, "y") if token[0] == "y" else token for token in tokens if token in _FIELDS}) < sum(
        token in _FIELDS for token in tokens
    ):
        raise not_supported(f"The date format '{form}', which has a field twice")
    if not {"mm", "dd"} <= set(tokens) or not {"yyyy", "yy"} & set(tokens):
        raise not_supported(f"The date format '{form}' without year, month or day")
    found = re.fullmatch("".join(_digits(token, _FIELDS.get(token)) for token in tokens), text)
    if found is None:
        if re.fullmatch("".join(_digits(token, 1 if token in _FIELDS else None) for token in tokens), text):
            raise not_supported(f"The date '{text}' with fewer or more digits than '{form}'")
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"Text '{text}' could not be parsed")
    return _moment(text, {key: int(value) for key, value in found.groupdict().items()})


def _digits(token: str, count: int | None) -> str:
    if count is None:
        return re.escape(token)
    return f"(?P<{token}>[0-9]{'+' if count == 1 else f'{{{count}}}'})"


def _moment(text: str, fields: dict[str, int]) -> datetime:
    year = fields.get("yyyy", _CENTURY + fields.get("yy", 0))
    hour = fields.get("hh24", fields.get("hh", 0))
    if "hh" in fields and hour == _NOON:
        raise not_supported("to_timestamp: the twelfth hour as hh")
    if "hh" in fields and hour > _NOON:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"Text '{text}' could not be parsed")
    try:
        return datetime(year, fields["mm"], fields["dd"], hour, fields.get("mi", 0), fields.get("ss", 0))
    except ValueError as error:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"Text '{text}' could not be parsed") from error
