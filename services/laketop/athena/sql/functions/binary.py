"""Trino's page "Binary functions and operators": encodings, numbers as bytes, hashes.

`concat`, `length`, `lpad`, `rpad`, `reverse` and `substr` of varbinary are with those of text.
"""

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.functions.call import TEXT, Form

PAGE = "Binary functions and operators"

_ARGUMENT = "INVALID_FUNCTION_ARGUMENT"
# What Java's decoder takes: the padding may be missing, but not a part of it.
_BASE64 = "([A-Za-z0-9+/]{{4}})*([A-Za-z0-9+/]{{2}}(==)?|[A-Za-z0-9+/]{{3}}=?)?"
_BASE64_URL = _BASE64.replace("+/", "_-")


def _decoded(test: str, result: str, problem: str) -> tuple[Form, ...]:
    """Of text, or of its bytes: those that are no ASCII become backslashes, which no encoding has."""
    message = f"'{problem}' || left(CAST({{0}} AS VARCHAR), 0)"
    error = text.raising(_ARGUMENT, message, "BLOB")
    template = (
        f"CASE WHEN {{0}} IS NULL THEN NULL WHEN regexp_full_match({{0}}, '{test}') THEN {result} ELSE {error} END"
    )
    return (
        Form((TEXT,), t.VARBINARY, template),
        Form((t.VARBINARY,), t.VARBINARY, template.replace("{0}", "CAST({0} AS VARCHAR)")),
    )


def _padded(sql: str) -> str:
    return f"from_base64(rpad({sql}, CAST((length({{0}}) + 3) // 4 * 4 AS INTEGER), '='))"


def _bytes_to(kind: t.Type, size: int, duckdb: str, sql: str, problem: str) -> tuple[Form, ...]:
    shown = problem.replace("#", "' || CAST(octet_length({0}) AS VARCHAR) || '")
    message = f"'{shown}' || left(CAST({{0}} AS VARCHAR), 0)"
    error = text.raising(_ARGUMENT, message, duckdb)
    test = f"octet_length({{0}}) <> {size}"
    return (Form((t.VARBINARY,), kind, f"CASE WHEN {{0}} IS NULL THEN NULL WHEN {test} THEN {error} ELSE {sql} END"),)


def _signed(bits: int, duckdb: str) -> str:
    return f"CAST(tr_math_signed(CAST(CAST('0x' || hex({{0}}) AS UBIGINT) AS HUGEINT), {bits}) AS {duckdb})"


def _of_bytes(sql: str, kind: t.Type = t.VARBINARY, count: int = 1) -> tuple[Form, ...]:
    return (Form((t.VARBINARY,) * count, kind, sql),)


_LENGTH = "expected {0}-byte input, but got instead: #"
_FLOAT_LENGTH = "Input floating-point value must be exactly {0} bytes long"

FORMS: dict[str, tuple[Form, ...]] = {
    "to_hex": _of_bytes("hex({0})", t.VARCHAR),
    "from_hex": _decoded("([0-9a-fA-F]{{2}})*", "unhex({0})", "invalid hexadecimal input"),
    "to_base64": _of_bytes("base64({0})", t.VARCHAR),
    "from_base64": _decoded(_BASE64, _padded("{0}"), "Illegal base64 input"),
    "to_base64url": _of_bytes("translate(base64({0}), '+/', '-_')", t.VARCHAR),
    "from_base64url": _decoded(_BASE64_URL, _padded("translate({0}, '-_', '+/')"), "Illegal base64 input"),
    "to_base32": _of_bytes("py_to_base32({0})", t.VARCHAR),
    "from_base32": (
        Form((TEXT,), t.VARBINARY, "py_from_base32({0})"),
        Form((t.VARBINARY,), t.VARBINARY, "py_from_base32(CAST({0} AS VARCHAR))"),
    ),
    "to_big_endian_32": (Form((t.INTEGER,), t.VARBINARY, "unhex(right('0000000' || hex({0}), 8))"),),
    "to_big_endian_64": (Form((t.BIGINT,), t.VARBINARY, "unhex(lpad(hex({0}), 16, '0'))"),),
    "from_big_endian_32": _bytes_to(t.INTEGER, 4, "INTEGER", _signed(32, "INTEGER"), _LENGTH.format(4)),
    "from_big_endian_64": _bytes_to(t.BIGINT, 8, "BIGINT", _signed(64, "BIGINT"), _LENGTH.format(8)),
    "to_ieee754_32": (Form((t.REAL,), t.VARBINARY, "py_to_ieee754_32({0})"),),
    "to_ieee754_64": (Form((t.DOUBLE,), t.VARBINARY, "py_to_ieee754_64({0})"),),
    "from_ieee754_32": _bytes_to(t.REAL, 4, "FLOAT", "py_from_ieee754_32({0})", _FLOAT_LENGTH.format(4)),
    "from_ieee754_64": _bytes_to(t.DOUBLE, 8, "DOUBLE", "py_from_ieee754_64({0})", _FLOAT_LENGTH.format(8)),
    **{name: _of_bytes(f"unhex({name}({{0}}))") for name in ("md5", "sha1", "sha256")},
    **{
        name: _of_bytes(f"py_{name}({{0}})")
        for name in ("sha512", "xxhash64", "murmur3", "spooky_hash_v2_32", "spooky_hash_v2_64")
    },
    "crc32": _of_bytes("py_crc32({0})", t.BIGINT),
    **{
        f"hmac_{name}": _of_bytes(f"py_hmac('{name}', {{0}}, {{1}})", count=2)
        for name in ("md5", "sha1", "sha256", "sha512")
    },
}
