"""SpookyHash, version 2, by Bob Jenkins: written from its published description (public domain)."""

import struct

_MASK = 2**64 - 1
_CONSTANT = 0xDEADBEEFDEADBEEF
_WORDS = 12
_BLOCK = _WORDS * 8
_LONG = 2 * _BLOCK  # shorter values take the short way

_SHORT_MIX = (50, 52, 30, 41, 54, 48, 38, 37, 62, 34, 5, 36)
_SHORT_END = (15, 52, 26, 51, 28, 9, 47, 54, 32, 25, 63)
_LONG_MIX = (11, 32, 43, 31, 17, 28, 39, 57, 55, 54, 22, 46)
_LONG_END = (44, 15, 34, 21, 38, 33, 10, 13, 38, 53, 42, 54)


def _rotated(value: int, places: int) -> int:
    return (value << places | value >> (64 - places)) & _MASK


def _short_mix(h: list[int]) -> None:
    for step, places in enumerate(_SHORT_MIX):
        first, second, third = (step + 2) % 4, (step + 3) % 4, step % 4
        h[first] = _rotated(h[first], places) + h[second] & _MASK
        h[third] ^= h[first]


def _short_end(h: list[int]) -> None:
    for step, places in enumerate(_SHORT_END):
        target, source = (step + 3) % 4, (step + 2) % 4
        h[target] ^= h[source]
        h[source] = _rotated(h[source], places)
        h[target] = h[target] + h[source] & _MASK


def _short(value: bytes) -> int:
    h = [0, 0, _CONSTANT, _CONSTANT]
    whole = len(value) // 32 * 32
    for a, b, c, d in struct.iter_unpack("<QQQQ", value[:whole]):
        h[2] = h[2] + a & _MASK
        h[3] = h[3] + b & _MASK
        _short_mix(h)
        h[0] = h[0] + c & _MASK
        h[1] = h[1] + d & _MASK
    rest = value[whole:]
    if len(rest) >= 16:
        a, b = struct.unpack_from("<QQ", rest)
        h[2] = h[2] + a & _MASK
        h[3] = h[3] + b & _MASK
        _short_mix(h)
        rest = rest[16:]
    h[3] = h[3] + (len(value) << 56) & _MASK
    if rest:
        a, b = struct.unpack("<QQ", rest.ljust(16, b"\0"))
        h[2] = h[2] + a & _MASK
        h[3] = h[3] + b & _MASK
    else:
        h[2] = h[2] + _CONSTANT & _MASK
        h[3] = h[3] + _CONSTANT & _MASK
    _short_end(h)
    return h[0]


def _long_mix(h: list[int], words: tuple[int, ...]) -> None:
    for step, places in enumerate(_LONG_MIX):
        h[step] = h[step] + words[step] & _MASK
        h[(step + 2) % _WORDS] ^= h[(step + 10) % _WORDS]
        h[(step + 11) % _WORDS] ^= h[step]
        h[step] = _rotated(h[step], places)
        h[(step + 11) % _WORDS] = h[(step + 11) % _WORDS] + h[(step + 1) % _WORDS] & _MASK


def _long_end(h: list[int]) -> None:
    for step, places in enumerate(_LONG_END):
        target, source, turned = (step + 11) % _WORDS, (step + 1) % _WORDS, (step + 2) % _WORDS
        h[target] = h[target] + h[source] & _MASK
        h[turned] ^= h[target]
        h[source] = _rotated(h[source], places)


def spooky(value: bytes) -> int:
    """The first 64 bits of the hash with seeds 0."""
    if len(value) < _LONG:
        return _short(value)
    h = [0, 0, _CONSTANT] * 4
    whole = len(value) // _BLOCK * _BLOCK
    for words in struct.iter_unpack("<12Q", value[:whole]):
        _long_mix(h, words)
    rest = value[whole:]
    last = rest.ljust(_BLOCK - 1, b"\0") + bytes([len(rest)])
    h = [a + b & _MASK for a, b in zip(h, struct.unpack("<12Q", last), strict=True)]
    for _ in range(3):
        _long_end(h)
    return h[0]
