"""docs/reference/functions.md says what the tables of functions say."""

from pathlib import Path

from laketop.athena.sql.functions import pages, reference


def test_the_committed_page_is_current() -> None:
    page = Path("docs/reference/functions.md").read_text(encoding="utf-8")
    assert page == reference.render(), "python -m laketop.athena.sql.functions.reference > docs/reference/functions.md"


def test_a_function_is_in_one_table_of_one_module() -> None:
    tables = ("FORMS", "LOWERED", "AGGREGATES", "WINDOWS", "REFUSED")
    names = [name for module in pages.MODULES for table in tables for name in getattr(module, table, {})]
    assert sorted(names) == sorted(set(names))


def test_every_module_is_a_page_of_the_reference() -> None:
    assert all(module.PAGE for module in pages.MODULES)
