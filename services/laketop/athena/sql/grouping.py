"""GROUP BY: its keys and sets, and the rule that nothing else may be used outside of an aggregate.

Follows Trino's page "SELECT" (GROUP BY, complex grouping operations).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.core import RULES, Context, Expr, compile_expression, fail, parts
from laketop.athena.sql.equality import distinct_key
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.functions.names import is_aggregate
from laketop.athena.sql.parse import place

MAX_SETS = 2048  # Trino's default for max_grouping_sets


@dataclass(frozen=True)
class Item:
    """An item of the select list: a node, or (from a star) a value.

    Attributes:
        name: what the column is called.
        anonymous: whether it has no name of its own.
        origin: the column's name in full, where it comes from a star.
    """

    name: str
    node: exp.Expr | None = None
    value: Expr | None = None
    anonymous: bool = False
    origin: str = ""


@dataclass(frozen=True)
class Groups:
    """A GROUP BY clause.

    Attributes:
        sql: the clause with a space in front, empty where there is none.
        keys: the SQL of each key → what it is grouped by.
        shown: the SQL of each key that DuckDB compares otherwise → the SQL that shows one of its values.
        computed: whether some key is more than a column.
    """

    sql: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    computed: bool = False


type _Sets = list[tuple[int, ...]]


def compile_groups(group: exp.Group | None, items: Sequence[Item], context: Context) -> Groups | None:
    """Compile GROUP BY; positions mean items of the select list, names mean columns of the source only.

    Raises:
        SqlError: INVALID_COLUMN_REFERENCE for a wrong position, COLUMN_NOT_FOUND, TOO_MANY_GROUPING_SETS.
    """
    if group is None:
        return None
    elements, every, *others = parts(group, "expressions", "all", "grouping_sets", "rollup", "cube")
    if not elements:
        # sqlglot takes a column called "all" for the quantifier
        raise fail("COLUMN_NOT_FOUND", "Column 'all' cannot be resolved", group)
    clause = _Clause(items, replace(context, clause="GROUP BY clause"))
    listed = [*elements, *(node for nodes in others for node in nodes or [])]
    sets = [
        tuple(dict.fromkeys(index for one in chosen for index in one))
        for chosen in product(*(clause.sets(node) for node in listed))
    ]
    if len(sets) > MAX_SETS:
        problem = f"GROUP BY has {len(sets)} grouping sets but can contain at most {MAX_SETS}"
        raise fail("TOO_MANY_GROUPING_SETS", problem, group)
    if every is False:
        sets = list({frozenset(one): one for one in reversed(sets)}.values())
    keys = list(clause.keys.values())
    shown = {
        value: f"first({value})" for value, key in clause.keys.items() if key != value and not _is_null_key(value, key)
    }
    if len(sets) == 1 and sets[0]:
        sql = " GROUP BY " + ", ".join(keys[index] for index in sets[0])
    else:
        # a key that a set leaves out is NULL: a value that only stands for it has to follow
        shown = {value: f"CASE WHEN grouping({clause.keys[value]}) = 0 THEN {one} END" for value, one in shown.items()}
        sql = " GROUP BY GROUPING SETS (" + ", ".join(f"({', '.join(keys[i] for i in one)})" for one in sets) + ")"
    return Groups(sql, clause.keys, shown, clause.computed)


def _is_null_key(value: str, key: str) -> bool:
    return key == f"CAST({value} AS INTEGER)"


class _Clause:
    """The keys of one GROUP BY, each once."""

    def __init__(self, items: Sequence[Item], context: Context) -> None:
        self._items, self._context = items, context
        self.keys: dict[str, str] = {}
        self.computed = False

    def sets(self, node: exp.Expr) -> _Sets:
        """The grouping sets that an element of GROUP BY stands for, as numbers of keys."""
        if isinstance(node, exp.GroupingSets):
            return [self._unit(element, columns=True) for element in parts(node, "expressions")[0]]
        if isinstance(node, exp.Rollup | exp.Cube):
            units = [self._unit(element, columns=True) for element in parts(node, "expressions")[0]]
            return _rollup(units) if isinstance(node, exp.Rollup) else _cube(units)
        return [self._unit(node)]

    def _unit(self, node: exp.Expr, *, columns: bool = False) -> tuple[int, ...]:
        nodes = node.expressions if isinstance(node, exp.Tuple) else [node]
        return tuple(self._key(element, columns=columns) for element in nodes)

    def _key(self, node: exp.Expr, *, columns: bool) -> int:
        while isinstance(node, exp.Paren):
            node = node.this
        if columns and not isinstance(node, exp.Column):
            problem = f"GROUP BY expression must be a column reference: {node.sql(dialect='trino')}"
            raise fail("INVALID_COLUMN_REFERENCE", problem, node)
        value = self._positioned(node) if _is_position(node) else self._compiled(node)
        key = distinct_key(value, node)
        if value.type == t.UNKNOWN:
            key = f"CAST({key} AS INTEGER)"
        self.computed = self.computed or not isinstance(node, exp.Column)
        self.keys.setdefault(value.sql, key)
        return list(self.keys).index(value.sql)

    def _positioned(self, node: exp.Expr) -> Expr:
        spelled = node.sql(dialect="trino")
        if not spelled.isdigit() or not 1 <= int(spelled) <= len(self._items):
            raise fail("INVALID_COLUMN_REFERENCE", f"GROUP BY position {spelled} is not in select list", node)
        item = self._items[int(spelled) - 1]
        if item.value is not None:
            return item.value
        assert item.node is not None  # noqa: S101 - an item has the one or the other
        return self._compiled(item.node)

    def _compiled(self, node: exp.Expr) -> Expr:
        value = compile_expression(node, self._context)
        if node.find(exp.Query) is not None:
            self._context.session.queried_keys[node] = (self._context.scope, value)
        return value


def _is_position(node: exp.Expr) -> bool:
    if isinstance(node, exp.Neg):
        node = node.this
    return isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit()


def _rollup(units: list[tuple[int, ...]]) -> _Sets:
    return [tuple(key for unit in units[:size] for key in unit) for size in range(len(units), -1, -1)]


def _cube(units: list[tuple[int, ...]]) -> _Sets:
    choices = product(*([unit, ()] for unit in units))
    return [tuple(key for unit in chosen for key in unit) for chosen in choices]


def grouping(nodes: Iterable[exp.Expr], node: exp.Expr, context: Context) -> Expr:
    """grouping(a, b): for each column a bit that says whether its key is left out of the row's set.

    Raises:
        SqlError: MISSING_GROUP_BY, or INVALID_ARGUMENTS for what is no key.
    """
    if context.aggregates is None:
        problem = f"{context.clause} cannot contain aggregations, window functions or grouping operations"
        raise fail("EXPRESSION_NOT_SCALAR", f"{problem}: [{node.sql(dialect='trino')}]", node)
    if context.keys is None:
        problem = (
            "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause"
        )
        raise fail("MISSING_GROUP_BY", problem, node)
    keys = []
    for argument in nodes:
        value = compile_expression(argument, replace(context, grouped={}))
        if not isinstance(argument, exp.Column) or value.sql not in context.keys:
            problem = (
                "The arguments to GROUPING() must be expressions referenced by the GROUP BY at the associated query "
                f"level. Mismatch due to {argument.sql(dialect='trino')}."
            )
            raise fail("INVALID_ARGUMENTS", problem, argument)
        keys.append(context.keys[value.sql])
    if not keys:
        raise fail("SYNTAX_ERROR", "mismatched input ')'. Expecting: <identifier>", node)
    if len(keys) > 63:
        raise not_supported("grouping() of more than 63 columns", *place(node))
    # DuckDB takes it only where the whole expression is one
    context.aggregates.append("grouping")
    type_ = t.INTEGER if len(keys) <= 31 else t.BIGINT
    return Expr(f"CAST(grouping({', '.join(keys)}) AS {t.duckdb_type(type_)})", type_)


def check_grouped(node: exp.Expr, groups: Groups, context: Context) -> None:
    """Every column in the expression stands in a group key or in an aggregate.

    Raises:
        SqlError: EXPRESSION_NOT_AGGREGATE naming the first that does not.
    """
    if _is_closed(node):
        return
    if isinstance(node, exp.Window):
        _check_window(node, groups, context)
        return
    if isinstance(node, exp.Column):
        if not _is_key(node, groups, context):
            problem = f"'{node.sql(dialect='trino')}' must be an aggregate expression or appear in GROUP BY clause"
            raise fail("EXPRESSION_NOT_AGGREGATE", problem, node)
        return
    if groups.computed and _is_key(node, groups, context):
        return
    for child in node.iter_expressions():
        if not isinstance(child, exp.DataType | exp.Var | exp.Identifier | exp.Lambda):
            check_grouped(child, groups, context)


def _is_closed(node: exp.Expr) -> bool:
    """Whether the columns in a node are none of this query's groups' business."""
    if isinstance(node, exp.Filter) or is_aggregate(node) or isinstance(node, exp.Subquery | exp.Select | exp.Exists):
        return True
    return isinstance(node, exp.Anonymous) and str(node.this).lower() == "grouping"


def _is_key(node: exp.Expr, groups: Groups, context: Context) -> bool:
    """Whether an expression is a group key, or a column a part of one that is a row, or one of a query around."""
    if type(node) not in RULES:
        return False
    sql = compile_expression(node, replace(context, aggregates=[], grouped={}, keys={})).sql
    if sql in groups.keys:
        return True
    if isinstance(node, exp.Column):
        own = tuple(field.sql for field in context.scope.fields)
        outer = not any(name in sql for name in own)
        return outer or any(f"struct_extract({key}, " in sql for key in groups.keys)
    return False


def _check_window(node: exp.Window, groups: Groups, context: Context) -> None:
    """A window function stands outside of the groups: its own arguments are what must be grouped."""
    function = node.this
    while isinstance(function, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
        function = function.this
    inner = list(function.iter_expressions())
    inner += node.args.get("partition_by") or []
    inner += [ordered.this for ordered in (node.args["order"].expressions if node.args.get("order") else ())]
    for child in inner:
        if not isinstance(child, exp.Star):
            check_grouped(child, groups, context)
