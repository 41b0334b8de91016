"""Trino's page "URL functions"."""

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions.call import TEXT, Form, same

PAGE = "URL functions"

_LONGEST = 2**31 - 1
_MOST_BYTES = 12  # a character becomes at most four bytes, a byte three characters


def _encoded(values: list[Expr]) -> t.Type:
    type_ = values[0].type
    length = type_.length if isinstance(type_, t.Varchar) else None
    return t.VARCHAR if length is None else t.Varchar(min(length * _MOST_BYTES, _LONGEST))


def _extract(part: str, type_: t.Type | None = None) -> tuple[Form, ...]:
    return (Form((TEXT,), type_ or same, f"py_url_{part}({{0}})"),)


FORMS: dict[str, tuple[Form, ...]] = {
    "url_extract_protocol": _extract("protocol"),
    "url_extract_host": _extract("host"),
    "url_extract_port": _extract("port", t.BIGINT),
    "url_extract_path": _extract("path"),
    "url_extract_query": _extract("query"),
    "url_extract_fragment": _extract("fragment"),
    "url_extract_parameter": (Form((TEXT, TEXT), same, "py_url_parameter({0}, {1})"),),
    # Java's URLEncoder: a form's rules, in which a space is +, * stays and ~ does not
    "url_encode": (
        Form((TEXT,), _encoded, "replace(replace(replace(url_encode({0}), '%20', '+'), '~', '%7E'), '%2A', '*')"),
    ),
    "url_decode": (Form((TEXT,), same, "py_url_decode({0})"),),
}
