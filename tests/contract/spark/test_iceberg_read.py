"""Iceberg tables that Spark writes, read by Athena's scan: both must give the same answers to the same queries."""

import json

import pytest

from laketop.athena.engine.instance import instance
from laketop.athena.engine.worker import prepare
from laketop.athena.scan.iceberg.source import source
from laketop.athena.scan.plan import plan
from laketop.athena.scan.relation import create_views
from laketop.athena.sql.core import Column, Table
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.translate import translate
from tests.contract.spark.conftest import BUCKET
from tests.contract.spark.iceberg import HEAD, order

ON_READ = ", ".join(f"'write.{what}.mode'='merge-on-read'" for what in ("delete", "update", "merge"))
CHANGES = [
    "DELETE FROM {t} WHERE id % 3 = 0",
    "UPDATE {t} SET s = concat(s, '!') WHERE id % 5 = 1",
    (
        "MERGE INTO {t} t USING (SELECT 7L AS id, 'merged' AS s UNION ALL SELECT 1000L, 'new') n ON t.id = n.id"
        " WHEN MATCHED THEN UPDATE SET s = n.s WHEN NOT MATCHED THEN INSERT (id, s) VALUES (n.id, n.s)"
    ),
    "DELETE FROM {t} WHERE id = 8",
]
FILL = (
    "INSERT INTO {t} SELECT id, concat(substr('abc', CAST(id % 3 AS int) + 1, 1), lpad(id, 3, '0')),"
    " timestamp_seconds(1767225600 + id * 7000), CAST(timestamp_seconds(1767225600 + id * 7000) AS timestamp_ntz),"
    " date_add(DATE'2026-01-01', CAST(id AS int)), id * 0.1D FROM range(0, 60, 1, 2)"
)
PLAIN = "(id bigint, s string, z timestamp, n timestamp_ntz, d date, x double) USING iceberg"
# table → what makes it
TABLES = {
    "on_read": [f"CREATE TABLE {{t}} {PLAIN} TBLPROPERTIES ({ON_READ})", FILL, *CHANGES],
    "on_read_by_partition": [
        (
            f"CREATE TABLE {{t}} {PLAIN} PARTITIONED BY (truncate(1, s)) TBLPROPERTIES ({ON_READ},"
            " 'write.delete.granularity'='partition')"
        ),
        FILL,
        *CHANGES,
        FILL.replace("range(0, 60", "range(60, 90"),
        "ALTER TABLE {t} ADD PARTITION FIELD bucket(4, id)",
        *CHANGES[:2],
    ],
    "on_write": [f"CREATE TABLE {{t}} {PLAIN} PARTITIONED BY (days(z), bucket(3, id))", FILL, *CHANGES],
    "by_time": [
        (
            f"CREATE TABLE {{t}} {PLAIN} PARTITIONED BY (hours(n), months(d)) TBLPROPERTIES"
            " ('write.metadata.compression-codec'='gzip', 'format-version'='1')"
        ),
        FILL,
    ],
    "by_value": [f"CREATE TABLE {{t}} {PLAIN} PARTITIONED BY (x, d)", FILL.replace("60, 1, 2", "9, 1, 2")],
    "evolved": [
        f"CREATE TABLE {{t}} {PLAIN} PARTITIONED BY (truncate(1, s))",
        FILL.replace("60, 1, 2", "5, 1, 2"),
        "ALTER TABLE {t} RENAME COLUMN s TO was_s",
        "ALTER TABLE {t} ADD COLUMN s string AFTER id",
        "ALTER TABLE {t} DROP PARTITION FIELD truncate(1, was_s)",
        "ALTER TABLE {t} ALTER COLUMN d FIRST",
        "INSERT INTO {t} (id, s, was_s) VALUES (77, 'a new s', 'b')",
    ],
    "orc": [f"CREATE TABLE {{t}} {PLAIN} TBLPROPERTIES ('write.format.default'='orc')", FILL],
    "third": [f"CREATE TABLE {{t}} {PLAIN} TBLPROPERTIES ('format-version'='3', {ON_READ})", FILL, CHANGES[0]],
}
REFUSED = {"orc": "The orc file", "third": "Version 3 of the Iceberg format"}
COLUMNS = "id", "s", "d", "n", "x"
# conditions, and whether a row (texts of d and n) meets them
CONDITIONS = [
    ("s >= 'b' AND s < 'c'", lambda row: row["s"] is not None and "b" <= row["s"] < "c"),
    ("s = 'a030'", lambda row: row["s"] == "a030"),
    ("id IN (1, 4, 7, 8, 1000)", lambda row: row["id"] in (1, 4, 7, 8, 1000)),
    ("5 >= id", lambda row: row["id"] <= 5),
    ("d BETWEEN DATE '2026-01-03' AND DATE '2026-02-02'",
     lambda row: row["d"] is not None and "2026-01-03" <= row["d"] <= "2026-02-02"),
    ("n >= TIMESTAMP '2026-01-01 05:00:00' AND n < TIMESTAMP '2026-01-03 00:00:00'",
     lambda row: row["n"] is not None and "2026-01-01 05:00:00" <= row["n"] < "2026-01-03 00:00:00"),
    ("z < TIMESTAMP '2026-01-01 12:00:00 UTC'", lambda row: row["n"] is not None and row["n"] < "2026-01-01 12:00:00"),
    ("x > 0.25", lambda row: row["x"] is not None and row["x"] > 0.25),
]  # fmt: skip

SCRIPT = (
    HEAD
    + f"""
answers = {{}}
for table, statements in json.loads({json.dumps(json.dumps(TABLES))}).items():
    for statement in statements:
        spark.sql(statement.replace("{{t}}", f"glue_catalog.ice.{{table}}"))
    answers[table] = rows(
        f"SELECT id, s, CAST(d AS string), CAST(n AS string), x FROM glue_catalog.ice.{{table}} ORDER BY id")
print(json.dumps(answers))
"""
)


class Copied:
    """What Spark wrote, copied into a folder, and the tables of the catalog over it."""

    def __init__(self, folder, s3, catalog):
        self.folder, self.catalog, self.files = folder, catalog, {}
        for number, key in enumerate(s3.keys("warehouse/ice/")):
            self.files[key] = folder / str(number)
            self.files[key].write_bytes(s3.get(key))

    def list(self, folders):
        raise AssertionError(folders)

    def locate(self, bucket, key):
        return str(self.files[key]) if bucket == BUCKET and key in self.files else None

    def table(self, database, name):
        entry = self.catalog.glue.get_table(DatabaseName="ice", Name=name)["Table"]
        read = source(self, entry["Parameters"]["metadata_location"])
        columns = tuple(Column(field.name, field.type) for field in read.schema.fields)
        return Table("ice", name, columns, 0, read, prunable=frozenset(column.name for column in columns))

    def plans(self, sql):
        found = translate(sql, self)
        parts = zip(found.scans, found.used, found.hidden, strict=True)
        return found, [plan(scan, None, self, used, hidden) for scan, used, hidden in parts]

    def query(self, sql):
        found, plans = self.plans(sql)
        with instance([place for each in plans for place in each.places], self.folder) as connection:
            create_views(connection, plans)
            prepare(connection, found.udfs, found.macros)
            return [list(row) for row in connection.execute(found.sql).fetchall()]


@pytest.fixture(scope="module")
def answers(agent, catalog):
    run_id = agent.start(SCRIPT, driver_memory_mb=1000, **order("none"))
    run = agent.wait(run_id, 400)
    assert run["state"] == "SUCCEEDED", run
    return json.loads(agent.log(run_id))


@pytest.fixture(scope="module")
def copied(answers, s3, catalog, tmp_path_factory):
    return Copied(tmp_path_factory.mktemp("copied"), s3, catalog)


READ = [table for table in TABLES if table not in REFUSED]


def _found(copied, sql):
    """Rows with dates and times as texts, in the order of ids."""
    return sorted([row[0], row[1], *(value and str(value) for value in row[2:4]), row[4]] for row in copied.query(sql))


@pytest.mark.parametrize("table", READ)
def test_rows_are_sparks(answers, copied, table):
    assert len(answers[table]) > 5
    assert _found(copied, f"SELECT id, s, d, n, x FROM {table}") == answers[table]
    assert copied.query(f"SELECT count(*), sum(id) FROM {table}") == [
        [len(answers[table]), sum(row[0] for row in answers[table])]
    ]


@pytest.mark.parametrize(("where", "chosen"), CONDITIONS)
@pytest.mark.parametrize("table", READ)
def test_chosen_rows_are_sparks(answers, copied, table, where, chosen):
    wanted = [row for row in answers[table] if chosen(dict(zip(COLUMNS, row, strict=True)))]
    assert _found(copied, f"SELECT id, s, d, n, x FROM {table} WHERE {where}") == wanted


@pytest.mark.parametrize(("table", "message"), REFUSED.items())
def test_what_is_not_read_is_refused_by_name(copied, table, message):
    with pytest.raises(SqlError, match=f"NOT_SUPPORTED: (line 1:15: )?{message}"):
        copied.query(f"SELECT * FROM {table}")


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("on_write", "id = 7"),
        ("by_time", "n < TIMESTAMP '2026-01-01 02:00:00'"),
        ("by_time", "d = DATE '2026-01-05'"),
        ("on_read_by_partition", "s = 'a030'"),
        ("on_write", "z < TIMESTAMP '2026-01-01 12:00:00 UTC'"),
    ],
)
def test_hidden_partitions_leave_out_files(copied, table, where):
    every, some = (
        len(copied.plans(sql)[1][0].files) for sql in (f"TABLE {table}", f"SELECT 1 FROM {table} WHERE {where}")
    )
    assert 0 < some < every


@pytest.mark.parametrize(("table", "some"), [("on_read", True), ("on_read_by_partition", True), ("on_write", False)])
def test_which_tables_have_delete_files(copied, table, some):
    assert any(file.deletes for file in copied.plans(f"TABLE {table}")[1][0].files) is some
