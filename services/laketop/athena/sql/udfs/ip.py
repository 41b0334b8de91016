"""IP addresses: text to the 16 bytes of the IPv6 form and back, and the networks of CIDR texts.

Trino's page "IP address functions" and its casts; IPv4 addresses are carried as IPv4-mapped ones.
"""

import ipaddress
import re

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs.registry import udf

_MAPPED = bytes(10) + b"\xff\xff"
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]+")


def parse(value: str) -> bytes | None:
    """The 16 bytes of an address in text, None where it is none; the zone of an IPv6 address is read over."""
    if ":" in value:
        value = value.partition("%")[0]
    if not _ADDRESS.fullmatch(value):
        return None
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return None
    return _MAPPED + address.packed if address.version == 4 else address.packed


def text(value: bytes) -> str:
    """The address as Trino writes it: dotted where it is IPv4-mapped, else in the short form of IPv6."""
    address = ipaddress.IPv6Address(value)
    return str(address.ipv4_mapped or address)


@udf("py_ip_parse", ("VARCHAR",), "BLOB")
def ip_parse(value: str) -> bytes:
    """CAST(varchar AS ipaddress).

    Raises:
        SqlError: INVALID_CAST_ARGUMENT.
    """
    found = parse(value)
    if found is None:
        raise SqlError("INVALID_CAST_ARGUMENT", f"Cannot cast value to IPADDRESS: {value}")
    return found


@udf("py_ip_text", ("BLOB",), "VARCHAR")
def ip_text(value: bytes) -> str:
    """CAST(ipaddress AS varchar)."""
    return text(value)


@udf("py_ip_within", ("VARCHAR", "BLOB"), "BOOLEAN")
def ip_within(cidr: str, address: bytes) -> bool:
    """contains(cidr, ipaddress); a network in IPv4's form holds no bits of a host.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a text that is no network, GENERIC_INTERNAL_ERROR for a length that is
            no number.
    """
    base, slash, length = cidr.partition("/")
    if not slash:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", "Invalid CIDR")
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", length):
        raise SqlError("GENERIC_INTERNAL_ERROR", f'For input string: "{length}"')
    if int(length) < 0:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", "Invalid prefix length")
    found = parse(base)
    if found is None:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", "Invalid network IP address")
    old = ":" not in base
    shift = (32 if old else 128) - int(length)
    network, value = int.from_bytes(found), int.from_bytes(address)
    if shift < 0 or (old and network & ((1 << shift) - 1)):
        raise SqlError("INVALID_FUNCTION_ARGUMENT", "Invalid CIDR")
    return network >> shift == value >> shift
