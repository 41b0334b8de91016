"""Trino's page "Session information"."""

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, parts, rule
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place

PAGE = "Session information"

# Functions of this page that Athena has and this server has not: name → why.
REFUSED: dict[str, str] = {"current_groups": "what groups Athena names is not documented"}

CATALOG = "awsdatacatalog"  # the one catalog of this server, as Athena spells it in results


@rule(exp.CurrentCatalog)
def _catalog(node: exp.CurrentCatalog, _: Context) -> Expr:
    parts(node)
    return Expr(f"'{CATALOG}'", t.VARCHAR)


@rule(exp.CurrentUser)
def _user(node: exp.CurrentUser, _: Context) -> Expr:
    raise not_supported("CURRENT_USER (what name Athena gives is not documented)", *place(node))
