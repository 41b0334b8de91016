"""Names of functions and macros mean what they say; that each is in one table is in functions/test_reference.py."""

import re
from pathlib import Path

import pytest

from laketop.athena.sql.core import Table
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions import pages
from laketop.athena.sql.translate import translate

TABLES = (pages.FORMS, pages.LOWERED, pages.AGGREGATES, pages.WINDOWS, pages.REFUSED)
MACROS = Path("services/laketop/athena/sql/macros")


class _NoTables:
    def table(self, database: str | None, name: str) -> Table:
        raise SqlError("TABLE_NOT_FOUND", name)


def test_names_are_lower_case() -> None:
    assert all(name == name.lower() for table in TABLES for name in table)


@pytest.mark.parametrize("name", ["word_stem", "render", "current_groups", "learn_classifier"])
def test_refused_functions_are_named(name: str) -> None:
    refusal = re.escape(f"The function {name} ({pages.REFUSED[name]}) is not supported")
    with pytest.raises(SqlError, match=refusal) as caught:
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
