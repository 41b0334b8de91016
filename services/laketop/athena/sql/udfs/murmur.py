"""MurmurHash3 (128 bits, seed 0): Trino's murmur3(); its sketches use the first half."""

import struct

_MASK = 2**64 - 1
_A, _B = 0x87C37B91114253D5, 0x4CF5AD432745937F


def _turned(value: int, by: int) -> int:
    return (value << by | value >> (64 - by)) & _MASK


def _left(half: int) -> int:
    return _turned(half * _A & _MASK, 31) * _B & _MASK


def _right(half: int) -> int:
    return _turned(half * _B & _MASK, 33) * _A & _MASK


def _mixed(value: int) -> int:
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD & _MASK
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53 & _MASK
    return value ^ value >> 33


def halves(data: bytes) -> tuple[int, int]:
    """The hash of bytes, as two unsigned numbers."""
    a = b = 0
    whole = len(data) // 16 * 16
    for left, right in struct.iter_unpack("<QQ", data[:whole]):
        a = (_turned(a ^ _left(left), 27) + b) * 5 + 0x52DCE729 & _MASK
        b = (_turned(b ^ _right(right), 31) + a) * 5 + 0x38495AB5 & _MASK
    rest = data[whole:]
    a ^= _left(int.from_bytes(rest[:8], "little"))
    b ^= _right(int.from_bytes(rest[8:], "little"))
    a, b = a ^ len(data), b ^ len(data)
    a = a + b & _MASK
    b = b + a & _MASK
    a, b = _mixed(a), _mixed(b)
    a = a + b & _MASK
    return a, a + b & _MASK


def of_bytes(data: bytes) -> int:
    """The first half of the hash of bytes, as an unsigned number."""
    return halves(data)[0]


def of_number(value: int) -> int:
    """The hash of a signed 64-bit number."""
    return of_bytes(struct.pack("<q", value))


def of_double(value: float) -> int:
    """The hash of a double's bits; there is one NaN."""
    return of_bytes(struct.pack("<d", value if value == value else float("nan")))
