"""Operations that are NULL where an operand is: what is to the right of a NULL is not computed, and so does not fail.

Trino computes operands from left to right and stops at the first NULL; its planner makes an operation of a NULL that is
known a NULL at once, wherever it stands. DuckDB computes all operands first.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr, costly, let
from laketop.athena.sql.definitions import can_fail

_CAST_TO = r" AS [A-Z]+(?:\(\d+(?:, ?\d+)?\))?\)"
_CONSTANT = re.compile(rf"(?:CAST\()*(?:-?[\d.]+|TRUE|FALSE|'[^']*')(?:{_CAST_TO})*")
_NULL = re.compile(r"NULL|CAST\(NULL AS [^()]*(?:\([\d, ]*\))?[^()]*\)")
_NO_LAMBDA = re.compile(r"\bSELECT\b|\bOVER \(")
_SOURCE = re.compile(r"\b(\w+)\.c\d+\b")


def strict(operands: Sequence[Expr], value: Expr) -> Expr:
    """The value of an operation on operands in the order of their computation; untouched where none of them can fail.

    A query or a window cannot stand in a lambda: what has one, and an operand that is long, stays as it is.
    """
    if any(_NULL.fullmatch(operand.sql) for operand in operands) and can_fail(value.sql):
        return Expr(f"CAST(NULL AS {t.duckdb_type(value.type)})", value.type)
    failing = [number for number, operand in enumerate(operands) if number and can_fail(operand.sql)]
    if not failing:
        return value
    tests = [operand.sql for operand in operands[: failing[-1]] if not _CONSTANT.fullmatch(operand.sql)]
    if not tests or (_NO_LAMBDA.search(value.sql) and any(costly(test) for test in tests)):
        return value
    return replace(value, sql=_tested(tests, value), literal=None, zoned=None, narrow=None)


def strict_condition(operands: Sequence[Expr], sql: str) -> str:
    """`strict` for a condition; one on a column and a constant, or on two tables, stays plain for a scan or a join."""
    sources = [frozenset(_SOURCE.findall(operand.sql)) for operand in operands]
    if len(set(sources)) > 1 and sources[0]:
        return sql
    return strict(operands, Expr(sql, t.BOOLEAN)).sql


def _tested(tests: Sequence[str], value: Expr) -> str:
    """The value's DuckDB SQL where none of the tested operands is NULL."""
    if not tests:
        return value.sql
    first, *rest = tests

    def guarded(name: str) -> str:
        inner = [test.replace(first, name) for test in rest]
        sql = _tested(inner, replace(value, sql=value.sql.replace(first, name)))
        return f"(CASE WHEN {name} IS NULL THEN CAST(NULL AS {t.duckdb_type(value.type)}) ELSE {sql} END)"

    return let(first, guarded)
