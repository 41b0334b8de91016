"""The footer of a Parquet file: its structures, by the numbers that parquet.thrift gives them (Apache Parquet, "File
format" and "Metadata").

Row groups are read one after the other and not kept: a large file has thousands, and each has a part for each column.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from . import thrift_compact as thrift
from .parquet_types import PHYSICAL, Stored, stored
from .thrift_compact import Field, Reader, ThriftError, boolean, integer, present, record, text

MAX_COLUMNS = 2000
_LIMIT = 2 * MAX_COLUMNS  # elements of the schema, groups among them
_REPEATED = 2

_UNIT = {1: present("millis"), 2: present("micros"), 3: present("nanos")}
_TIME = {1: boolean("utc"), 2: record("unit", _UNIT)}
_LOGICAL_TYPE: dict[int, Field] = {
    1: present("string"),
    2: present("map"),
    3: present("list"),
    4: present("enum"),
    5: record("decimal", {1: integer("scale"), 2: integer("precision")}),
    6: present("date"),
    7: record("time", _TIME),
    8: record("timestamp", _TIME),
    10: record("int", {1: integer("bits"), 2: boolean("signed")}),
    11: present("nothing but nulls"),
    12: present("json"),
    13: present("bson"),
    14: present("uuid"),
    15: present("float16"),
    16: present("variant"),
    17: present("geometry"),
    18: present("geography"),
}
_SCHEMA_ELEMENT: dict[int, Field] = {
    1: integer("type"),
    2: integer("type_length"),
    3: integer("repetition"),
    4: text("name"),
    5: integer("children"),
    6: integer("converted_type"),
    7: integer("scale"),
    8: integer("precision"),
    10: record("logical", _LOGICAL_TYPE),
}
_FILE: dict[int, Field] = {
    2: thrift.several("schema", thrift.STRUCT, lambda reader: thrift.read_struct(reader, _SCHEMA_ELEMENT), _LIMIT),
    3: integer("rows"),
    4: thrift.deferred("row_groups", thrift.STRUCT),
    8: present("encryption"),
}
_CHUNK_DATA: dict[int, Field] = {
    1: integer("type"),
    3: thrift.several("path", thrift.BINARY, thrift.read_text, thrift.MAX_NESTING),
    4: integer("codec"),
    5: integer("values"),
    6: integer("unpacked"),
    7: integer("packed"),
    9: integer("data_page"),
    11: integer("dictionary_page"),
}
_CHUNK: dict[int, Field] = {
    1: text("file"),
    3: record("data", _CHUNK_DATA),
    8: present("encryption"),
    9: present("encrypted_data"),
}
_ROW_GROUP: dict[int, Field] = {
    1: thrift.several("chunks", thrift.STRUCT, lambda reader: thrift.read_struct(reader, _CHUNK), MAX_COLUMNS),
    3: integer("rows"),
}


@dataclass(frozen=True)
class Leaf:
    """A column of the file: its name, its type (None for a group), and whether it may come several times in a row."""

    name: str
    type: Stored | None
    repeated: bool


class Footer:
    """A footer, read so far as the checks of a file need it.

    Attributes:
        columns: the columns, in order; one that has columns within it stands for all of them.
        rows: how many rows the file says that it has.
        encrypted: whether its pages are encrypted, though its footer is not.
    """

    def __init__(self, data: bytes) -> None:
        """Read a footer.

        Raises:
            ThriftError: the bytes are no footer.
        """
        self._data = data
        found = thrift.read_struct(Reader(data), _FILE)
        for name in ("schema", "rows", "row_groups"):
            if name not in found:
                raise ThriftError(f"the footer has no {name}")
        self.columns = tuple(_columns(found["schema"]))
        self.rows: int = found["rows"]
        self.encrypted = "encryption" in found
        self._count, self._start = found["row_groups"]

    def row_groups(self) -> Iterator[dict[str, Any]]:
        """The row groups: `rows`, and `chunks` with `data` (type, path, codec, values, unpacked, packed, data_page, …).

        Raises:
            ThriftError: one is not readable.
        """
        reader = Reader(self._data, self._start)
        for _ in range(self._count):
            yield thrift.read_struct(reader, _ROW_GROUP)


def _columns(schema: Sequence[dict[str, Any]]) -> Iterator[Leaf]:
    if not schema:
        raise ThriftError("the schema is empty")
    children = schema[0].get("children", 0)
    rest = iter(schema[1:])
    for _ in range(children):
        element = next(rest, None)
        if element is None or "name" not in element:
            raise ThriftError("the schema has fewer columns than it says, or one without a name")
        within = element.get("children", 0)
        yield Leaf(
            name=element["name"],
            type=None if "type" not in element or within else _type(element),
            repeated=element.get("repetition") == _REPEATED,
        )
        _pass_over(rest, within)
    if next(rest, None) is not None:
        raise ThriftError("the schema has more columns than it says")


def _pass_over(rest: Iterator[dict[str, Any]], count: int) -> None:
    while count > 0:
        element = next(rest, None)
        if element is None:
            raise ThriftError("the schema has fewer columns than it says")
        count += element.get("children", 0) - 1


def _type(element: dict[str, Any]) -> Stored:
    if not 0 <= element["type"] < len(PHYSICAL):
        raise ThriftError(f"the column {element['name']} has the type {element['type']}, which Parquet does not know")
    return stored(element)
