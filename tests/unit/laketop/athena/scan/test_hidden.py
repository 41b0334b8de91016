"""Hidden columns: where a row comes from, from the query's text to the rows."""

import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from laketop.athena.scan.plan import File, ScanPlan
from laketop.athena.scan.relation import create_views
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column, Table
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.translate import translate

_MODIFIED = datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=datetime.UTC)


class _Catalog:
    keys = 1

    def table(self, database: str | None, name: str) -> Table:
        columns = (Column("a", t.INTEGER), Column("day", t.VARCHAR))[: 1 + self.keys]
        return Table(database or "shop", name, columns, self.keys)


def _rows(sql: str, folder: Path) -> list[Any]:
    found = translate(sql, _Catalog())
    with duckdb.connect() as connection:
        files = []
        for number in range(2):
            path = folder / f"{number}.parquet"
            connection.execute(f"COPY (SELECT CAST({number} AS INTEGER) AS a) TO '{path}' (FORMAT parquet)")
            files.append(File(str(path), f"s3://lake/t/day={number}/x.parquet", 100 + number, number, _MODIFIED))
        for scan, used, hidden in zip(found.scans, found.used, found.hidden, strict=True):
            plan = ScanPlan(
                scan.view, (Column("a", t.INTEGER),), (Column("day", t.VARCHAR),), (("'0'",), ("'1'",)), tuple(files),
                used, ("day=0", "day=1"), hidden,
            )  # fmt: skip
            create_views(connection, [plan])
        return connection.execute(found.sql).fetchall()


def test_they_can_be_named_and_filtered(tmp_path: Path) -> None:
    rows = _rows('SELECT a, "$path", "$file_size", x."$partition" FROM t x WHERE "$path" LIKE \'%day=1%\'', tmp_path)
    assert rows == [(1, "s3://lake/t/day=1/x.parquet", 101, "day=1")]


def test_the_time_of_writing_is_an_instant(tmp_path: Path) -> None:
    rows = _rows('SELECT DISTINCT "$file_modified_time" FROM t', tmp_path)
    assert rows == [({"t": _MODIFIED.replace(tzinfo=None), "z": "UTC"},)]


def test_they_are_not_in_star_and_not_read_unless_named(tmp_path: Path) -> None:
    assert sorted(_rows("SELECT * FROM t", tmp_path)) == [(0, "0"), (1, "1")]
    assert translate("SELECT * FROM t", _Catalog()).hidden == (frozenset(),)


def test_a_table_without_partitions_has_no_partition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Catalog, "keys", 0)
    with pytest.raises(SqlError, match="COLUMN_NOT_FOUND"):
        translate('SELECT "$partition" FROM t', _Catalog())


def test_a_subquery_does_not_hand_them_on() -> None:
    with pytest.raises(SqlError, match="COLUMN_NOT_FOUND"):
        translate('SELECT "$path" FROM (SELECT * FROM t)', _Catalog())
