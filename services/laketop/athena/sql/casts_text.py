"""Casts to varchar and char, and between text and binary types.

Follows Trino's page "Conversion functions" and measured answers: text is cut to its length, any other value that is too
long is an error.
"""

from laketop.athena.sql import types as t
from laketop.athena.sql.casting import Caster, checked, limited
from laketop.athena.sql.core import Expr
from laketop.athena.sql.errors import not_supported

_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_LENIENT_UUID = "[0-9a-fA-F]{1,15}-[0-9a-fA-F]{1,15}-[0-9a-fA-F]{1,15}-[0-9a-fA-F]{1,15}-[0-9a-fA-F]{1,15}"


def padded(sql: str, length: int) -> str:
    """A char(length) with its spaces."""
    return f"rpad({sql}, {length}, ' ')"


def _text_from_plain(value: Expr, target: t.Type) -> str:
    return limited(f"CAST({value.sql} AS VARCHAR)", target)


def _text_from_decimal(value: Expr, target: t.Type) -> str:
    assert isinstance(value.type, t.Decimal)  # noqa: S101 - the table's key
    written = f"CAST({value.sql} AS VARCHAR)"
    if value.type.precision == value.type.scale:
        # DuckDB writes .5 where no digit can stand before the point
        written = f"regexp_replace({written}, '^(-?)\\.', '\\10.')"
    return limited(written, target)


def _text_from_float(value: Expr, target: t.Type) -> str:
    # a double has all of its digits, a real seven; the smallest of all have two, though one would tell them apart
    smallest = "1e-322" if value.type == t.DOUBLE else "2.8e-44"
    tiny = f"abs({value.sql}) < {smallest} AND {value.sql} <> 0"
    two = f"printf('%.1e', CAST({value.sql} AS DOUBLE))"
    shortest = f"CASE WHEN {tiny} THEN {two} ELSE CAST({value.sql} AS VARCHAR) END"
    written = shortest if value.type == t.DOUBLE else f"printf('%.6e', CAST({shortest} AS DOUBLE))"
    return limited(f"tr_float_text({written})", target)


def _text_from_boolean(value: Expr, target: t.Type) -> str:
    assert isinstance(target, t.Varchar)  # noqa: S101 - the table's key
    if target.length is not None and target.length < len("false"):
        # Trino's own error here is an internal one, which TRY does not catch
        raise not_supported(f"A cast from boolean to {target}")
    return f"CAST({value.sql} AS VARCHAR)"


def _text_from_text(value: Expr, target: t.Type) -> str:
    assert isinstance(target, t.Varchar)  # noqa: S101 - the table's key
    assert isinstance(value.type, t.Varchar)  # noqa: S101 - the table's key
    if target.length is None or (value.type.length is not None and value.type.length <= target.length):
        return value.sql
    return f"left({value.sql}, {target.length})"


def _text_from_char(value: Expr, target: t.Type) -> str:
    assert isinstance(target, t.Varchar)  # noqa: S101 - the table's key
    assert isinstance(value.type, t.Char)  # noqa: S101 - the table's key
    if target.length is not None and target.length < value.type.length:
        return f"left({padded(value.sql, value.type.length)}, {target.length})"
    return padded(value.sql, value.type.length)


def _char_from_text(value: Expr, target: t.Type) -> str:
    """A char is carried without the spaces at its end."""
    assert isinstance(target, t.Char)  # noqa: S101 - the table's key
    assert isinstance(value.type, t.Varchar | t.Char)  # noqa: S101 - the table's key
    if isinstance(value.type, t.Char) and value.type.length <= target.length:
        return value.sql
    return f"rtrim(left({value.sql}, {target.length}), ' ')"


def _binary_from_text(value: Expr, _: t.Type) -> str:
    return f"encode({value.sql})"


def _uuid_from_text(value: Expr, target: t.Type) -> str:
    message = f"'Cannot cast value to UUID: ' || {value.sql}"
    lenient = f"length({value.sql}) = 36 AND regexp_full_match({value.sql}, '{_LENIENT_UUID}')"
    # Java takes dashes in any place, and the last digits of each part
    split = f"CAST(tr_uuid_parts({value.sql}) AS UUID)"
    other = checked(value.sql, lenient, split, "INVALID_CAST_ARGUMENT", message, target)
    return f"CASE WHEN regexp_full_match({value.sql}, '{_UUID}') THEN CAST({value.sql} AS UUID) ELSE {other} END"


def _uuid_from_binary(value: Expr, target: t.Type) -> str:
    message = f"'Invalid UUID binary length: ' || CAST(octet_length({value.sql}) AS VARCHAR)"
    result = f"CAST(lower(hex({value.sql})) AS UUID)"
    return checked(value.sql, f"octet_length({value.sql}) = 16", result, "INVALID_CAST_ARGUMENT", message, target)


def _binary_from_uuid(value: Expr, _: t.Type) -> str:
    return f"unhex(replace(CAST({value.sql} AS VARCHAR), '-', ''))"


def _uuid_to_text(value: Expr, _: t.Type) -> str:
    return f"CAST({value.sql} AS VARCHAR)"


def _address_from_binary(value: Expr, target: t.Type) -> str:
    message = f"'Invalid IP address binary length: ' || CAST(octet_length({value.sql}) AS VARCHAR)"
    six = checked(value.sql, f"octet_length({value.sql}) = 16", value.sql, "INVALID_CAST_ARGUMENT", message, target)
    four = f"unhex('00000000000000000000FFFF' || hex({value.sql}))"
    return f"CASE WHEN octet_length({value.sql}) = 4 THEN {four} ELSE {six} END"


def _same(value: Expr, _: t.Type) -> str:
    return value.sql


# (family of the source, family of the target) -> how
CASTS: dict[tuple[str, str], Caster] = {
    ("integer", "varchar"): _text_from_plain,
    ("decimal", "varchar"): _text_from_decimal,
    ("float", "varchar"): _text_from_float,
    ("boolean", "varchar"): _text_from_boolean,
    ("varchar", "varchar"): _text_from_text,
    ("char", "varchar"): _text_from_char,
    ("varchar", "char"): _char_from_text,
    ("char", "char"): _char_from_text,
    ("varchar", "varbinary"): _binary_from_text,
    ("varchar", "uuid"): _uuid_from_text,
    ("varbinary", "uuid"): _uuid_from_binary,
    ("uuid", "varbinary"): _binary_from_uuid,
    ("varchar", "ipaddress"): lambda value, _: f"py_ip_parse({value.sql})",
    ("varbinary", "ipaddress"): _address_from_binary,
    ("ipaddress", "varbinary"): _same,
}
# These two become a varchar without a length only.
UNLIMITED: dict[t.Type, Caster] = {
    t.UUID: _uuid_to_text,
    t.IPADDRESS: lambda value, _: f"py_ip_text({value.sql})",
}
