"""Conditions of MATCH_RECOGNIZE's labels, as the matcher asks for them row by row.

What depends on one row was computed by the query; what depends on the rows matched so far is compared here: values of
rows that the match holds, simple aggregates over them, labels. NULL is None, and logic has three values.
"""

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from laketop.athena.sql.errors import SqlError

type Test = Callable[["Run", int], bool | None]
type Operand = Callable[["Run", int], Any]

_NULL = 2  # in place of a truth
_EXACT = Context(prec=120)
_BIGINT = 2**63
_DIGITS = 38  # of a decimal
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Rows:
    """The rows of a partition: how many there are, and the columns that the query computed.

    A column has one value more, for no row.
    """

    size: int
    truths: list[list[int | None]]
    columns: list[list[Any]]
    pairs: list[list[int | None]]


def value(text: str | None, kind: str) -> Any:
    """A value that came as text: `n` an exact number, `f` a floating one, `s` text."""
    if text is None or kind == "s":
        return text
    if kind == "f":
        return float(text)
    return Decimal(text) if "." in text else int(text)


class _Aggregate:
    """An aggregate over the rows with some labels, whose values so far stand on a stack."""

    def __init__(self, name: str, labels: list[int] | None, column: list[Any] | None, scale: int | None) -> None:
        self.labels = None if labels is None else frozenset(labels)
        self._name, self._column, self._scale = name, column, scale
        self._stack: list[tuple[int, Any]] = []  # rows counted, what they make

    def take(self, row: int) -> None:
        """One more row."""
        count, made = self._stack[-1] if self._stack else (0, None)
        item = 1 if self._column is None else self._column[row]
        if item is not None:
            step = "sum" if self._scale is not None else self._name
            count, made = count + 1, _STEPS[step](made, item)
        self._stack.append((count, made))

    def back(self, size: int) -> None:
        """Only so many rows."""
        del self._stack[size:]

    @property
    def state(self) -> tuple[int, Any]:
        return self._stack[-1] if self._stack else (0, None)

    def value(self) -> Any:
        count, made = self.state
        if self._name == "count":
            return count
        if self._name != "avg" or not count:
            return made
        if self._scale is None:
            return made / count
        return _EXACT.divide(made, count).quantize(Decimal(1).scaleb(-self._scale), ROUND_HALF_UP, _EXACT)


def _sum(made: Any, item: Any) -> Any:
    if made is None:
        return item
    if isinstance(made, Decimal) or isinstance(item, Decimal):
        return _decimal(_EXACT.add)(made, item)
    total = made + item
    if isinstance(total, int) and not -_BIGINT <= total < _BIGINT:
        raise SqlError("NUMERIC_VALUE_OUT_OF_RANGE", f"bigint addition overflow: {made} + {item}")
    return total


def _extreme(better: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
    def step(made: Any, item: Any) -> Any:
        # NaN is what no number is better than
        return item if made is None or made != made or better(item, made) else made

    return step


_STEPS: dict[str, Callable[[Any, Any], Any]] = {
    "count": lambda _made, _item: None,
    "sum": _sum,
    "avg": lambda made, item: float(item) if made is None else made + float(item),
    "min": _extreme(operator.lt),
    "max": _extreme(operator.gt),
}


class Run:
    """A match in the making: the labels of its rows, and what conditions want to know of them.

    Attributes:
        labels: of the rows taken so far.
        number: the match's number.
        remembers: whether a condition depends on the rows taken before.
    """

    def __init__(self, said: dict[str, Any], rows: Rows) -> None:
        self.labels: list[int] = []
        self.number = 1
        self.rows = rows
        self.remembers = bool(said["bases"] or said["aggregates"] or said["numbered"])
        self.aggregates = [
            _Aggregate(name, labels, None if column is None else rows.columns[column], scale)
            for name, labels, column, scale in said["aggregates"]
        ]
        self._bases = [(None if some is None else frozenset(some), last, far) for some, last, far in said["bases"]]
        sets = [*(some for some, _, _ in self._bases), *(one.labels for one in self.aggregates)]
        self._places: dict[frozenset[int], list[int]] = {some: [] for some in sets if some is not None}
        self._start = 0

    def begin(self, start: int) -> None:
        """Begin at a row."""
        self._start = start
        self.labels.clear()
        for places in self._places.values():
            places.clear()
        for one in self.aggregates:
            one.back(0)

    def take(self, label: int, row: int) -> None:
        """Take the next row under a label."""
        self.labels.append(label)
        for some, places in self._places.items():
            if label in some:
                places.append(row)
        for one in self.aggregates:
            if one.labels is None or label in one.labels:
                one.take(row)

    def back(self, row: int) -> None:
        """Give back this row and those after it."""
        del self.labels[row - self._start :]
        for places in self._places.values():
            while places and places[-1] >= row:
                places.pop()
        for one in self.aggregates:
            one.back(len(self.labels) if one.labels is None else len(self._places[one.labels]))

    def state(self) -> tuple[Any, ...]:
        """What the rows taken so far mean to the conditions on those to come."""
        if not self.remembers:
            return ()
        seen: list[Any] = [tuple(self._seen(*base)) for base in self._bases]
        return (*seen, *(one.state for one in self.aggregates))

    def _seen(self, some: frozenset[int] | None, last: bool, far: int) -> list[tuple[int, int]]:
        places = self._rows_of(some)
        kept = places[-(far + 1) :] if last else places[: far + 1]
        return [(row, self.labels[row - self._start]) for row in kept]

    def _rows_of(self, some: frozenset[int] | None) -> Sequence[int]:
        """The rows taken so far under these labels, None for all."""
        return range(self._start, self._start + len(self.labels)) if some is None else self._places[some]

    def place(self, base: int) -> int | None:
        """The row that a base means now; None for none."""
        some, last, far = self._bases[base]
        places = self._rows_of(some)
        found: int | None = None
        if far < len(places):
            found = places[-(far + 1)] if last else places[far]
        return found

    def label(self, row: int) -> int:
        """The label of a row that was taken."""
        return self.labels[row - self._start]


def conditions(said: dict[str, Any], rows: Rows) -> tuple[list[Test | None], Run]:
    """The conditions of the labels (None: always true), and the match in the making that they ask."""
    names = said["labels"]
    return [None if one is None else _test(one, names) for one in said["conditions"]], Run(said, rows)


def _test(said: list[Any], names: list[str]) -> Test:
    kind, *parts = said
    match kind:
        case "and" | "or":
            return _joined(_test(parts[0], names), _test(parts[1], names), settled=kind == "or")
        case "not":
            inner = _test(parts[0], names)
            return lambda run, row: None if (found := inner(run, row)) is None else not found
        case "null":
            value_of = _operand(parts[0], names)
            return lambda run, row: value_of(run, row) is None
        case "truth":
            return _truth(*parts)
        case "pair":
            return _pair(*parts)
    return _comparison(parts[0], _operand(parts[1], names), _operand(parts[2], names))


def _joined(left: Test, right: Test, *, settled: bool) -> Test:
    """AND or OR: one side that is `settled` settles it."""

    def test(run: Run, row: int) -> bool | None:
        first = left(run, row)
        if first is settled:
            return settled
        second = right(run, row)
        if second is settled:
            return settled
        return None if first is None or second is None else not settled

    return test


def _truth(base: int | None, number: int, error: str) -> Test:
    """A condition that the query computed for every row; `error` is what it says where it fails."""

    def test(run: Run, row: int) -> bool | None:
        place = row if base is None else run.place(base)
        return _answer(run.rows.truths[number][run.rows.size if place is None else place], error)

    return test


def _pair(first: int | None, second: int, number: int, error: str) -> Test:
    """A condition that the query computed for any two rows."""

    def test(run: Run, row: int) -> bool | None:
        if not run.rows.pairs:
            what = "A condition on two rows of a match in this form over so many rows"
            raise SqlError("NOT_SUPPORTED", f"{what} is not supported by Laketop")
        one, other = _place(run, first, row), _place(run, second, row)
        return _answer(run.rows.pairs[number][one * (run.rows.size + 1) + other], error)

    return test


def _answer(found: int | None, error: str) -> bool | None:
    if found is None:
        raise SqlError(error, "the condition of a row pattern's label failed")
    return None if found == _NULL else bool(found)


def _comparison(symbol: str, left: Operand, right: Operand) -> Test:
    compare = _OPERATORS[symbol]

    def test(run: Run, row: int) -> bool | None:
        a, b = left(run, row), right(run, row)
        return None if a is None or b is None else compare(a, b)

    return test


def _operand(said: list[Any], names: list[str]) -> Operand:
    kind, *parts = said
    match kind:
        case "row":
            base, column = parts
            return lambda run, row: run.rows.columns[column][_place(run, base, row)]
        case "label":
            return lambda run, row: _name(run, parts[0], row, names)
        case "number":
            return lambda run, _row: run.number
        case "float":
            exact = _operand(parts[0], names)
            return lambda run, row: None if (found := exact(run, row)) is None else float(found)
        case "arithmetic":
            return _arithmetic(parts[0], _operand(parts[1], names), _operand(parts[2], names))
    number, floating = parts
    if floating:
        return lambda run, _row: None if (found := run.aggregates[number].value()) is None else float(found)
    return lambda run, _row: run.aggregates[number].value()


def _arithmetic(name: str, left: Operand, right: Operand) -> Operand:
    compute = _ARITHMETIC[name]

    def operand(run: Run, row: int) -> Any:
        a, b = left(run, row), right(run, row)
        return None if a is None or b is None else compute(a, b)

    return operand


def _decimal(compute: Callable[[Any, Any], Decimal]) -> Callable[[Any, Any], Decimal]:
    def exact(a: Any, b: Any) -> Decimal:
        found = compute(a, b)
        digits, exponent = found.as_tuple().digits, found.as_tuple().exponent
        if len(digits) > _DIGITS or int(exponent) < -_DIGITS:
            raise SqlError("NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow")
        return found

    return exact


def _divided(a: int, b: int) -> int:
    """Division of whole numbers, towards zero."""
    if not b:
        raise SqlError("DIVISION_BY_ZERO", "Division by zero")
    found = abs(a) // abs(b)
    return found if (a < 0) == (b < 0) else -found


def _ratio(a: float, b: float) -> float:
    if b:
        return a / b
    if not a or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1, b)


def _bounded(compute: Callable[[int, int], int], bits: int) -> Callable[[int, int], int]:
    def exact(a: int, b: int) -> int:
        found = compute(a, b)
        if not -(2 ** (bits - 1)) <= found < 2 ** (bits - 1):
            raise SqlError("NUMERIC_VALUE_OUT_OF_RANGE", f"overflow in a row pattern's condition: {a}, {b}")
        return found

    return exact


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "double +": operator.add,
    "double -": operator.sub,
    "double *": operator.mul,
    "double /": _ratio,
    "decimal +": _decimal(_EXACT.add),
    "decimal -": _decimal(_EXACT.subtract),
    "decimal *": _decimal(_EXACT.multiply),
    "bigint /": _bounded(_divided, 64),
    "integer /": _bounded(_divided, 32),
    "bigint +": _bounded(operator.add, 64),
    "bigint -": _bounded(operator.sub, 64),
    "bigint *": _bounded(operator.mul, 64),
    "integer +": _bounded(operator.add, 32),
    "integer -": _bounded(operator.sub, 32),
    "integer *": _bounded(operator.mul, 32),
    # microseconds become milliseconds, of which there is a whole number
    "moment -": lambda a, b: (a - b) // 1000,
}


def _place(run: Run, base: int | None, row: int) -> int:
    place = row if base is None else run.place(base)
    return run.rows.size if place is None else place


def _name(run: Run, base: int | None, row: int, names: list[str]) -> str | None:
    place = row if base is None else run.place(base)
    return None if place is None else names[run.label(place)]
