"""TRY and TRY_CAST: NULL instead of the errors that Trino's own swallow (`errors.SWALLOWED`).

DuckDB's TRY takes neither aggregates, windows nor sub-queries, fails beside GROUP BY wherever it names a column, and
lets errors of what the query says twice pass, for DuckDB computes that in front: what it needs is handed into a lambda,
and TRY is left with the lambda's argument. Follows Trino's pages "Conditional expressions" and "Conversion functions".
"""

import re
import zlib
from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql.core import Context, Expr, compile_expression
from laketop.athena.sql.definitions import tried

_STRING = re.compile(r"('(?:[^']|'')*')")
_COLUMN = re.compile(r"\bt\d+\.c\d+\b")
_SIMPLE = re.compile(r"[\w.]+|'(?:[^']|'')*'|CAST\([^()]*\)")


def attempt(value: Expr, context: Context, node: exp.Expr) -> Expr:
    """A value, NULL where it fails."""
    outside = [*(context.aggregates or ()), *_windows(node, context)]
    inside = sorted({sql for sql in outside if sql in value.sql}, key=len, reverse=True)
    name = f"y{zlib.crc32(value.sql.encode()):08x}"
    packed: dict[str, str] = {}

    def given(sql: str) -> str:
        return f"struct_extract({name}, '{packed.setdefault(sql, f'o{len(packed)}')}')"

    sql = value.sql
    for aggregate in inside:
        sql = sql.replace(aggregate, given(aggregate))
    sql = _outside_strings(sql, lambda piece: _COLUMN.sub(lambda column: given(column[0]), piece))
    if not packed:
        return Expr(f"TRY({tried(value.sql)})", value.type)
    fields = ", ".join(f"{field} := {part}" for part, field in packed.items())
    answered = f"list_extract(list_transform([struct_pack({fields})], lambda {name}: TRY({tried(sql)})), 1)"
    return Expr(answered, value.type)


def _windows(node: exp.Expr, context: Context) -> list[str]:
    return [compile_expression(window, context).sql for window in node.find_all(exp.Window) if context.windows]


def attempt_cast(value: Expr, convert: Callable[[Expr], Expr], node: exp.Expr) -> Expr:
    """TRY_CAST: only the cast's own errors become NULL, those of its operand pass."""
    if _SIMPLE.fullmatch(value.sql) and not _grouped(node):
        converted = convert(value)
        return Expr(f"TRY({tried(converted.sql)})", converted.type)
    name = f"z{zlib.crc32(value.sql.encode()):08x}"
    converted = convert(replace(value, sql=name, literal=None, zoned=None))
    return Expr(
        f"list_extract(list_transform([{value.sql}], lambda {name}: TRY({tried(converted.sql)})), 1)", converted.type
    )


def _grouped(node: exp.Expr) -> bool:
    select = node.find_ancestor(exp.Select)
    return select is not None and select.args.get("group") is not None


def _outside_strings(sql: str, change: Callable[[str], str]) -> str:
    pieces = _STRING.split(sql)
    return "".join(piece if number % 2 else change(piece) for number, piece in enumerate(pieces))
