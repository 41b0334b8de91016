"""DEFINE: the conditions of the labels, as far as possible as columns that the query computes.

A condition on one row and its neighbours is a column of truths. Where rows matched before come in, the condition is
taken apart: each side of a comparison that hangs on one row is a column, and the matcher compares.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.comparison import boolean, meet
from laketop.athena.sql.core import Context, Expr, Field, Scope, compile_expression, fail
from laketop.athena.sql.equality import sort_key
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.functions import aggregation
from laketop.athena.sql.match_recognize.clause import Clause
from laketop.athena.sql.match_recognize.computed import Columns, guarded
from laketop.athena.sql.match_recognize.navigation import Aggregate, Pointer, Resolved, resolved
from laketop.athena.sql.parse import place

_SYMBOLS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_SIGNS: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_CAN_FAIL = re.compile(r"laketop!|\b(py|tr)_")
_RAISED = re.compile(r"laketop!([A-Z_]+)!")
_AGGREGATES = ("count", "sum", "avg", "min", "max")

type Base = tuple[tuple[int, ...] | None, bool, int]


@dataclass
class Conditions:
    """The conditions as the matcher reads them.

    Attributes:
        tests: for each label what it asks, None for always.
        bases: the rows matched before that are asked for.
        aggregates: [name, labels, operand, the digits behind the point of a mean of decimals].
        numbered: whether MATCH_NUMBER() is asked for.
    """

    columns: Columns
    tests: list[Any] = field(default_factory=list)
    bases: list[Base] = field(default_factory=list)
    aggregates: list[Any] = field(default_factory=list)
    numbered: bool = False


def conditions(clause: Clause, fields: tuple[Field, ...], context: Context) -> Conditions:
    """The conditions of the labels, in their order.

    Raises:
        SqlError: TYPE_MISMATCH for what is no condition, NOT_SUPPORTED for one that can be computed neither before
            the search nor by the matcher, and what is wrong with it.
    """
    found = Conditions(Columns(context.session.fresh("t"), context.session.fresh("t")))
    defined = dict(clause.defines)
    for number, label in enumerate(clause.labels):
        if label not in defined:
            found.tests.append(None)
            continue
        one = resolved(defined[label], clause, fields, context)
        found.tests.append(_Condition(found, one, number, fields, context).compiled())
    return found


class _Condition:
    def __init__(
        self, found: Conditions, one: Resolved, label: int, fields: tuple[Field, ...], context: Context
    ) -> None:
        self._found, self._one, self._label, self._fields, self._context = found, one, label, fields, context

    def compiled(self) -> Any:
        """The condition for the matcher."""
        node = self._one.node
        type_ = compile_expression(node, self._typed()).type
        if type_ != t.BOOLEAN:
            raise fail("TYPE_MISMATCH", f"Expression defining a label must be boolean (actual type: {type_})", node)
        return self._test(node)

    def _test(self, node: exp.Expr) -> Any:
        bases = self._bases(node)
        if bases is not None and len(bases) <= 1:
            row, missing = (
                boolean(node, self._at(node, absent=absent), "Expression defining a label") for absent in (False, True)
            )
            base = next(iter(bases), None)
            return ["truth", base, self._found.columns.truth(row.sql, missing.sql), _error(row.sql)]
        match node:
            case exp.Paren():
                return self._test(node.this)
            case exp.And() | exp.Or():
                word = "and" if isinstance(node, exp.And) else "or"
                return [word, self._test(node.this), self._test(node.expression)]
            case exp.Not():
                return ["not", self._test(node.this)]
            case exp.Is() if bases is None and isinstance(node.expression, exp.Null):
                return ["null", self._operand(node.this, self._type(node.this))]
            case exp.Between() if bases is None or len(bases) > 2:
                low, high = node.args["low"], node.args["high"]
                return ["and", self._compared(">=", node.this, low, node), self._compared("<=", node.this, high, node)]
        if bases is not None and len(bases) == 2 and not self._is_comparison(node):
            return self._pair(node, bases)
        if type(node) in _SYMBOLS:
            return self._compared(_SYMBOLS[type(node)], node.this, node.expression, node)
        raise self._refused(node)

    def _is_comparison(self, node: exp.Expr) -> bool:
        """Whether each side of a comparison hangs on one row, and the matcher can compare them."""
        if type(node) not in _SYMBOLS:
            return False
        sides = [node.this, node.expression]
        target = common(*(self._type(side) for side in sides))
        return target is not None and all(self._fits(side, target) for side in sides)

    def _fits(self, node: exp.Expr, target: t.Type) -> bool:
        """Whether an expression over columns can be the side of a comparison."""
        node = node.unnest()
        bases = self._bases(node)
        if _kind(target) is None or bases is None:
            return False
        if len(bases) <= 1:
            return not _CAN_FAIL.search(coerce(compile_expression(node, self._at(node, absent=False)), target).sql)
        computed = self._computed(node, target)
        sides = (node.this, node.expression)
        return computed is not None and all(map(self._fits, sides, computed[1:]))

    def _pair(self, node: exp.Expr, bases: set[int | None]) -> Any:
        """A condition on two rows, computed for any two rows of a partition that is not large."""
        first, second = sorted(bases, key=lambda base: -1 if base is None else base)
        columns = self._found.columns
        named = []
        for name in {column.name for column in node.find_all(exp.Column)}:
            pointer = self._one.pointers[name]
            base = self._base(pointer)
            alias = columns.alias if (None if base is None else self._number(base)) == first else columns.other
            sql = columns.column(pointer.column, pointer.physical, alias)
            named.append(Field(name, None, sql, self._fields[pointer.column].type))
        sql = boolean(node, self._context.within(Scope(tuple(named))), "Expression defining a label").sql
        if guarded(sql) not in columns.pairs:
            columns.pairs.append(guarded(sql))
        return ["pair", first, second, columns.pairs.index(guarded(sql)), _error(sql)]

    def _refused(self, node: exp.Expr) -> Exception:
        shown = node.copy()
        for column in shown.find_all(exp.Column):
            column.set("this", exp.to_identifier("x"))
        what = f"A condition on several rows of a match in this form ({shown.sql(dialect='trino')})"
        return not_supported(what, *place(node))

    def _compared(self, symbol: str, left: exp.Expr, right: exp.Expr, node: exp.Expr) -> Any:
        kinds = [self._type(left), self._type(right)]
        meet(Expr("x", kinds[0]), Expr("x", kinds[1]), symbol, node)
        target = common(*kinds)
        assert target is not None  # noqa: S101 - they meet
        return ["cmp", symbol, self._operand(left, target), self._operand(right, target)]

    def _type(self, node: exp.Expr) -> t.Type:
        return compile_expression(node, self._typed()).type

    def _operand(self, node: exp.Expr, target: t.Type) -> Any:
        """One side of a comparison in the type that both sides have."""
        node = node.unnest()
        kind = _kind(target)
        if kind is None:
            raise self._refused(node)
        bases = self._bases(node)
        if bases is not None and len(bases) <= 1:
            number = self._column(node, target, kind)
            return ["row", next(iter(bases), None), number]
        if isinstance(node, exp.Column):
            return self._special(node, target)
        return self._arithmetic(node, target)

    def _column(self, node: exp.Expr, target: t.Type, kind: str) -> int:
        row, missing = (
            _text(coerce(compile_expression(node, self._at(node, absent=absent)), target), node)
            for absent in (False, True)
        )
        if _CAN_FAIL.search(row):
            # it would be computed for rows that the search never asks for
            raise self._refused(node)
        return self._found.columns.operand(row, missing, kind)

    def _special(self, node: exp.Column, target: t.Type) -> Any:
        """A label, the match's number or an aggregate."""
        name = node.name
        if name in self._one.aggregates:
            if target == t.REAL or isinstance(target, t.Char):
                raise self._refused(node)
            return ["aggregate", self._aggregate(self._one.aggregates[name]), target == t.DOUBLE]
        pointer = self._one.pointers[name]
        if pointer.kind == "number" and t.is_integer(target):
            self._found.numbered = True
            return ["number"]
        if pointer.kind == "label" and isinstance(target, t.Varchar) and not pointer.physical:
            base = self._base(pointer)
            return ["label", None if base is None else self._number(base)]
        raise self._refused(node)

    def _arithmetic(self, node: exp.Expr, target: t.Type) -> Any:
        computed = self._computed(node, target)
        if computed is None:
            raise self._refused(node)
        word, *types = computed
        operands = [self._operand(side, type_) for side, type_ in zip((node.this, node.expression), types, strict=True)]
        made = ["arithmetic", word, *operands]
        return ["float", made] if target == t.DOUBLE and types[0] != t.DOUBLE else made

    def _computed(self, node: exp.Expr, target: t.Type) -> tuple[str, t.Type, t.Type] | None:
        """What the matcher computes for an operator, and the types of both sides; None for what it cannot."""
        sign = _SIGNS.get(type(node))
        if sign is None:
            return None
        type_, left, right = (self._type(part) for part in (node, node.this, node.expression))
        if type_ == target == t.INTERVAL_DAY and sign == "-" and left == right and _is_moment(left):
            return "moment -", left, left
        if type_ in (t.INTEGER, t.BIGINT) and (
            t.is_integer(target) or isinstance(target, t.Decimal) or target == t.DOUBLE
        ):
            return f"{type_} {sign}", type_, type_
        if type_ == target == t.DOUBLE:
            return f"double {sign}", type_, type_
        exact = isinstance(type_, t.Decimal) and isinstance(target, t.Decimal) and sign != "/"
        return (f"decimal {sign}", left, right) if exact else None

    def _aggregate(self, aggregate: Aggregate) -> int:
        if aggregate.name not in _AGGREGATES:
            raise not_supported(f"{aggregate.name} in DEFINE", *place(aggregate.node))
        column = scale = None
        if aggregate.arguments and not isinstance(aggregate.arguments[0], exp.Star):
            [argument] = aggregate.arguments
            type_ = self._type(argument)
            kind = _kind(type_)
            simple = type_ in (*t.INTEGERS, t.DOUBLE) or isinstance(type_, t.Decimal)
            if aggregate.name in ("min", "max"):
                simple = simple or isinstance(type_, t.Varchar)
            if kind is None or not (simple or aggregate.name == "count"):
                raise self._refused(aggregate.node)
            if any(self._one.pointers[part.name].kind != "column" for part in argument.find_all(exp.Column)):
                raise self._refused(aggregate.node)
            column = self._column(argument, type_, kind)
            if aggregate.name == "avg" and isinstance(type_, t.Decimal):
                scale = type_.scale
        wanted = [aggregate.name, aggregate.labels, column, scale]
        if wanted not in self._found.aggregates:
            self._found.aggregates.append(wanted)
        return self._found.aggregates.index(wanted)

    def _bases(self, node: exp.Expr) -> set[int | None] | None:
        """The rows that an expression hangs on, None among them for the present one; None for more than columns."""
        found = set[int | None]()
        for column in node.find_all(exp.Column):
            pointer = self._one.pointers.get(column.name)
            if pointer is None or pointer.kind != "column":
                return None
            base = self._base(pointer)
            found.add(None if base is None else self._number(base))
        return found

    def _base(self, pointer: Pointer) -> Base | None:
        """The row that a pointer starts from, None for the present one."""
        present = pointer.last and not pointer.logical
        if pointer.member or (present and (pointer.labels is None or self._label in pointer.labels)):
            return None
        return pointer.labels, pointer.last, pointer.logical

    def _number(self, base: Base) -> int:
        if base not in self._found.bases:
            self._found.bases.append(base)
        return self._found.bases.index(base)

    def _at(self, node: exp.Expr, *, absent: bool) -> Context:
        """A context in which the names are the columns of one row, or of none."""
        named = []
        for name, pointer in self._one.pointers.items():
            if pointer.kind == "column":
                type_ = self._fields[pointer.column].type
                null = f"CAST(NULL AS {t.duckdb_type(type_)})"
                used = any(column.name == name for column in node.find_all(exp.Column))
                sql = null if absent or not used else self._found.columns.column(pointer.column, pointer.physical)
                named.append(Field(name, None, sql, type_))
        return self._context.within(Scope(tuple(named)))

    def _typed(self) -> Context:
        """A context in which every name has its type, whatever it stands for."""
        return self._context.within(Scope(tuple(typed(self._one, self._fields, self._context))))


def typed(one: Resolved, fields: tuple[Field, ...], context: Context) -> list[Field]:
    """The names of an expression with their types."""
    found = [Field(name, None, "x", pointer_type(pointer, fields)) for name, pointer in one.pointers.items()]
    inner = context.within(Scope(tuple(found)))
    for name, aggregate in one.aggregates.items():
        made = aggregation.aggregate(
            aggregate.node, aggregate.name, aggregate.arguments, aggregating(inner), condition="TRUE"
        )
        found.append(Field(name, None, "x", made.type))
    return found


def aggregating(context: Context) -> Context:
    """A context in which aggregates may stand."""
    return replace(context, aggregates=[], clause="MATCH_RECOGNIZE")


def pointer_type(pointer: Pointer, fields: tuple[Field, ...]) -> t.Type:
    """The type of what a pointer gives."""
    if pointer.kind == "column":
        return fields[pointer.column].type
    return t.BIGINT if pointer.kind == "number" else t.VARCHAR


def _error(sql: str) -> str:
    """What a condition says where it fails."""
    names = set(_RAISED.findall(sql))
    return names.pop() if len(names) == 1 and "tr_" not in sql else "NOT_SUPPORTED"


def _kind(type_: t.Type) -> str | None:
    """How the matcher reads values of a type; None where it cannot compare them."""
    if t.is_float(type_):
        return "f"
    if isinstance(type_, t.Varchar | t.Char | t.Time):
        return "s"
    exact = t.is_integer(type_) or isinstance(type_, t.Decimal) or type_ in (t.BOOLEAN, t.INTERVAL_DAY, t.INTERVAL_YEAR)
    return "n" if exact or _is_moment(type_) or isinstance(type_, t.Timestamp | t.TimestampTz) else None


def _is_moment(type_: t.Type) -> bool:
    """Whether a type is a date or an instant in whole milliseconds."""
    return type_ == t.DATE or (isinstance(type_, t.Timestamp | t.TimestampTz) and type_.precision <= 3)


def _text(value: Expr, node: exp.Expr) -> str:
    """A value as text that sorts, as numbers or as text, as Trino's values do."""
    sql = sort_key(value, node)
    if value.type == t.DATE or isinstance(value.type, t.Timestamp | t.TimestampTz):
        sql = f"epoch_us(CAST({sql} AS TIMESTAMP))"
    elif value.type == t.BOOLEAN:
        sql = f"CAST({sql} AS INTEGER)"
    return f"CAST({sql} AS VARCHAR)"
