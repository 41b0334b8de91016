"""The `Expression` of GetPartitions: which partitions does a caller want?

Parsed once to a function from a partition's values to true, false or unknown. Only what Glue documents is taken
(comparisons, AND, OR, NOT, IN, BETWEEN, LIKE, IS NULL over partition keys of eight types); anything else is refused,
since a predicate that is read wrongly would silently leave rows out of an answer. Values compare by the key's type:
for an int, 10 is more than 9.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from laketop.glue.catalog.patterns import like
from laketop.glue.errors import InvalidInput

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"  # how Hive's layout spells NULL in a partition's path and values

type Values = Sequence[str]
type Predicate = Callable[[Values], bool | None]
type Parse = Callable[[str], Any]


def _date(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError(text)
    return date.fromisoformat(text)


def _timestamp(text: str) -> datetime:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2}(\.\d{1,6})?)?", text, re.ASCII):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,19}", text, re.ASCII):
        raise ValueError(text)
    return int(text)


def _decimal(text: str) -> Decimal:
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text, re.ASCII):
        raise ValueError(text)
    return Decimal(text)


# "Supported Partition Key Types" of GetPartitions in the AWS Glue Web API Reference.
TYPES: dict[str, Parse] = {
    "bigint": _integer,
    "date": _date,
    "decimal": _decimal,
    "int": _integer,
    "integer": _integer,
    "long": _integer,
    "smallint": _integer,
    "string": str,
    "timestamp": _timestamp,
    "tinyint": _integer,
}

COMPARISONS: dict[type[exp.Expr], Callable[[Any, Any], bool]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
}
MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
}


def parse(expression: str, keys: Sequence[Mapping[str, Any]]) -> Predicate:
    """Read a predicate over partition keys.

    Args:
        expression: Glue's SQL, e.g. `year = 2024 AND (month IN ('01', '02') OR region IS NULL)`.
        keys: the table's partition keys (Name, Type), in order.

    Returns:
        A function from a partition's values (text, in the order of the keys) to True, False or None (unknown, by SQL's
        three-valued logic). The function raises InvalidInput for a value that is none of the key's type.

    Raises:
        InvalidInput: the text is no predicate, names no partition key, compares with a literal of another type, or uses
            what GetPartitions does not have.

    Follows "GetPartitions" in the AWS Glue Web API Reference.
    """
    try:
        tree = sqlglot.parse_one(expression, dialect="trino", into=exp.Condition)
        return _Reader(expression, keys).predicate(tree)
    except SqlglotError as error:
        cause = str(error).splitlines()[0]
        raise InvalidInput(f"Expression {expression!r} cannot be parsed: {cause}") from error
    except RecursionError as error:
        raise InvalidInput("Expression is nested too deeply.") from error


class _Reader:
    """Turns the nodes of one expression into functions."""

    def __init__(self, expression: str, keys: Sequence[Mapping[str, Any]]) -> None:
        self._expression = expression
        self._keys = {key["Name"].lower(): (index, key.get("Type") or "string") for index, key in enumerate(keys)}
        self._nodes: dict[type[exp.Expr], Callable[[Any], Predicate]] = {
            exp.Paren: lambda node: self.predicate(node.this),
            exp.And: lambda node: self._logic(node, settled=False),
            exp.Or: lambda node: self._logic(node, settled=True),
            exp.Not: self._not,
            exp.In: self._in,
            exp.Between: self._between,
            exp.Like: self._like,
            exp.Is: self._is,
            **dict.fromkeys(COMPARISONS, self._comparison),
        }

    def predicate(self, node: exp.Expr) -> Predicate:
        reader = self._nodes.get(type(node))
        if reader is None:
            raise self._refused(node)
        return reader(node)

    def _refused(self, node: exp.Expr) -> InvalidInput:
        return InvalidInput(f"Expression {self._expression!r}: GetPartitions has no {node.sql(dialect='trino')!r}.")

    def _only(self, node: exp.Expr, *parts: str) -> None:
        """Refuse a node that carries more than the parts that are read."""
        if any(value for name, value in node.args.items() if name not in parts):
            raise self._refused(node)

    def _logic(self, node: exp.Connector, *, settled: bool) -> Predicate:
        """AND is settled by one False, OR by one True; chains are read flat, however long they are."""
        parts = [self.predicate(part) for part in node.flatten()]

        def combined(values: Values) -> bool | None:
            found = [part(values) for part in parts]
            if settled in found:
                return settled
            return None if None in found else not settled

        return combined

    def _not(self, node: exp.Not) -> Predicate:
        inner = self.predicate(node.this)

        def negated(values: Values) -> bool | None:
            found = inner(values)
            return None if found is None else not found

        return negated

    def _comparison(self, node: exp.Binary) -> Predicate:
        kind: type[exp.Expr] = type(node)
        left, right = node.this, node.expression
        if isinstance(right, exp.Column) and not isinstance(left, exp.Column):
            kind, left, right = MIRRORED[kind], right, left
        compare, (value, literal) = COMPARISONS[kind], self._operands(left, right)
        return _known(value, lambda found: compare(found, literal[0]))

    def _between(self, node: exp.Between) -> Predicate:
        self._only(node, "this", "low", "high")
        value, (low, high) = self._operands(node.this, node.args["low"], node.args["high"])
        return _known(value, lambda found: low <= found <= high)

    def _in(self, node: exp.In) -> Predicate:
        self._only(node, "this", "expressions")
        if not node.expressions:
            raise self._refused(node)
        value, choices = self._operands(node.this, *node.expressions)
        return _known(value, lambda found: found in choices)

    def _like(self, node: exp.Like) -> Predicate:
        self._only(node, "this", "expression", "negate")
        _, type_name = self._key(node.this)
        if type_name != "string":
            raise InvalidInput(f"Expression {self._expression!r}: LIKE needs a string, not {type_name}.")
        value, (pattern,) = self._operands(node.this, node.expression)
        negate = bool(node.args.get("negate"))
        return _known(value, lambda found: like(pattern, found) != negate)

    def _is(self, node: exp.Is) -> Predicate:
        self._only(node, "this", "expression")
        if not isinstance(node.expression, exp.Null):
            raise self._refused(node)
        index, _ = self._key(node.this)
        return lambda values: values[index] == HIVE_NULL

    def _key(self, node: exp.Expr) -> tuple[int, str]:
        if not isinstance(node, exp.Column) or node.table:
            raise self._refused(node)
        if node.name.lower() not in self._keys:
            raise InvalidInput(f"Expression {self._expression!r}: {node.name!r} is not a partition key.")
        index, type_text = self._keys[node.name.lower()]
        return index, type_text.split("(")[0].strip().lower()

    def _operands(self, column: exp.Expr, *literals: exp.Expr) -> tuple[Callable[[Values], Any], list[Any]]:
        """The reader of a key's value (None: NULL), and the literals as values of the key's type."""
        index, type_name = self._key(column)
        parse_text = TYPES.get(type_name)
        if parse_text is None:
            raise InvalidInput(f"Expression {self._expression!r}: {column.name!r} has the type {type_name}, "
                               f"which GetPartitions cannot compare ({', '.join(sorted(TYPES))}).")  # fmt: skip
        wanted = [self._literal(literal, type_name, parse_text) for literal in literals]

        def value(values: Values) -> Any:
            text = values[index]
            try:
                return None if text == HIVE_NULL else parse_text(text)
            except (ValueError, InvalidOperation) as error:
                raise InvalidInput(f"The partition {list(values)} has no {type_name} in {column.name!r}.") from error

        return value, wanted

    def _literal(self, node: exp.Expr, type_name: str, parse_text: Parse) -> Any:
        negative = isinstance(node, exp.Neg)
        literal = node.this if negative else node
        if not isinstance(literal, exp.Literal) or (negative and literal.is_string):
            raise self._refused(node)
        # Whether 7 should match '07' in a string key is nothing to guess.
        if type_name in ("string", "date", "timestamp") and not literal.is_string:
            raise InvalidInput(f"Expression {self._expression!r}: a {type_name} is compared with a quoted text, "
                               f"not with {literal.name}.")  # fmt: skip
        try:
            return parse_text(f"-{literal.name}" if negative else literal.name)
        except (ValueError, InvalidOperation) as error:
            raise InvalidInput(f"Expression {self._expression!r}: {literal.name!r} is no {type_name}.") from error


def _known(value: Callable[[Values], Any], test: Callable[[Any], bool]) -> Predicate:
    """A test of a value that is unknown where the value is NULL."""

    def tested(values: Values) -> bool | None:
        found = value(values)
        return None if found is None else test(found)

    return tested
