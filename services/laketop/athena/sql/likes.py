"""LIKE, with and without ESCAPE.

Follows Trino's page "Comparison functions and operators" (Pattern comparison).
"""

import re

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, lets, parts, rule
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.parse import place
from laketop.athena.sql.strict import strict_condition


@rule(exp.Like)
def _like(node: exp.Like, context: Context) -> Expr:
    value, pattern, negated = parts(node, "this", "expression", "negate")
    return _negated(like(value, pattern, None, context), negated=negated)


@rule(exp.Escape)
def _escape(node: exp.Escape, context: Context) -> Expr:
    inner, escape = parts(node, "this", "expression")
    if not isinstance(inner, exp.Like):
        raise not_supported("ESCAPE outside of LIKE", *place(node))
    value, pattern, negated = parts(inner, "this", "expression", "negate")
    return _negated(like(value, pattern, escape, context), negated=negated)


def _negated(value: Expr, *, negated: bool | None) -> Expr:
    return Expr(f"(NOT {value.sql})", t.BOOLEAN) if negated else value


def like(
    value_node: exp.Expr,
    pattern_node: exp.Expr,
    escape_node: exp.Expr | None,
    context: Context,
) -> Expr:
    """LIKE; DuckDB is more lenient about what follows an escape character, so that is checked.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a wrong escape, TYPE_MISMATCH for anything but text.
    """
    value, pattern = compile_expression(value_node, context), compile_expression(pattern_node, context)
    if not isinstance(value.type, t.Varchar | t.Char) and value.type != t.UNKNOWN:
        problem = f"Left side of LIKE expression must evaluate to a varchar (actual: {value.type})"
        raise fail("TYPE_MISMATCH", problem, value_node)
    if not isinstance(pattern.type, t.Varchar) and pattern.type != t.UNKNOWN:
        problem = f"Pattern for LIKE expression must evaluate to a varchar (actual: {pattern.type})"
        raise fail("TYPE_MISMATCH", problem, pattern_node)
    left = f"rpad({value.sql}, {value.type.length}, ' ')" if isinstance(value.type, t.Char) else value.sql
    right = coerce(pattern, t.VARCHAR).sql
    if value.type == t.UNKNOWN:
        left = coerce(value, t.VARCHAR).sql
    if escape_node is None:
        return Expr(strict_condition((value, pattern), f"({left} LIKE {right})"), t.BOOLEAN)
    escape = compile_expression(escape_node, context)
    if escape.type == t.UNKNOWN:
        return Expr("CAST(NULL AS BOOLEAN)", t.BOOLEAN)
    if not isinstance(escape.type, t.Varchar):
        problem = f"Escape for LIKE expression must evaluate to a varchar (actual: {escape.type})"
        raise fail("TYPE_MISMATCH", problem, escape_node)
    mark = escape.literal
    if not isinstance(mark, str):
        return Expr(lets([left, right, escape.sql], _escaped_by), t.BOOLEAN)
    if len(mark.encode("utf-16-le")) != 2:  # the bytes of one of Java's characters
        raise SqlError("INVALID_FUNCTION_ARGUMENT", _ONE_CHARACTER)
    if isinstance(pattern.literal, str):
        _check_escapes(pattern.literal, mark)
        return Expr(f"({left} LIKE {right} ESCAPE {escape.sql})", t.BOOLEAN)
    return Expr(lets([left, right], lambda a, b: _escaped(a, b, mark)), t.BOOLEAN)


_ONE_CHARACTER = "Escape string must be a single character"
_ESCAPED = "Escape character must be followed by '%', '_' or the escape character itself"


def _check_escapes(pattern: str, escape: str) -> None:
    rest = pattern
    while escape in rest:
        after = rest.split(escape, 1)[1]
        if after[:1] not in ("%", "_", escape) or not after:
            raise SqlError("INVALID_FUNCTION_ARGUMENT", _ESCAPED)
        rest = after[1:]


def _escaped_by(value: str, pattern: str, escape: str) -> str:
    """LIKE with an escape that is known only when it runs."""
    message = f"{text.string(_ONE_CHARACTER)} || left({escape}, 0)"
    failed = text.raising("INVALID_FUNCTION_ARGUMENT", message, "BOOLEAN")
    letter = f"printf('\\x{{%x}}', unicode({escape}))"
    test = _tested(value, pattern, escape, f"replace('(?s)([^e]|e[%_e])*', 'e', {letter})")
    odd = f"length({escape}) <> 1 OR unicode({escape}) > 65535"
    return f"CASE WHEN {escape} IS NULL THEN NULL WHEN {odd} THEN {failed} ELSE {test} END"


def _escaped(value: str, pattern: str, escape: str) -> str:
    """LIKE with a pattern that is known only when it runs."""
    e = re.escape(escape)
    return _tested(value, pattern, text.string(escape), text.string(f"(?s)([^{e}]|{e}[%_{e}])*"))


def _tested(value: str, pattern: str, escape: str, right: str) -> str:
    """LIKE after checking its pattern against the regular expression of right ones."""
    good = f"regexp_full_match({pattern}, {right})"
    message = f"{text.string(_ESCAPED)} || left({pattern}, 0)"
    failed = text.raising("INVALID_FUNCTION_ARGUMENT", message, "BOOLEAN")
    test = f"({value} LIKE {pattern} ESCAPE {escape})"
    return f"CASE WHEN {value} IS NULL OR {pattern} IS NULL THEN NULL WHEN {good} THEN {test} ELSE {failed} END"
