"""The fuzzer's grammar: random Trino SQL in which every expression is of a type that its place takes.

Types are written as Trino writes them, without lengths and precisions: `varchar`, `decimal`, `timestamp`,
`array(bigint)`, `map(varchar, double)`. `Signature`s come from SHOW FUNCTIONS.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

LITERALS: dict[str, tuple[str, ...]] = {
    "boolean": ("true", "false", "CAST(NULL AS boolean)"),
    "tinyint": ("TINYINT '0'", "TINYINT '-128'", "TINYINT '127'", "TINYINT '5'"),
    "smallint": ("SMALLINT '0'", "SMALLINT '-32768'", "SMALLINT '300'"),
    "integer": ("0", "1", "-1", "2", "3", "7", "-7", "100", "2147483647", "CAST(NULL AS integer)"),
    "bigint": (
        "BIGINT '0'", "BIGINT '1'", "BIGINT '-3'", "BIGINT '12'", "9223372036854775807", "CAST(NULL AS bigint)",
    ),
    "real": ("REAL '0.5'", "REAL '-1.25'", "REAL '3.4e38'", "REAL 'NaN'"),
    "double": (
        "0e0", "1.5e0", "-2.75e0", "1e100", "1e-7", "nan()", "infinity()", "-infinity()", "CAST(NULL AS double)",
    ),
    "decimal": ("0.0", "1.5", "-12.345", "DECIMAL '99999999999999999999.99'", "DECIMAL '7'", "0.005", "NULL + 1.5"),
    "varchar": (
        "''", "'a'", "'abc'", "' b '", "'Äpfel'", "'😀x'", "'1'", "'-12.5'", "'a,b,,c'", "'2024-02-29'", "'x=1;y=2'",
        "'aXbXc'", "'{\"a\": [1, 2.50, null]}'", "'%d'", "'https://a.b:80/c?d=e#f'", "CAST(NULL AS varchar)",
    ),
    "varbinary": ("X''", "X'00ff'", "to_utf8('abc')", "CAST(NULL AS varbinary)"),
    "date": ("DATE '2024-02-29'", "DATE '1969-12-31'", "DATE '2023-01-01'", "CAST(NULL AS date)"),
    "timestamp": (
        "TIMESTAMP '2024-02-29 12:34:56.789'", "TIMESTAMP '1969-12-31 23:59:59.999'", "TIMESTAMP '2023-01-01 00:00:00'",
        "TIMESTAMP '2024-12-31 23:59:59.123456'",
    ),
    "timestamp with time zone": (
        "TIMESTAMP '2024-03-31 02:30:00.000 Europe/Berlin'", "TIMESTAMP '2024-02-29 23:00:00 America/New_York'",
        "TIMESTAMP '2001-01-01 00:00:00.123 UTC'", "TIMESTAMP '2020-06-15 12:00:00 +05:30'",
    ),
    "time": ("TIME '12:34:56.789'", "TIME '00:00:00'", "TIME '23:59:59.999'"),
    "interval day to second": ("INTERVAL '1' DAY", "INTERVAL '-90' MINUTE", "INTERVAL '2 03:04:05.678' DAY TO SECOND"),
    "interval year to month": ("INTERVAL '1' MONTH", "INTERVAL '-2' YEAR"),
    "json": ("JSON '{\"a\": 1, \"b\": [true, null]}'", "JSON '[1, 2.5, \"x\"]'", "JSON 'null'", "JSON '3'"),
    "uuid": ("UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'",),
    "ipaddress": ("IPADDRESS '10.0.0.1'", "IPADDRESS '2001:db8::1'"),
}  # fmt: skip

_SCALARS = tuple(LITERALS)
_ELEMENTS = ("bigint", "integer", "varchar", "double", "date", "boolean")
_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "real", "double", "decimal")
_ORDERED = (*_NUMBERS, "varchar", "date", "timestamp", "timestamp with time zone", "time", "boolean")
_COLUMN_TYPES = ("integer", "bigint", "double", "decimal", "varchar", "date", "timestamp", "boolean")
_ROWS = 6

# Functions whose answers follow no order, change from call to call, are estimates, or take a machine down.
_LEFT_OUT = re.compile(
    r"arbitrary|any_value|approx_\w+|numeric_histogram|merge|\w*(digest|hll|hyperloglog)\w*|learn_\w+|classify|regress"
    r"|features|evaluate_\w+|shuffle|rand|random|uuid|now|current_\w+|local\w+|version|spatial_\w+|noisy_\w+|\$.*"
    r"|map_union|multimap_agg|map_agg|histogram|set_agg|set_union|checksum|reduce_agg|objectid\w*|render|bar"
)
# Functions in which a large number makes a large answer.
_SMALL = {"sequence", "repeat", "lpad", "rpad", "combinations", "ngrams", "array_repeat", "round", "power", "pow"}
_LITTLE = {"integer": ("0", "1", "2", "3", "-1", "5"), "bigint": ("BIGINT '0'", "BIGINT '1'", "BIGINT '4'")}

# Faults of the oracle itself, whose geospatial functions are of another release.
_ACCIDENTS = ("BlockBuilder", "wrappedBuffer", "corrupted geometry", "java types", "cannot be cast to class")


def is_accident(answer: dict[str, Any]) -> bool:
    """Whether an answer is a fault of the oracle, and says nothing about SQL."""
    return any(text in answer.get("error_message", "") for text in _ACCIDENTS)


@dataclass(frozen=True)
class Signature:
    """One way to call a function: its types as SHOW FUNCTIONS has them, simplified."""

    name: str
    gives: str
    takes: tuple[str, ...]
    kind: str
    family: str


@dataclass(frozen=True)
class Query:
    """One expression in its statement.

    Attributes:
        expression: the SQL of the expression.
        head: columns that stand before it, e.g. the keys of a GROUP BY.
        shape: the statement without its columns; expressions of one shape can share one.
        function: the outermost function, or operator.
        family: its family.
    """

    expression: str
    head: str
    shape: str
    function: str
    family: str

    def sql(self) -> str:
        """The statement."""
        return together([self])


def together(queries: list[Query]) -> str:
    """One statement for expressions of one shape."""
    first = queries[0]
    return f"SELECT {first.head}{', '.join(query.expression for query in queries)}{first.shape}"


def split(text: str) -> list[str]:
    """The parts of a list, without those in parentheses: `a, map(b, c)` is two."""
    parts, depth, part = [], 0, ""
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            parts.append(part.strip())
            part = ""
        else:
            part += letter
    return [*parts, part.strip()] if part.strip() else parts


def simple(type_: str) -> str:
    """A type without lengths and precisions."""
    type_ = type_.strip().replace('"', "")
    found = re.fullmatch(r"(array|map|function|row)\((.*)\)", type_, re.DOTALL)
    if found:
        return f"{found[1]}({', '.join(simple(part) for part in split(found[2]))})"
    return re.sub(r"\([^()]*\)", "", type_)


def signatures(rows: list[list[Any]], families: dict[str, str]) -> list[Signature]:
    """The functions that can be fuzzed, from the rows of SHOW FUNCTIONS."""
    found = {
        Signature(name.lower(), simple(gives), tuple(map(simple, split(takes))), kind, families[name.lower()])
        for name, gives, takes, kind, stable, *_ in rows
        if stable in (True, "true") and not _LEFT_OUT.fullmatch(name.lower()) and name.lower() in families
    }
    return sorted(found, key=repr)


def _is_variable(type_: str) -> bool:
    return re.fullmatch(r"[A-Z]\d?|t|k|v|e|u|r|s|input_\w+|state\w*", type_) is not None


class ImpossibleError(Exception):
    """No expression of the wanted type can be made here."""


def _inner(type_: str) -> tuple[str, list[str]]:
    found = re.fullmatch(r"(\w+)\((.*)\)", type_, re.DOTALL)
    return (found[1], split(found[2])) if found else (type_, [])


def unify(pattern: str, type_: str, bound: dict[str, str]) -> bool:
    """Whether a type of a signature can be a type, giving values to its variables."""
    if _is_variable(pattern):
        return bound.setdefault(pattern, type_) == type_
    (name, parts), (other, others) = _inner(pattern), _inner(type_)
    if not parts or not others:
        return pattern == type_
    return (
        name == other
        and len(parts) == len(others)
        and all(unify(part, item, bound) for part, item in zip(parts, others, strict=True))
    )


class Grammar:
    """Makes queries.

    Args:
        dice: the source of chance; the same seed makes the same queries.
        functions: what can be called.
        family: if given, the family of the outermost function.
    """

    def __init__(self, dice: random.Random, functions: list[Signature], family: str | None = None) -> None:
        self._dice = dice
        self._scalars = [item for item in functions if item.kind == "scalar"]
        self._aggregates = [item for item in functions if item.kind == "aggregate"]
        self._windows = [item for item in functions if item.kind == "window"]
        self._family = family
        self._columns: dict[str, list[str]] = {}
        self._source = ""
        self._little = False

    def queries(self) -> Iterator[Query]:
        """Queries without end."""
        makers: tuple[Callable[[], Query], ...] = (self._plain, self._plain, self._plain, self._grouped, self._windowed)
        while True:
            self._table()
            for _ in range(12):
                try:
                    yield self._dice.choice(makers)() if self._dice.random() < 0.7 else self._constant()
                except (ImpossibleError, RecursionError):
                    continue

    def _table(self) -> None:
        columns = [("n", [str(number) for number in range(_ROWS)]), ("g", [str(number % 2) for number in range(_ROWS)])]
        self._columns = {"integer": ["g"]}
        for number, type_ in enumerate(_COLUMN_TYPES):
            columns.append((f"c{number}", [self._dice.choice(LITERALS[type_]) for _ in range(_ROWS)]))
            self._columns.setdefault(type_, []).append(f"c{number}")
        rows = ", ".join(f"({', '.join(values[row] for _, values in columns)})" for row in range(_ROWS))
        self._source = f" FROM (VALUES {rows}) t({', '.join(name for name, _ in columns)})"

    def _plain(self) -> Query:
        expression, function, family = self._outer()
        where = f" WHERE {self.make('boolean', 1)}" if self._dice.random() < 0.15 else ""
        return Query(expression, "n, ", self._source + where, function, family)

    def _constant(self) -> Query:
        columns, self._columns = self._columns, {}
        try:
            expression, function, family = self._outer()
        finally:
            self._columns = columns
        return Query(expression, "", "", function, family)

    def _of_family(self, functions: list[Signature]) -> Signature:
        found = [item for item in functions if self._family in (None, item.family)]
        if not found:
            raise ImpossibleError
        return self._dice.choice(found)

    def _outer(self) -> tuple[str, str, str]:
        if self._family == "syntax" or (self._family is None and self._dice.random() < 0.25):
            type_ = self._dice.choice(_SCALARS)
            return self._operator(type_, 2), f"syntax of {type_}", "syntax"
        chosen = self._of_family(self._scalars)
        return self._call(chosen, {}, 2), chosen.name, chosen.family

    def _grouped(self) -> Query:
        chosen = self._of_family(self._aggregates)
        call = self._call(chosen, {}, 1, order="ORDER BY n" if chosen.name == "array_agg" else "")
        if self._dice.random() < 0.2:
            call += f" FILTER (WHERE {self.make('boolean', 1)})"
        if self._dice.random() < 0.5:
            return Query(call, "g, ", f"{self._source} GROUP BY g", chosen.name, chosen.family)
        return Query(call, "", self._source, chosen.name, chosen.family)

    def _windowed(self) -> Query:
        aggregates = [item for item in self._aggregates if item.name != "array_agg"]
        chosen = self._of_family(self._windows if self._dice.random() < 0.5 else aggregates)
        frame = self._dice.choice(
            ("", " ROWS 1 PRECEDING", " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING")
        )
        part = self._dice.choice(("", "PARTITION BY g "))
        order = f"ORDER BY n{self._dice.choice(('', ' DESC'))}"
        over = f" OVER ({part}{order}{frame if chosen.kind == 'aggregate' else ''})"
        return Query(self._call(chosen, {}, 1) + over, "n, ", self._source, chosen.name, chosen.family)

    def make(self, type_: str, depth: int) -> str:
        """An expression of a type, nested at most so deep."""
        roll = self._dice.random()
        if depth <= 0 or roll < 0.3:
            return self._leaf(type_)
        if roll < 0.55:
            return self._operator(type_, depth)
        found = [item for item in self._scalars if unify(item.gives, type_, {})]
        if not found:
            return self._leaf(type_)
        chosen = self._dice.choice(found)
        bound: dict[str, str] = {}
        unify(chosen.gives, type_, bound)
        try:
            return self._call(chosen, bound, depth - 1)
        except ImpossibleError:
            return self._leaf(type_)

    def _leaf(self, type_: str) -> str:
        columns = self._columns.get(type_)
        if columns and self._dice.random() < 0.6:
            return self._dice.choice(columns)
        if self._little and type_ in _LITTLE:
            return self._dice.choice(_LITTLE[type_])
        if type_ in LITERALS:
            return self._dice.choice(LITERALS[type_])
        name, parts = _inner(type_)
        if name == "array" and len(parts) == 1:
            items = [self._leaf(parts[0]) for _ in range(self._dice.randint(1, 3))]
            return f"ARRAY[{', '.join(items)}]"
        if name == "map" and len(parts) == 2:
            keys = list(dict.fromkeys(k for k in LITERALS.get(parts[0], ()) if "NULL" not in k))[:2]
            if not keys:
                raise ImpossibleError
            return f"MAP(ARRAY[{', '.join(keys)}], ARRAY[{', '.join(self._leaf(parts[1]) for _ in keys)}])"
        raise ImpossibleError

    def _call(self, chosen: Signature, bound: dict[str, str], depth: int, order: str = "") -> str:
        bound = dict(bound)
        little, self._little = self._little, self._little or chosen.name in _SMALL
        try:
            within = 0 if chosen.name in _SMALL else depth
            arguments = [self._argument(take, bound, within) for take in chosen.takes]
        finally:
            self._little = little
        return f"{chosen.name}({', '.join(arguments)}{' ' + order if order else ''})"

    def _argument(self, take: str, bound: dict[str, str], depth: int) -> str:
        name, parts = _inner(take)
        if name == "function":
            return self._lambda([self._bind(part, bound) for part in parts[:-1]], self._bind(parts[-1], bound), depth)
        return self.make(self._bind(take, bound), depth)

    def _bind(self, type_: str, bound: dict[str, str]) -> str:
        if _is_variable(type_):
            return bound.setdefault(type_, self._dice.choice(_ELEMENTS))
        name, parts = _inner(type_)
        return f"{name}({', '.join(self._bind(part, bound) for part in parts)})" if parts else type_

    def _lambda(self, takes: list[str], gives: str, depth: int) -> str:
        before = {key: list(value) for key, value in self._columns.items()}
        names = [f"v{depth}{number}" for number in range(len(takes))]
        for name, take in zip(names, takes, strict=True):
            self._columns.setdefault(take, []).extend([name] * 3)
        try:
            return f"({', '.join(names)}) -> {self.make(gives, min(depth, 1))}"
        finally:
            self._columns = before

    def _operator(self, type_: str, depth: int) -> str:
        makers: list[Callable[[], str]] = [
            lambda: self._case(type_, depth),
            lambda: f"COALESCE({self.make(type_, depth - 1)}, {self._leaf(type_)})",
            lambda: f"IF({self.make('boolean', depth - 1)}, {self.make(type_, depth - 1)})",
            lambda: f"TRY({self.make(type_, depth - 1)})",
            lambda: self._cast(type_, depth),
        ]
        if type_ in _ORDERED:
            makers += [lambda: f"NULLIF({self._leaf(type_)}, {self.make(type_, depth - 1)})"]
            makers += [lambda: f"greatest({self._leaf(type_)}, {self.make(type_, depth - 1)})"]
        if type_ == "boolean":
            makers += [lambda: self._comparison(depth), lambda: self._comparison(depth), lambda: self._logic(depth)]
        if type_ in _NUMBERS:
            makers += [lambda: self._arithmetic(type_, depth)] * 3
        if type_ in ("date", "timestamp", "timestamp with time zone"):
            makers += [lambda: f"({self.make(type_, depth - 1)} {self._dice.choice('+-')} {self._interval()})"] * 2
        if type_ == "varchar":
            makers += [lambda: f"({self.make('varchar', depth - 1)} || {self._leaf('varchar')})"]
        return self._dice.choice(makers)()

    def _case(self, type_: str, depth: int) -> str:
        condition, value = self.make("boolean", depth - 1), self.make(type_, depth - 1)
        return f"CASE WHEN {condition} THEN {value} ELSE {self._leaf(type_)} END"

    def _interval(self) -> str:
        return self._leaf(self._dice.choice(("interval day to second", "interval year to month")))

    def _cast(self, type_: str, depth: int) -> str:
        source = self._dice.choice(_SCALARS)
        word = self._dice.choice(("CAST", "TRY_CAST"))
        target = {"decimal": "decimal(12,3)", "timestamp": "timestamp(3)", "varchar": "varchar"}.get(type_, type_)
        if type_.startswith("interval"):
            raise ImpossibleError
        if type_ == "timestamp with time zone":
            target = "timestamp(3) with time zone"
        return f"{word}({self.make(source, depth - 1)} AS {target})"

    def _arithmetic(self, type_: str, depth: int) -> str:
        symbol = self._dice.choice("+-*/%")
        return f"({self.make(type_, depth - 1)} {symbol} {self._leaf(type_)})"

    def _comparison(self, depth: int) -> str:
        type_ = self._dice.choice(_ORDERED)
        left, right = self.make(type_, depth - 1), self._leaf(type_)
        form = self._dice.choice(
            (
                "({a} = {b})", "({a} <> {b})", "({a} < {b})", "({a} >= {b})", "({a} IS DISTINCT FROM {b})",
                "({a} IS NULL)", "({a} BETWEEN {b} AND {c})", "({a} IN ({b}, {c}))", "({a} NOT IN ({b}, {c}))",
            )
        )  # fmt: skip
        return form.format(a=left, b=right, c=self._leaf(type_))

    def _logic(self, depth: int) -> str:
        left, right = self.make("boolean", depth - 1), self.make("boolean", depth - 1)
        return self._dice.choice((f"({left} AND {right})", f"({left} OR {right})", f"(NOT {left})"))
