"""From the text of a query to DuckDB SQL: the one door of this package.

The answer is a pure function of the text, the catalog's tables and the statement's time.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from laketop.athena.sql import likes, subqueries  # noqa: F401 - register the rules of LIKE and of queries as values
from laketop.athena.sql.core import Catalog, Column, Context, Relation, Scan, Session
from laketop.athena.sql.definitions import macros
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions import registry  # noqa: F401 - registers the rules of calls
from laketop.athena.sql.functions.json_inlined import inline
from laketop.athena.sql.parse import parse
from laketop.athena.sql.query import compile_query

_TRIES = re.compile(r"\bTRY\(")
_UDF_NAME = re.compile(r"\bpy_[a-z0-9_]+(?=\()")


@dataclass(frozen=True)
class Translation:
    """A query ready to run.

    Attributes:
        sql: DuckDB SQL; its columns are called c0, c1, …
        columns: the result's columns as the user named them, with Trino's types.
        scans: the tables that must be offered as views before the query runs.
        macros: the DuckDB statements to run first, in order.
        used: for each scan the numbers of the columns that the query names.
        udfs: the Python functions that must be defined before the macros.
        hidden: for each scan the hidden columns that the query names, as the view calls them.
        timed: whether the statement's time is in it.
        careful: the same query without the products in 64 bits, for the case that one of them overflows; None where
            there are none.
    """

    sql: str
    columns: tuple[Column, ...]
    scans: tuple[Scan, ...]
    macros: tuple[str, ...]
    used: tuple[frozenset[int], ...]
    udfs: tuple[str, ...] = ()
    hidden: tuple[frozenset[str], ...] = ()
    timed: bool = False
    careful: str | None = None


def translate(
    text: str, catalog: Catalog, now: datetime | None = None, finish: Callable[[Relation], Relation] | None = None
) -> Translation:
    """Translate one query.

    Args:
        text: Trino SQL: SELECT, WITH, VALUES or a set operation.
        catalog: where the tables are looked up.
        now: the statement's time; default is this moment.
        finish: what the statement around the query makes of its rows, or its refusal.

    Raises:
        SqlError: the query is wrong, or uses something that is not supported.

    Follows Trino's page "SELECT" and AWS's "SELECT" for Athena.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    session = Session(catalog, moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}")
    try:
        relation = compile_query(inline(parse(text)), Context(session))
        if finish is not None:
            relation = finish(relation)
    except RecursionError as error:
        raise SqlError("STACK_OVERFLOW", "statement is too large (stack overflow during analysis)") from error
    sql = f"WITH {', '.join(session.ctes)} {relation.sql}" if session.ctes else relation.sql
    careful = _widened(sql, session.narrowed)
    if careful and _TRIES.search(sql):
        # what overflows would be caught there
        sql, careful = careful, None
    used = tuple(_used(scan.view, sql) for scan in session.scans)
    defined = macros(sql)
    udfs = tuple(dict.fromkeys(_UDF_NAME.findall("".join([sql, *defined]))))
    hidden = tuple(_hidden(scan.view, sql) for scan in session.scans)
    return Translation(sql, relation.columns, tuple(session.scans), defined, used, udfs, hidden, session.timed, careful)


def _widened(sql: str, narrowed: Mapping[str, str]) -> str | None:
    """The query with its sums in as many bits as they may need."""
    for narrow, wide in narrowed.items():
        sql = sql.replace(narrow, wide)
    return sql if narrowed else None


def _used(view: str, sql: str) -> frozenset[int]:
    """The columns of a view that a query names: every reference goes through the view's one alias."""
    alias = re.search(rf"\b{view} AS (t[0-9]+)\b", sql)
    if alias is None:
        return frozenset()
    return frozenset(int(number) for number in re.findall(rf"\b{alias.group(1)}\.c([0-9]+)\b", sql))


def _hidden(view: str, sql: str) -> frozenset[str]:
    """The hidden columns of a view that a query names."""
    alias = re.search(rf"\b{view} AS (t[0-9]+)\b", sql)
    return frozenset(re.findall(rf"\b{alias.group(1)}\.(file_[a-z]+)\b", sql)) if alias else frozenset()
