"""Casts from and to booleans and numbers.

Follows Trino's page "Conversion functions" and measured answers: halves are rounded away from zero, what does not fit
is an error.
"""

from laketop.athena.sql import types as t
from laketop.athena.sql.casting import Caster, checked, plain
from laketop.athena.sql.core import Expr

_INTEGER_NAMES: dict[t.Type, str] = {t.TINYINT: "TINYINT", t.SMALLINT: "SMALLINT", t.INTEGER: "INT", t.BIGINT: "BIGINT"}
_FLOAT_NAMES: dict[t.Type, str] = {t.DOUBLE: "DOUBLE", t.REAL: "REAL"}
# The first double that no real is near enough to: half way between the largest real and the next power of two.
_REAL_LIMIT = "CAST('3.40282356779733661637539395458142568448e38' AS DOUBLE)"


def _integer_from_integer(value: Expr, target: t.Type) -> str:
    kind = t.duckdb_type(target)
    if t.INTEGER_DIGITS[value.type] <= t.INTEGER_DIGITS[target]:
        return plain(value, target)
    message = f"'Out of range for {target}: ' || CAST({value.sql} AS VARCHAR)"
    test = f"TRY_CAST({value.sql} AS {kind}) IS NOT NULL"
    return checked(value.sql, test, plain(value, target), "NUMERIC_VALUE_OUT_OF_RANGE", message, target)


def _integer_from_decimal(value: Expr, target: t.Type) -> str:
    name = "INTEGER" if target == t.INTEGER else _INTEGER_NAMES[target]
    message = f"'Cannot cast ''' || CAST({value.sql} AS VARCHAR) || ''' to {name}'"
    test = f"TRY_CAST({value.sql} AS {t.duckdb_type(target)}) IS NOT NULL"
    return checked(value.sql, test, plain(value, target), "INVALID_CAST_ARGUMENT", message, target)


def _integer_from_float(value: Expr, target: t.Type) -> str:
    kind, shown = t.duckdb_type(target), f"CAST({value.sql} AS VARCHAR)"
    test = f"TRY_CAST(round({value.sql}) AS {kind}) IS NOT NULL"
    result = f"CAST(round({value.sql}) AS {kind})"
    if target != t.BIGINT:
        outside = f"'Out of range for {target}: ' || {shown}"
        number = checked(value.sql, test, result, "NUMERIC_VALUE_OUT_OF_RANGE", outside, target)
        problem = f"'Cannot cast {value.type} NaN to {target}' || left({shown}, 0)"
        return checked(value.sql, f"NOT isnan({value.sql})", number, "INVALID_CAST_ARGUMENT", problem, target)
    if value.type == t.REAL:
        # only this one of all gives the nearest number that there is
        edge = f"CASE WHEN {value.sql} > 0 THEN 9223372036854775807 ELSE -9223372036854775808 END"
        result = f"coalesce(TRY_CAST(round({value.sql}) AS BIGINT), CAST({edge} AS BIGINT))"
        test = f"NOT isnan({value.sql})"
    return checked(
        value.sql, test, result, "INVALID_CAST_ARGUMENT", f"'Unable to cast ' || {shown} || ' to bigint'", target
    )


def _integer_from_text(value: Expr, target: t.Type) -> str:
    name = _INTEGER_NAMES[target]
    kind = t.duckdb_type(target)
    test = f"regexp_full_match({value.sql}, '[+-]?[0-9]+') AND TRY_CAST({value.sql} AS {kind}) IS NOT NULL"
    message = f"'Cannot cast ''' || {value.sql} || ''' to {name}'"
    ascii_only = checked(value.sql, test, f"CAST({value.sql} AS {kind})", "INVALID_CAST_ARGUMENT", message, target)
    # Java reads the digits of every script
    other = f"regexp_full_match({value.sql}, '[+-]?\\p{{Nd}}+') AND NOT regexp_full_match({value.sql}, '[+-]?[0-9]+')"
    return f"CASE WHEN {other} THEN CAST(py_integer_text({value.sql}, '{name}') AS {kind}) ELSE {ascii_only} END"


def _float_from_text(value: Expr, target: t.Type) -> str:
    kind, trimmed = t.duckdb_type(target), f"tr_java_trim({value.sql})"
    number = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[dDfF]?"
    test = f"regexp_full_match({trimmed}, '{number}|[+-]?Infinity|[+-]?NaN')"
    message = f"'Cannot cast ''' || {value.sql} || ''' to {_FLOAT_NAMES[target]}'"
    result = f"CAST(replace(rtrim({trimmed}, 'dDfF'), 'Infinity', 'inf') AS {kind})"
    decimal = checked(value.sql, test, result, "INVALID_CAST_ARGUMENT", message, target)
    hexadecimal = f"regexp_matches({value.sql}, '0[xX]')"
    return (
        f"CASE WHEN {hexadecimal} THEN CAST(py_hexadecimal_float({value.sql}, '{kind}') AS {kind}) ELSE {decimal} END"
    )


def _decimal_from_text(value: Expr, target: t.Type) -> str:
    assert isinstance(target, t.Decimal)  # noqa: S101 - the table's key
    kind = t.duckdb_type(target)
    number = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)"
    test = f"regexp_full_match({value.sql}, '{number}') AND TRY_CAST({value.sql} AS {kind}) IS NOT NULL"
    message = f"'Cannot cast VARCHAR ''' || {value.sql} || ''' to {_decimal_name(target)}'"
    simple = checked(value.sql, test, f"CAST({value.sql} AS {kind})", "INVALID_CAST_ARGUMENT", message, target)
    # DuckDB reads few of the numbers with an exponent, and only European digits
    other = f"regexp_full_match({value.sql}, '[+-]?(\\p{{Nd}}+\\.?\\p{{Nd}}*|\\.\\p{{Nd}}+)([eE][+-]?\\p{{Nd}}+)?')"
    other += f" AND NOT regexp_full_match({value.sql}, '{number}')"
    parsed = f"CAST(py_decimal_text({value.sql}, {target.precision}, {target.scale}) AS {kind})"
    return f"CASE WHEN {other} THEN {parsed} ELSE {simple} END"


def _decimal_name(target: t.Decimal) -> str:
    return f"DECIMAL({target.precision}, {target.scale})"


def _decimal_from_number(value: Expr, target: t.Type) -> str:
    assert isinstance(target, t.Decimal)  # noqa: S101 - the table's key
    kind = t.duckdb_type(target)
    name = str(value.type).split("(", maxsplit=1)[0].upper()
    message = f"'Cannot cast {name} ''' || CAST({value.sql} AS VARCHAR) || ''' to {_decimal_name(target)}'"
    test = f"TRY_CAST({value.sql} AS {kind}) IS NOT NULL"
    return checked(value.sql, test, f"CAST({value.sql} AS {kind})", "INVALID_CAST_ARGUMENT", message, target)


def _decimal_from_decimal(value: Expr, target: t.Type) -> str:
    assert isinstance(target, t.Decimal)  # noqa: S101 - the table's key
    assert isinstance(value.type, t.Decimal)  # noqa: S101 - the table's key
    grows = target.scale >= value.type.scale
    if grows and target.precision - target.scale >= value.type.precision - value.type.scale:
        return plain(value, target)
    return _decimal_from_number(value, target)


def _decimal_from_boolean(value: Expr, target: t.Type) -> str:
    return _decimal_from_number(Expr(f"CAST({value.sql} AS INTEGER)", t.INTEGER), target)


def _decimal_from_float(value: Expr, target: t.Type) -> str:
    """Through the shortest text of the number, as Trino does: 1.005e0 becomes 1.01."""
    assert isinstance(target, t.Decimal)  # noqa: S101 - the table's key
    message = f"'Cannot cast {value.type} ''' || {value.sql} || ''' to {_decimal_name(target)}'"
    kind, finite = t.duckdb_type(target), f"isfinite({value.sql})"
    parsed = f"CAST(py_decimal_text(CAST({value.sql} AS VARCHAR), {target.precision}, {target.scale}) AS {kind})"
    # with an exponent in it DuckDB does not read every number
    plain_text = f"abs({value.sql}) < 1e15 AND (abs({value.sql}) >= 1e-4 OR {value.sql} = 0)"
    simple = _decimal_from_number(Expr(f"CAST({value.sql} AS VARCHAR)", value.type), target)
    number = f"CASE WHEN {plain_text} THEN {simple} ELSE {parsed} END"
    return checked(value.sql, finite, number, "INVALID_CAST_ARGUMENT", message, target)


def _real_from_double(value: Expr, target: t.Type) -> str:
    if target == t.DOUBLE:
        return plain(value, target)
    edge = f"CAST(CASE WHEN {value.sql} > 0 THEN 'inf' ELSE '-inf' END AS FLOAT)"
    largest = f"CAST(CASE WHEN {value.sql} > 0 THEN 3.4028235e38 ELSE -3.4028235e38 END AS FLOAT)"
    fits = f"CASE WHEN abs({value.sql}) > 3.4028234663852886e38 THEN {largest} ELSE CAST({value.sql} AS FLOAT) END"
    return (
        f"CASE WHEN abs({value.sql}) >= {_REAL_LIMIT} AND isfinite({value.sql}) THEN {edge} "
        f"WHEN isfinite({value.sql}) THEN {fits} ELSE CAST({value.sql} AS FLOAT) END"
    )


def _boolean_from_number(value: Expr, _: t.Type) -> str:
    return f"({value.sql} <> 0)"


def _boolean_from_text(value: Expr, target: t.Type) -> str:
    lower = f"lower({value.sql})"
    message = f"'Cannot cast ''' || {value.sql} || ''' to BOOLEAN'"
    result = f"({lower} IN ('t', 'true', '1'))"
    test = f"{lower} IN ('t', 'true', '1', 'f', 'false', '0')"
    return checked(value.sql, test, result, "INVALID_CAST_ARGUMENT", message, target)


# (family of the source, family of the target) -> how
CASTS: dict[tuple[str, str], Caster] = {
    ("integer", "integer"): _integer_from_integer,
    ("decimal", "integer"): _integer_from_decimal,
    ("float", "integer"): _integer_from_float,
    ("varchar", "integer"): _integer_from_text,
    ("boolean", "integer"): plain,
    ("integer", "float"): plain,
    ("decimal", "float"): plain,
    ("float", "float"): _real_from_double,
    ("varchar", "float"): _float_from_text,
    ("boolean", "float"): plain,
    ("integer", "decimal"): _decimal_from_number,
    ("decimal", "decimal"): _decimal_from_decimal,
    ("float", "decimal"): _decimal_from_float,
    ("varchar", "decimal"): _decimal_from_text,
    ("boolean", "decimal"): _decimal_from_boolean,
    ("integer", "boolean"): _boolean_from_number,
    ("decimal", "boolean"): _boolean_from_number,
    ("float", "boolean"): _boolean_from_number,
    ("varchar", "boolean"): _boolean_from_text,
}
