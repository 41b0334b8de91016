"""Trino's page "IP address functions"."""

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions.call import Call, Form, apply

PAGE = "IP address functions"

_CONTAINS = (Form((t.VARCHAR, t.IPADDRESS), t.BOOLEAN, "py_ip_within({0}, {1})"),)


def contains(call: Call) -> Expr:
    """contains(network, address), which shares its name with the function of arrays.

    Raises:
        SqlError: FUNCTION_NOT_FOUND for other arguments.
    """
    return apply(call, _CONTAINS)
