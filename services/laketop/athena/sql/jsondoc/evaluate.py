"""Evaluating a SQL/JSON path over a document: a sequence of items, or an error.

Items are Python values: a whole number that came from a bigint is a `Long`, an exact fraction a `Decimal` whose
exponent is its scale. Lax paths unwrap arrays, and overlook what is not there; strict ones fail. Follows Trino's page
"JSON functions and operators", section "JSON path language", and measured answers.
"""

import math
import operator
from collections.abc import Callable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.jsondoc import texts
from laketop.athena.sql.jsondoc.grammar import Node, Path
from laketop.athena.sql.jsondoc.values import RefusedError, double

type Items = list[Any]


class Long(int):
    """A whole number of 64 bits, whose arithmetic overflows later than that of 32."""


class PathError(Exception):
    """The path cannot be evaluated over this document."""


_KINDS: dict[type, str] = {
    type(None): "NULL",
    bool: "BOOLEAN",
    str: "STRING",
    list: "ARRAY",
    dict: "OBJECT",
    texts.Missing: "MISSING",
}
_TYPES = {"NULL": "null", "BOOLEAN": "boolean", "STRING": "string", "ARRAY": "array", "OBJECT": "object"}


def kind(item: Any) -> str:
    """What Trino calls the kind of an item in messages."""
    return _KINDS.get(type(item), "NUMBER")


def _expected(what: str, item: Any) -> PathError:
    return PathError(f"invalid item type. Expected: {what}, actual: {kind(item)}")


def _number(item: Any) -> Any:
    if kind(item) != "NUMBER":
        raise _expected("NUMBER", item)
    if isinstance(item, int):
        return _whole(item, long=isinstance(item, Long) or not -(2**31) <= item < 2**31)
    return item


def _whole(value: int, *, long: bool) -> int:
    bound = 2 ** (63 if long else 31)
    if not -bound <= value < bound:
        raise PathError("arithmetic overflow")
    return Long(value) if long else value


class Evaluation:
    """One evaluation of a path."""

    def __init__(self, path: Path, document: Any, parameters: dict[str, Any]) -> None:
        """Prepare; nothing is evaluated yet."""
        self._path, self._document, self._parameters = path, document, parameters
        self._lax = not path.strict
        self._current: Items = []
        self._last: list[int] = []
        self._objects = 0
        self._rules: dict[str, Callable[..., Items]] = {
            "context": lambda: [self._document],
            "variable": lambda name: [self._parameters[name]] if self._parameters[name] is not EMPTY else [],
            "literal": lambda value: [value],
            "number": lambda text: [_literal(text)],
            "current": self._current_item,
            "last": self._last_index,
            "unary": self._unary,
            "binary": self._binary,
            "member": self._member,
            "members": self._members,
            "descendant": lambda base, name: [found for item in self.items(base) for found in _descendants(item, name)],
            "elements": self._elements,
            "subscript": self._subscript,
            "filter": self._filter,
            "method": self._method,
        }
        self._tests: dict[str, Callable[..., bool | None]] = {
            "and": lambda left, right: _and(self._test(left), self._test(right)),
            "or": lambda left, right: _or(self._test(left), self._test(right)),
            "not": lambda inner: _not(self._test(inner)),
            "unknown": lambda inner: self._test(inner) is None,
            "exists": lambda inner: bool(self.items(inner)),
            "compare": self._compare,
            "starts": self._starts,
        }

    def result(self) -> Items:
        """The items that the path finds.

        Raises:
            PathError: it cannot be evaluated.
        """
        return self.items(self._path.tree)

    def items(self, node: Node) -> Items:
        """The items of a part of the path."""
        return self._rules[node[0]](*node[1:])

    def _unwrapped(self, items: Items) -> Iterator[Any]:
        """In lax mode the elements in the place of arrays."""
        for item in items:
            if self._lax and isinstance(item, list):
                yield from item
            else:
                yield item

    def _current_item(self) -> Items:
        if not self._current:
            raise PathError("accessing current filter item with no enclosing filter")
        return [self._current[-1]]

    def _last_index(self) -> Items:
        if not self._last:
            raise PathError("accessing the last array index with no enclosing array")
        return [self._last[-1]]

    def _unary(self, sign: str, operand: Node) -> Items:
        numbers = [_number(item) for item in self._unwrapped(self.items(operand))]
        return numbers if sign == "+" else [_calculated("-", 0, number) for number in numbers]

    def _binary(self, sign: str, left: Node, right: Node) -> Items:
        both = [list(self._unwrapped(self.items(side))) for side in (left, right)]
        if any(len(side) != 1 for side in both):
            raise PathError("arithmetic binary expression requires singleton operands")
        return [_calculated(sign, _number(both[0][0]), _number(both[1][0]))]

    def _member(self, base: Node, name: str) -> Items:
        found = []
        for item in self._unwrapped(self.items(base)):
            if isinstance(item, dict):
                if name in item:
                    found.append(item[name])
                elif not self._lax:
                    raise PathError(f"structural error: missing member '{name}' in JSON object")
            elif not self._lax:
                raise _expected("OBJECT", item)
        return found

    def _members(self, base: Node) -> Items:
        found: Items = []
        for item in self._unwrapped(self.items(base)):
            if isinstance(item, dict):
                found += item.values()
            elif not self._lax:
                raise _expected("OBJECT", item)
        return found

    def _array(self, item: Any) -> Items:
        if isinstance(item, list):
            return item
        if not self._lax:
            raise _expected("ARRAY", item)
        return [item]

    def _elements(self, base: Node) -> Items:
        return [element for item in self.items(base) for element in self._array(item)]

    def _subscript(self, base: Node, ranges: tuple[tuple[Node, Node | None], ...]) -> Items:
        found: Items = []
        for item in self.items(base):
            array = self._array(item)
            self._last.append(len(array) - 1)
            try:
                for first, last in ranges:
                    start = self._index(first)
                    found += self._range(array, start, start if last is None else self._index(last))
            finally:
                self._last.pop()
        return found

    def _range(self, array: Items, start: int, end: int) -> Items:
        if not self._lax and not 0 <= start <= end < len(array):
            problem = f"structural error: invalid array subscript: [{start}, {end}] for array of size {len(array)}"
            raise PathError(problem)
        return array[max(start, 0) : max(end + 1, 0)]

    def _index(self, node: Node) -> int:
        items = list(self._unwrapped(self.items(node)))
        if len(items) != 1:
            raise PathError("array subscript requires a singleton number")
        number = _number(items[0])
        if isinstance(number, float) and not math.isfinite(number):
            raise PathError("array subscript out of range")
        return int(Decimal(number).quantize(Decimal(1), ROUND_HALF_UP))

    def _filter(self, base: Node, predicate: Node) -> Items:
        found = []
        for item in list(self._unwrapped(self.items(base))):
            self._current.append(item)
            try:
                if self._test(predicate):
                    found.append(item)
            finally:
                self._current.pop()
        return found

    def _method(self, base: Node, name: str) -> Items:
        items = self.items(base)
        if name == "type":
            return [_TYPES.get(kind(item), "number") for item in items]
        if name == "size":
            return [len(self._array(item)) for item in items]
        if name == "keyvalue":
            return [pair for item in self._unwrapped(items) for pair in self._pairs(item)]
        return [_METHODS[name](item) for item in self._unwrapped(items)]

    def _pairs(self, item: Any) -> Items:
        if not isinstance(item, dict):
            raise _expected("OBJECT", item)
        number = self._objects
        self._objects += 1
        return [{"name": name, "value": value, "id": number} for name, value in item.items()]

    def _test(self, node: Node) -> bool | None:
        """A predicate; None is unknown."""
        try:
            return self._tests[node[0]](*node[1:])
        except PathError:
            return None

    def _compare(self, sign: str, left: Node, right: Node) -> bool | None:
        rights = list(self._unwrapped(self.items(right)))
        pairs = ((a, b) for a in self._unwrapped(self.items(left)) for b in rights)
        return self._any(_compared(sign, a, b) for a, b in pairs)

    def _starts(self, whole: Node, prefix: Node) -> bool | None:
        prefixes = self.items(prefix)
        if len(prefixes) != 1 or not isinstance(prefixes[0], str):
            return None
        items = self._unwrapped(self.items(whole))
        return self._any(item.startswith(prefixes[0]) if isinstance(item, str) else None for item in items)

    def _any(self, answers: Iterator[bool | None]) -> bool | None:
        found = False
        for answer in answers:
            if answer is None:
                return None
            found = found or answer
            if found and self._lax:
                return True
        return found


EMPTY = object()  # a parameter that has no item


def _and(left: bool | None, right: bool | None) -> bool | None:
    return False if False in (left, right) else None if None in (left, right) else True


def _or(left: bool | None, right: bool | None) -> bool | None:
    return True if True in (left, right) else None if None in (left, right) else False


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _literal(text: str) -> Any:
    if "e" in text.lower():
        return float(text)
    if "." in text:
        return Decimal(text)
    value = int(text)
    if value >= 2**63:
        raise SqlError("INVALID_LITERAL", f"Invalid numeric literal: {text}")
    return value


def _descendants(item: Any, name: str) -> Iterator[Any]:
    if isinstance(item, dict):
        if name in item:
            yield item[name]
        for value in item.values():
            yield from _descendants(value, name)
    elif isinstance(item, list):
        for value in item:
            yield from _descendants(value, name)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compared(sign: str, left: Any, right: Any) -> bool | None:
    """One comparison; None where the items cannot be compared."""
    kinds = (kind(left), kind(right))
    if "NULL" in kinds:
        return _COMPARE[sign](*kinds) if sign in ("==", "<>") and not {*kinds} & {"ARRAY", "OBJECT"} else None
    if kinds[0] != kinds[1] or kinds[0] in ("ARRAY", "OBJECT", "MISSING"):
        return None
    if kinds[0] == "NUMBER":
        try:
            left, right = _number(left), _number(right)
        except PathError:
            return None
        if isinstance(left, float) or isinstance(right, float):
            left, right = float(left), float(right)
    return _COMPARE[sign](left, right)


def _calculated(sign: str, left: Any, right: Any) -> Any:
    if isinstance(left, float) or isinstance(right, float):
        return _floating(sign, float(left), float(right))
    if sign in ("/", "%") and right == 0:
        raise PathError("division by zero")
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return _exact(sign, Decimal(left), Decimal(right))
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1) if sign in ("/", "%") else 0
    values = {"+": left + right, "-": left - right, "*": left * right, "/": quotient, "%": left - quotient * right}
    return _whole(int(values[sign]), long=isinstance(left, Long) or isinstance(right, Long))


def _floating(sign: str, left: float, right: float) -> float:
    if sign == "/":
        if right == 0:
            return (
                math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)
            )
        return left / right
    if sign == "%":
        return math.fmod(left, right) if right and math.isfinite(left) else math.nan
    return {"+": left + right, "-": left - right, "*": left * right}[sign]


def _exact(sign: str, left: Decimal, right: Decimal) -> Decimal:
    scale = max(-int(left.as_tuple().exponent), -int(right.as_tuple().exponent))
    with localcontext(prec=200):
        if sign == "/":
            found = (left / right).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
        else:
            found = {"+": operator.add, "-": operator.sub, "*": operator.mul, "%": operator.mod}[sign](left, right)
            found = found.quantize(Decimal(1).scaleb(-scale)) if sign == "%" else found
    if len(found.as_tuple().digits) > 38:
        raise PathError("decimal overflow")
    return found


def _to_double(item: Any) -> float:
    if kind(item) not in ("NUMBER", "STRING"):
        raise _expected("NUMBER or TEXT", item)
    try:
        found = double(item if isinstance(item, str) else _number(item))
    except RefusedError as error:
        raise PathError(str(error)) from error
    assert found is not None  # noqa: S101 - None comes from null only
    return found


def _rounded(mode: str, float_rule: Callable[[float], float]) -> Callable[[Any], Any]:
    def rule(item: Any) -> Any:
        number = _number(item)
        if isinstance(number, float):
            return float(float_rule(number)) if math.isfinite(number) else number
        return number.quantize(Decimal(1), mode) if isinstance(number, Decimal) else number

    return rule


def _absolute(item: Any) -> Any:
    number = _number(item)
    return _calculated("-", 0, number) if number < 0 else number


_METHODS: dict[str, Callable[[Any], Any]] = {
    "double": _to_double,
    "ceiling": _rounded(ROUND_CEILING, math.ceil),
    "floor": _rounded(ROUND_FLOOR, math.floor),
    "abs": _absolute,
}
