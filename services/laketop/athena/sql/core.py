"""The compiler's core: what an understood expression is, what names it can see, and how a node finds its rule.

A query is compiled in one walk over sqlglot's tree. Every node type has a rule in `RULES`, or it is refused; every rule
says which parts of its node it understands, and a part that it does not name is refused as well. So nothing that this
package has not thought about can reach DuckDB.
"""

import datetime
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlglot import exp

from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.parse import place
from laketop.athena.sql.types import Type


@dataclass(frozen=True)
class Expr:
    """A compiled expression.

    Attributes:
        sql: DuckDB SQL, safe to be put anywhere an operand may stand.
        type: its Trino type.
        literal: the Python value where the text is a plain literal (str or int), else None.
        narrow: a product of decimals in 64 bits, which fails where these are too few; None where there is no such form.
        zoned: (instant, zone) in DuckDB SQL where a value with a time zone is put together here, so that a function
            that wants one of them need not take it apart again.
    """

    sql: str
    type: Type
    literal: str | int | None = None
    zoned: tuple[str, str] | None = None
    narrow: str | None = None


@dataclass(frozen=True)
class Field:
    """A column that a query can see.

    Attributes:
        name: its name, None if it has none that can be used.
        relation: the alias of the relation it belongs to, lower case; None for a lambda's argument.
        sql: DuckDB SQL for it.
        partition: (scan number, column) where it is a partition column of a table, or a prunable one.
        database: the table's database, for names written in full.
    """

    name: str | None
    relation: str | None
    sql: str
    type: Type
    partition: tuple[int, str] | None = None
    database: str | None = None


@dataclass(frozen=True)
class Scope:
    """The columns of a FROM clause, in order, and the scope around it (for correlated subqueries).

    Attributes:
        result: whether it is of the columns of a SELECT list, for the ORDER BY after it.
    """

    fields: tuple[Field, ...] = ()
    parent: "Scope | None" = None
    result: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a table or of a result.

    Attributes:
        anonymous: whether the name was only made up for the result, so that no query around can use it.
    """

    name: str
    type: Type
    anonymous: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class View:
    """What a view says: its query, and the database for the names in it that have none."""

    text: str
    database: str | None


@dataclass(frozen=True)
class Table:
    """A table as the catalog describes it, typed.

    Attributes:
        columns: data columns, then partition columns.
        partition_keys: how many of the last columns are partition columns.
        source: what the catalog said (handed through to the scan untouched).
        view: what it says where it is a view and no table.
        prunable: the data columns by whose values files can be left out.
        hidden: the hidden columns that it has, None for those of a table of plain files.
    """

    database: str
    name: str
    columns: tuple[Column, ...]
    partition_keys: int
    source: Any = None
    view: View | None = None
    prunable: frozenset[str] = frozenset()
    hidden: frozenset[str] | None = None


@dataclass(frozen=True)
class Version:
    """Which state of a table a query reads (FOR VERSION AS OF, FOR TIMESTAMP AS OF); one of these.

    Attributes:
        snapshot: the id of a snapshot.
        reference: the name of a tag or branch.
        moment: the state at that time, in microseconds since 1970, UTC.
    """

    snapshot: int | None = None
    reference: str | None = None
    moment: int | None = None


class Catalog(Protocol):
    """What the compiler asks of a catalog."""

    def table(self, database: str | None, name: str, version: Version | None = None, /) -> Table:
        """The table of that name; the database is None where the query names none.

        Args:
            version: which state of it, where the query says; else it is not given.

        Raises:
            SqlError: TABLE_NOT_FOUND, SCHEMA_NOT_FOUND, NOT_SUPPORTED for a kind of table that cannot be read or has no
                versions, INVALID_ARGUMENTS for a version that it has not.
        """
        ...


@dataclass(frozen=True)
class Condition:
    """What every row of an answer meets: a column compared to literals.

    Attributes:
        symbol: `=`, `<`, `<=`, `>`, `>=` (one value), `BETWEEN` (two) or `IN`.
    """

    column: str
    symbol: str
    values: tuple[str | int | datetime.date, ...]


@dataclass
class Scan:
    """One use of a table in a query.

    Attributes:
        view: the name under which the engine must offer the table's rows; its columns are c0, c1, …
        filters: conditions on partition keys that every row of the answer meets, in the catalog's expression language.
        conditions: conditions on the table's prunable columns that every row of the answer meets.
    """

    view: str
    table: Table
    filters: list[str] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)


@dataclass
class Session:
    """What one compilation gathers: the tables it uses, and numbers for names."""

    catalog: Catalog
    moment: str  # the statement's time in UTC, as a DuckDB TIMESTAMP literal's text
    scans: list[Scan] = field(default_factory=list)
    ctes: list[str] = field(default_factory=list)  # `name AS (…)` in order, for the one WITH at the top
    views: list[str] = field(default_factory=list)  # the views around what is being compiled
    origins: dict[int, Scope] = field(default_factory=dict)  # id of a column's node → the scope it was found in
    queried_keys: dict[exp.Expr, tuple[Scope, Expr]] = field(default_factory=dict)  # group keys that hold a query
    narrowed: dict[str, str] = field(default_factory=dict)  # a sum in 64 bits → the same in as many as it may need
    counter: int = 0
    timed: bool = False  # whether the query asks for the statement's time

    @property
    def now(self) -> str:
        """The statement's time; a query that asks for it cannot be kept for later."""
        self.timed = True
        return self.moment

    def fresh(self, prefix: str) -> str:
        """A name that no other part of the query has."""
        self.counter += 1
        return f"{prefix}{self.counter}"


@dataclass(frozen=True)
class Relation:
    """A compiled query or table: DuckDB SQL that can stand in parentheses after FROM, with columns c0, c1, …"""

    sql: str
    columns: tuple[Column, ...]
    partitions: tuple[tuple[int, str] | None, ...] = ()
    database: str | None = None
    hidden: tuple[tuple[Column, str], ...] = ()  # columns outside of `*`, each with its name in the SQL


@dataclass(frozen=True)
class Context:
    """Where an expression stands.

    Attributes:
        clause: the clause's name for messages; aggregates and windows are refused where `aggregates` is None.
        aggregates: a list to which every aggregate call adds its SQL; None where none may stand.
        windows: whether window functions may stand here.
        named_windows: the windows of the WINDOW clause.
        ctes: relations of WITH by lower-case name.
        grouped: the SQL of each group key → the SQL that shows its value, where these are not the same.
        keys: the SQL of each group key → the SQL that it is grouped by; None without a GROUP BY.
    """

    session: Session
    scope: Scope = Scope()
    clause: str = "SELECT"
    aggregates: list[str] | None = None
    windows: bool = False
    named_windows: Mapping[str, exp.Window] = field(default_factory=dict)
    ctes: Mapping[str, Relation] = field(default_factory=dict)
    grouped: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] | None = None

    def within(self, scope: Scope) -> "Context":
        """The same place with other names."""
        return replace(self, scope=scope)


_SHORT = 60  # characters of DuckDB SQL that may be written twice
_VOLATILE = re.compile(r"\b(random|uuid|py_shuffle)\(")


def costly(sql: str) -> bool:
    """Whether an operand should not be written twice: it is long, or two calls of it may differ."""
    return len(sql) > _SHORT or _VOLATILE.search(sql) is not None


def let(sql: str, body: Callable[[str], str]) -> str:
    """DuckDB SQL that uses an operand more than once, computing it once where it is long or volatile.

    Without it, five nested functions of four uses each would make a thousand copies. DuckDB has no LET: the body
    becomes a lambda over a list of one.
    """
    if not costly(sql):
        return body(sql)
    name = f"v{zlib.crc32(sql.encode()):08x}"
    return f"list_extract(list_transform([{sql}], lambda {name}: {body(name)}), 1)"


def lets(operands: Sequence[str], body: Callable[..., str]) -> str:
    """`let` for several operands at once: none ends up inside of another's lambda, where DuckDB takes no query."""
    heavy = [operand for operand in dict.fromkeys(operands) if costly(operand)]
    if not heavy:
        return body(*operands)
    if len(heavy) == 1:
        return let(heavy[0], lambda name: body(*(name if operand == heavy[0] else operand for operand in operands)))
    name = f"w{zlib.crc32(' '.join(heavy).encode()):08x}"
    packed = ", ".join(f"o{number} := {operand}" for number, operand in enumerate(heavy))
    names = {operand: f"struct_extract({name}, 'o{number}')" for number, operand in enumerate(heavy)}
    inner = body(*(names.get(operand, operand) for operand in operands))
    return f"list_extract(list_transform([struct_pack({packed})], lambda {name}: {inner}), 1)"


type Rule = Callable[[Any, Context], Expr]

RULES: dict[type[exp.Expr], Rule] = {}


def rule(*nodes: type[exp.Expr]) -> Callable[[Rule], Rule]:
    """Register a function as the rule of node types."""

    def register(function: Rule) -> Rule:
        for node in nodes:
            RULES[node] = function
        return function

    return register


def compile_expression(node: exp.Expr, context: Context) -> Expr:
    """Compile an expression.

    Raises:
        SqlError: it is wrong, or not supported.
    """
    found = RULES.get(type(node))
    if found is None:
        raise not_supported(f"The expression {type(node).__name__} ({shown(node)})", *place(node))
    # a query has other names each time that it is compiled
    keys = context.session.queried_keys
    scope, known = keys.get(node, (None, None)) if keys else (None, None)
    value = known if known is not None and scope is context.scope else found(node, context)
    # outside of aggregates a group's key stands for the value
    if context.grouped and context.aggregates is not None and value.sql in context.grouped:
        return Expr(context.grouped[value.sql], value.type)
    return value


def _known_key(node: exp.Expr, context: Context) -> Expr | None:
    """What a group key with a query was compiled to: a query has other names each time that it is compiled."""
    keys = context.session.queried_keys
    scope, value = keys.get(node, (None, None)) if keys else (None, None)
    return value if scope is context.scope else None


def parts(node: exp.Expr, *known: str) -> list[Any]:
    """The named parts of a node, after checking that it has no others.

    Raises:
        SqlError: NOT_SUPPORTED naming a part that the rule does not know.
    """
    for key, value in node.args.items():
        if key not in known and value not in (None, False, []):
            raise not_supported(f"{type(node).__name__.upper()} with {key.strip('_')} ({shown(node)})", *place(node))
    return [node.args.get(key) for key in known]


def shown(node: exp.Expr) -> str:
    """A node as text for a message, at most 80 characters."""
    text = node.sql(dialect="trino")
    return text if len(text) <= 80 else text[:77] + "..."


def fail(name: str, message: str, node: exp.Expr) -> SqlError:
    """A Trino error at a node's place."""
    return SqlError(name, message, *place(node))
