"""Tables that pyiceberg writes, read by the engine; what must come out is what pyiceberg reads."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg import types as ice
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform

from laketop.athena.sql.errors import SqlError
from tests.unit.laketop.athena.scan.iceberg.lake import PREFIX, FolderIO, Lake

NESTED = Schema(
    ice.NestedField(1, "Id", ice.IntegerType()),
    ice.NestedField(
        2,
        "s",
        ice.StructType(
            ice.NestedField(3, "X", ice.IntegerType()),
            ice.NestedField(4, "l", ice.ListType(5, ice.StringType(), element_required=False)),
        ),
    ),
    ice.NestedField(
        6,
        "m",
        ice.MapType(
            7, ice.StringType(), 8, ice.StructType(ice.NestedField(9, "q", ice.LongType())), value_required=False
        ),
    ),
    ice.NestedField(
        10, "ll", ice.ListType(11, ice.ListType(12, ice.FloatType(), element_required=False), element_required=False)
    ),
)
EVERY = {
    "boolean": (ice.BooleanType(), True),
    "integer": (ice.IntegerType(), -7),
    "bigint": (ice.LongType(), 2**60),
    "real": (ice.FloatType(), 1.5),
    "double": (ice.DoubleType(), 0.1),
    "decimal(9,2)": (ice.DecimalType(9, 2), Decimal("-1.50")),
    "date": (ice.DateType(), dt.date(1960, 2, 29)),
    "time(6)": (ice.TimeType(), dt.time(1, 2, 3, 456789)),
    "timestamp(6)": (ice.TimestampType(), dt.datetime(1960, 1, 1, 1, 2, 3, 456789)),
    "timestamp(6) with time zone": (ice.TimestamptzType(), dt.datetime(2026, 1, 1, 1, 2, 3, 456789, dt.UTC)),
    "varchar": (ice.StringType(), "ünï 'x'"),
    "uuid": (ice.UUIDType(), uuid.UUID(int=1 << 127)),
    "varbinary": (ice.FixedType(4), b"\x00\xff'x"),
    "varbinary ": (ice.BinaryType(), b""),
}


def flat(**types: ice.IcebergType) -> Schema:
    return Schema(*(ice.NestedField(number, name, kind) for number, (name, kind) in enumerate(types.items(), 1)))


def refused(lake: Lake, sql: str) -> str:
    with pytest.raises(SqlError) as caught:
        lake.query(sql)
    return str(caught.value)


@pytest.mark.parametrize("version", [1, 2])
def test_every_type(lake: Lake, version: int) -> None:
    lake.create(flat(**{f"c{n}": kind for n, (kind, _) in enumerate(EVERY.values())}), version=version)
    lake.append("t", {f"c{n}": value for n, (_, value) in enumerate(EVERY.values())}, {})
    found, plans = lake.plans("SELECT * FROM t")
    assert [str(column.type) for column in found.columns] == [name.strip() for name in EVERY]
    assert lake.plain("SELECT * FROM t") == lake.expected()
    assert lake.scanned > 0
    assert len(plans[0].files) == 1


def test_nested_values_and_small_letters(lake: Lake) -> None:
    lake.create(NESTED)
    lake.append(
        "t",
        {"Id": 1, "s": {"X": 1, "l": ["a", None]}, "m": {"k": {"q": 5}, "n": None}, "ll": [[1.5], None, []]},
        {"Id": 2, "s": {"X": None, "l": None}, "m": {}, "ll": []},
        {"Id": 3},
    )
    assert lake.plain("SELECT * FROM t") == lake.expected()
    assert lake.texts("SELECT id, s.x, m['k'].q FROM t WHERE ID = 1") == [("1", "1", "5")]


def test_a_table_without_a_snapshot_has_no_rows(lake: Lake) -> None:
    lake.create(NESTED)
    assert lake.query("SELECT * FROM t") == []
    assert lake.query("SELECT count(*), max(id) FROM t") == [(0, None)]


def test_columns_come_by_field_id(lake: Lake) -> None:
    table = lake.create(flat(a=ice.IntegerType(), b=ice.StringType(), c=ice.FloatType(), d=ice.DecimalType(5, 2)))
    lake.append("t", {"a": 1, "b": "old b", "c": 1.5, "d": Decimal("1.25")})
    with table.update_schema() as change:
        change.rename_column("b", "was_b")
    with table.update_schema() as change:
        change.add_column("b", ice.StringType())
        change.update_column("a", ice.LongType())
        change.update_column("c", ice.DoubleType())
        change.update_column("d", ice.DecimalType(12, 2))
        change.move_first("c")
    lake.append("t", {"c": 2.5, "a": 2**40, "was_b": "new", "d": Decimal("1e6"), "b": "newer"})
    assert lake.plain("SELECT * FROM t") == lake.expected()
    assert lake.plain("SELECT c, a, was_b, d, b FROM t") == lake.expected()
    assert lake.texts("SELECT b FROM t WHERE a = 1 AND was_b = 'old b'") == [(None,)]
    with table.update_schema() as change:
        change.delete_column("a")
    with table.update_schema() as change:
        change.add_column("A", ice.IntegerType())
    assert lake.texts("SELECT a FROM t") == [(None,), (None,)]
    assert lake.query("SELECT * FROM t WHERE a = 1") == []


def test_parts_of_structs_come_by_field_id(lake: Lake) -> None:
    table = lake.create(NESTED)
    lake.append("t", {"Id": 1, "s": {"X": 1, "l": ["a"]}, "m": {"k": {"q": 5}}})
    with table.update_schema() as change:
        change.rename_column(("s", "X"), "y")
        change.rename_column(("m", "value", "q"), "r")
    with table.update_schema() as change:
        change.add_column(("s", "X"), ice.StringType())
        change.update_column(("s", "y"), ice.LongType())
        change.add_column(("m", "value", "q"), ice.DateType())
        change.delete_column(("s", "l"))
    lake.append("t", {"Id": 2, "s": {"y": 2**40, "X": "x"}, "m": {"k": {"r": 6, "q": dt.date(2026, 1, 1)}}})
    assert lake.plain("SELECT * FROM t") == lake.expected()


SPEC = PartitionSpec(
    PartitionField(1, 1000, IdentityTransform(), "n"), PartitionField(3, 1001, IdentityTransform(), "d")
)
PARTED = flat(n=ice.IntegerType(), s=ice.StringType(), d=ice.DateType(), u=ice.LongType(), z=ice.TimestamptzType())
PARTED_ROWS: list[dict[str, Any]] = [
    {
        "n": number % 3 or None,
        "s": f"{'abc'[number % 3]}{number:03}",
        "d": dt.date(2026, 1, 1 + number // 10),
        "u": number,
        "z": dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=number * 3),
    }
    for number in range(40)
]


@pytest.mark.parametrize(
    ("where", "chosen"),
    [
        ("n = 1", lambda row: row["n"] == 1),
        ("n IN (2, 7)", lambda row: row["n"] == 2),
        ("s = 'b001'", lambda row: row["s"] == "b001"),
        ("s BETWEEN 'a' AND 'a999'", lambda row: row["s"].startswith("a")),
        ("d > DATE '2026-01-02' AND n = 1", lambda row: row["d"] > dt.date(2026, 1, 2) and row["n"] == 1),
        ("u = 17", lambda row: row["u"] == 17),
        ("3 > u", lambda row: row["u"] < 3),
        ("z < TIMESTAMP '2026-02-01 00:00:00 UTC'", lambda row: row["z"] < dt.datetime(2026, 2, 1, tzinfo=dt.UTC)),
    ],
)  # fmt: skip
def test_hidden_partitions_leave_out_files_and_no_rows(lake: Lake, where: str, chosen: Any) -> None:
    lake.create(PARTED, partition_spec=SPEC)
    for number in range(0, 40, 5):
        lake.append("t", *PARTED_ROWS[number : number + 5])
    found = lake.plain(f"SELECT * FROM t WHERE {where}")
    assert found == sorted((tuple(row.values()) for row in PARTED_ROWS if chosen(row)), key=repr)
    every, some = (len(lake.plans(sql)[1][0].files) for sql in ("SELECT 1 FROM t", f"SELECT 1 FROM t WHERE {where}"))
    assert 0 < some < every


@pytest.mark.parametrize("where", ["n = 1 OR u = 2", "NOT n = 1", "n + 1 = 2", "s LIKE 'b%'", "d > current_date"])
def test_conditions_that_choose_no_files_choose_rows(lake: Lake, where: str) -> None:
    lake.create(PARTED, partition_spec=SPEC)
    lake.append("t", *PARTED_ROWS)
    assert len(lake.plans(f"SELECT 1 FROM t WHERE {where}")[1][0].files) == len(lake.plans("TABLE t")[1][0].files)


def test_a_condition_on_a_column_of_which_the_type_has_changed(lake: Lake) -> None:
    table = lake.create(flat(a=ice.IntegerType()))
    for number in (1, 2, 3):
        lake.append("t", {"a": number})
    with table.update_schema() as change:
        change.update_column("a", ice.LongType())
    lake.append("t", {"a": 2**40})
    assert lake.plain("SELECT a FROM t WHERE a >= 3") == [(1099511627776,), (3,)]
    assert len(lake.plans("SELECT a FROM t WHERE a >= 3")[1][0].files) == 2


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        (f"a < {2**40}", [(1,), (2,)]),
        (f"a = {2**40}", []),
        (f"a <> {2**40}", [(1,), (2,)]),
        (f"a IN (1, {2**40})", [(1,)]),
        (f"a BETWEEN 2 AND {2**40}", [(2,)]),
        (f"{2**40} <= a", []),
        ("b = 'x' AND a > 0", [(1,)]),
        ("b >= 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy'", [(2,)]),
        ("b > ''", [(1,), (2,)]),
        ("b IS NULL", []),
        ("coalesce(b, 'x') = 'x'", [(1,)]),
    ],
)
def test_conditions_at_the_bounds_of_columns(lake: Lake, where: str, rows: list[Any]) -> None:
    lake.create(flat(a=ice.IntegerType(), b=ice.StringType()))
    lake.append("t", {"a": 1, "b": "x"})
    lake.append("t", {"a": 2, "b": "x" * 31 + "z"})
    assert lake.plain(f"SELECT a FROM t WHERE {where}") == rows


@pytest.mark.parametrize("join", ["LEFT", "FULL"])
def test_conditions_and_outer_joins(lake: Lake, join: str) -> None:
    lake.create(flat(a=ice.IntegerType()))
    lake.create(flat(a=ice.IntegerType(), b=ice.StringType()), "u")
    for number in (1, 2, 3):
        lake.append("t", {"a": number})
        lake.append("u", {"a": number, "b": "xyz"[number - 1]})
    query = f"SELECT t.a, u.b FROM t {join} JOIN u ON t.a = u.a WHERE"
    assert lake.plain(f"{query} u.b = 'y'") == [(2, "y")]
    assert lake.plain(f"{query} u.b IS NULL") == []
    assert lake.plain(f"{query} t.a >= 2") == [(2, "y"), (3, "z")]


IDENTITY: list[tuple[ice.IcebergType, Any]] = [
    (ice.IntegerType(), -3),
    (ice.LongType(), 2**40),
    (ice.StringType(), "a/b='c' d"),
    (ice.DateType(), dt.date(1960, 2, 29)),
    (ice.BooleanType(), False),
    (ice.DecimalType(9, 2), Decimal("-1.50")),
    (ice.TimestampType(), dt.datetime(1960, 2, 29, 1, 2, 3, 4)),
    (ice.TimestamptzType(), dt.datetime(2026, 2, 28, 1, 2, 3, 4, dt.UTC)),
    (ice.TimeType(), dt.time(1, 2, 3, 4)),
    (ice.FloatType(), 0.1),
    (ice.DoubleType(), -0.5),
    (ice.BinaryType(), b"\x00'"),
]


@pytest.mark.parametrize(("kind", "value"), IDENTITY, ids=lambda given: str(given)[:20])
def test_a_file_without_its_partitions_column_has_the_partitions_value(
    lake: Lake, kind: ice.IcebergType, value: Any
) -> None:
    """As tables made of Hive's files are: the column is in the manifest alone."""
    spec = PartitionSpec(PartitionField(1, 1000, IdentityTransform(), "p"))
    lake.create(flat(p=kind, v=ice.LongType()), partition_spec=spec)
    lake.append("t", {"p": value, "v": 1}, {"p": None, "v": 2})
    want = lake.plain("SELECT * FROM t")
    assert want == lake.expected()
    for file in lake.plans("TABLE t")[1][0].files:
        kept = pq.read_table(file.url, partitioning=None).select(["v"])
        pq.write_table(kept, file.url)
    assert lake.plain("SELECT * FROM t") == want
    assert lake.texts("SELECT v FROM t WHERE p IS NULL") == [("2",)]


def test_a_join_of_two_snapshots_worth_of_files_and_the_path(lake: Lake) -> None:
    lake.create(flat(a=ice.IntegerType()))
    lake.append("t", {"a": 1}, {"a": 2})
    lake.append("t", {"a": 2}, {"a": 3})
    assert lake.plain("SELECT x.a, count(*) FROM t x JOIN t y ON x.a = y.a GROUP BY 1") == [(1, 1), (2, 4), (3, 1)]
    paths = {row[0] for row in lake.query('SELECT DISTINCT "$path" FROM t')}
    assert paths == {file.name for file in lake.plans("TABLE t")[1][0].files}
    assert len(paths) == 2


def test_what_is_deleted_or_overwritten_is_gone(lake: Lake) -> None:
    table = lake.create(flat(a=ice.IntegerType(), b=ice.StringType()))
    lake.append("t", {"a": 1, "b": "x"}, {"a": 2, "b": "y"})
    lake.append("t", {"a": 3, "b": "z"})
    table.refresh().delete("a = 2")
    assert lake.plain("TABLE t") == lake.expected() == [(1, "x"), (3, "z")]
    table.refresh().overwrite(pa.Table.from_pylist([{"a": 4, "b": "w"}], schema=table.schema().as_arrow()))
    assert lake.plain("TABLE t") == lake.expected() == [(4, "w")]


def test_bytes_scanned_are_those_of_the_columns_that_are_read(lake: Lake) -> None:
    table = lake.create(flat(a=ice.LongType(), b=ice.StringType()))
    lake.append("t", *({"a": number, "b": f"{number * 7919:040}"} for number in range(1000)))
    with table.update_schema() as change:
        change.rename_column("b", "c")
    sizes = {}
    for sql in ("SELECT a FROM t", "SELECT c FROM t", "SELECT a, c FROM t", "SELECT count(*) FROM t"):
        lake.query(sql)
        sizes[sql] = lake.scanned
    a, c, both, none = sizes.values()
    assert (both, none) == (a + c, 0)
    assert 0 < a < c


def test_files_without_field_ids_go_by_the_name_mapping(lake: Lake) -> None:
    table = lake.create(NESTED)
    rows = [{"Id": 1, "s": {"X": 1, "l": ["a"]}, "m": [("k", {"q": 5})], "ll": [[1.5]]}, {"Id": 2, "m": []}]
    schema = pa.schema([(field.name, field.type) for field in table.schema().as_arrow()])
    address = f"{PREFIX}plain/file.parquet"
    with FolderIO(table.io.properties).new_output(address).create() as out:
        pq.write_table(pa.Table.from_pylist(rows, schema=_without_ids(schema)), out)
    table.add_files([address])
    with table.update_schema() as change:
        change.rename_column("Id", "number")
    assert lake.plain("SELECT * FROM t") == lake.expected()
    assert lake.texts("SELECT number, element_at(m, 'k').q FROM t") == [("1", "5"), ("2", None)]
    with table.transaction() as change:
        change.remove_properties("schema.name-mapping.default")
    assert refused(lake, "SELECT * FROM t").startswith(f"NOT_SUPPORTED: The data file {address} without field ids")


def _without_ids(schema: pa.Schema) -> pa.Schema:
    kinds = {
        "Id": pa.int32(),
        "s": pa.struct([("X", pa.int32()), ("l", pa.list_(pa.string()))]),
        "m": pa.map_(pa.string(), pa.struct([("q", pa.int64())])),
        "ll": pa.list_(pa.list_(pa.float32())),
    }
    return pa.schema([(name, kinds[name]) for name in schema.names])
