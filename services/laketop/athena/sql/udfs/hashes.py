"""Trino's hash of a value, and the checksum that is built of it.

Follows Trino's page "Aggregate functions" (checksum); how values are hashed was measured.
"""

import struct
from itertools import accumulate

import xxhash

from laketop.athena.sql.udfs.registry import udf

_PRIME = 0x9E3779B185EBCA87
_MASK = 2**64 - 1


def signed(value: int) -> int:
    """64 bits as a signed number."""
    value &= _MASK
    return value - 2**64 if value >= 2**63 else value


@udf("py_agg_hash", ("BIGINT",), "BIGINT")
def of_number(value: int) -> int:
    """The hash of a number."""
    return signed(xxhash.xxh64_intdigest(struct.pack("<q", value)))


@udf("py_agg_hash_bytes", ("BLOB",), "BIGINT")
def of_bytes(value: bytes) -> int:
    """The hash of bytes, and of text in UTF-8."""
    return signed(xxhash.xxh64_intdigest(value))


@udf("py_agg_hash_long", ("VARCHAR",), "BIGINT")
def of_long_decimal(digits: str) -> int:
    """The hash of a decimal of more than 18 digits: both its halves."""
    value = int(digits)
    return signed(of_number(signed(value >> 64)) ^ of_number(signed(value)))


@udf("py_agg_hash_list", ("BIGINT[]",), "BIGINT")
def of_list(hashes: list[int]) -> int:
    """The hash of an array from those of its elements."""
    *_, last = accumulate(hashes, lambda total, item: signed(total * 31 + item), initial=0)
    return last


@udf("py_agg_bits", ("DOUBLE",), "BIGINT")
def bits(value: float) -> int:
    """The bits of a double, those of zero for minus zero."""
    return int.from_bytes(struct.pack("<d", value + 0.0 if value == value else float("nan")), "little", signed=True)


@udf("py_agg_bits_of_real", ("FLOAT",), "BIGINT")
def bits_of_real(value: float) -> int:
    """The bits of a real, those of zero for minus zero."""
    return int.from_bytes(struct.pack("<f", value + 0.0 if value == value else float("nan")), "little", signed=True)


@udf("py_agg_checksum", ("VARCHAR", "BIGINT"), "BLOB")
def checksum(total: str, missing: int) -> bytes:
    """checksum from the sum of all hashes and the number of NULLs."""
    return struct.pack("<Q", (int(total) + missing) * _PRIME & _MASK)
