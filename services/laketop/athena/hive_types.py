"""Hive's types and Trino's: what a column of the catalog is to a query, and what a query's column is to the catalog.

Follows "Data types in Amazon Athena".
"""

from laketop.athena.sql import types as t
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.catalog import types as hive

_PRIMITIVES: dict[str, t.Type] = {
    "bigint": t.BIGINT,
    "binary": t.VARBINARY,
    "boolean": t.BOOLEAN,
    "date": t.DATE,
    "double": t.DOUBLE,
    "float": t.REAL,
    "int": t.INTEGER,
    "smallint": t.SMALLINT,
    "string": t.VARCHAR,
    "timestamp": t.Timestamp(3),
    "tinyint": t.TINYINT,
}
_NAMES = {type_: name for name, type_ in _PRIMITIVES.items()}


def trino_type(text: str) -> t.Type:
    """The Trino type of a Hive type.

    Args:
        text: the type as the catalog has it, e.g. `array<string>`.

    Raises:
        SqlError: HIVE_INVALID_METADATA for a text that is no type, NOT_SUPPORTED for char.
    """
    try:
        return _trino(hive.parse(text))
    except hive.HiveTypeError as error:
        raise SqlError("HIVE_INVALID_METADATA", str(error)) from error


def _trino(type_: hive.HiveType) -> t.Type:
    match type_:
        case hive.Primitive(name):
            return _PRIMITIVES[name]
        case hive.Decimal(precision, scale):
            return t.Decimal(precision, scale)
        case hive.Varchar(length):
            return t.Varchar(length)
        case hive.Array(element):
            return t.Array(_trino(element))
        case hive.Map(key, value):
            return t.Map(_trino(key), _trino(value))
        case hive.Struct(fields):
            return t.Row(tuple((field.name, _trino(field.type)) for field in fields))
    raise not_supported(f"The column type {type_}")


def hive_type(type_: t.Type) -> hive.HiveType:
    """The Hive type in which the catalog keeps a column of a query.

    Raises:
        SqlError: NOT_SUPPORTED for a type that Hive has not.
    """
    match type_:
        case t.Simple() if type_ in _NAMES:
            return hive.Primitive(_NAMES[type_])
        case t.Timestamp():
            return hive.Primitive("timestamp")
        case t.Decimal(precision, scale):
            return hive.Decimal(precision, scale)
        case t.Array(element):
            return hive.Array(hive_type(element))
        case t.Map(key, value):
            return hive.Map(hive_type(key), hive_type(value))
        case t.Row(fields):
            return hive.Struct(tuple(_field(type_, name, field) for name, field in fields))
    return _text(type_)


def _field(row: t.Row, name: str | None, type_: t.Type) -> hive.Field:
    if not name:
        problem = f"Anonymous row type is not supported in Hive. Please give each field a name: {row}"
        raise SqlError("NOT_SUPPORTED", problem)
    return hive.Field(name, hive_type(type_))


def _text(type_: t.Type) -> hive.HiveType:
    match type_:
        case t.Varchar(None):
            return hive.Primitive("string")
        case t.Varchar(length) if length is not None and length <= hive.MAX_VARCHAR:
            return hive.Varchar(max(length, 1))
        case t.Char(length) if length <= hive.MAX_CHAR:
            return hive.Char(length)
    most = {
        t.Varchar: f". Supported VARCHAR types: VARCHAR(<={hive.MAX_VARCHAR}), VARCHAR.",
        t.Char: f". Supported CHAR types: CHAR(<={hive.MAX_CHAR}).",
    }
    raise SqlError("NOT_SUPPORTED", f"Unsupported Hive type: {type_}{most.get(type(type_), '')}")
