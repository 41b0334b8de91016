"""Regular expressions: which of Trino's (Joni, Java syntax) mean the same to DuckDB (RE2), and how they are written.

What the two engines understand differently, or only one of them knows (look-around, back-references, possessive
quantifiers), is left to the slower way.
"""

import math
import re
from dataclasses import dataclass, field

import regex

_SPACE = r"\t\n\x0b\f\r "  # Java's \s has the vertical tab, RE2's has not
_CLASSES = {"d": r"0-9", "w": r"0-9A-Za-z_", "s": _SPACE}
_SAME = set("dDwW")
_MOST_TURNS = 1000  # RE2 writes a repeated part out, so many times at most
_CONTROL = {"n": r"\n", "t": r"\t", "r": r"\r", "f": r"\f"}
_OPTIONAL = re.compile(r"[?*]|\{0")
_QUANTIFIER = re.compile(r"[?*+]|\{\d+(?:,\d*)?\}")
_TURNS = re.compile(r"\{\d+(?:,\d*)?\}")
_PROPERTY = re.compile(r"[pP]\{(L|Lu|Ll|N|Nd|P|M)\}")
_PROPERTY_IN_RE2 = re.compile(r"\\[pP]\{\w+\}")
_SET = re.compile(r"\[(\^?)((?:\\.|[^\]\\\[&])+)\]", re.DOTALL)


@dataclass
class Pattern:
    """A pattern that both engines understand alike.

    Attributes:
        re2: the pattern for DuckDB.
        groups: how many capturing groups it has.
        optional: the groups that may be left out of a match.
        dollar: whether it has `$`, which in Java also stands before a last line end.
        choice: whether it is, as a whole, one of several alternatives.
        ascii: whether it means the same only for texts without other characters than those of ASCII.
    """

    re2: str = ""
    groups: int = 0
    optional: set[int] = field(default_factory=set)
    dollar: bool = False
    choice: bool = False
    ascii: bool = False

    @property
    def empty(self) -> bool:
        """Whether it matches the empty text somewhere."""
        return _empty(self.re2)

    @property
    def placed(self) -> bool:
        """Whether it depends on what stands before it, which a splitting DuckDB forgets."""
        return re.search(r"(?<!\\)(?:\\\\)*(?:\\[bB]|\^)", self.re2) is not None


def _empty(written: str) -> bool:
    """Whether a pattern of RE2's matches the empty text, apart from limits of words."""
    # another engine does for this question: properties become letters
    plain = re.sub(r"\\[bB]|(\\.)", lambda found: found[1] or "", _PROPERTY_IN_RE2.sub("x", written), flags=re.DOTALL)
    return regex.fullmatch(plain, "") is not None


class _OtherError(Exception):
    """A part does not mean the same."""


def read(source: str) -> Pattern | None:
    """The pattern for DuckDB; None if it has a part that does not mean the same."""
    try:
        found = _Reader(source).pattern()
    except _OtherError:
        return None
    turns = math.prod(int(number) for number in re.findall(r"\d+", "".join(_TURNS.findall(found.re2))) if int(number))
    return found if turns <= _MOST_TURNS and (source.isascii() or not found.ascii) else None


class _Reader:
    """One pass over a pattern's text."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.found = Pattern()
        self.written: list[str] = []
        # of each open group: (its number or None, the groups in it, whether it has an alternative, where it begins)
        self.open: list[tuple[int | None, set[int], bool, int]] = [(None, set(), False, 0)]

    def pattern(self) -> Pattern:
        while self.at < len(self.source):
            self.written.append(self._next())
        if len(self.open) > 1:
            raise _OtherError
        _, inside, choice, _ = self.open.pop()
        if choice:
            self.found.optional |= inside
        self.found.choice = choice
        self.found.re2 = "".join(self.written)
        return self.found

    def _next(self) -> str:
        source, at = self.source, self.at
        if source.startswith("(?i)") and at == 0:
            self.at += 4
            self.found.ascii = True
            return "(?i)"
        handlers = {"\\": self._escape, "[": self._set, "(": self._group, ")": self._close, "|": self._choice}
        mark = source[at]
        if mark in handlers:
            return handlers[mark]()
        quantifier = _QUANTIFIER.match(source, at)
        if quantifier:
            return self._quantifier(quantifier.group())
        if mark in "{}]":
            raise _OtherError
        self.found.dollar |= mark == "$"
        self.at += 1
        return mark

    def _quantifier(self, text: str) -> str:
        self.at += len(text)
        following = self.source[self.at : self.at + 1]
        if following == "+":
            raise _OtherError
        if following == "?":
            self.at += 1
            return text + "?"
        return text

    def _escape(self) -> str:
        rest = self.source[self.at + 1 :]
        property_ = _PROPERTY.match(rest)
        if property_:
            self.at += 1 + len(property_.group())
            # the two know letters of different age; and what case has to do with it is not the same
            if self.written[:1] == ["(?i)"]:
                raise _OtherError
            self.found.ascii = True
            return "\\" + property_.group()
        mark = rest[:1]
        self.at += 2
        if mark in ("b", "B"):
            self.found.ascii = True
            return "\\" + mark
        if mark in _SAME or (mark and not mark.isalnum()):
            return "\\" + mark
        if mark in ("s", "S"):
            return f"[{'^' if mark == 'S' else ''}{_SPACE}]"
        if mark in _CONTROL:
            return _CONTROL[mark]
        raise _OtherError

    def _set(self) -> str:
        found = _SET.match(self.source, self.at)
        if found is None:
            raise _OtherError
        self.at = found.end()
        inside = re.sub(r"\\(.)", self._set_escape, found.group(2), flags=re.DOTALL)
        return f"[{found.group(1)}{inside}]"

    def _set_escape(self, found: re.Match[str]) -> str:
        mark = found.group(1)
        if mark in _CLASSES:
            return _CLASSES[mark]
        if mark in _CONTROL:
            return _CONTROL[mark]
        if mark.isalnum():
            raise _OtherError
        return found.group()

    def _group(self) -> str:
        if self.source.startswith("(?:", self.at):
            self.at += 3
            self.open.append((None, set(), False, len(self.written)))
            return "(?:"
        if self.source.startswith("(?", self.at):
            raise _OtherError
        self.at += 1
        self.found.groups += 1
        self.open.append((self.found.groups, set(), False, len(self.written)))
        return "("

    def _close(self) -> str:
        if len(self.open) == 1:
            raise _OtherError
        number, inside, choice, start = self.open.pop()
        self.at += 1
        if _QUANTIFIER.match(self.source, self.at) and self._may_be_empty(start):
            # when a turn without a character ends the repetition is not the same everywhere
            raise _OtherError
        if choice:
            self.found.optional |= inside
        if number is not None:
            inside.add(number)
        if _OPTIONAL.match(self.source, self.at):
            self.found.optional |= inside
        if _QUANTIFIER.match(self.source, self.at) and inside:
            # which turn of a repeated group counts is not the same everywhere
            self.found.optional |= inside
        self.open[-1][1].update(inside)
        return ")"

    def _choice(self) -> str:
        number, inside, _, start = self.open.pop()
        self.open.append((number, inside, True, start))
        self.at += 1
        return "|"

    def _may_be_empty(self, start: int) -> bool:
        """Whether the group that begins there matches the empty text."""
        return _empty("".join(self.written[start:]) + ")")
