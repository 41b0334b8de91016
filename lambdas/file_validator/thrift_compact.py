"""A small reader of Thrift's compact protocol, as much as a Parquet footer needs (Apache Thrift, "Thrift compact
protocol encoding").

It trusts nothing: sizes are checked against what is left, nesting is bounded, and what nobody asked for is passed over
without being built. Whatever the bytes are, it reads them or raises ThriftError.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

STOP, TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT, UUID = range(14)
MAX_NESTING = 32
_VARINT = 10  # bytes of the longest one, of 64 bits
_FIXED = {BYTE: 1, DOUBLE: 8, UUID: 16}


class ThriftError(ValueError):
    """The bytes are no Thrift, or not what is expected at their place."""


class Reader:
    """A position in bytes, which moves on as values are read."""

    def __init__(self, data: bytes, position: int = 0) -> None:
        self.data, self.position = data, position

    def take(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            ThriftError: there are not as many.
        """
        end = self.position + size
        if end > len(self.data):
            raise ThriftError(f"{size} bytes are announced at {self.position}, and {len(self.data)} are all")
        found = self.data[self.position : end]
        self.position = end
        return found

    def byte(self) -> int:
        """One byte, 0 to 255."""
        return self.take(1)[0]

    def varint(self) -> int:
        """A number without sign, seven bits a byte (ULEB128)."""
        value = 0
        for shift in range(0, 7 * _VARINT, 7):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise ThriftError(f"a number at {self.position} has no end")

    def zigzag(self) -> int:
        """A number with sign, as a varint in zigzag form."""
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def elements(self) -> tuple[int, int]:
        """The beginning of a list or set: (number of elements, type of each)."""
        header = self.byte()
        count, kind = header >> 4, header & 0x0F
        if count == 0x0F:
            count = self.varint()
        # An element has at least one byte, so that a list can't be longer than what is left.
        if count > len(self.data) - self.position:
            raise ThriftError(f"a list of {count} elements is announced, more than there are bytes")
        return count, kind

    def fields(self) -> Iterator[tuple[int, int]]:
        """The fields of a struct: (id, type). The caller reads or skips each value before it goes on."""
        number = 0
        while (header := self.byte()) != STOP:
            delta, kind = header >> 4, header & 0x0F
            number = number + delta if delta else self.zigzag()
            yield number, kind

    def skip(self, kind: int, depth: int = 0, element: bool = False) -> None:
        """Pass over a value; a Boolean takes a byte as an `element`, and none as a field."""
        if depth > MAX_NESTING:
            raise ThriftError(f"values are nested more than {MAX_NESTING} deep")
        if kind in (TRUE, FALSE):
            self.take(1 if element else 0)
        elif kind in _FIXED:
            self.take(_FIXED[kind])
        elif kind in (I16, I32, I64):
            self.varint()
        elif kind == BINARY:
            self.take(self.varint())
        elif kind in _CONTAINERS:
            _CONTAINERS[kind](self, depth + 1)
        else:
            raise ThriftError(f"{kind} at {self.position} is no type of a value")


def _skip_list(reader: Reader, depth: int) -> None:
    count, kind = reader.elements()
    for _ in range(count):
        reader.skip(kind, depth, element=True)


def _skip_map(reader: Reader, depth: int) -> None:
    count = reader.varint()
    if count > len(reader.data) - reader.position:
        raise ThriftError(f"a map of {count} entries is announced, more than there are bytes")
    kinds = reader.byte() if count else 0
    for _ in range(count):
        reader.skip(kinds >> 4, depth, element=True)
        reader.skip(kinds & 0x0F, depth, element=True)


def _skip_struct(reader: Reader, depth: int) -> None:
    for _, kind in reader.fields():
        reader.skip(kind, depth)


_CONTAINERS: dict[int, Callable[[Reader, int], None]] = {
    LIST: _skip_list,
    SET: _skip_list,
    MAP: _skip_map,
    STRUCT: _skip_struct,
}


@dataclass(frozen=True)
class Field:
    """A field that is wanted of a struct.

    Attributes:
        name: its key in the answer.
        kinds: the types that it may have.
        read: reads the value; called with the reader and the type that was found.
    """

    name: str
    kinds: tuple[int, ...]
    read: Callable[[Reader, int], Any]


def read_struct(reader: Reader, wanted: Mapping[int, Field]) -> dict[str, Any]:
    """Read a struct: the wanted fields that are there, by name; others are passed over.

    Raises:
        ThriftError: a wanted field is of another type, or comes twice; or the bytes are no struct.
    """
    found: dict[str, Any] = {}
    for number, kind in reader.fields():
        field = wanted.get(number)
        if field is None:
            reader.skip(kind)
            continue
        if kind not in field.kinds or field.name in found:
            raise ThriftError(f"the field {field.name} is of type {kind}, or comes twice")
        found[field.name] = field.read(reader, kind)
    return found


def integer(name: str) -> Field:
    """A field that is a whole number of any size."""
    return Field(name, (BYTE, I16, I32, I64), lambda reader, kind: _signed(reader) if kind == BYTE else reader.zigzag())


def _signed(reader: Reader) -> int:
    return int.from_bytes(reader.take(1), signed=True)


def boolean(name: str) -> Field:
    """A field that is a Boolean; its type is its value."""
    return Field(name, (TRUE, FALSE), lambda _, kind: kind == TRUE)


def text(name: str) -> Field:
    """A field that is text in UTF-8."""
    return Field(name, (BINARY,), lambda reader, _: read_text(reader))


def read_text(reader: Reader) -> str:
    """A text with its length before it.

    Raises:
        ThriftError: it is not UTF-8.
    """
    try:
        return reader.take(reader.varint()).decode()
    except UnicodeDecodeError as error:
        raise ThriftError(f"a name at {reader.position} is not UTF-8") from error


def record(name: str, wanted: Mapping[int, Field]) -> Field:
    """A field that is a struct; a union is a struct with one field."""
    return Field(name, (STRUCT,), lambda reader, _: read_struct(reader, wanted))


def present(name: str) -> Field:
    """A field of any type of which only matters that it is there."""

    def read(reader: Reader, kind: int) -> bool:
        reader.skip(kind)
        return True

    return Field(name, (TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT), read)


def several(name: str, kind: int, read: Callable[[Reader], Any], limit: int) -> Field:
    """A field that is a list of at most `limit` elements of one type."""

    def read_all(reader: Reader, _: int) -> list[Any]:
        count, found = reader.elements()
        if count > limit or (count and found != kind):
            raise ThriftError(
                f"{name} is a list of {count} elements of type {found}; at most {limit} of {kind} are taken"
            )
        return [read(reader) for _ in range(count)]

    return Field(name, (LIST,), read_all)


def deferred(name: str, kind: int) -> Field:
    """A field that is a list whose elements are read later: (number of elements, position of the first)."""

    def read(reader: Reader, _: int) -> tuple[int, int]:
        count, found = reader.elements()
        if count and found != kind:
            raise ThriftError(f"{name} is a list of elements of type {found}, not {kind}")
        start = reader.position
        for _ in range(count):
            reader.skip(found, 1, element=True)
        return count, start

    return Field(name, (LIST,), read)
