"""Every function there is, collected from the modules: one module a page of Trino's function reference.

A module may have these tables, each by lower-case name:
`FORMS` (templates), `LOWERED` (rules of scalar functions), `AGGREGATES` (rules of aggregates), `WINDOWS` (rules of
window functions), `REFUSED` (name → why).
"""

from types import ModuleType
from typing import Any

from laketop.athena.sql.functions import (
    aggregates,
    approximations,
    array_lambdas,
    array_sets,
    arrays,
    binary,
    bitwise,
    colors,
    comparisons,
    conditions,
    conversions,
    geospatial,
    hyperloglog,
    ipaddress,
    jsons,
    lambdas,
    machine_learning,
    mappings,
    maps,
    math,
    moments,
    qdigest,
    reductions,
    regexps,
    rounding,
    rows,
    sequences,
    sessions,
    setdigest,
    strings,
    tdigest,
    teradata,
    times,
    urls,
    uuids,
    windows,
)
from laketop.athena.sql.functions.call import Form, Rule

MODULES: tuple[ModuleType, ...] = (
    aggregates, approximations, array_lambdas, array_sets, arrays, binary, bitwise, colors, comparisons, conditions,
    conversions, geospatial, hyperloglog, ipaddress, jsons, lambdas, machine_learning, mappings, maps, math, moments,
    qdigest, reductions, regexps, rounding, rows, sequences, sessions, setdigest, strings, tdigest, teradata, times,
    urls, uuids, windows,
)  # fmt: skip


def _tables(name: str) -> dict[str, Any]:
    return {key: value for module in MODULES for key, value in getattr(module, name, {}).items()}


FORMS: dict[str, tuple[Form, ...]] = _tables("FORMS")
LOWERED: dict[str, Rule] = _tables("LOWERED")
AGGREGATES: dict[str, Rule] = _tables("AGGREGATES")
WINDOWS: dict[str, Rule] = _tables("WINDOWS")
REFUSED: dict[str, str] = _tables("REFUSED")
