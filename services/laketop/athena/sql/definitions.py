"""The macros that DuckDB is given, and which errors may come of DuckDB SQL that calls them.

Inside of TRY a macro or a Python function goes by another name: what it raises that TRY must not swallow gets past it.
"""

import re
from functools import cache
from pathlib import Path

from laketop.athena.sql.text import past_try

_FOLDER = Path(__file__).parent / "macros"
_NAME = re.compile(r"\btr_[a-z0-9_]+(?=\()")
_TRIED = "tr_tried_"
_CALLED_OR_STRING = re.compile(r"'(?:[^']|'')*'|\b(?:tr|py)_(?!tried_)(?=[a-z0-9_]+\()")
_MARK = re.compile(r"laketop!([A-Z_]+)!")
_PYTHON = re.compile(r"\bpy_")
_OPEN = re.compile(r"laketop!|\bpy_")
_RARE = {"NOT_SUPPORTED", "NUMERIC_VALUE_OUT_OF_RANGE"}  # the macros' own: an overflow, a refusal


def macros(sql: str) -> tuple[str, ...]:
    """The definitions of the macros that DuckDB SQL calls, each behind those that it calls itself."""
    found: dict[str, str] = {}

    def add(text: str) -> None:
        for name in dict.fromkeys(_NAME.findall(text)):
            if name not in found:
                definition = _definition(name)
                add(definition.replace(f"{name}(", ""))
                found[name] = definition

    add(sql)
    return tuple(found.values())


def tried(sql: str) -> str:
    """DuckDB SQL for the inside of TRY."""
    return _CALLED_OR_STRING.sub(lambda found: found[0] if "'" in found[0] else f"{found[0]}tried_", past_try(sql))


@cache
def _definition(name: str) -> str:
    if name.startswith(_TRIED):
        return tried(_definition(f"tr_{name.removeprefix(_TRIED)}"))
    lines = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


def can_fail(sql: str) -> bool:
    """Whether DuckDB SQL may raise one of Trino's errors, other than the overflow of a sum or a product."""
    return _OPEN.search(sql) is not None or any(_macro_fails(name) for name in _NAME.findall(sql))


@cache
def _macro_fails(name: str) -> bool:
    definitions = "".join(macros(f"{name}("))
    return _PYTHON.search(definitions) is not None or not _RARE.issuperset(_MARK.findall(definitions))
