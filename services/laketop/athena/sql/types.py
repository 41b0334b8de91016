"""Trino's types: what a value is, how the type is called, and which DuckDB type carries it.

A type decides what an operation means (7 / 2 is 3, 7 / 2.0 is 3.5), so every expression is typed before anything is
written for DuckDB. Texts follow Trino's page "Data types".
"""

from dataclasses import dataclass

MAX_PRECISION = 38


@dataclass(frozen=True)
class Simple:
    """A type without parameters, by Trino's name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Decimal:
    """Exact numbers of `precision` digits, `scale` of them behind the point."""

    precision: int
    scale: int

    def __str__(self) -> str:
        return f"decimal({self.precision},{self.scale})"


@dataclass(frozen=True)
class Varchar:
    """Text of at most `length` characters; None is no limit."""

    length: int | None = None

    def __str__(self) -> str:
        return "varchar" if self.length is None else f"varchar({self.length})"


@dataclass(frozen=True)
class Char:
    """Text of exactly `length` characters, filled up with spaces; carried without the spaces at its end."""

    length: int = 1

    def __str__(self) -> str:
        return f"char({self.length})"


@dataclass(frozen=True)
class Time:
    """A time of day with `precision` digits of a second, without a zone."""

    precision: int = 3

    def __str__(self) -> str:
        return f"time({self.precision})"


@dataclass(frozen=True)
class TimeTz:
    """A time of day with an offset from UTC."""

    precision: int = 3

    def __str__(self) -> str:
        return f"time({self.precision}) with time zone"


@dataclass(frozen=True)
class Timestamp:
    """A date and time with `precision` digits of a second (0 to 6), without a zone."""

    precision: int = 3

    def __str__(self) -> str:
        return f"timestamp({self.precision})"


@dataclass(frozen=True)
class TimestampTz:
    """An instant, and the zone in which it is shown."""

    precision: int = 3

    def __str__(self) -> str:
        return f"timestamp({self.precision}) with time zone"


@dataclass(frozen=True)
class Array:
    """A list of values of one type."""

    element: "Type"

    def __str__(self) -> str:
        return f"array({self.element})"


@dataclass(frozen=True)
class Map:
    """Pairs of a key and a value."""

    key: "Type"
    value: "Type"

    def __str__(self) -> str:
        return f"map({self.key}, {self.value})"


@dataclass(frozen=True)
class Row:
    """Values in order, each with a name or None."""

    fields: tuple[tuple[str | None, "Type"], ...]

    def __str__(self) -> str:
        return f"row({', '.join(f'{name} {type_}' if name else str(type_) for name, type_ in self.fields)})"


@dataclass(frozen=True)
class QDigest:
    """A quantile digest of values of one type."""

    element: "Type"

    def __str__(self) -> str:
        return f"qdigest({self.element})"


type Type = Simple | Decimal | Varchar | Char | Time | TimeTz | Timestamp | TimestampTz | Array | Map | Row | QDigest

BOOLEAN = Simple("boolean")
TINYINT = Simple("tinyint")
SMALLINT = Simple("smallint")
INTEGER = Simple("integer")
BIGINT = Simple("bigint")
REAL = Simple("real")
DOUBLE = Simple("double")
VARBINARY = Simple("varbinary")
DATE = Simple("date")
JSON = Simple("json")
UUID = Simple("uuid")
IPADDRESS = Simple("ipaddress")
HYPERLOGLOG = Simple("HyperLogLog")
P4_HYPERLOGLOG = Simple("P4HyperLogLog")
TDIGEST = Simple("tdigest")
SET_DIGEST = Simple("SetDigest")
GEOMETRY = Simple("Geometry")
SPHERICAL_GEOGRAPHY = Simple("SphericalGeography")
BING_TILE = Simple("BingTile")
UNKNOWN = Simple("unknown")
INTERVAL_DAY = Simple("interval day to second")
INTERVAL_YEAR = Simple("interval year to month")
VARCHAR = Varchar()

INTEGERS: tuple[Type, ...] = (TINYINT, SMALLINT, INTEGER, BIGINT)
# What decimal an integer is when it meets one; the digits that its largest value has.
INTEGER_DIGITS: dict[Type, int] = {TINYINT: 3, SMALLINT: 5, INTEGER: 10, BIGINT: 19}

# Unknown is the type of a bare NULL; DuckDB's INTEGER carries it as well as any.
_DUCKDB: dict[Type, str] = {
    BOOLEAN: "BOOLEAN",
    TINYINT: "TINYINT",
    SMALLINT: "SMALLINT",
    INTEGER: "INTEGER",
    BIGINT: "BIGINT",
    REAL: "FLOAT",
    DOUBLE: "DOUBLE",
    VARBINARY: "BLOB",
    DATE: "DATE",
    # JSON text in the one form in which json_parse leaves it, so that equal values are equal texts
    JSON: "VARCHAR",
    UUID: "UUID",
    # the 16 bytes of the IPv6 form
    IPADDRESS: "BLOB",
    HYPERLOGLOG: "BLOB",
    P4_HYPERLOGLOG: "BLOB",
    TDIGEST: "BLOB",
    SET_DIGEST: "BLOB",
    # well-known binary
    GEOMETRY: "BLOB",
    SPHERICAL_GEOGRAPHY: "BLOB",
    # zoom, column and row in one number
    BING_TILE: "BIGINT",
    UNKNOWN: "INTEGER",
    # Trino's day interval is a number of milliseconds, the year interval a number of months.
    INTERVAL_DAY: "BIGINT",
    INTERVAL_YEAR: "INTEGER",
}
# kinds of types whose parameters make no difference to DuckDB
_DUCKDB_KINDS: dict[type[Type], str] = {
    Varchar: "VARCHAR",
    Char: "VARCHAR",
    QDigest: "BLOB",
    Time: "TIME",
    Timestamp: "TIMESTAMP",
    # the instant in UTC and the zone: DuckDB's own zoned type would bring in the session's zone
    TimestampTz: 'STRUCT("t" TIMESTAMP, "z" VARCHAR)',
    # what the clock shows, and minutes ahead of UTC
    TimeTz: 'STRUCT("t" TIME, "o" INTEGER)',
}


def is_integer(type_: Type) -> bool:
    """Whether a type is one of Trino's four integers."""
    return type_ in INTEGER_DIGITS


def is_numeric(type_: Type) -> bool:
    """Whether a type is an integer, a decimal or a floating-point number."""
    return is_integer(type_) or isinstance(type_, Decimal) or type_ in (REAL, DOUBLE)


def is_float(type_: Type) -> bool:
    """Whether a type is real or double, which know NaN."""
    return type_ in (REAL, DOUBLE)


def contains_float(type_: Type) -> bool:
    """Whether a type is, or holds, real or double."""
    match type_:
        case Array(element):
            return contains_float(element)
        case Map(key, value):
            return contains_float(key) or contains_float(value)
        case Row(fields):
            return any(contains_float(field) for _, field in fields)
    return is_float(type_)


def duckdb_type(type_: Type) -> str:
    """The DuckDB type that carries values of a Trino type, as DuckDB writes it.

    Raises:
        KeyError: no DuckDB type carries it.
    """
    match type_:
        case Decimal(precision, scale):
            return f"DECIMAL({precision},{scale})"
        case Array(element):
            return f"{duckdb_type(element)}[]"
        case Map(key, value):
            return f"MAP({duckdb_type(key)}, {duckdb_type(value)})"
        case Row(fields):
            parts = ", ".join(f'"f{number}" {duckdb_type(field)}' for number, (_, field) in enumerate(fields))
            return f"STRUCT({parts})"
    return _DUCKDB_KINDS.get(type(type_)) or _DUCKDB[type_]
