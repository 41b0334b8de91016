"""Regular expressions: which of Trino's (Joni, Java syntax) mean the same to DuckDB (RE2), and how they are written.

A pattern must be a literal, so that it can be read here. What the two engines understand differently, or only one of
them knows (look-around, back-references, possessive quantifiers), is refused.
"""

import re
from dataclasses import dataclass, field

from laketop.athena.sql.functions.call import Call

_SPACE = r"\t\n\x0b\f\r "  # Java's \s has the vertical tab, RE2's has not
_CLASSES = {"d": r"0-9", "w": r"0-9A-Za-z_", "s": _SPACE}
_SAME = set("dDwW")
_CONTROL = {"n": r"\n", "t": r"\t", "r": r"\r", "f": r"\f"}
_OPTIONAL = re.compile(r"[?*]|\{0")
_QUANTIFIER = re.compile(r"[?*+]|\{\d+(?:,\d*)?\}")
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
    """

    re2: str = ""
    groups: int = 0
    optional: set[int] = field(default_factory=set)
    dollar: bool = False
    choice: bool = False

    @property
    def empty(self) -> bool:
        """Whether it matches the empty text somewhere."""
        # Python's engine does for this question; it has no \\p{…}
        return re.search(_PROPERTY_IN_RE2.sub("x", self.re2), "") is not None


def read(call: Call, position: int) -> Pattern:
    """The pattern in an argument.

    Raises:
        SqlError: NOT_SUPPORTED for a pattern that is no literal, or has a part that does not mean the same.
    """
    return _Reader(call.text_literal(position, "the pattern"), call).pattern()


class _Reader:
    """One pass over a pattern's text."""

    def __init__(self, source: str, call: Call) -> None:
        self.source, self.call = source, call
        self.at = 0
        self.found = Pattern()
        # of each open group: (its number or None, the groups in it, whether it has an alternative)
        self.open: list[tuple[int | None, set[int], bool]] = [(None, set(), False)]

    def pattern(self) -> Pattern:
        written = []
        while self.at < len(self.source):
            written.append(self._next())
        if len(self.open) > 1:
            raise self.call.invalid("end pattern with unmatched parenthesis")
        _, inside, choice = self.open.pop()
        if choice:
            self.found.optional |= inside
        self.found.choice = choice
        self.found.re2 = "".join(written)
        return self.found

    def _next(self) -> str:
        source, at = self.source, self.at
        if source.startswith("(?i)") and at == 0:
            self.at += 4
            return "(?i)"
        handlers = {"\\": self._escape, "[": self._set, "(": self._group, ")": self._close, "|": self._choice}
        mark = source[at]
        if mark in handlers:
            return handlers[mark]()
        quantifier = _QUANTIFIER.match(source, at)
        if quantifier:
            return self._quantifier(quantifier.group())
        if mark in "{}]":
            raise self._refuse(mark)
        self.found.dollar |= mark == "$"
        self.at += 1
        return mark

    def _quantifier(self, text: str) -> str:
        self.at += len(text)
        following = self.source[self.at : self.at + 1]
        if following == "+":
            raise self._refuse(text + "+")
        if following == "?":
            self.at += 1
            return text + "?"
        return text

    def _escape(self) -> str:
        rest = self.source[self.at + 1 :]
        property_ = _PROPERTY.match(rest)
        if property_:
            self.at += 1 + len(property_.group())
            return "\\" + property_.group()
        mark = rest[:1]
        self.at += 2
        if mark in _SAME or (mark and not mark.isalnum()):
            return "\\" + mark
        if mark in ("s", "S"):
            return f"[{'^' if mark == 'S' else ''}{_SPACE}]"
        if mark in _CONTROL:
            return _CONTROL[mark]
        raise self._refuse("\\" + mark)

    def _set(self) -> str:
        found = _SET.match(self.source, self.at)
        if found is None:
            raise self._refuse(self.source[self.at :])
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
            raise self._refuse(f"[\\{mark}]")
        return found.group()

    def _group(self) -> str:
        if self.source.startswith("(?:", self.at):
            self.at += 3
            self.open.append((None, set(), False))
            return "(?:"
        if self.source.startswith("(?", self.at):
            raise self._refuse(self.source[self.at : self.at + 4])
        self.at += 1
        self.found.groups += 1
        self.open.append((self.found.groups, set(), False))
        return "("

    def _close(self) -> str:
        if len(self.open) == 1:
            raise self.call.invalid("unmatched close parenthesis")
        number, inside, choice = self.open.pop()
        self.at += 1
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
        number, inside, _ = self.open.pop()
        self.open.append((number, inside, True))
        self.at += 1
        return "|"

    def _refuse(self, part: str) -> Exception:
        return self.call.refuse(f"'{part}' in the pattern '{self.source}'")
