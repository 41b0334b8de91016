"""Translations are kept as long as the catalog says the same."""

import pytest

from laketop.athena.sql import cache
from laketop.athena.sql import types as t
from laketop.athena.sql.cache import Translations
from laketop.athena.sql.core import Column, Table
from laketop.athena.sql.errors import SqlError


class _Catalog:
    def __init__(self, type_: t.Type = t.INTEGER) -> None:
        self.asked: list[tuple[str | None, str]] = []
        self.type = type_

    def table(self, database: str | None, name: str) -> Table:
        self.asked.append((database, name))
        if name == "gone":
            raise SqlError("TABLE_NOT_FOUND", "Table does not exist")
        return Table(database or "shop", name, (Column("a", self.type),), 0, {"VersionId": "1"})


@pytest.fixture
def translated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    original = cache.translate

    def counting(text: str, catalog: object) -> object:
        texts.append(text)
        return original(text, catalog)  # type: ignore[arg-type]

    monkeypatch.setattr(cache, "translate", counting)
    return texts


def test_the_same_text_over_the_same_tables_is_translated_once(translated: list[str]) -> None:
    kept, catalog = Translations(), _Catalog()
    first, second = kept.get("SELECT a FROM x", catalog), kept.get("SELECT a FROM x", catalog)
    assert first is second
    assert len(translated) == 1
    assert catalog.asked == [(None, "x"), (None, "x")]  # a table is asked for at every query


def test_a_table_that_changed_is_seen(translated: list[str]) -> None:
    kept = Translations()
    kept.get("SELECT a FROM x", _Catalog())
    assert kept.get("SELECT a FROM x", _Catalog(t.VARCHAR)).columns[0].type == t.VARCHAR
    assert len(translated) == 2


@pytest.mark.parametrize("text", ["SELECT now()", "SELECT current_date", "SELECT a FROM x WHERE now() IS NOT NULL"])
def test_what_asks_for_the_time_is_not_kept(text: str, translated: list[str]) -> None:
    kept = Translations()
    kept.get(text, _Catalog())
    kept.get(text, _Catalog())
    assert len(translated) == 2


def test_errors_are_not_kept_and_the_oldest_goes(translated: list[str]) -> None:
    kept, catalog = Translations(size=1), _Catalog()
    for _ in range(2):
        with pytest.raises(SqlError):
            kept.get("SELECT a FROM gone", catalog)
    for text in ("SELECT 1", "SELECT 2", "SELECT 1"):
        kept.get(text, catalog)
    assert len(translated) == 5
