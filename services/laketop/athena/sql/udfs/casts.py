"""Numbers in texts that DuckDB does not read: digits of all scripts, exponents, hexadecimal floats."""

import decimal
import math

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs.registry import udf

_BITS = {"TINYINT": 8, "SMALLINT": 16, "INT": 32, "BIGINT": 64}
_MOST_DIGITS = 400  # no decimal has that many, and nobody should wait for 10^999999


@udf("py_integer_text", ("VARCHAR", "VARCHAR"), "BIGINT")
def integer_text(value: str, name: str) -> int:
    """CAST(varchar AS an integer type), whatever script the digits are of.

    Raises:
        SqlError: INVALID_CAST_ARGUMENT where it is no number, or too large.
    """
    number = int(value)
    edge = 2 ** (_BITS[name] - 1)
    if not -edge <= number < edge:
        raise SqlError("INVALID_CAST_ARGUMENT", f"Cannot cast '{value}' to {name}")
    return number


@udf("py_decimal_text", ("VARCHAR", "INTEGER", "INTEGER"), "VARCHAR")
def decimal_text(value: str, precision: int, scale: int) -> str:
    """A number in scientific notation, rounded half up to `scale` digits, as DuckDB reads it.

    Raises:
        SqlError: INVALID_CAST_ARGUMENT where it has more digits than the precision.
    """
    problem = f"Cannot cast '{value}' to DECIMAL({precision}, {scale})"
    try:
        number = decimal.Decimal(value)
    except decimal.InvalidOperation as error:
        raise SqlError("INVALID_CAST_ARGUMENT", problem) from error
    if number and number.adjusted() > _MOST_DIGITS:
        raise SqlError("INVALID_CAST_ARGUMENT", problem)
    if number and number.adjusted() < -_MOST_DIGITS:
        return "0"
    with decimal.localcontext(prec=2 * _MOST_DIGITS + len(value)):
        rounded = number.quantize(decimal.Decimal(1).scaleb(-scale), decimal.ROUND_HALF_UP)
    if rounded and rounded.adjusted() + 1 + scale > precision:
        raise SqlError("INVALID_CAST_ARGUMENT", problem)
    return f"{rounded:f}"


@udf("py_hexadecimal_float", ("VARCHAR", "VARCHAR"), "DOUBLE")
def hexadecimal_float(value: str, name: str) -> float:
    """CAST(varchar AS double or real) for a number like 0x1.8p3.

    Raises:
        SqlError: INVALID_CAST_ARGUMENT where Java would not read it.
    """
    spelled = value.strip("".join(map(chr, range(33))))
    try:
        if "p" not in spelled.lower() or "_" in spelled:
            raise ValueError(spelled)
        return float.fromhex(spelled.rstrip("dDfF") if spelled[-1:] in "dDfF" else spelled)
    except OverflowError:
        return -math.inf if spelled.startswith("-") else math.inf
    except ValueError as error:
        spelled_name = "REAL" if name == "FLOAT" else "DOUBLE"
        raise SqlError("INVALID_CAST_ARGUMENT", f"Cannot cast '{value}' to {spelled_name}") from error
