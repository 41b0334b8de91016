"""Hashes and encodings of bytes that DuckDB has not. Trino's page "Binary functions and operators"."""

import base64
import hashlib
import hmac
import math
import re
import struct
import zlib

import xxhash

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs import murmur
from laketop.athena.sql.udfs.registry import udf
from laketop.athena.sql.udfs.spooky import spooky

_BASE32 = re.compile("[A-Z2-7]*")


@udf("py_to_base32", ("BLOB",), "VARCHAR")
def to_base32(value: bytes) -> str:
    """RFC 4648's base 32, padded."""
    return base64.b32encode(value).decode()


@udf("py_from_base32", ("VARCHAR",), "BLOB")
def from_base32(value: str) -> bytes:
    """The bytes of a base 32 text in capitals; any padding will do.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT.
    """
    digits = value.rstrip("=")
    if len(digits) % 8 in (1, 3, 6):
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"Invalid input length {len(digits)}")
    if not _BASE32.fullmatch(digits):
        raise SqlError("INVALID_FUNCTION_ARGUMENT", "Unrecognized character")
    return base64.b32decode(digits + "=" * (-len(digits) % 8))


@udf("py_to_ieee754_32", ("FLOAT",), "BLOB")
def to_ieee754_32(value: float) -> bytes:
    """The four bytes of a real, the first first; there is one NaN."""
    return b"\x7f\xc0\0\0" if math.isnan(value) else struct.pack(">f", value)


@udf("py_to_ieee754_64", ("DOUBLE",), "BLOB")
def to_ieee754_64(value: float) -> bytes:
    """The eight bytes of a double, the first first; there is one NaN."""
    return b"\x7f\xf8" + bytes(6) if math.isnan(value) else struct.pack(">d", value)


@udf("py_from_ieee754_32", ("BLOB",), "FLOAT")
def from_ieee754_32(value: bytes) -> float:
    """The real of four bytes."""
    return float(struct.unpack(">f", value)[0])


@udf("py_from_ieee754_64", ("BLOB",), "DOUBLE")
def from_ieee754_64(value: bytes) -> float:
    """The double of eight bytes."""
    return float(struct.unpack(">d", value)[0])


@udf("py_sha512", ("BLOB",), "BLOB")
def sha512(value: bytes) -> bytes:
    """SHA-512."""
    return hashlib.sha512(value).digest()


@udf("py_crc32", ("BLOB",), "BIGINT")
def crc32(value: bytes) -> int:
    """The checksum of gzip."""
    return zlib.crc32(value)


@udf("py_hmac", ("VARCHAR", "BLOB", "BLOB"), "BLOB")
def hmac_of(algorithm: str, value: bytes, key: bytes) -> bytes:
    """A keyed hash.

    Raises:
        SqlError: GENERIC_INTERNAL_ERROR for an empty key.
    """
    if not key:
        raise SqlError("GENERIC_INTERNAL_ERROR", "Empty key")
    return hmac.digest(key, value, algorithm)


@udf("py_xxhash64", ("BLOB",), "BLOB")
def xxhash64(value: bytes) -> bytes:
    """XXH64 with seed 0, the first byte first."""
    return bytes(xxhash.xxh64_digest(value))


@udf("py_murmur3", ("BLOB",), "BLOB")
def murmur3(value: bytes) -> bytes:
    """MurmurHash3, each half with its last byte first."""
    return struct.pack("<QQ", *murmur.halves(value))


@udf("py_spooky_hash_v2_32", ("BLOB",), "BLOB")
def spooky_32(value: bytes) -> bytes:
    """The low 32 bits of SpookyHash."""
    return struct.pack(">I", spooky(value) & 0xFFFFFFFF)


@udf("py_spooky_hash_v2_64", ("BLOB",), "BLOB")
def spooky_64(value: bytes) -> bytes:
    """The first 64 bits of SpookyHash."""
    return struct.pack(">Q", spooky(value))
