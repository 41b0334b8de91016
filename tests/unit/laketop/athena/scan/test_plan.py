"""Partition values and file lists."""

import duckdb
import pytest

from laketop.athena.scan.objects import Located
from laketop.athena.scan.paths import partition_name
from laketop.athena.scan.plan import data_files, key_literal
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column
from laketop.athena.sql.errors import SqlError


@pytest.mark.parametrize(
    ("value", "type_", "text"),
    [
        ("2024", t.VARCHAR, "2024"),
        ("it's", t.VARCHAR, "it's"),
        ("007", t.INTEGER, "7"),
        ("-5", t.BIGINT, "-5"),
        ("2024-02-29", t.DATE, "2024-02-29"),
        ("1.5", t.Decimal(5, 2), "1.50"),
        ("true", t.BOOLEAN, "true"),
        ("__HIVE_DEFAULT_PARTITION__", t.INTEGER, None),
    ],
)
def test_values(value: str, type_: t.Type, text: str | None) -> None:
    literal = key_literal(value, Column("k", type_))
    row = duckdb.sql(f"SELECT CAST({literal} AS VARCHAR), typeof({literal})").fetchone()
    assert row == (text, t.duckdb_type(type_))


@pytest.mark.parametrize(
    ("value", "type_"), [("x", t.INTEGER), ("1); DROP", t.BIGINT), ("2024-13-01", t.DATE), ("1e3", t.Decimal(5, 2))]
)
def test_values_that_do_not_fit(value: str, type_: t.Type) -> None:
    with pytest.raises(SqlError) as caught:
        key_literal(value, Column("k", type_))
    assert caught.value.name == "HIVE_INVALID_PARTITION_VALUE"


def test_hidden_and_empty_files_are_left_out() -> None:
    sizes = {
        "t/a.parquet": 1,
        "t/x=1/b.parquet": 2,
        "t/_SUCCESS": 3,
        "t/_temporary/0/c.parquet": 4,
        "t/x=1/.d.crc": 5,
        "t/empty": 0,
    }
    found = [Located(key, size, None, "") for key, size in sizes.items()]
    assert [one.key for one in data_files(found, "t/")] == ["t/a.parquet", "t/x=1/b.parquet"]


def test_names_of_partitions() -> None:
    assert partition_name(["year", "what"], ["2024", "a/b=c d"]) == "year=2024/what=a%2Fb%3Dc d"
