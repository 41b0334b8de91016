"""Trino's page "Regular expression functions", for patterns that mean the same to DuckDB."""

import re

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions.call import Call, Rule
from laketop.athena.sql.functions.patterns import Pattern, read

_MAX = 2147483647
_END = r"(?:\n?\z)"


def _subject(call: Call, *counts: int) -> Expr:
    if len(call.nodes) not in counts or not isinstance(call.args[0].type, t.Varchar):
        raise call.unexpected()
    return call.args[0]


def _like(call: Call) -> Expr:
    value, pattern = _subject(call, 2), read(call, 1)
    return Expr(f"regexp_matches({value.sql}, {text.string(_ending(pattern))})", t.BOOLEAN)


def _ending(pattern: Pattern) -> str:
    """The pattern with Java's `$`, which also stands before a last line end."""
    return re.sub(r"(\\.)|(\[(?:\\.|[^\]\\])*\])|(\$)", _dollar, pattern.re2, flags=re.DOTALL)


def _dollar(found: re.Match[str]) -> str:
    return _END if found.group(3) else found.group()


def _extract(call: Call) -> Expr:
    value, pattern = _subject(call, 2, 3), read(call, 1)
    group = call.args[2].literal if len(call.args) == 3 else 0
    if not isinstance(group, int):
        raise call.refuse("a group that is no literal")
    if not 0 <= group <= pattern.groups:
        raise call.invalid(f"Pattern has {pattern.groups} groups. Cannot access group {group}")
    if group in pattern.optional:
        raise call.refuse(f"group {group}, which may be left out of a match or repeats")
    ending = _ending(pattern)
    if pattern.dollar and group == 0:
        if pattern.choice or pattern.re2.count("$") > 1 or not ending.endswith(_END):
            raise call.refuse("$ in the middle of a pattern whose whole match is asked for")
        # without the line end that $ may stand before; groups of the pattern count on from 2
        ending, group = f"({pattern.re2[:-1]}){_END}", 1
    written = text.string(ending)
    found = f"regexp_matches({value.sql}, {written})"
    return Expr(f"CASE WHEN {found} THEN regexp_extract({value.sql}, {written}, {group}) END", value.type)


def _replace(call: Call) -> Expr:
    value, pattern = _subject(call, 2, 3), read(call, 1)
    if pattern.dollar or pattern.empty:
        raise call.refuse("a pattern with $, or one that matches the empty text")
    written = text.string(pattern.re2)
    if len(call.nodes) == 2:
        return Expr(f"regexp_replace({value.sql}, {written}, '', 'g')", value.type)
    new = call.text_literal(2, "the replacement")
    template = text.string(_template(call, new, pattern))
    return Expr(f"regexp_replace({value.sql}, {written}, {template}, 'g')", _length(call, len(new)))


def _template(call: Call, new: str, pattern: Pattern) -> str:
    """Java's replacement ($1, \\$) as RE2's (\\1, $)."""
    written = []
    for escaped, group, other in re.findall(r"\\(.)|\$(\d)|(.)", new, re.DOTALL):
        if group:
            if int(group) > pattern.groups or int(group) in pattern.optional:
                raise call.refuse(f"group {group} in the replacement")
            written.append("\\" + group)
        elif other == "$" or other == "\\":
            raise call.refuse(f"'{other}' in the replacement")
        else:
            written.append((escaped or other).replace("\\", "\\\\"))
    if re.search(r"\$\d\d", new):
        raise call.refuse("a group of two digits in the replacement")
    return "".join(written)


def _length(call: Call, new: int) -> t.Type:
    """Trino's bound for the length of the result."""
    type_ = call.args[0].type
    assert isinstance(type_, t.Varchar)  # noqa: S101 - checked before
    if type_.length is None:
        return t.VARCHAR
    size = type_.length
    return t.Varchar(min(_MAX, size + max(size * new // 2, new) * (size + 1)))


LOWERED: dict[str, Rule] = {"regexp_like": _like, "regexp_extract": _extract, "regexp_replace": _replace}
