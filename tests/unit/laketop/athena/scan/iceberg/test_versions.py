"""Time travel, and the tables about a table."""

import datetime as dt

import pytest
from pyiceberg import types as ice
from pyiceberg.table import Table as IcebergTable

from laketop.athena.sql.errors import SqlError
from tests.unit.laketop.athena.scan.iceberg.lake import Lake
from tests.unit.laketop.athena.scan.iceberg.test_reading import flat


@pytest.fixture
def table(lake: Lake) -> IcebergTable:
    """a = 1, then a = 2 as well, then a is called b, another a is there, and a = 30."""
    made = lake.create(flat(a=ice.IntegerType()))
    lake.append("t", {"a": 1})
    lake.append("t", {"a": 2})
    with made.refresh().update_schema() as change:
        change.rename_column("a", "b")
    with made.update_schema() as change:
        change.add_column("a", ice.IntegerType())
    lake.append("t", {"b": 3, "a": 30})
    made.refresh().manage_snapshots().create_tag(made.metadata.snapshots[1].snapshot_id, "v'2").commit()
    return made.refresh()


def ids(table: IcebergTable) -> list[int]:
    return [snapshot.snapshot_id for snapshot in table.metadata.snapshots]


def refused(lake: Lake, sql: str) -> str:
    with pytest.raises(SqlError) as caught:
        lake.query(sql)
    return f"{caught.value.name}: {caught.value.message}"


def test_a_version_is_read_with_its_own_columns(lake: Lake, table: IcebergTable) -> None:
    first, second, third = ids(table)
    assert lake.query(f"SELECT * FROM t FOR VERSION AS OF {first}") == [(1,)]
    assert lake.plain(f"SELECT a FROM t FOR VERSION AS OF {second} AS x WHERE x.a > 1") == [(2,)]
    assert lake.plain("SELECT * FROM t FOR VERSION AS OF 'v''2'") == [(1,), (2,)]
    assert lake.plain(f"SELECT * FROM t FOR VERSION AS OF {third}") == lake.expected()
    assert lake.plain(f"SELECT * FROM t FOR VERSION AS OF {second}") == lake.expected(snapshot_id=second)
    both = f"SELECT count(*) FROM t n JOIN t FOR VERSION AS OF {second} o ON n.b = o.a"
    assert lake.query(both) == [(2,)]


def test_a_condition_on_a_column_that_has_another_name_by_now(lake: Lake, table: IcebergTable) -> None:
    """`a` of the second snapshot is `b` now, and what is `a` now was never 1."""
    assert lake.query(f"SELECT a FROM t FOR VERSION AS OF {ids(table)[1]} WHERE a = 1") == [(1,)]


def test_the_state_at_a_time(lake: Lake, table: IcebergTable) -> None:
    for number, snapshot in enumerate(table.metadata.snapshots, 1):
        moment = dt.datetime.fromtimestamp(snapshot.timestamp_ms / 1000, dt.UTC).replace(tzinfo=None)
        for literal in (
            f"TIMESTAMP '{moment} UTC'",
            f"TIMESTAMP '{moment}'",
            f"TIMESTAMP '{moment} UTC' + interval '0' day",
        ):
            assert lake.query(f"SELECT count(*) FROM t FOR TIMESTAMP AS OF {literal}") == [(number,)], literal
    assert lake.query("SELECT count(*) FROM t FOR TIMESTAMP AS OF current_timestamp") == [(3,)]
    assert lake.query("SELECT count(*) FROM t FOR TIMESTAMP AS OF (current_date + interval '1' day)") == [(3,)]


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("VERSION AS OF 5", "INVALID_ARGUMENTS: Iceberg snapshot ID does not exists: 5"),
        ("VERSION AS OF 'x'", "INVALID_ARGUMENTS: Cannot find snapshot with reference name: x"),
        ("VERSION AS OF 1.5", "TYPE_MISMATCH: "),
        ("VERSION AS OF 1 + 1", "NOT_SUPPORTED: FOR VERSION AS OF"),
        ("TIMESTAMP AS OF DATE '2020-01-01'",
         "INVALID_ARGUMENTS: No version history of the table at or before 2020-01-01T00:00:00.000+00:00"),
        ("TIMESTAMP AS OF 5", "TYPE_MISMATCH: Type integer invalid"),
        ("TIMESTAMP AS OF NULL", "TYPE_MISMATCH: "),
        ("TIMESTAMP AS OF CAST(NULL AS timestamp)", "INVALID_ARGUMENTS: Table version cannot be NULL"),
        ("TIMESTAMP AS OF (SELECT current_timestamp)", "NOT_SUPPORTED: FOR TIMESTAMP AS OF with a query"),
        ("TIMESTAMP AS OF a", "COLUMN_NOT_FOUND: "),
    ],
)  # fmt: skip
def test_versions_that_there_are_not(lake: Lake, table: IcebergTable, version: str, message: str) -> None:
    assert refused(lake, f"SELECT * FROM t FOR {version}").startswith(message)


def test_a_query_of_the_query_has_no_versions(lake: Lake, table: IcebergTable) -> None:
    reason = refused(lake, "WITH c AS (SELECT 1 x) SELECT * FROM c FOR VERSION AS OF 5")
    assert reason.startswith("NOT_SUPPORTED: A version of the query c")


def test_snapshots_history_and_references(lake: Lake, table: IcebergTable) -> None:
    snapshots = table.metadata.snapshots
    found = lake.plain(
        "SELECT snapshot_id, parent_id, operation, manifest_list, summary['added-records'] FROM \"t$snapshots\""
    )
    parents = [None, *ids(table)]
    assert found == sorted(
        (
            (one.snapshot_id, parent, "append", one.manifest_list, "1")
            for one, parent in zip(snapshots, parents, strict=False)
        ),
        key=repr,
    )
    (moments,) = zip(*lake.texts('SELECT committed_at FROM "t$snapshots" ORDER BY 1'), strict=True)
    shown = [dt.datetime.fromtimestamp(one.timestamp_ms / 1000, dt.UTC) for one in snapshots]
    assert list(moments) == [f"{one:%Y-%m-%d %H:%M:%S}.{one.microsecond // 1000:03} UTC" for one in shown]
    assert lake.plain('SELECT snapshot_id, is_current_ancestor FROM "t$history"') == sorted(
        ((number, True) for number in ids(table)), key=repr
    )
    assert lake.plain('SELECT name, type, snapshot_id FROM "t$refs"') == [
        ("v'2", "TAG", ids(table)[1]),
        ("main", "BRANCH", ids(table)[2]),
    ]
    assert lake.query('SELECT count(*) FROM "t$history" WHERE is_current_ancestor') == [(3,)]


def test_a_table_without_a_snapshot_has_no_history(lake: Lake) -> None:
    lake.create(flat(a=ice.IntegerType()))
    assert lake.query('SELECT * FROM "t$snapshots"') == []


@pytest.mark.parametrize("about", ["files", "manifests", "partitions", "properties"])
def test_tables_about_a_table_that_are_not_built_are_refused(lake: Lake, table: IcebergTable, about: str) -> None:
    assert refused(lake, f'SELECT * FROM "t${about}"').startswith(f'NOT_SUPPORTED: The metadata table "${about}"')


def test_tables_about_a_table_have_no_hidden_columns(lake: Lake, table: IcebergTable) -> None:
    assert refused(lake, 'SELECT "$path" FROM "t$history"').startswith("COLUMN_NOT_FOUND")
    assert refused(lake, 'SELECT "$file_size" FROM t').startswith("COLUMN_NOT_FOUND")
