"""Trino's page "UUID functions"."""

from laketop.athena.sql import types as t
from laketop.athena.sql.functions.call import Form

PAGE = "UUID functions"

FORMS: dict[str, tuple[Form, ...]] = {"uuid": (Form((), t.UUID, "uuid()"),)}
