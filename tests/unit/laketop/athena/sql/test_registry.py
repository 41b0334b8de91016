"""Each function is in one table, and names mean what they say."""

import itertools
from pathlib import Path

import pytest

from laketop.athena.sql.core import Table
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions import registry
from laketop.athena.sql.functions.refused import REFUSED
from laketop.athena.sql.translate import translate

TABLES = {
    "forms": set(registry.FORMS),
    "lowered": set(registry.LOWERED),
    "aggregates": set(registry.AGGREGATES),
    "windows": set(registry.WINDOWS),
    "refused": set(REFUSED),
}
MACROS = Path("services/laketop/athena/sql/macros")


class _NoTables:
    def table(self, database: str | None, name: str) -> Table:
        raise SqlError("TABLE_NOT_FOUND", name)


@pytest.mark.parametrize(("a", "b"), list(itertools.combinations(TABLES, 2)))
def test_tables_are_disjoint(a: str, b: str) -> None:
    assert not TABLES[a] & TABLES[b]


def test_names_are_lower_case() -> None:
    assert all(name == name.lower() for table in TABLES.values() for name in table)


@pytest.mark.parametrize("name", ["regexp_count", "json_extract", "approx_percentile", "map_agg"])
def test_refused_functions_are_named(name: str) -> None:
    with pytest.raises(SqlError, match=f"The function {name} is not supported") as caught:
        translate(f"SELECT {name}('a')", _NoTables())
    assert caught.value.name == "NOT_SUPPORTED"


def test_unknown_functions_are_trinos_error() -> None:
    with pytest.raises(SqlError, match="line 1:12: Function 'no_such' not registered"):
        translate("SELECT 1 + no_such(1)", _NoTables())


@pytest.mark.parametrize("path", sorted(MACROS.glob("*.sql")), ids=lambda path: path.stem)
def test_a_macro_has_its_files_name(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("-- ")
    assert f"CREATE TEMP MACRO {path.stem}(" in text
    assert " AS\n" in text
