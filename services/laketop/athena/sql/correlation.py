"""Which queries may use the columns of the query around them: those that Trino can turn into a join.

DuckDB runs any of them, so what Trino refuses is found here by the query's shape, before it would fail on AWS. The
rules are measured (tests/fixtures/sql/clauses/correlated.sql); where they do not say no, the query runs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from sqlglot import exp

from laketop.athena.sql.core import Context, Scope, fail
from laketop.athena.sql.functions.names import is_aggregate
from laketop.athena.sql.match_recognize.clause import is_recognition


class Use(Enum):
    """Where a query stands in the query around it."""

    SCALAR = "a value"
    EXISTS = "EXISTS"
    IN = "IN, or a comparison with ANY or ALL"
    LATERAL = "LATERAL"
    DERIVED = "FROM of another correlated query"


def check_correlation(query: exp.Expr, use: Use, outer: Scope, context: Context) -> None:
    """Check a query that has been compiled.

    Args:
        outer: the scope around the query; its columns, and those of the scopes around it, are not the query's own.

    Raises:
        SqlError: NOT_SUPPORTED, in Trino's words.
    """
    foreign = _foreign(query, outer, context)
    if foreign and not _Shape(foreign).fits(query, use):
        raise fail("NOT_SUPPORTED", "Given correlated subquery is not supported", query)


def is_correlated(query: exp.Expr, outer: Scope, context: Context) -> bool:
    """Whether a query that has been compiled uses columns from around it."""
    return bool(_foreign(query, outer, context))


def _foreign(query: exp.Expr, outer: Scope, context: Context) -> frozenset[int]:
    """The ids of the nodes of columns that are not the query's own."""
    around: set[int] = set()
    scope: Scope | None = outer
    while scope is not None:
        around.add(id(scope))
        scope = scope.parent
    found = (id(column) for column in query.find_all(exp.Column))
    return frozenset(node for node in found if id(context.session.origins.get(node)) in around)


@dataclass(frozen=True)
class _Shape:
    """The shape of a correlated query; `foreign` are the ids of the columns that are not its own."""

    foreign: frozenset[int]

    def fits(self, query: exp.Expr, use: Use) -> bool:
        """Whether Trino can run the query there."""
        limited = query
        while isinstance(query, exp.Subquery):
            query = query.this
        if query.args.get("with_") and self._within([query.args["with_"]]):
            return not query.args.get("where") and not _aggregates(query)
        if isinstance(query, exp.Values):
            return len(query.expressions) == 1
        if not isinstance(query, exp.Select) or query is not limited.unnest():
            return False
        if query.args.get("from_") is None:
            return self._row_fits(query, use)
        return self._source_fits(query, use) and self._clauses_fit(query, use)

    def _row_fits(self, query: exp.Select, use: Use) -> bool:
        """Without FROM there is one row: what is made of outer columns cannot be taken away or summed up again."""
        if query.args.get("where") and use is not Use.EXISTS:
            return not self._within(query.expressions)
        return not _aggregates(query)

    def _source_fits(self, query: exp.Select, use: Use) -> bool:
        sources = _sources(query)
        correlated = [source for source in sources if self._within([_bare(source)])]
        if not correlated:
            return True
        if len(sources) > 1:
            return False
        [source] = correlated
        bare = not query.args.get("where") and not query.args.get("group")
        if isinstance(source, exp.Unnest):
            return bare and use is not Use.IN
        if isinstance(source, exp.Lateral):
            return True
        if not self.fits(_bare(source), Use.DERIVED):
            return False
        return not _is_one_row(source) or (bare and not _aggregates(query))

    def _clauses_fit(self, query: exp.Select, use: Use) -> bool:
        args = query.args
        aggregates, grouped = _aggregates(query), args.get("group") is not None
        if (args.get("having") and not grouped) or args.get("offset") or self._within([args.get("group")]):
            return False
        if self._nested([args.get("where"), *(join.args.get("on") for join in args.get("joins") or [])]):
            return False
        if use is not Use.EXISTS and self._within([args.get("order")]):
            return False
        if use is Use.IN and (aggregates or grouped or args.get("distinct") or args.get("limit")):
            return False
        if use is Use.SCALAR and any(True for _ in _own(query.expressions, exp.Window)):
            return False
        if use is not Use.EXISTS and not self._list_fits(query, summed_up=bool(aggregates) and not grouped):
            return False
        return (bool(aggregates) and not grouped) or self._cut_fits(query, use)

    def _list_fits(self, query: exp.Select, *, summed_up: bool) -> bool:
        """The select list of one row after an aggregation may add to it; what rows are made of may not."""
        sources = _sources(query)
        if self._is_unnested(query):
            return True
        if summed_up:
            return not self._within(_aggregates(query))
        if len(sources) == 1 and _is_one_row(sources[0]):
            return True
        return not any(id(column) in self.foreign for column in _own(query.expressions, exp.Column))

    def _cut_fits(self, query: exp.Select, use: Use) -> bool:
        """LIMIT and DISTINCT per outer row: what is compared with outer columns must be columns, by equality."""
        limit, distinct = query.args.get("limit"), query.args.get("distinct")
        if (not limit and (not distinct or use is Use.LATERAL)) or self._is_unnested(query):
            return True
        where = query.args.get("where")
        tests = [test for test in (_conjuncts(where.this) if where else ()) if self._within([test])]
        equal = [self._equal_column(test) for test in tests]
        if None in equal or _is_with_ties(limit):
            return False
        first = limit is not None and not query.args.get("order") and _is_one(limit)
        return not first or use in (Use.EXISTS, Use.LATERAL) or all(item in equal for item in query.expressions)

    def _equal_column(self, test: exp.Expr) -> exp.Expr | None:
        """The query's own column that a condition says to be equal to something of outer columns only."""
        if not isinstance(test, exp.EQ):
            return None
        sides = [test.this.unnest(), test.expression.unnest()]
        inner = [side for side in sides if isinstance(side, exp.Column) and id(side) not in self.foreign]
        other = [side for side in sides if all(id(column) in self.foreign for column in side.find_all(exp.Column))]
        return inner[0] if inner and other else None

    def _is_unnested(self, query: exp.Select) -> bool:
        """Whether the query is of an array of the query around."""
        return any(isinstance(source, exp.Unnest) and self._within([source]) for source in _sources(query))

    def _within(self, nodes: Iterable[exp.Expr | None]) -> bool:
        """Whether a column that is not the query's own is used in the nodes."""
        return any(
            id(column) in self.foreign for node in nodes if node is not None for column in node.find_all(exp.Column)
        )

    def _nested(self, nodes: Iterable[exp.Expr | None]) -> bool:
        """Whether a query in a condition uses columns from beyond the query that the condition stands in."""
        kinds = (exp.Select, exp.Values, exp.SetOperation)
        queries = (query for node in nodes if node is not None for query in node.find_all(*kinds))
        return any(id(column) in self.foreign for query in queries for column in query.find_all(exp.Column))


def _sources(query: exp.Select) -> list[exp.Expr]:
    found = [query.args["from_"].this, *(join.this for join in query.args.get("joins") or [])]
    nested = [join.this for source in found for join in source.args.get("joins") or []]
    return found + nested


def _bare(source: exp.Expr) -> exp.Expr:
    """A source without what is joined to it."""
    return source.this if isinstance(source, exp.Subquery) else source


def _is_one_row(source: exp.Expr) -> bool:
    """Whether a source of FROM is a query of exactly one row."""
    if is_recognition(source):
        return False
    query = source.unnest() if isinstance(source, exp.Subquery) else source
    if isinstance(query, exp.Values):
        return len(query.expressions) == 1
    if not isinstance(query, exp.Select):
        return False
    if query.args.get("from_") is None:
        return not query.args.get("where")
    return bool(_aggregates(query)) and not query.args.get("group")


def _aggregates(query: exp.Expr) -> list[exp.Expr]:
    """The aggregates of a SELECT's own list and HAVING."""
    places = [*query.expressions, *([query.args["having"].this] if query.args.get("having") else [])]
    calls = _own(places, exp.Anonymous, exp.Filter)
    found = (node for node in calls if is_aggregate(node) or isinstance(node, exp.Filter))
    return [node for node in found if not isinstance(node.parent, exp.Window)]


def _own(nodes: Iterable[exp.Expr], *kinds: type[exp.Expr]) -> Iterator[exp.Expr]:
    """The nodes of these kinds in expressions, outside of the queries in them."""
    for node in nodes:
        for found in node.walk(prune=lambda inner: isinstance(inner, exp.Query | exp.Values)):
            if isinstance(found, kinds):
                yield found


def _conjuncts(test: exp.Expr) -> Iterator[exp.Expr]:
    while isinstance(test, exp.Paren):
        test = test.this
    if isinstance(test, exp.And):
        yield from _conjuncts(test.this)
        yield from _conjuncts(test.expression)
    else:
        yield test


def _is_one(limit: exp.Expr) -> bool:
    count = limit.args.get("expression") or limit.args.get("count")
    return count is None or count.sql() == "1"


def _is_with_ties(limit: exp.Expr | None) -> bool:
    options = limit.args.get("limit_options") if limit is not None else None
    return options is not None and bool(options.args.get("with_ties"))
