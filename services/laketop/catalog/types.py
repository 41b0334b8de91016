"""The types of catalog columns: one parser from Hive's type text to a tree, one printer back.

The catalog stores a column's type as text ("array<struct<sku:string,price:decimal(10,2)>>"). Glue and Athena both have
to understand it, so it is read here once; what a type means to DuckDB, Spark or Arrow is a table of its own elsewhere.
"""

import re
from dataclasses import dataclass

PRIMITIVES = frozenset(
    {
        "bigint",
        "binary",
        "boolean",
        "date",
        "double",
        "float",
        "int",
        "smallint",
        "string",
        "timestamp",
        "tinyint",
    }
)
ALIASES = {"integer": "int", "double precision": "double", "dec": "decimal", "numeric": "decimal"}

MAX_PRECISION = 38
MAX_CHAR = 255
MAX_VARCHAR = 65535
DEFAULT_PRECISION, DEFAULT_SCALE = 10, 0  # Hive's, for a bare "decimal"
MAX_DEPTH = 100  # type texts come from strangers: deeper ones would exhaust the interpreter's stack

_TOKEN = re.compile(r"\s*(?:(?P<quoted>`(?:[^`]|``)*`)|(?P<mark>[<>(),:])|(?P<word>[^\s<>(),:`]+))")
_PLAIN_NAME = re.compile(r"[^\s<>(),:`]+")


class HiveTypeError(ValueError):
    """A text is no Hive type; the message names the text and what is wrong with it."""


@dataclass(frozen=True)
class Primitive:
    """A type without parameters; `name` is one of `PRIMITIVES`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Decimal:
    """Exact numbers of `precision` digits (1 to 38), `scale` of them (0 to precision) behind the point."""

    precision: int
    scale: int

    def __str__(self) -> str:
        return f"decimal({self.precision},{self.scale})"


@dataclass(frozen=True)
class Char:
    """Text padded to `length` (1 to 255) characters."""

    length: int

    def __str__(self) -> str:
        return f"char({self.length})"


@dataclass(frozen=True)
class Varchar:
    """Text of at most `length` (1 to 65535) characters."""

    length: int

    def __str__(self) -> str:
        return f"varchar({self.length})"


@dataclass(frozen=True)
class Array:
    """A list of `element`s."""

    element: "HiveType"

    def __str__(self) -> str:
        return f"array<{self.element}>"


@dataclass(frozen=True)
class Map:
    """Pairs of a `key` and a `value`."""

    key: "HiveType"
    value: "HiveType"

    def __str__(self) -> str:
        return f"map<{self.key},{self.value}>"


@dataclass(frozen=True)
class Field:
    """A named part of a struct; the name keeps the case that the text has."""

    name: str
    type: "HiveType"

    def __str__(self) -> str:
        name = self.name if _PLAIN_NAME.fullmatch(self.name) else "`" + self.name.replace("`", "``") + "`"
        return f"{name}:{self.type}"


@dataclass(frozen=True)
class Struct:
    """Named parts in order."""

    fields: tuple[Field, ...]

    def __str__(self) -> str:
        return f"struct<{','.join(map(str, self.fields))}>"


type HiveType = Primitive | Decimal | Char | Varchar | Array | Map | Struct


def parse(text: str) -> HiveType:
    """Read a Hive type, e.g. `map<string,array<decimal(10,2)>>`; keywords in any case, spaces anywhere.

    Args:
        text: the type as the catalog stores it.

    Returns:
        The type's tree; `str()` of it is the canonical text, and `parse(str(tree)) == tree`.

    Raises:
        HiveTypeError: the text is no type, or one that neither Glue nor Athena can use (`uniontype`).

    Follows "Data types in Amazon Athena" and Hive's "LanguageManual Types".
    """
    return _Parser(text).whole()


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._tokens()
        self.position = 0

    def _tokens(self) -> list[str]:
        tokens, position, end = [], 0, len(self.text.rstrip())
        while position < end:
            match = _TOKEN.match(self.text, position, end)
            if match is None:
                raise self._error(f"cannot read {self.text[position:end].strip()[:20]!r}")
            tokens.append(match[match.lastgroup or 0])
            position = match.end()
        return tokens

    def _error(self, problem: str) -> HiveTypeError:
        shown = self.text if len(self.text) <= 200 else self.text[:200] + "…"
        return HiveTypeError(f"{shown!r} is not a column type: {problem}")

    def _next(self) -> str:
        if self.position == len(self.tokens):
            raise self._error("it ends too early")
        self.position += 1
        return self.tokens[self.position - 1]

    def _peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def _expect(self, *marks: str) -> str:
        token = self._next()
        if token not in marks:
            raise self._error(f"{' or '.join(map(repr, marks))} is needed, not {token!r}")
        return token

    def whole(self) -> HiveType:
        found = self._type(0)
        if self.position < len(self.tokens):
            raise self._error(f"nothing may follow {found}, but {self._peek()!r} does")
        return found

    def _type(self, depth: int) -> HiveType:
        if depth > MAX_DEPTH:
            raise self._error(f"more than {MAX_DEPTH} levels deep")
        name = self._next().lower()
        if name == "double" and self._peek().lower() == "precision":
            name = f"double {self._next().lower()}"
        name = ALIASES.get(name, name)
        if name in PRIMITIVES:
            return Primitive(name)
        if name == "decimal":
            return self._decimal()
        if name == "char":
            return Char(self._length(name, MAX_CHAR))
        if name == "varchar":
            return Varchar(self._length(name, MAX_VARCHAR))
        return self._nested(name, depth + 1)

    def _nested(self, name: str, depth: int) -> HiveType:
        if name not in ("array", "map", "struct"):
            raise self._error(f"there is no type {name!r}")
        self._expect("<")
        if name == "struct":
            return self._struct(depth)
        first = self._type(depth)
        if name == "array":
            self._expect(">")
            return Array(first)
        self._expect(",")
        value = self._type(depth)
        self._expect(">")
        return Map(first, value)

    def _struct(self, depth: int) -> Struct:
        fields: list[Field] = []
        mark = ","
        while mark == ",":
            name = self._next()
            if name in "<>(),:" or name == "``":
                raise self._error(f"a struct's field needs a name, not {name!r}")
            if name.startswith("`"):
                name = name[1:-1].replace("``", "`")
            self._expect(":")
            fields.append(Field(name, self._type(depth)))
            mark = self._expect(",", ">")
        return Struct(tuple(fields))

    def _decimal(self) -> Decimal:
        if self._peek() != "(":
            return Decimal(DEFAULT_PRECISION, DEFAULT_SCALE)
        self._next()
        precision = self._number("precision", 1, MAX_PRECISION)
        scale = DEFAULT_SCALE
        if self._expect(",", ")") == ",":
            scale = self._number("scale", 0, precision)
            self._expect(")")
        return Decimal(precision, scale)

    def _length(self, name: str, most: int) -> int:
        self._expect("(")
        length = self._number(f"{name}'s length", 1, most)
        self._expect(")")
        return length

    def _number(self, what: str, low: int, high: int) -> int:
        token = self._next()
        if not (token.isascii() and token.isdigit() and len(token) <= 6 and low <= int(token) <= high):
            raise self._error(f"the {what} is a whole number from {low} to {high}, not {token!r}")
        return int(token)
