"""URLs as Java's `java.net.URI`, `URLEncoder` and `URLDecoder` read them. Follows Trino's page "URL functions".

Java's reading is RFC 2396 with deviations of its own: characters beyond ASCII may stand anywhere, a host may have a
scope, and an authority that is no server (`a_b`, `host:x`) is a registered name without host and port.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs.registry import udf

_OTHER = r"[^\x00-\x9f\s\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_ESCAPED = rf"%[0-9A-Fa-f]{{2}}|{_OTHER}"
_UNRESERVED = r"0-9A-Za-z\-_.!~*'()"


def _text(others: str) -> re.Pattern[str]:
    return re.compile(rf"(?:[{_UNRESERVED}{others}]|{_ESCAPED})*")


_URIC = _text(r";/?:@&=+$,\[\]")
_PATH = _text(r":@&=+$,;/")
_USER = _text(r";:&=+$,")
_REGISTERED = _text(r"$,;:@&=+")
_SERVER = re.compile(rf"(?:[{_UNRESERVED};:&=+$,.@\[\]%]|{_OTHER})*")
_SCHEME = re.compile(r"[A-Za-z][0-9A-Za-z+\-.]*")
_BYTE = r"0*(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_IPV4 = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}")
_LABEL = r"[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*({_LABEL})\.?")
_SCOPE = re.compile(r"[0-9A-Za-z_.]+")
_LARGEST_PORT = 2**31 - 1
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]?")
_HEX = re.compile(r"[+-]?[0-9A-Fa-f]+")


@dataclass(frozen=True)
class Parts:
    """The parts of a URL as they are written, None where one is not there."""

    scheme: str | None = None
    host: str | None = None
    port: int | None = None
    path: str | None = None
    query: str | None = None
    fragment: str | None = None


@lru_cache(maxsize=4096)
def parse(url: str) -> Parts | None:
    """The parts of a URL, None for what is none."""
    rest, hash_, fragment = url.partition("#")
    colon = re.search(r"[:/?]", rest)
    scheme = None
    if colon and colon.group() == ":":
        scheme, rest = rest[: colon.start()], rest[colon.end() :]
    if (scheme is not None and not _SCHEME.fullmatch(scheme)) or not _URIC.fullmatch(fragment):
        return None
    found = fragment if hash_ else None
    if scheme is not None and not rest.startswith("/"):
        # opaque: mailto:a@b.c has neither a path nor a query
        return Parts(scheme, fragment=found) if rest and _URIC.fullmatch(rest) else None
    return _hierarchical(scheme, rest, found)


def _hierarchical(scheme: str | None, rest: str, fragment: str | None) -> Parts | None:
    host = port = None
    if rest.startswith("//"):
        authority = re.split(r"[/?]", rest[2:], maxsplit=1)[0]
        rest = rest[2 + len(authority) :]
        server = _authority(authority) if authority else (None, None)
        if server is None or not (authority or rest or fragment is not None):
            return None
        host, port = server
    path, mark, query = rest.partition("?")
    if not _PATH.fullmatch(path) or not _URIC.fullmatch(query):
        return None
    return Parts(scheme, host, port, path, query if mark else None, fragment)


def _authority(text: str) -> tuple[str | None, int | None] | None:
    """Host and port, both None for a registered name; None for what is neither."""
    server = _server(text) if _SERVER.fullmatch(text) else None
    if server is None and _REGISTERED.fullmatch(text):
        return None, None
    return server


def _server(text: str) -> tuple[str, int | None] | None:
    user, at, address = text.partition("@")
    if not at:
        address = text
    elif not _USER.fullmatch(user):
        return None
    if address.startswith("["):
        inside, end, port = address[1:].partition("]")
        host = f"[{inside}]" if end and _is_ipv6(inside) else ""
    else:
        host, colon, port = address.partition(":")
        port = colon + port
        host = host if _is_host(host) else ""
    if not host or not re.fullmatch(r"(:[0-9]*)?", port):
        return None
    number = int(port[1:]) if len(port) > 1 else None
    return None if number is not None and number > _LARGEST_PORT else (host, number)


def _is_host(text: str) -> bool:
    if _IPV4.fullmatch(text):
        return True
    name = _NAME.fullmatch(text)
    # the last label of several begins with a letter
    return name is not None and (name.start(1) == 0 or name[1][0].isalpha())


def _is_ipv6(text: str) -> bool:
    address, percent, scope = text.partition("%")
    try:
        IPv6Address(address)
    except AddressValueError:
        return False
    return not percent or _SCOPE.fullmatch(scope) is not None


def _utf8(value: bytes) -> str:
    """Java's way to decode: half of a pair is one wrong character, not three."""
    return _SURROGATE.sub("\ufffd".encode(), value).decode(errors="replace")


def _decoded(text: str | None) -> str:
    if text is None:
        return ""
    return re.sub(r"(?:%[0-9A-Fa-f]{2})+", lambda found: _utf8(bytes.fromhex(found[0].replace("%", ""))), text)


@udf("py_url_protocol", ("VARCHAR",), "VARCHAR")
def protocol(url: str) -> str | None:
    """The scheme, '' without one, NULL for what is no URL."""
    found = parse(url)
    return None if found is None else found.scheme or ""


@udf("py_url_host", ("VARCHAR",), "VARCHAR")
def host(url: str) -> str | None:
    """The host."""
    found = parse(url)
    return None if found is None else found.host or ""


@udf("py_url_port", ("VARCHAR",), "BIGINT")
def port(url: str) -> int | None:
    """The port, NULL without one."""
    found = parse(url)
    return None if found is None else found.port


@udf("py_url_path", ("VARCHAR",), "VARCHAR")
def path(url: str) -> str | None:
    """The path, decoded."""
    found = parse(url)
    return None if found is None else _decoded(found.path)


@udf("py_url_query", ("VARCHAR",), "VARCHAR")
def query(url: str) -> str | None:
    """The query, decoded."""
    found = parse(url)
    return None if found is None else _decoded(found.query)


@udf("py_url_fragment", ("VARCHAR",), "VARCHAR")
def fragment(url: str) -> str | None:
    """The fragment, decoded."""
    found = parse(url)
    return None if found is None else _decoded(found.fragment)


@udf("py_url_parameter", ("VARCHAR", "VARCHAR"), "VARCHAR")
def parameter(url: str, name: str) -> str | None:
    """The value of the first parameter of that name, '' where it has none."""
    found = parse(url)
    if found is None or found.query is None:
        return None
    for pair in found.query.split("&"):
        key, _, value = pair.partition("=")
        if pair and key == name:
            return decode(value)
    return None


@udf("py_url_decode", ("VARCHAR",), "VARCHAR")
def decode(text: str) -> str:
    """A form's text decoded.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a % without two hexadecimal digits.
    """
    return re.sub(r"\+|(?:%.{0,2})+", _escapes, text, flags=re.DOTALL)


def _escapes(found: re.Match[str]) -> str:
    """A run of escapes; Java reads the digits as it reads any number, with a sign."""
    return " " if found[0] == "+" else _utf8(bytes(_byte(pair) for pair in found[0].split("%")[1:]))


def _byte(digits: str) -> int:
    if len(digits) < 2:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", "URLDecoder: Incomplete trailing escape (%) pattern")
    if not _HEX.fullmatch(digits):
        raise SqlError(
            "INVALID_FUNCTION_ARGUMENT",
            f'URLDecoder: Illegal hex characters in escape (%) pattern - Error at index 0 in: "{digits}"',
        )
    if digits[0] == "-" and int(digits, 16):
        raise SqlError(
            "INVALID_FUNCTION_ARGUMENT", "URLDecoder: Illegal hex characters in escape (%) pattern - negative value"
        )
    return int(digits, 16)
