"""Literals: their exact types (a string of three characters is a varchar(3), 1.50 a decimal(3,2)).

Follows Trino's pages "Data types" and "SQL statement syntax: literals".
"""

import decimal
import re
from collections.abc import Callable

from sqlglot import exp

from laketop.athena.sql import literals_temporal, literals_text, text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, rule
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.parse import place

MAX_INTEGER, MAX_BIGINT = 2**31 - 1, 2**63 - 1

type _Reader = Callable[[str, exp.Expr], Expr]


@rule(exp.Literal)
def _literal(node: exp.Literal, _: Context) -> Expr:
    if node.is_string:
        return string(node.this)
    spelled = node.this
    if "e" in spelled.lower():
        return Expr(f"CAST('{float(spelled)!r}' AS DOUBLE)", t.DOUBLE)
    if "." in spelled:
        return decimal_literal(spelled, node)
    value = int(spelled)
    return whole_number(value, node)


def whole_number(value: int, node: exp.Expr) -> Expr:
    """A number without point or exponent, its sign included.

    Raises:
        SqlError: SYNTAX_ERROR where no bigint is that large.
    """
    if not -MAX_BIGINT - 1 <= value <= MAX_BIGINT:
        raise fail("SYNTAX_ERROR", f"Invalid numeric literal: {abs(value)}", node)
    return integer(value, t.INTEGER if -MAX_INTEGER - 1 <= value <= MAX_INTEGER else t.BIGINT)


def string(value: str) -> Expr:
    """A string literal: as long a varchar as it has characters."""
    return Expr(text.string(value), t.Varchar(len(value)), value)


def integer(value: int, type_: t.Type) -> Expr:
    """A number of an integer type; always with its type, because a bare number in GROUP BY would be a position."""
    return Expr(f"CAST({value} AS {t.duckdb_type(type_)})", type_, value)


def decimal_literal(spelled: str, node: exp.Expr) -> Expr:
    """A decimal literal: precision is the digits without leading zeros, at least those of the scale."""
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", spelled):
        raise fail("INVALID_LITERAL", f"'{spelled}' is not a valid DECIMAL literal", node)
    whole, _, fraction = spelled.lstrip("+-").partition(".")
    digits = len(whole.lstrip("0")) + len(fraction)
    type_ = t.Decimal(max(digits, 1), len(fraction))
    if type_.precision > t.MAX_PRECISION:
        raise fail("INVALID_LITERAL", f"'{spelled}' is not a valid DECIMAL literal", node)
    value = decimal.Decimal(spelled)
    return Expr(f"CAST('{value:f}' AS {t.duckdb_type(type_)})", type_)


@rule(exp.Null)
def _null(_: exp.Null, __: Context) -> Expr:
    return Expr("NULL", t.UNKNOWN)


@rule(exp.Boolean)
def _boolean(node: exp.Boolean, _: Context) -> Expr:
    return Expr("TRUE" if node.this else "FALSE", t.BOOLEAN)


def typed(node: exp.Anonymous, context: Context) -> Expr:
    """A literal with its type in front: DATE '2024-01-01', TIMESTAMP '…', DECIMAL '1.20', BIGINT '5', …

    Raises:
        SqlError: INVALID_LITERAL, or NOT_SUPPORTED for a type or precision that cannot be carried.
    """
    value, to = node.expressions
    if isinstance(value, exp.Bracket):
        # the parser gives the subscript to the text
        literal = exp.Anonymous(this=node.this, expressions=[value.this, to])
        literal.meta.update(node.meta)
        return compile_expression(exp.Bracket(this=literal, expressions=value.expressions), context)
    if to.expressions:
        raise fail("SYNTAX_ERROR", f"mismatched input '{value.this}'", node)
    found = _TYPED.get(to.this)
    if found is None:
        raise not_supported(f"A literal of type {to.sql(dialect='trino')}", *place(node))
    return found(value.this, node)


def _whole(type_: t.Type, bits: int) -> _Reader:
    def read(spelled: str, node: exp.Expr) -> Expr:
        if not re.fullmatch(r"[+-]?\d+", spelled) or not -(2 ** (bits - 1)) <= int(spelled) < 2 ** (bits - 1):
            raise fail("INVALID_LITERAL", f"'{spelled}' is not a valid {type_} literal", node)
        return integer(int(spelled), type_)

    return read


_TYPED: dict[exp.DType, _Reader] = {
    **literals_text.TYPED,
    exp.DType.DATE: literals_temporal.date,
    exp.DType.TIME: literals_temporal.time,
    exp.DType.TIMETZ: literals_temporal.time,
    exp.DType.TIMESTAMP: literals_temporal.timestamp,
    exp.DType.TIMESTAMPTZ: literals_temporal.timestamp,
    exp.DType.DECIMAL: decimal_literal,
    exp.DType.TINYINT: _whole(t.TINYINT, 8),
    exp.DType.SMALLINT: _whole(t.SMALLINT, 16),
    exp.DType.INT: _whole(t.INTEGER, 32),
    exp.DType.BIGINT: _whole(t.BIGINT, 64),
}


@rule(exp.Placeholder)
def _parameter(node: exp.Placeholder, _: Context) -> Expr:
    count = len(list(node.root().find_all(exp.Placeholder)))
    raise SqlError("INVALID_PARAMETER_USAGE", f"Incorrect number of parameters: expected {count} but found 0", 1, 1)
