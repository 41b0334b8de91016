"""Any sequence of changes to a table's columns, with rows written in between, reads as pyiceberg reads it."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyiceberg import types as ice
from pyiceberg.table import Table as IcebergTable

from laketop.athena import catalog_client
from tests.unit.laketop.athena.scan.iceberg.lake import Lake
from tests.unit.laketop.athena.scan.iceberg.test_reading import flat

NAMES = st.sampled_from(["a", "b", "c", "d"])
KINDS: dict[type[ice.IcebergType], Any] = {
    ice.IntegerType: st.integers(-3, 3),
    ice.LongType: st.integers(-(2**40), 2**40),
    ice.FloatType: st.sampled_from([0.5, -1.25]),
    ice.DoubleType: st.sampled_from([0.1, -1e300]),
    ice.StringType: st.sampled_from(["", "x", "ü'"]),
    ice.DecimalType: st.decimals(-99, 99, places=1),
    ice.DateType: st.dates(),
}
NEW = st.sampled_from(
    [ice.IntegerType(), ice.LongType(), ice.FloatType(), ice.StringType(), ice.DecimalType(4, 1), ice.DateType()]
)
WIDER = {ice.IntegerType: ice.LongType(), ice.FloatType: ice.DoubleType(), ice.DecimalType: ice.DecimalType(20, 1)}


def add(table: IcebergTable, draw: Any, name: str) -> None:
    if name not in table.schema().column_names:
        with table.update_schema() as change:
            change.add_column(name, draw(NEW))


def drop(table: IcebergTable, draw: Any, name: str) -> None:
    if name in table.schema().column_names and len(table.schema().fields) > 1:
        with table.update_schema() as change:
            change.delete_column(name)


def rename(table: IcebergTable, draw: Any, name: str) -> None:
    other = draw(NAMES)
    if name in table.schema().column_names and other not in table.schema().column_names:
        with table.update_schema() as change:
            change.rename_column(name, other)


def move(table: IcebergTable, draw: Any, name: str) -> None:
    if name in table.schema().column_names and len(table.schema().fields) > 1:
        with table.update_schema() as change:
            change.move_first(name)


def widen(table: IcebergTable, draw: Any, name: str) -> None:
    kind = WIDER.get(type(table.schema().find_type(name))) if name in table.schema().column_names else None
    if kind is not None:
        with table.update_schema() as change:
            change.update_column(name, kind)


def write(table: IcebergTable, draw: Any, name: str) -> None:
    values = {field.name: st.none() | KINDS[type(field.field_type)] for field in table.schema().fields}
    rows = draw(st.lists(st.fixed_dictionaries(values), min_size=1, max_size=3))
    table.append(pa.Table.from_pylist(rows, schema=table.schema().as_arrow()))


STEPS = st.lists(st.tuples(st.sampled_from([add, drop, rename, move, widen, write, write]), NAMES), max_size=8)


@contextmanager
def _within(objects: Any) -> Any:
    yield objects


@settings(max_examples=15, deadline=None)
@given(data=st.data(), steps=STEPS)
def test_columns_come_out_as_the_table_has_them_now(data: Any, steps: list[Any]) -> None:
    folder = Path(tempfile.mkdtemp())
    lake = Lake(folder)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(catalog_client, "lake_objects", lambda _: _within(lake.objects))
            table = lake.create(flat(a=ice.IntegerType(), b=ice.FloatType()))
            for step, name in [(write, "a"), *steps]:
                step(table, data.draw, name)
            _check(lake)
    finally:
        lake.close()
        shutil.rmtree(folder)


def _check(lake: Lake) -> None:
    every = lake.expected()
    assert lake.plain("TABLE t") == every
    names = lake.catalog.load_table("shop.t").schema().column_names
    for position, name in enumerate(names):
        kind = type(lake.catalog.load_table("shop.t").schema().find_type(name))
        for value in {row[position] for row in every if row[position] is not None}:
            literal = {
                ice.StringType: lambda v: "'" + v.replace("'", "''") + "'",
                ice.DateType: lambda v: f"DATE '{v}'",
            }
            if kind in (ice.IntegerType, ice.LongType) or kind in literal:
                shown = literal.get(kind, str)(value)
                found = lake.plain(f"SELECT * FROM t WHERE {name} = {shown}")
                assert found == [row for row in every if row[position] == value]
