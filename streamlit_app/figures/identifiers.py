"""Names in SQL."""

import re

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
# "Reserved keywords in SQL SELECT statements"
_WORDS = """
    all alter and array as at between by case cast constraint create cross cube current_catalog current_date
    current_path current_role current_schema current_time current_timestamp current_user deallocate delete describe
    distinct drop else end escape except execute exists extract false fetch first for from full group grouping having
    if in inner insert intersect into is join json_array json_exists json_object json_query json_table json_value
    last left like listagg localtime localtimestamp natural normalize not null on or order outer prepare recursive
    right rollup select skip table then trim true uescape union unnest using values when where with
"""
_RESERVED = frozenset(_WORDS.split())


def quoted(name: str) -> str:
    """A name as a delimited identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def plain(name: str) -> str:
    """A name for people to go on writing with: quoted only where it must be."""
    return name if _PLAIN.fullmatch(name) and name not in _RESERVED else quoted(name)
