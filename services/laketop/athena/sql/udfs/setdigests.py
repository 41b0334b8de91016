"""The set digest of Trino: a HyperLogLog, and how often the values of the smallest hashes were seen.

The layout of the bytes was measured. Digests that have more different values than they keep are refused. Follows
Trino's page "Set Digest functions".
"""

import struct
from collections import Counter
from collections.abc import Iterable

from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.udfs import murmur
from laketop.athena.sql.udfs.hashes import signed
from laketop.athena.sql.udfs.hyperloglogs import HyperLogLog
from laketop.athena.sql.udfs.registry import udf

_MOST = 8192  # hashes that it keeps
_BITS = 11  # of its HyperLogLog
_LARGEST = 32767  # count of one hash
_HEADER = struct.Struct("<bi")


def _dump(counts: dict[int, int]) -> bytes:
    if len(counts) >= _MOST:
        raise not_supported(f"A set digest of {len(counts)} values")
    sketch = HyperLogLog(_BITS)
    for hashed in counts:
        sketch.add(hashed & 2**64 - 1)
    inner = sketch.dump()
    keys = sorted(counts)
    tail = struct.pack(f"<ii{len(keys)}q", _MOST, len(keys), *keys)
    seen = struct.pack(f"<{len(keys)}h", *(min(counts[key], _LARGEST) for key in keys))
    return _HEADER.pack(1, len(inner)) + inner + tail + seen


def _load(data: bytes) -> dict[int, int]:
    _, length = _HEADER.unpack_from(data)
    at = _HEADER.size + length
    _, count = struct.unpack_from("<ii", data, at)
    keys = struct.unpack_from(f"<{count}q", data, at + 8)
    return dict(zip(keys, struct.unpack_from(f"<{count}h", data, at + 8 + 8 * count), strict=True))


def _digest(hashes: Iterable[int]) -> bytes:
    return _dump(Counter(map(signed, hashes)))


@udf("py_setdigest_numbers", ("BIGINT[]",), "BLOB")
def of_numbers(values: list[int]) -> bytes:
    """make_set_digest of whole numbers."""
    return _digest(map(murmur.of_number, values))


@udf("py_setdigest_texts", ("BLOB[]",), "BLOB")
def of_texts(values: list[bytes]) -> bytes:
    """make_set_digest of texts in UTF-8."""
    return _digest(map(murmur.of_bytes, values))


@udf("py_setdigest_merged", ("BLOB[]",), "BLOB")
def merged(digests: list[bytes]) -> bytes:
    """merge_set_digest."""
    return _dump(sum((Counter(_load(digest)) for digest in digests), Counter()))


@udf("py_setdigest_cardinality", ("BLOB",), "BIGINT")
def cardinality(digest: bytes) -> int:
    """How many different values it has seen."""
    return len(_load(digest))


@udf("py_setdigest_counts", ("BLOB",), "MAP(BIGINT, SMALLINT)")
def hash_counts(digest: bytes) -> list[tuple[int, int]]:
    """How often each hash was seen."""
    return list(_load(digest).items())


@udf("py_setdigest_common", ("BLOB", "BLOB"), "BIGINT")
def intersection_cardinality(left: bytes, right: bytes) -> int:
    """How many values both have seen."""
    return len(_load(left).keys() & _load(right).keys())


@udf("py_setdigest_jaccard", ("BLOB", "BLOB"), "DOUBLE")
def jaccard_index(left: bytes, right: bytes) -> float:
    """The share of common hashes among the smallest ones of both, as many as the smaller digest has."""
    a, b = _load(left), _load(right)
    size = min(len(a), len(b))
    smallest = sorted(a.keys() | b.keys())[:size]
    return sum(key in a and key in b for key in smallest) / size
