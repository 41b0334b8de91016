"""Trino's page "Regular expression functions".

A pattern that means the same to DuckDB's engine goes there; every other one to a Python function (udfs/regexps.py).
"""

import re
from collections.abc import Callable

from sqlglot import exp

from laketop.athena.sql import joni, text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce
from laketop.athena.sql.core import Expr, let
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions.call import Call, Rule
from laketop.athena.sql.functions.patterns import Pattern, read

PAGE = "Regular expression functions"

_MAX = 2147483647
_END = r"(?:\n?\z)"

type _Native = Callable[[str, Pattern], str | None]


def _arguments(call: Call, *counts: int) -> list[Expr]:
    """The arguments, the first two as texts.

    Raises:
        SqlError: FUNCTION_NOT_FOUND where there are not as many, or of other types.
    """
    if len(call.args) not in counts:
        raise call.unexpected()
    value, pattern, *others = call.args
    if isinstance(pattern.type, t.Char):
        pattern = Expr(f"rpad({pattern.sql}, {pattern.type.length}, ' ')", t.VARCHAR)
    texts = [coerce(part, t.Varchar(0)) if part.type == t.UNKNOWN else part for part in (value, pattern)]
    if not all(isinstance(part.type, t.Varchar) for part in texts):
        raise call.unexpected()
    return [*texts, *others]


def _pattern(call: Call, pattern: Expr) -> Pattern | None:
    """The pattern for DuckDB's engine, None where it must be Python's.

    Raises:
        SqlError: NOT_SUPPORTED for a part of a literal that no engine here has; a wrong one fails where it is used.
    """
    if not isinstance(pattern.literal, str):
        return None
    try:
        joni.read(pattern.literal)
    except SqlError as error:
        if error.name == "NOT_SUPPORTED":
            raise call.refuse(error.message.removesuffix(" is not supported by Laketop")) from error
        return None
    return read(pattern.literal)


def _either(call: Call, value: Expr, pattern: Expr, native: _Native, other: str) -> str:
    """The call for the engine that has the pattern.

    Args:
        native: DuckDB SQL from the text's and the pattern; None where DuckDB's engine does not do.
        other: DuckDB SQL with Python's, with {0} for the text.
    """
    found = _pattern(call, pattern)
    written = native(value.sql, found) if found else None
    if found is None or written is None:
        return other.format(value.sql)
    if not found.ascii:
        return written

    def chosen(name: str) -> str:
        return f"CASE WHEN strlen({name}) = length({name}) THEN {native(name, found)} ELSE {other.format(name)} END"

    return let(value.sql, chosen)


def _braced(sql: str) -> str:
    """SQL that is put into a template."""
    return sql.replace("{", "{{").replace("}", "}}")


def _whole(pattern: Pattern) -> bool:
    """Whether every match of it is the same for both engines, wherever the next one is searched from."""
    return not pattern.dollar and not pattern.empty


def _like(call: Call) -> Expr:
    value, pattern = _arguments(call, 2)

    def native(subject: str, found: Pattern) -> str:
        return f"regexp_matches({subject}, {text.string(_ending(found))})"

    return Expr(_either(call, value, pattern, native, f"py_regexp_like({{0}}, {_braced(pattern.sql)})"), t.BOOLEAN)


def _ending(pattern: Pattern) -> str:
    """The pattern with Java's `$`, which also stands before a last line end."""
    return re.sub(r"(\\.)|(\[(?:\\.|[^\]\\])*\])|(\$)", _dollar, pattern.re2, flags=re.DOTALL)


def _dollar(found: re.Match[str]) -> str:
    return _END if found.group(3) else found.group()


def _group(call: Call, others: list[Expr]) -> Expr:
    """The group that is asked for."""
    if not others:
        return Expr("CAST(0 AS BIGINT)", t.BIGINT, 0)
    if not t.is_integer(others[0].type) and others[0].type != t.UNKNOWN:
        raise call.unexpected()
    return Expr(f"CAST({others[0].sql} AS BIGINT)", t.BIGINT, others[0].literal)


def _extract(call: Call) -> Expr:
    value, pattern, *others = _arguments(call, 2, 3)
    group = _group(call, others)

    def native(subject: str, found: Pattern) -> str | None:
        number = group.literal
        if not isinstance(number, int) or not 0 <= number <= found.groups or number in found.optional:
            return None
        ending = _ending(found)
        if found.dollar and number == 0:
            if found.choice or found.re2.count("$") > 1 or not ending.endswith(_END):
                return None
            # without the line end that $ may stand before; groups of the pattern count on from 2
            ending, number = f"({found.re2[:-1]}){_END}", 1
        written = text.string(ending)
        searched = f"regexp_extract({subject}, {written}, {number})"
        return f"CASE WHEN regexp_matches({subject}, {written}) THEN {searched} END"

    other = f"py_regexp_extract({{0}}, {_braced(pattern.sql)}, {_braced(group.sql)})"
    return Expr(_either(call, value, pattern, native, other), value.type)


def _extract_all(call: Call) -> Expr:
    value, pattern, *others = _arguments(call, 2, 3)
    group = _group(call, others)

    def native(subject: str, found: Pattern) -> str | None:
        number = group.literal
        known = isinstance(number, int) and 0 <= number <= found.groups and number not in found.optional
        if not known or not _whole(found):
            return None
        return f"regexp_extract_all({subject}, {text.string(found.re2)}, {number})"

    other = f"py_regexp_extract_all({{0}}, {_braced(pattern.sql)}, {_braced(group.sql)})"
    return Expr(_either(call, value, pattern, native, other), t.Array(value.type))


def _count(call: Call) -> Expr:
    value, pattern = _arguments(call, 2)

    def native(subject: str, found: Pattern) -> str | None:
        written = text.string(found.re2)
        return f"CAST(len(regexp_extract_all({subject}, {written})) AS BIGINT)" if _whole(found) else None

    return Expr(_either(call, value, pattern, native, f"py_regexp_count({{0}}, {_braced(pattern.sql)})"), t.BIGINT)


def _split(call: Call) -> Expr:
    value, pattern = _arguments(call, 2)

    def native(subject: str, found: Pattern) -> str | None:
        if not _whole(found) or found.placed:
            return None
        return f"string_split_regex({subject}, {text.string(found.re2)})"

    other = f"py_regexp_split({{0}}, {_braced(pattern.sql)})"
    return Expr(_either(call, value, pattern, native, other), t.Array(value.type))


def _position(call: Call) -> Expr:
    value, pattern, *others = _arguments(call, 2, 3, 4)
    if not all(number.type in (t.INTEGER, t.SMALLINT, t.TINYINT, t.UNKNOWN) for number in others):
        raise call.unexpected()
    _pattern(call, pattern)
    numbers = [f"CAST({number.sql} AS INTEGER)" for number in others] + ["CAST(1 AS INTEGER)"] * (2 - len(others))
    return Expr(f"py_regexp_position({value.sql}, {pattern.sql}, {', '.join(numbers)})", t.INTEGER)


def _replace(call: Call) -> Expr:
    if len(call.nodes) == 3 and isinstance(call.nodes[2], exp.Lambda):
        return _computed(call)
    value, pattern, *others = _arguments(call, 2, 3)
    new = others[0] if others else Expr("''", t.Varchar(0), "")
    new = coerce(new, t.Varchar(0)) if new.type == t.UNKNOWN else new
    if not isinstance(new.type, t.Varchar):
        raise call.unexpected()

    def native(subject: str, found: Pattern) -> str | None:
        template = _template(new.literal, found) if isinstance(new.literal, str) and _whole(found) else None
        if template is None:
            return None
        return f"regexp_replace({subject}, {text.string(found.re2)}, {text.string(template)}, 'g')"

    other = f"py_regexp_replace({{0}}, {_braced(pattern.sql)}, {_braced(new.sql)})"
    return Expr(_either(call, value, pattern, native, other), _length(value, new))


def _template(new: str, pattern: Pattern) -> str | None:
    """Java's replacement ($1, \\$) as RE2's (\\1, $); None where it is wrong or of more than one digit."""
    written = []
    if re.search(r"\$\d\d", new):
        return None
    for escaped, group, other in re.findall(r"\\(.)|\$(\d)|(.)", new, re.DOTALL):
        if group:
            if int(group) > pattern.groups or int(group) in pattern.optional:
                return None
            written.append("\\" + group)
        elif other == "$" or other == "\\":
            return None
        else:
            written.append((escaped or other).replace("\\", "\\\\"))
    return "".join(written)


def _length(value: Expr, new: Expr) -> t.Type:
    """Trino's bound for the length of the result."""
    size, more = (part.type.length if isinstance(part.type, t.Varchar) else None for part in (value, new))
    if size is None or more is None:
        return t.VARCHAR
    return t.Varchar(min(_MAX, size + max(size * more // 2, more) * (size + 1)))


def _computed(call: Call) -> Expr:
    """Every match replaced by what a lambda makes of its groups."""
    from laketop.athena.sql.functions import lambdas
    from laketop.athena.sql.functions.call import with_args

    values = lambdas.values(call, 3, 2)
    value, pattern = _arguments(with_args(call, values), 2)
    _pattern(call, pattern)
    found = lambdas.bind(call, 2, (t.Array(t.VARCHAR),))
    if not isinstance(found.body.type, t.Varchar):
        raise lambdas.unexpected(call)

    def replaced(subject: str) -> str:
        groups = f"py_regexp_groups({subject}, {pattern.sql})"
        news = f"list_transform({groups}, lambda {found.names[0]}: {found.sql})"
        return f"tr_str_woven(py_regexp_split({subject}, {pattern.sql}), {news})"

    return Expr(let(coerce(value, t.VARCHAR).sql, replaced), t.VARCHAR)


LOWERED: dict[str, Rule] = {
    "regexp_like": _like,
    "regexp_extract": _extract,
    "regexp_extract_all": _extract_all,
    "regexp_count": _count,
    "regexp_split": _split,
    "regexp_position": _position,
    "regexp_replace": _replace,
}
