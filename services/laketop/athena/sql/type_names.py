"""Types as a query names them: `CAST(x AS row(a integer, b varchar(3)))`. Follows Trino's page "Data types"."""

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.core import fail
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place

_SIMPLE: dict[exp.DType, t.Type] = {
    exp.DType.BOOLEAN: t.BOOLEAN,
    exp.DType.TINYINT: t.TINYINT,
    exp.DType.SMALLINT: t.SMALLINT,
    exp.DType.INT: t.INTEGER,
    exp.DType.BIGINT: t.BIGINT,
    exp.DType.FLOAT: t.REAL,
    exp.DType.DOUBLE: t.DOUBLE,
    exp.DType.DATE: t.DATE,
    exp.DType.VARBINARY: t.VARBINARY,
    exp.DType.JSON: t.JSON,
    exp.DType.UUID: t.UUID,
    exp.DType.IPADDRESS: t.IPADDRESS,
    exp.DType.HLLSKETCH: t.HYPERLOGLOG,
    exp.DType.TDIGEST: t.TDIGEST,
    exp.DType.GEOMETRY: t.GEOMETRY,
}
_TIMES: dict[exp.DType, type[t.Time | t.TimeTz | t.Timestamp | t.TimestampTz]] = {
    exp.DType.TIME: t.Time,
    exp.DType.TIMETZ: t.TimeTz,
    exp.DType.TIMESTAMP: t.Timestamp,
    exp.DType.TIMESTAMPTZ: t.TimestampTz,
}
_INTERVALS: dict[tuple[str, str], t.Type] = {
    ("DAY", "SECOND"): t.INTERVAL_DAY,
    ("YEAR", "MONTH"): t.INTERVAL_YEAR,
}
_MAX_VARCHAR, _MAX_CHAR = 2**31 - 1, 65536
_MOST_DIGITS, _CARRIED_DIGITS = 12, 6


def type_of(node: exp.DataType) -> t.Type:
    """The Trino type that a type in a query names.

    Raises:
        SqlError: TYPE_MISMATCH for a name or parameters that Trino has not, INVALID_FUNCTION_ARGUMENT for a decimal
            that cannot be, NOT_SUPPORTED for a type that cannot be carried.
    """
    if isinstance(node.this, exp.Interval):
        span = node.this.args.get("unit")
        if isinstance(span, exp.IntervalSpan) and (found := _INTERVALS.get((span.this.name, span.expression.name))):
            return found
        raise _unknown(node)
    if node.this in (exp.DType.ARRAY, exp.DType.MAP, exp.DType.STRUCT):
        return _nested(node)
    numbers = _numbers(node)
    if node.this in _SIMPLE and not numbers:
        return _SIMPLE[node.this]
    if node.this in _TIMES and len(numbers) <= 1:
        return _time(node, numbers)
    match node.this, numbers:
        case exp.DType.DECIMAL, [] | [_] | [_, _]:
            return _decimal(node, *numbers)
        case exp.DType.VARCHAR, []:
            return t.VARCHAR
        case exp.DType.VARCHAR, [length] if length <= _MAX_VARCHAR:
            # the longest is no limit at all
            return t.Varchar(None if length == _MAX_VARCHAR else length)
        case exp.DType.CHAR, [] | [_] if (numbers or [1])[0] <= _MAX_CHAR:
            return t.Char((numbers or [1])[0])
    raise _unknown(node)


def _unknown(node: exp.DataType) -> Exception:
    return fail("TYPE_MISMATCH", f"Unknown type: {node.sql(dialect='trino').lower()}", node)


def _numbers(node: exp.DataType) -> list[int]:
    """The parameters of a type, which must be whole numbers."""
    found = []
    for part in node.expressions:
        literal = part.this if isinstance(part, exp.DataTypeParam) else None
        if not isinstance(literal, exp.Literal) or not literal.this.isdigit():
            raise _unknown(node)
        found.append(int(literal.this))
    return found


def _decimal(node: exp.DataType, precision: int = t.MAX_PRECISION, scale: int = 0) -> t.Type:
    if not 1 <= precision <= t.MAX_PRECISION:
        raise fail("INVALID_FUNCTION_ARGUMENT", f"DECIMAL precision must be in range [1, 38]: {precision}", node)
    if scale > precision:
        problem = f"DECIMAL scale must be in range [0, precision ({precision})]: {scale}"
        raise fail("INVALID_FUNCTION_ARGUMENT", problem, node)
    return t.Decimal(precision, scale)


def _time(node: exp.DataType, numbers: list[int]) -> t.Type:
    precision = numbers[0] if numbers else 3
    if precision > _MOST_DIGITS:
        raise _unknown(node)
    if precision > _CARRIED_DIGITS:
        raise not_supported(f"The type {node.sql(dialect='trino')} (more than 6 digits of a second)", *place(node))
    return _TIMES[node.this](precision)


def _nested(node: exp.DataType) -> t.Type:
    parts = node.expressions
    if node.this == exp.DType.STRUCT and parts:
        return t.Row(tuple(_field(part) for part in parts))
    inner = [type_of(part) for part in parts if isinstance(part, exp.DataType)]
    if len(inner) != len(parts) or len(inner) != {exp.DType.ARRAY: 1, exp.DType.MAP: 2}.get(node.this):
        raise _unknown(node)
    return t.Array(inner[0]) if node.this == exp.DType.ARRAY else t.Map(inner[0], inner[1])


def _field(part: exp.Expr) -> tuple[str | None, t.Type]:
    """A part of a row type; its name keeps its case only where it is quoted."""
    if isinstance(part, exp.DataType):
        return None, type_of(part)
    name = part.this
    return (name.name if name.args.get("quoted") else name.name.lower()), type_of(part.args["kind"])
