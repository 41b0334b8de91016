"""What a MATCH_RECOGNIZE clause says, read back from the tree, and the checks of its labels.

Follows Trino's page "MATCH_RECOGNIZE" and measured errors.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeGuard

from sqlglot import exp

from laketop.athena.sql.core import fail
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.match_recognize.rewrite import MARKER
from laketop.athena.sql.parse import place


@dataclass(frozen=True)
class Clause:
    """A clause.

    Attributes:
        select: the query that it was rewritten to, for its relation.
        partition: the columns of PARTITION BY.
        order: the items of ORDER BY.
        measures: each with its name.
        rows: ONE, SHOW, OMIT or UNMATCHED.
        skip: PAST or NEXT, or FIRST or LAST and a label.
        pattern: nested lists, see the grammar.
        subsets: (name, labels).
        defines: (label, condition).
    """

    select: exp.Select
    partition: list[exp.Expr]
    order: list[exp.Ordered]
    measures: list[tuple[str, exp.Expr]]
    rows: str
    skip: tuple[str, str]
    mode: str
    pattern: list[Any]
    subsets: list[tuple[str, list[str]]]
    defines: list[tuple[str, exp.Expr]]

    @cached_property
    def labels(self) -> list[str]:
        """The labels of the pattern, each once."""
        return list(dict.fromkeys(_labels(self.pattern)))

    @cached_property
    def sets(self) -> dict[str, tuple[int, ...]]:
        """The numbers of the labels that a label, or the name of a subset, stands for."""
        single = {label: (number,) for number, label in enumerate(self.labels)}
        unions = {name: tuple(sorted({self.labels.index(label) for label in some})) for name, some in self.subsets}
        return single | unions

    @property
    def one_row(self) -> bool:
        """Whether a match becomes one row."""
        return self.rows == "ONE"


def _labels(pattern: list[Any]) -> list[str]:
    if pattern[0] == "label":
        return [pattern[1]]
    return [label for part in pattern[1:] if isinstance(part, list) for label in _labels(part)]


def _excludes(pattern: list[Any]) -> bool:
    return pattern[0] == "exclude" or any(_excludes(part) for part in pattern[1:] if isinstance(part, list))


def is_recognition(node: exp.Expr) -> TypeGuard[exp.Subquery]:
    """Whether a query in parentheses is a MATCH_RECOGNIZE rewritten by the parser."""
    items = node.this.expressions if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select) else []
    return bool(items) and isinstance(items[0], exp.Literal) and str(items[0].this).startswith(MARKER)


def read(select: exp.Select) -> Clause:
    """The clause that a query was rewritten from.

    Raises:
        SqlError: INVALID_LABEL, INVALID_ROW_PATTERN, or NOT_SUPPORTED for INITIAL and SEEK, as Trino has it.
    """
    said = json.loads(select.expressions[0].this.removeprefix(MARKER))
    rest = select.expressions[1:]
    partition, rest = rest[: said["partition"]], rest[said["partition"] :]
    size = len(said["measures"])
    order = select.args.get("order")
    clause = Clause(
        select,
        partition,
        order.expressions if order is not None else [],
        list(zip(said["measures"], rest[:size], strict=True)),
        said["rows"],
        tuple(said["skip"]),
        said["mode"],
        said["pattern"],
        [(name, labels) for name, labels in said["subsets"]],
        list(zip(said["defines"], rest[size:], strict=True)),
    )
    _check(clause)
    return clause


def _check(clause: Clause) -> None:
    node = clause.select
    if clause.mode:
        problem = f"Pattern search modifier: {clause.mode} is not allowed in MATCH_RECOGNIZE clause"
        raise fail("NOT_SUPPORTED", problem, node)
    _check_subsets(clause)
    _check_defines(clause)
    if clause.skip[1] and clause.skip[1] not in clause.sets:
        raise fail("INVALID_LABEL", f"{clause.skip[1]} is not a primary or union pattern variable", node)
    if clause.rows == "UNMATCHED" and _excludes(clause.pattern):
        problem = "Pattern exclusion syntax is not allowed when ALL ROWS PER MATCH WITH UNMATCHED ROWS is specified"
        raise fail("INVALID_ROW_PATTERN", problem, node)
    for _, expression in [*clause.measures, *clause.defines]:
        if expression.find(exp.Query, exp.Values, exp.Exists) is not None:
            raise not_supported("A query in an expression of MATCH_RECOGNIZE", *place(expression))


def _check_subsets(clause: Clause) -> None:
    seen = set[str]()
    for name, labels in clause.subsets:
        if name in clause.labels:
            problem = f"union pattern variable name: {name} is a duplicate of primary pattern variable name"
            raise fail("INVALID_LABEL", problem, clause.select)
        if name in seen:
            raise fail("INVALID_LABEL", f"union pattern variable name: {name} is declared twice", clause.select)
        seen.add(name)
        for label in labels:
            if label not in clause.labels:
                problem = f"subset element: {label} is not a primary pattern variable"
                raise fail("INVALID_LABEL", problem, clause.select)


def _check_defines(clause: Clause) -> None:
    seen = set[str]()
    for label, condition in clause.defines:
        if label not in clause.labels:
            problem = f"defined variable: {label} is not a primary pattern variable"
            raise fail("INVALID_LABEL", problem, clause.select)
        if label in seen:
            raise fail("INVALID_LABEL", f"pattern variable with name: {label} is defined twice", clause.select)
        seen.add(label)
        for call in condition.find_all(exp.Anonymous):
            if str(call.this).lower().startswith("final "):
                raise fail("INVALID_PROCESSING_MODE", "FINAL semantics is not supported in DEFINE clause", call)
