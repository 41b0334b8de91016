"""Joni's regular expressions (Trino's engine, with the syntax it calls Java) as those of Python's `regex` module.

Joni's Java syntax is not Java's: `\\h`, `\\R` and `\\X` are plain letters, `\\w` and `\\d` know ASCII only while `\\b`
and `[[:alpha:]]` know all of Unicode, `$` without `(?m)` also stands before a last line end. A pattern is read once,
part by part; what Joni refuses is Trino's error, what is not known to mean the same is refused. Follows Trino's page
"Regular expression functions" and measured answers.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.joni_classes import POSIX, SHORT, WORD, escaped, of_letters, property_

_CONTROL = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "a": 7, "e": 27}
_BOUNDARY = {
    "b": rf"(?:(?<={WORD})(?!{WORD})|(?<!{WORD})(?={WORD}))",
    "B": rf"(?:(?<={WORD})(?={WORD})|(?<!{WORD})(?!{WORD}))",
}
_ANCHORS = {"A": r"\A", "Z": r"(?=\n?\Z)", "z": r"\Z", **_BOUNDARY}
_QUANTIFIER = re.compile(r"([*+?]|\{(\d+)(?:(,)(\d*))?\})([?+]?)")
_MOST_TURNS = 100_000
_NAME = re.compile(r"(?P<name>[^\d\W][^>')]*)")
_OPTIONS = re.compile(r"\?([imsx]*)(?:-([imsx]*))?([:)])")
_LOOKS = {"?=": "(?=", "?!": "(?!", "?>": "(?>"}
_REFERENCE = re.compile(r"k(?:<([^>]+)>|'([^']+)')")
_POSIX_CLASS = re.compile(r"\[:(\^?)(\w+):\]")
_SPACES = " \t\n\r\f\v"


@dataclass(frozen=True)
class Pattern:
    """A pattern that has been read.

    Attributes:
        text: the pattern for the `regex` module, with its V1 syntax.
        groups: how many groups it captures.
        names: the numbers of named groups.
        ignores_case: whether case does not matter in some part of it.
        letters: whether it asks what is a letter, mark or number of Unicode.
        classes: whether it asks for other classes of Unicode.
    """

    text: str
    groups: int
    names: dict[str, int] = field(default_factory=dict)
    ignores_case: bool = False
    letters: bool = False
    classes: bool = False


class _Part(NamedTuple):
    """A part of a pattern: how it is written, how many characters it takes (None: not always as many)."""

    text: str
    width: int | None
    repeats: bool = True  # whether a quantifier may follow


def read(source: str) -> Pattern:
    """Read a pattern.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT in Joni's words, or NOT_SUPPORTED.
    """
    return _Reader(source).pattern()


class _Reader:
    """One pass over a pattern."""

    def __init__(self, source: str) -> None:
        self.source, self.at = source, 0
        self.options: frozenset[str] = frozenset()
        self.quoting = False
        self.groups, self.names = 0, dict[str, int]()
        self.references: list[int | str] = []
        self.behind: list[str] = []  # the look-behinds around this place
        self.ignores_case = self.letters = self.classes = False

    def pattern(self) -> Pattern:
        branches = self.alternatives()
        if self.at < len(self.source):
            self.invalid("unmatched close parenthesis")
        self.check_references()
        text = "|".join(part.text for part in branches)
        return Pattern(text, self.groups, self.names, self.ignores_case, self.letters, self.classes)

    def check_references(self) -> None:
        for reference in self.references:
            if isinstance(reference, int) and reference > self.groups:
                self.invalid("invalid backref number/name")

    def invalid(self, message: str) -> NoReturn:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", message)

    def refuse(self, part: str) -> NoReturn:
        raise not_supported(f"'{part}' in the regular expression '{self.source}'")

    def rest(self, text: str) -> bool:
        return self.source.startswith(text, self.at)

    def take(self) -> str:
        """The next character."""
        if self.at >= len(self.source):
            self.invalid("end pattern at escape")
        self.at += 1
        return self.source[self.at - 1]

    # branches and quantifiers

    def alternatives(self) -> list[_Part]:
        branches = [self.branch()]
        while self.rest("|"):
            self.at += 1
            branches.append(self.branch())
        return branches

    def branch(self) -> _Part:
        written: list[str] = []
        width: int | None = 0
        while self.skip() and (self.quoting or self.source[self.at] not in "|)"):
            part = self.repeated(self.atom())
            written.append(part.text)
            width = None if width is None or part.width is None else width + part.width
        return _Part("".join(written), width)

    def skip(self) -> bool:
        """Pass over what means nothing; whether there is more."""
        while self.at < len(self.source):
            if self.rest("\\E") and self.quoting:
                self.quoting = False
                self.at += 2
            elif self.rest("\\Q") and not self.quoting:
                self.quoting = True
                self.at += 2
            elif self.quoting or not self.skip_comment():
                return True
        return False

    def skip_comment(self) -> bool:
        if self.rest("(?#"):
            end = self.source.find(")", self.at)
            if end < 0:
                self.invalid("end pattern in group")
            self.at = end + 1
            return True
        if "x" not in self.options or self.source[self.at] not in _SPACES + "#":
            return False
        if self.source[self.at] == "#":
            end = self.source.find("\n", self.at)
            self.at = len(self.source) if end < 0 else end
        else:
            self.at += 1
        return True

    def repeated(self, part: _Part) -> _Part:
        if not self.skip() or self.quoting:
            return part
        found = _QUANTIFIER.match(self.source, self.at)
        if found is None:
            return part
        if not part.repeats:
            self.refuse(part.text + found[0])
        self.at = found.end()
        if self.skip() and not self.quoting and _QUANTIFIER.match(self.source, self.at):
            self.refuse(self.source[found.start() : self.at + 1])
        least, most = _turns(found)
        if max(least, most or 0) > _MOST_TURNS:
            self.invalid("too big number range")
        if most is not None and least > most:
            self.invalid("can't do {n,m} with n > m" if found[5] else "too big wide-char value")
        width = part.width * least if least == most and part.width is not None else None
        return _Part(part.text + found[0], width)

    # atoms

    def atom(self) -> _Part:
        if self.quoting:
            return _Part(escaped(self.take()), 1)
        if _QUANTIFIER.match(self.source, self.at):
            self.invalid("target of repeat operator is not specified")
        mark = self.take()
        handler = _ATOMS.get(mark)
        return handler(self) if handler else _Part(escaped(mark), 1)

    def dot(self) -> _Part:
        return _Part("(?s:.)" if "s" in self.options else r"[^\n]", 1)

    def start(self) -> _Part:
        return _Part(r"(?:\A|(?<=\n)(?!\Z))" if "m" in self.options else r"\A", 0, repeats=False)

    def end(self) -> _Part:
        return _Part(r"(?=\n|\Z)" if "m" in self.options else r"(?=\n?\Z)", 0, repeats=False)

    def escape(self) -> _Part:
        mark = self.take()
        if mark in SHORT:
            return _Part(f"(?-i:{SHORT[mark]})", 1)
        if mark in _ANCHORS:
            self.letters |= mark in _BOUNDARY
            return _Part(_ANCHORS[mark], 0, repeats=False)
        if mark in "pP":
            return _Part(f"(?-i:{self.property(mark)})", 1)
        if mark.isdigit() and mark != "0":
            return self.numbered(mark)
        if mark == "k":
            return self.named_reference()
        return _Part(escaped(chr(self.code(mark))), 1)

    def code(self, mark: str) -> int:
        """The character that an escape names; letters without a meaning are themselves."""
        if mark in _CONTROL:
            return _CONTROL[mark]
        if mark in "EGCMQ":
            self.refuse("\\" + mark)
        if mark == "x":
            return self.digits(r"\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{2})", 16, "\\x")
        if mark == "u":
            return self.digits(r"([0-9a-fA-F]{4})()", 16, "\\u")
        if mark == "0":
            return self.digits(r"([0-7]{0,2})()", 8, "\\0")
        if mark == "c":
            return ord(self.take()) & 0x1F
        return ord(mark)

    def digits(self, form: str, base: int, shown: str) -> int:
        found = re.compile(form).match(self.source, self.at)
        if found is None:
            self.refuse(shown)
        self.at = found.end()
        value = int(found[1] or found[2] or "0", base)
        if value > 0x10FFFF or 0xD800 <= value < 0xE000:
            self.refuse(shown + found[0])
        return value

    def numbered(self, first: str) -> _Part:
        """A back-reference, or a character's octal number where there are not as many groups."""
        digits = first
        while self.at < len(self.source) and self.source[self.at].isdigit() and len(digits) < 3:
            digits += self.take()
        number = int(digits)
        if len(digits) == 1 or number <= self.groups:
            return self.reference(number)
        if not re.fullmatch(r"[0-3]?[0-7]{2}", digits) or int(digits, 8) >= 128:
            self.refuse("\\" + digits)
        return _Part(escaped(chr(int(digits, 8))), 1)

    def named_reference(self) -> _Part:
        found = _REFERENCE.match(self.source, self.at - 1)
        if found is None:
            self.refuse("\\k")
        self.at = found.end()
        name = found[1] or found[2]
        if name.isdigit():
            return self.reference(int(name))
        if name not in self.names:
            self.invalid(f"undefined name <{name}> reference")
        return self.reference(self.names[name])

    def reference(self, number: int) -> _Part:
        self.references.append(number)
        if number > self.groups:
            # a group that is still to come cannot be written for `regex`
            self.check_later(number)
        return _Part(f"(?:\\g<{number}>)" if number > 99 else f"(?:\\{number})", None)

    def check_later(self, number: int) -> None:
        if len(re.findall(r"(?<!\\)\((?!\?)|\(\?<[^=!]", self.source)) < number:
            self.invalid("invalid backref number/name")
        self.refuse(f"\\{number} before its group")

    def property(self, mark: str) -> str:
        found = re.compile(r"\{([^}]*)\}|([A-Za-z])").match(self.source, self.at)
        if found is None:
            self.invalid("invalid character property name")
        self.at = found.end()
        self.asked(found[1] or found[2] or "")
        return property_(found[1] if found[1] is not None else found[2], self.source, inverse=mark == "P")

    def asked(self, name: str) -> None:
        """Remember that a class of Unicode is asked for."""
        self.letters = True
        self.classes |= not of_letters(name)

    # groups

    def group(self) -> _Part:
        if not self.rest("?"):
            self.groups += 1
            if "(?<!" in self.behind:
                self.invalid("invalid pattern in look-behind")
            return self.inside("(")
        for opening, written in _LOOKS.items():
            if self.rest(opening):
                return self.look(opening, written)
        if self.rest("?<=") or self.rest("?<!"):
            return self.look_behind()
        if self.rest("?<") or self.rest("?'"):
            return self.named_group()
        found = _OPTIONS.match(self.source, self.at)
        if found is None or found[0] == "?)":
            self.invalid("end pattern in group" if self.source[self.at :] == "?" else "undefined group option")
        return self.with_options(found)

    def look(self, opening: str, written: str) -> _Part:
        if self.behind:
            self.invalid("invalid pattern in look-behind")
        self.at += len(opening)
        part = self.inside(written)
        return part if opening == "?>" else _Part(part.text, 0, repeats=False)

    def look_behind(self) -> _Part:
        written = "(" + self.source[self.at : self.at + 3]
        self.at += 3
        self.behind.append(written)
        branches = self.closed()
        self.behind.pop()
        if any(part.width is None for part in branches):
            self.check_behind(branches)
        return _Part(written + "|".join(part.text for part in branches) + ")", 0, repeats=False)

    def check_behind(self, branches: list[_Part]) -> NoReturn:
        if len(branches) == 1 and re.fullmatch(r"\((?:\?:)?[^()]*\|[^()]*\)", branches[0].text):
            # alternatives of different lengths may stand in a group that is all there is
            self.refuse("a group of alternatives in a look-behind")
        self.invalid("invalid pattern in look-behind")

    def named_group(self) -> _Part:
        end = ">" if self.rest("?<") else "'"
        found = _NAME.match(self.source, self.at + 2)
        if found is None or not self.source.startswith(end, found.end()):
            self.invalid("group name is empty or invalid")
        if found["name"] in self.names:
            # Joni takes any of them for the name
            self.invalid(f"duplicated group name <{found['name']}>")
        self.at = found.end() + 1
        self.groups += 1
        self.names[found["name"]] = self.groups
        if "(?<!" in self.behind:
            self.invalid("invalid pattern in look-behind")
        return self.inside("(")

    def with_options(self, found: re.Match[str]) -> _Part:
        on, off, end = found.groups()
        self.at = found.end()
        if self.behind and (on or off):
            self.invalid("invalid pattern in look-behind")
        before = self.options
        self.options = (before | set(on)) - set(off or "")
        self.ignores_case |= "i" in self.options
        opening = "(?i-f:" if "i" in self.options else "(?-i:"
        # without a part of its own, it holds for all that follows in the group around it, alternatives too
        branches = self.closed() if end == ":" else self.alternatives()
        self.options = before
        return _grouped(opening if on or off else "(?:", branches)

    def inside(self, opening: str) -> _Part:
        before = self.options
        branches = self.closed()
        self.options = before
        return _grouped(opening, branches)

    def closed(self) -> list[_Part]:
        branches = self.alternatives()
        if not self.rest(")"):
            self.invalid("end pattern with unmatched parenthesis")
        self.at += 1
        return branches

    # sets of characters

    def set(self) -> _Part:
        return _Part(self.bracketed(), 1)

    def bracketed(self) -> str:
        negated = "^" if self.rest("^") else ""
        self.at += len(negated)
        operands: list[list[str]] = [[]]
        first = True
        while first or not self.rest("]"):
            if self.at >= len(self.source):
                self.invalid("premature end of char-class")
            if self.rest("&&"):
                self.at += 2
                operands.append([])
            else:
                operands[-1].append(self.member(first=first))
            first = False
        self.at += 1
        if not all(operands):
            self.refuse("&& without a set on both sides")
        if len(operands) == 1:
            return f"[{negated}{''.join(operands[0])}]"
        return f"[{negated}{'&&'.join('[' + ''.join(members) + ']' for members in operands)}]"

    def member(self, *, first: bool) -> str:
        """A part of a set: another set, a class, a character or a range."""
        posix = _POSIX_CLASS.match(self.source, self.at)
        if posix:
            return self.posix(posix)
        mark = self.take()
        if mark == "]" and first and "]" not in self.source[self.at :]:
            self.invalid("empty char-class")
        if mark == "[":
            return self.bracketed()
        if mark == "\\":
            found = self.class_escape()
            if found is not None:
                self.check_dash(found)
                return found
            mark = chr(self.code_in_set())
        return self.range(mark)

    def posix(self, found: re.Match[str]) -> str:
        self.at = found.end()
        if found[2] not in POSIX:
            self.invalid("premature end of char-class")
        self.asked(found[2])
        if "i" in self.options:
            self.refuse(f"{found[0]} where case does not matter")
        return f"[{found[1]}{POSIX[found[2]]}]"

    def class_escape(self) -> str | None:
        mark = self.source[self.at : self.at + 1]
        if mark in SHORT and mark:
            self.at += 1
            return SHORT[mark]
        if mark in ("p", "P"):
            self.at += 1
            if "i" in self.options:
                self.refuse(f"\\{mark} in a set where case does not matter")
            return self.property(mark)
        return None

    def code_in_set(self) -> int:
        mark = self.take()
        if mark == "b":
            return 8
        if mark.isdigit() and mark not in "089":
            self.at -= 1
            return self.digits(r"([0-7]{1,3})()", 8, "\\")
        return self.code(mark)

    def check_dash(self, found: str) -> None:
        if self.rest("-") and not self.rest("-]"):
            self.refuse(f"a range from {found}")

    def range(self, low: str) -> str:
        if not self.rest("-") or self.rest("-]"):
            return escaped(low)
        self.at += 1
        high = self.take()
        if high == "[" or (high == "&" and self.rest("&")):
            self.refuse("-" + high)
        if high == "\\":
            if self.class_escape() is not None:
                self.invalid("char-class value at end of range")
            high = chr(self.code_in_set())
        if high < low:
            self.invalid("empty range in char class")
        if self.rest("-") and not self.rest("-]"):
            self.refuse(f"{low}-{high}-")
        return f"{escaped(low)}-{escaped(high)}"


_ATOMS: dict[str, Callable[[_Reader], _Part]] = {
    ".": _Reader.dot,
    "^": _Reader.start,
    "$": _Reader.end,
    "\\": _Reader.escape,
    "(": _Reader.group,
    "[": _Reader.set,
}


def _turns(found: re.Match[str]) -> tuple[int, int | None]:
    """The least and the most turns of a quantifier; None is no limit."""
    if found[2] is None:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[found[1]]
    least = int(found[2])
    if found[3] is None:
        return least, least
    return least, int(found[4]) if found[4] else None


def _grouped(opening: str, branches: list[_Part]) -> _Part:
    widths = {part.width for part in branches}
    width = widths.pop() if len(widths) == 1 else None
    return _Part(opening + "|".join(part.text for part in branches) + ")", width)
