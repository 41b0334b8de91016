"""What the values of a column show: its type, whether one is missing, whether they differ.

Types are inferred so that they hold every value seen exactly: a number with a leading zero is no number (a post code),
a fraction is a decimal of its digits, or a double where a double has exactly that shortest form.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

SHOWN = 2  # examples
FEW = 12  # distinct values of a column that has allowed ones, at most
MANY = 1_000_000  # values of a column of which it is known whether they differ

_WHOLE = re.compile(r"0|-?[1-9][0-9]*")
_FRACTION = re.compile(r"-?(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?")
_INT, _BIGINT = 2**31, 2**63
_PRECISIONS = (10, 18, 38)  # decimals of four, eight and sixteen bytes, with room for larger values
_MOST_DIGITS = 38
_DOUBLE_DIGITS = 15  # which every double keeps (IEEE 754)
_MONEY_SCALE = 9  # digits after the point up to which a fraction is rather a decimal than a double


class Number(str):
    """The text of a number or boolean of JSON, which is told from the text of a string."""

    __slots__ = ()


def _holds(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _is_double(text: str) -> bool:
    if len(text) <= _DOUBLE_DIGITS and _FRACTION.fullmatch(text):
        return True
    return _FLOAT.fullmatch(text) is not None and Decimal(repr(float(text))) == Decimal(text)


# Kind → whether a text is a value of it.
_KINDS: Mapping[str, Callable[[str], bool]] = {
    "boolean": lambda text: text.lower() in ("true", "false"),
    "whole": lambda text: _WHOLE.fullmatch(text) is not None,
    "fraction": lambda text: _FRACTION.fullmatch(text) is not None,
    "double": _is_double,
    "date": lambda text: _DATE.fullmatch(text) is not None and _holds(date.fromisoformat, text),
    "timestamp": lambda text: _TIMESTAMP.fullmatch(text) is not None and _holds(datetime.fromisoformat, text),
}
_UNQUOTED = ("boolean", "whole", "fraction", "double")  # in JSON; a string that looks like a number is none


@dataclass
class Profile:
    """A column, as its values have been added.

    Attributes:
        name: its name.
        declared: its Hive type where the file itself says it (Parquet), or None.
        missing: how many rows have no value.
        present: how many have one.
        kinds: what all values so far could be.
        distinct: the first different values, `FEW` and one at most.
        seen: all values, while no two are equal and they are not too many; None afterwards.
    """

    name: str
    declared: str | None = None
    missing: int = 0
    present: int = 0
    kinds: set[str] = field(default_factory=lambda: set(_KINDS))
    distinct: dict[str, None] = field(default_factory=dict)
    seen: set[str] | None = field(default_factory=set)
    repeated: bool = False
    smallest: int = 0
    largest: int = 0
    whole_digits: int = 1
    scale: int = 0

    def add(self, value: str | None) -> None:
        """Take a row's value; None where it has none."""
        if value is None:
            self.missing += 1
            return
        self.present += 1
        if value in self.distinct:  # seen and looked at: most values of a column with few of them
            self.repeated, self.seen = True, None
            return
        if len(self.distinct) <= FEW:
            self.distinct[value] = None
        if self.seen is not None:
            self._compare(value, self.seen)
        if self.kinds and self.declared is None:
            self._look(value)

    def add_json(self, value: str | None) -> None:
        """Take a value of JSON: a `Number` where it was written without quotes."""
        if value is not None and not isinstance(value, Number):
            self.kinds.difference_update(_UNQUOTED)
        self.add(value)

    @property
    def unique(self) -> bool:
        """Whether every row has a value and no two are equal, among the first `MANY`."""
        return self.present > 0 and not self.missing and not self.repeated

    @property
    def examples(self) -> list[str]:
        """The first different values."""
        return list(self.distinct)[:SHOWN]

    @property
    def type(self) -> str:
        """The Hive type that holds all values exactly; a column without any is a string."""
        if self.declared:
            return self.declared
        if not self.present:
            return "string"
        answers = {"boolean": "boolean", "whole": self._whole(), "date": "date", "timestamp": "timestamp"}
        for kind, answer in answers.items():
            if kind in self.kinds and answer:
                return answer
        return self._fraction() or "string"

    def _compare(self, value: str, seen: set[str]) -> None:
        self.repeated = value in seen
        seen.add(value)
        if self.repeated or len(seen) >= MANY:
            self.seen = None

    def _look(self, value: str) -> None:
        for kind in tuple(self.kinds):
            if not _KINDS[kind](value):
                self.kinds.discard(kind)
        if "fraction" in self.kinds and (found := _FRACTION.fullmatch(value)):
            self.whole_digits = max(self.whole_digits, len(found[1]))
            self.scale = max(self.scale, len(found[2] or ""))
        if "whole" in self.kinds and self.whole_digits <= _MOST_DIGITS:
            self.smallest, self.largest = min(self.smallest, int(value)), max(self.largest, int(value))

    def _whole(self) -> str | None:
        if self.whole_digits > _MOST_DIGITS:
            return None
        for name, limit in (("int", _INT), ("bigint", _BIGINT)):
            if -limit <= self.smallest and self.largest < limit:
                return name
        return f"decimal({_MOST_DIGITS},0)"

    def _fraction(self) -> str | None:
        digits = self.whole_digits + self.scale
        exact = "fraction" in self.kinds and digits <= _MOST_DIGITS
        if "double" in self.kinds and not (exact and self.scale <= _MONEY_SCALE):
            return "double"
        if exact:
            return f"decimal({next(number for number in _PRECISIONS if digits <= number)},{self.scale})"
        return None
