"""Regular expressions for patterns that DuckDB's engine has not, or would understand otherwise.

Follows Trino's page "Regular expression functions". A match of the empty text is a match, also right after another.
"""

from collections.abc import Iterator
from functools import lru_cache

import regex

from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.joni import Pattern, read
from laketop.athena.sql.joni_unicode import ANY, LETTERS
from laketop.athena.sql.udfs.registry import udf

# Letters that are the same as several others where case does not matter, or of which the engines disagree.
_UNSURE = frozenset(
    chr(code) for code in range(0x80, 0xFB18) if not 0xD800 <= code < 0xE000 and len(chr(code).casefold()) > 1
) | frozenset("\u0130\u0131\u017f\u1e9e\u212a\u212b")
_ALWAYS_UNSURE = frozenset("\u0130\u0131\u017f\u1e9e\u212a\u212b")


def _invalid(message: str) -> SqlError:
    return SqlError("INVALID_FUNCTION_ARGUMENT", message)


class Compiled:
    """A pattern that can be searched for."""

    def __init__(self, source: str) -> None:
        self.pattern: Pattern = read(source)
        self.regex = regex.compile(self.pattern.text, regex.V1)
        self.source = source
        self.lower = source.lower()
        self.unicode = self.pattern.ignores_case or self.pattern.letters
        if self.pattern.ignores_case and not _UNSURE.isdisjoint(source):
            raise not_supported(f"A letter of the regular expression '{source}' where case does not matter")

    def matches(self, text: str, start: int = 0) -> Iterator["regex.Match[str]"]:
        """The matches from a place on, from the left, none over another.

        Raises:
            SqlError: NOT_SUPPORTED for a text with a letter that is several where case does not matter.
        """
        if self.unicode and not text.isascii():
            self._check(text)
        while found := self.regex.search(text, start):
            yield found
            # behind an empty match the search goes on with the next character
            start = found.end() + (found.end() == found.start())
            if start > len(text):
                return

    def _check(self, text: str) -> None:
        pattern = self.pattern
        newer = (ANY if pattern.classes else LETTERS).search(text)
        if newer:
            raise not_supported(f"The class of the letter '{newer[0]}' in the regular expression '{self.source}'")
        if not pattern.ignores_case:
            return
        for letter in _UNSURE.intersection(text):
            if letter in _ALWAYS_UNSURE or letter.casefold() in self.lower:
                raise not_supported(f"The letter '{letter}' and the regular expression '{self.source}'")

    def group(self, number: int) -> int:
        """A group's number, checked.

        Raises:
            SqlError: INVALID_FUNCTION_ARGUMENT for a group that the pattern has not.
        """
        if number < 0:
            raise _invalid("Group cannot be negative")
        if number > self.pattern.groups:
            raise _invalid(f"Pattern has {self.pattern.groups} groups. Cannot access group {number}")
        return number


compiled = lru_cache(maxsize=1024)(Compiled)


@udf("py_regexp_like", ("VARCHAR", "VARCHAR"), "BOOLEAN")
def like(text: str, pattern: str) -> bool:
    """Whether the pattern is somewhere in the text."""
    return next(compiled(pattern).matches(text), None) is not None


@udf("py_regexp_extract", ("VARCHAR", "VARCHAR", "BIGINT"), "VARCHAR")
def extract(text: str, pattern: str, group: int) -> str | None:
    """A group of the first match, NULL without one."""
    wanted = compiled(pattern).group(group)
    found = next(compiled(pattern).matches(text), None)
    return None if found is None else found[wanted]


@udf("py_regexp_extract_all", ("VARCHAR", "VARCHAR", "BIGINT"), "VARCHAR[]")
def extract_all(text: str, pattern: str, group: int) -> list[str | None]:
    """A group of every match."""
    wanted = compiled(pattern).group(group)
    return [found[wanted] for found in compiled(pattern).matches(text)]


@udf("py_regexp_groups", ("VARCHAR", "VARCHAR"), "VARCHAR[][]")
def groups(text: str, pattern: str) -> list[list[str | None]]:
    """The groups of every match."""
    return [list(found.groups()) for found in compiled(pattern).matches(text)]


@udf("py_regexp_count", ("VARCHAR", "VARCHAR"), "BIGINT")
def count(text: str, pattern: str) -> int:
    """How many matches there are."""
    return sum(1 for _ in compiled(pattern).matches(text))


@udf("py_regexp_split", ("VARCHAR", "VARCHAR"), "VARCHAR[]")
def split(text: str, pattern: str) -> list[str]:
    """What is between the matches."""
    parts, last = [], 0
    for found in compiled(pattern).matches(text):
        parts.append(text[last : found.start()])
        last = found.end()
    return [*parts, text[last:]]


@udf("py_regexp_position", ("VARCHAR", "VARCHAR", "INTEGER", "INTEGER"), "INTEGER")
def position(text: str, pattern: str, start: int, occurrence: int) -> int:
    """Where a match begins, counting from 1; -1 where there are not as many.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a start or an occurrence below 1.
    """
    if start < 1:
        raise _invalid("start position cannot be smaller than 1")
    if occurrence < 1:
        raise _invalid("occurrence cannot be smaller than 1")
    if start > len(text):
        return -1
    for number, found in enumerate(compiled(pattern).matches(text, start - 1), 1):
        if number == occurrence:
            return found.start() + 1
    return -1


@udf("py_regexp_replace", ("VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR")
def replace(text: str, pattern: str, new: str) -> str:
    """The text with every match replaced.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a replacement that is wrong, if there is a match.
    """
    written, last = [], 0
    for found in compiled(pattern).matches(text):
        template = _template(new, pattern)
        written += [
            text[last : found.start()],
            *(part if isinstance(part, str) else found[part] or "" for part in template),
        ]
        last = found.end()
    return "".join([*written, text[last:]])


@lru_cache(maxsize=256)
def _template(new: str, pattern: str) -> list[str | int]:
    """A replacement as texts and numbers of groups: $1, ${name}, \\$."""
    parts: list[str | int] = []
    at = 0
    while at < len(new):
        if new[at] == "\\":
            if at + 1 == len(new):
                raise _invalid("Illegal replacement sequence: \\")
            parts.append(new[at + 1])
            at += 2
        elif new[at] == "$":
            group, at = _group(new, at + 1, compiled(pattern).pattern)
            parts.append(group)
        else:
            parts.append(new[at])
            at += 1
    return parts


def _group(new: str, at: int, pattern: Pattern) -> tuple[int, int]:
    """The group that stands behind a $, and where it ends: as many digits as name a group."""
    if new.startswith("{", at):
        name, end, _ = new[at + 1 :].partition("}")
        if not end or name not in pattern.names:
            raise (
                _invalid(f"Illegal replacement sequence: unknown group {{ {name} }}")
                if end
                else not_supported(f"The replacement '{new}'")
            )
        return pattern.names[name], at + len(name) + 2
    if not new[at : at + 1].isascii() or not new[at : at + 1].isdigit():
        raise _invalid(f"Illegal replacement sequence: ${new[at : at + 1]}")
    number = int(new[at])
    if number > pattern.groups:
        raise _invalid(f"Illegal replacement sequence: unknown group {number}")
    at += 1
    while at < len(new) and new[at] in "0123456789" and number * 10 + int(new[at]) <= pattern.groups:
        number = number * 10 + int(new[at])
        at += 1
    return number, at
