"""CAST and TRY_CAST: a table of what becomes what.

DuckDB's casts differ from Trino's nearly everywhere: it reads '12.0' or ' 12' as integers, rounds 2.5 to 2, writes 1e0
as '1.0' and has no length of text. Follows Trino's page "Conversion functions" and measured answers.
"""

from collections.abc import Callable

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts, rule
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
}
_INTEGER_NAMES: dict[t.Type, str] = {t.TINYINT: "TINYINT", t.SMALLINT: "SMALLINT", t.INTEGER: "INT", t.BIGINT: "BIGINT"}
_FLOAT_NAMES: dict[t.Type, str] = {t.DOUBLE: "DOUBLE", t.REAL: "REAL"}


def type_of(node: exp.DataType) -> t.Type:
    """The Trino type that a type in a query names.

    Raises:
        SqlError: NOT_SUPPORTED for a type that cannot be carried.
    """
    numbers = [int(part.this.this) for part in node.expressions if isinstance(part, exp.DataTypeParam)]
    if node.this in _SIMPLE and not node.expressions:
        return _SIMPLE[node.this]
    match node.this, numbers:
        case exp.DType.DECIMAL, []:
            return t.Decimal(38, 0)
        case exp.DType.DECIMAL, [precision, *scale] if (
            1 <= precision <= t.MAX_PRECISION and (scale or [0])[0] <= precision
        ):
            return t.Decimal(precision, (scale or [0])[0])
        case exp.DType.VARCHAR, []:
            return t.VARCHAR
        case exp.DType.VARCHAR, [length]:
            return t.Varchar(length)
        case exp.DType.TIMESTAMP, []:
            return t.Timestamp(3)
        case exp.DType.TIMESTAMP, [precision] if precision <= 6:
            return t.Timestamp(precision)
    raise not_supported(f"The type {node.sql(dialect='trino')}", *place(node))


@rule(exp.Cast, exp.TryCast)
def _cast(node: exp.Cast, context: Context) -> Expr:
    value_node, to, *_ = parts(node, "this", "to", "safe")
    value = cast(compile_expression(value_node, context), type_of(to), node)
    if isinstance(node, exp.TryCast) and value.sql != "NULL":
        return Expr(f"TRY({value.sql})", value.type)
    return value


def cast(value: Expr, target: t.Type, node: exp.Expr) -> Expr:
    """A value in another type, as CAST makes it.

    Raises:
        SqlError: TYPE_MISMATCH where Trino has no such cast.
    """
    if value.type == target:
        return value
    if value.type == t.UNKNOWN:
        return Expr(f"CAST(NULL AS {t.duckdb_type(target)})", target)
    found = _find(value.type, target)
    if found is None:
        raise fail("TYPE_MISMATCH", f"Cannot cast {value.type} to {target}", node)
    return Expr(found(value, target), target)


type _Caster = Callable[[Expr, t.Type], str]


def _find(source: t.Type, target: t.Type) -> _Caster | None:
    return _CASTS.get((_family(source), _family(target)))


def _family(type_: t.Type) -> str:
    if t.is_integer(type_):
        return "integer"
    if t.is_float(type_):
        return "float"
    return type_.name if isinstance(type_, t.Simple) else type(type_).__name__.lower()


def _plain(value: Expr, target: t.Type) -> str:
    return f"CAST({value.sql} AS {t.duckdb_type(target)})"


def _checked(value: str, test: str, result: str, error: str, message: str, target: t.Type) -> str:
    """The result where the test holds, else Trino's error; NULL stays NULL."""
    failed = text.raising(error, message, t.duckdb_type(target))
    return f"CASE WHEN {value} IS NULL THEN NULL WHEN {test} THEN {result} ELSE {failed} END"


def _integer_from_number(value: Expr, target: t.Type) -> str:
    kind = t.duckdb_type(target)
    rounded = f"CAST(round({value.sql}) AS {kind})" if not t.is_integer(value.type) else f"CAST({value.sql} AS {kind})"
    if t.is_integer(value.type) and t.INTEGER_DIGITS[value.type] <= t.INTEGER_DIGITS[target]:
        return rounded
    whole = f"round({value.sql})" if t.is_float(value.type) else value.sql
    test = f"TRY_CAST({whole} AS {kind}) IS NOT NULL"
    message = f"'Out of range for {target}: ' || CAST({value.sql} AS VARCHAR)"
    if not t.is_integer(value.type):
        message = f"'Cannot cast ' || CAST({value.sql} AS VARCHAR) || ' to {_INTEGER_NAMES[target]}'"
        error = "INVALID_CAST_ARGUMENT"
    else:
        error = "NUMERIC_VALUE_OUT_OF_RANGE"
    return _checked(value.sql, test, rounded, error, message, target)


def _integer_from_text(value: Expr, target: t.Type) -> str:
    kind = t.duckdb_type(target)
    test = f"regexp_full_match({value.sql}, '[+-]?[0-9]+') AND TRY_CAST({value.sql} AS {kind}) IS NOT NULL"
    message = f"'Cannot cast ''' || {value.sql} || ''' to {_INTEGER_NAMES[target]}'"
    return _checked(value.sql, test, f"CAST({value.sql} AS {kind})", "INVALID_CAST_ARGUMENT", message, target)


def _float_from_text(value: Expr, target: t.Type) -> str:
    kind, trimmed = t.duckdb_type(target), f"trim({value.sql}, ' ' || chr(9) || chr(10) || chr(13))"
    number = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
    test = f"regexp_full_match({trimmed}, '{number}|[+-]?Infinity|[+-]?NaN')"
    message = f"'Cannot cast ''' || {value.sql} || ''' to {_FLOAT_NAMES[target]}'"
    result = f"CAST(replace({trimmed}, 'Infinity', 'inf') AS {kind})"
    return _checked(value.sql, test, result, "INVALID_CAST_ARGUMENT", message, target)


def _decimal_from_text(value: Expr, target: t.Type) -> str:
    kind = t.duckdb_type(target)
    number = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
    test = f"regexp_full_match({value.sql}, '{number}') AND TRY_CAST({value.sql} AS {kind}) IS NOT NULL"
    message = f"'Cannot cast VARCHAR ''' || {value.sql} || ''' to {str(target).upper()}'"
    return _checked(value.sql, test, f"CAST({value.sql} AS {kind})", "INVALID_CAST_ARGUMENT", message, target)


def _decimal_from_number(value: Expr, target: t.Type) -> str:
    kind = t.duckdb_type(target)
    message = f"'Cannot cast ' || CAST({value.sql} AS VARCHAR) || ' to {str(target).upper()}'"
    test = f"TRY_CAST({value.sql} AS {kind}) IS NOT NULL"
    return _checked(value.sql, test, f"CAST({value.sql} AS {kind})", "INVALID_CAST_ARGUMENT", message, target)


def _decimal_from_float(value: Expr, target: t.Type) -> str:
    """Through the shortest text of the number, as Trino does: 1.005e0 becomes 1.01."""
    return _decimal_from_number(Expr(f"CAST({value.sql} AS VARCHAR)", value.type), target)


def _limited(sql: str, target: t.Type) -> str:
    """Text of a value that must fit into the varchar: only text itself is cut."""
    assert isinstance(target, t.Varchar)  # noqa: S101 - the table's key
    if target.length is None:
        return sql
    message = f"'Value ' || {sql} || ' cannot be represented as {target}'"
    return _checked(sql, f"length({sql}) <= {target.length}", sql, "INVALID_CAST_ARGUMENT", message, target)


def _text_from_plain(value: Expr, target: t.Type) -> str:
    sql = value.sql
    if isinstance(value.type, t.Decimal) and value.type.precision == value.type.scale:
        # DuckDB writes .5 where no digit can stand before the point
        if value.type.precision == t.MAX_PRECISION:
            raise not_supported(f"A cast from {value.type} to varchar")
        sql = f"CAST({sql} AS DECIMAL({value.type.precision + 1},{value.type.scale}))"
    return _limited(f"CAST({sql} AS VARCHAR)", target)


def _text_from_float(value: Expr, target: t.Type) -> str:
    # a double has all of its digits, a real seven
    written = (
        f"CAST({value.sql} AS VARCHAR)" if value.type == t.DOUBLE else f"printf('%.6e', CAST({value.sql} AS DOUBLE))"
    )
    return _limited(f"tr_float_text({written})", target)


def _text_from_timestamp(value: Expr, target: t.Type) -> str:
    return _limited(timestamp_text(value), target)


def timestamp_text(value: Expr) -> str:
    """A timestamp as text, with the digits of its precision."""
    assert isinstance(value.type, t.Timestamp)  # noqa: S101 - the caller's promise
    digits = value.type.precision
    whole = f"strftime({value.sql}, '%Y-%m-%d %H:%M:%S.%f')"
    return f"left({whole}, {20 + digits if digits else 19})"


def _text_from_text(value: Expr, target: t.Type) -> str:
    assert isinstance(target, t.Varchar)  # noqa: S101 - the table's key
    assert isinstance(value.type, t.Varchar)  # noqa: S101 - the table's key
    if target.length is None or (value.type.length is not None and value.type.length <= target.length):
        return value.sql
    return f"left({value.sql}, {target.length})"


def _boolean_from_text(value: Expr, target: t.Type) -> str:
    lower = f"lower({value.sql})"
    message = f"'Cannot cast ''' || {value.sql} || ''' to BOOLEAN'"
    result = f"({lower} IN ('t', 'true', '1'))"
    test = f"{lower} IN ('t', 'true', '1', 'f', 'false', '0')"
    return _checked(value.sql, test, result, "INVALID_CAST_ARGUMENT", message, target)


def _date_from_text(value: Expr, target: t.Type) -> str:
    trimmed, pattern = f"trim({value.sql})", "[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}"
    test = f"regexp_full_match({trimmed}, '{pattern}') AND TRY_CAST({trimmed} AS DATE) IS NOT NULL"
    message = f"'Value cannot be cast to date: ' || {value.sql}"
    return _checked(value.sql, test, f"CAST({trimmed} AS DATE)", "INVALID_CAST_ARGUMENT", message, target)


def _timestamp_from_text(value: Expr, target: t.Type) -> str:
    assert isinstance(target, t.Timestamp)  # noqa: S101 - the table's key
    pattern = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]{1,6})?)?)?"
    trimmed = f"trim({value.sql})"
    # DuckDB wants seconds where there is an hour
    padded = f"regexp_replace({trimmed}, '^([^ ]+ [0-9]+:[0-9]+)$', '\\1:00')"
    test = f"regexp_full_match({trimmed}, '{pattern}') AND TRY_CAST({padded} AS TIMESTAMP) IS NOT NULL"
    message = f"'Value cannot be cast to timestamp: ' || {value.sql}"
    result = rounded_timestamp(f"CAST({padded} AS TIMESTAMP)", 6, target.precision)
    return _checked(value.sql, test, result, "INVALID_CAST_ARGUMENT", message, target)


def rounded_timestamp(sql: str, precision: int, target: int) -> str:
    """A timestamp rounded half up to fewer digits of a second."""
    if target >= precision:
        return sql
    return f"tr_round_timestamp({sql}, {10 ** (6 - target)})"


def _timestamp_from_timestamp(value: Expr, target: t.Type) -> str:
    assert isinstance(target, t.Timestamp)  # noqa: S101 - the table's key
    assert isinstance(value.type, t.Timestamp | t.TimestampTz)  # noqa: S101 - the table's key
    return rounded_timestamp(value.sql, value.type.precision, target.precision)


def _boolean_to_text(value: Expr, target: t.Type) -> str:
    return _limited(f"CAST({value.sql} AS VARCHAR)", target)


def _real_from_double(value: Expr, target: t.Type) -> str:
    return _plain(value, target)


def _float_to_boolean(value: Expr, _: t.Type) -> str:
    return f"({value.sql} <> 0)"


def _from_coercion(value: Expr, target: t.Type) -> str:
    return coerce(value, target).sql


_CASTS: dict[tuple[str, str], _Caster] = {
    ("integer", "integer"): _integer_from_number,
    ("decimal", "integer"): _integer_from_number,
    ("float", "integer"): _integer_from_number,
    ("varchar", "integer"): _integer_from_text,
    ("boolean", "integer"): _plain,
    ("integer", "float"): _plain,
    ("decimal", "float"): _plain,
    ("float", "float"): _real_from_double,
    ("varchar", "float"): _float_from_text,
    ("boolean", "float"): _plain,
    ("integer", "decimal"): _decimal_from_number,
    ("decimal", "decimal"): _decimal_from_number,
    ("float", "decimal"): _decimal_from_float,
    ("varchar", "decimal"): _decimal_from_text,
    ("integer", "varchar"): _text_from_plain,
    ("decimal", "varchar"): _text_from_plain,
    ("float", "varchar"): _text_from_float,
    ("varchar", "varchar"): _text_from_text,
    ("boolean", "varchar"): _boolean_to_text,
    ("date", "varchar"): _text_from_plain,
    ("timestamp", "varchar"): _text_from_timestamp,
    ("integer", "boolean"): _float_to_boolean,
    ("float", "boolean"): _float_to_boolean,
    ("varchar", "boolean"): _boolean_from_text,
    ("varchar", "date"): _date_from_text,
    ("timestamp", "date"): _plain,
    ("timestamptz", "date"): _plain,
    ("varchar", "timestamp"): _timestamp_from_text,
    ("date", "timestamp"): _plain,
    ("timestamp", "timestamp"): _timestamp_from_timestamp,
    ("timestamptz", "timestamp"): _timestamp_from_timestamp,
}
