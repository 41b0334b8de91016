"""The page docs/reference/functions.md: every function of Trino's reference, supported or refused with the reason.

    python -m laketop.athena.sql.functions.reference > docs/reference/functions.md

Comes from the tables of the modules (see `pages`), so it cannot say anything else than the server does.
"""

from types import ModuleType

from laketop.athena.sql.functions import pages

_TABLES = ("FORMS", "LOWERED", "AGGREGATES", "WINDOWS")
# What is written like a function, and is syntax: it is in no table.
_SYNTAX: dict[str, tuple[str, ...]] = {
    "Aggregate functions": ("listagg",),
    "Conditional expressions": ("CASE",),
    "Conversion functions": ("cast", "try_cast"),
    "Date and time functions and operators": (
        "AT TIME ZONE",
        "current_date",
        "current_time",
        "current_timestamp",
        "extract",
        "localtime",
        "localtimestamp",
    ),
    "String functions and operators": ("position", "trim"),
}
_HEAD = """# SQL functions

What a query for Athena may call, by the pages of [Trino's function reference](https://trino.io/docs/435/functions.html).
A supported function returns what Trino 435 returns: types, values, NULLs and errors. A refused one fails with
`NOT_SUPPORTED` and the reason; a supported one may refuse single uses in the same way. Any other name fails with
`FUNCTION_NOT_FOUND`.

This page is generated: `python -m laketop.athena.sql.functions.reference > docs/reference/functions.md`.
"""


def _rows(modules: list[ModuleType], page: str) -> dict[str, str]:
    """The functions of a page: name → supported, or refused and why."""
    supported = [name for module in modules for table in _TABLES for name in getattr(module, table, {})]
    rows = dict.fromkeys([*supported, *_SYNTAX.get(page, ())], "supported")
    refused = [item for module in modules for item in getattr(module, "REFUSED", {}).items()]
    return {name: f"refused: {why}" for name, why in refused} | rows


def render() -> str:
    """The page in Markdown."""
    by_page: dict[str, list[ModuleType]] = {}
    for module in pages.MODULES:
        by_page.setdefault(module.PAGE, []).append(module)
    tables = {page: _rows(modules, page) for page, modules in sorted(by_page.items())}
    counts = [value for rows in tables.values() for value in rows.values()]
    supported = counts.count("supported")
    parts = [_HEAD, f"{supported} supported, {len(counts) - supported} refused.\n"]
    for page, rows in tables.items():
        if rows:
            lines = [f"| `{name}` | {state} |" for name, state in sorted(rows.items(), key=lambda row: row[0].lower())]
            parts.append("\n".join([f"## {page}", "", "| Function | |", "|---|---|", *lines, ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    print(render(), end="")
