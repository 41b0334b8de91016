"""Views: what the catalog keeps of them, what they answer, and what Trino refuses.

Messages are those that Trino 435 gives to the same statements, with Athena's catalog in them.
"""

import base64
import json
from typing import Any

import pyarrow as pa
import pytest
from botocore.exceptions import ClientError

DATABASE = "shop"


@pytest.fixture(scope="module")
def things(make_table: Any) -> None:
    data = {"n": pa.array([1, 2, 3], pa.int32()), "name": ["a", "b", None]}
    make_table("things", {"n": "int", "name": "string"}, {"a.parquet": pa.table(data)})


def _done(lake: Any, sql: str, **arguments: Any) -> dict[str, Any]:
    execution: dict[str, Any] = lake.run(sql, **arguments)
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]["StateChangeReason"]
    return execution


def _lines(lake: Any, sql: str) -> list[str]:
    identifier = _done(lake, sql)["QueryExecutionId"]
    rows = lake.athena.get_query_results(QueryExecutionId=identifier)["ResultSet"]["Rows"]
    return [row["Data"][0]["VarCharValue"] for row in rows]


def test_what_the_catalog_keeps(lake: Any, things: None) -> None:
    sql = """CREATE VIEW kept AS
        SELECT n, name AS "Name", CAST(n AS decimal(10,2)) AS price, 'abc' AS word, now() >= DATE '2000-01-01' AS late,
               CAST(ROW(1, 'x') AS row(a integer, "B c" varchar)) AS pair, MAP(ARRAY['k'], ARRAY[n]) AS counts
        FROM things;"""
    execution = _done(lake, sql)
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DDL", "CREATE_VIEW")
    assert execution["ResultConfiguration"]["OutputLocation"].endswith(f"/{execution['QueryExecutionId']}.txt")
    table = lake.glue.get_table(DatabaseName=DATABASE, Name="kept")["Table"]
    assert (table["TableType"], table["ViewExpandedText"]) == ("VIRTUAL_VIEW", "/* Presto View */")
    assert table["Parameters"] == {"presto_view": "true", "comment": "Presto View"}
    assert [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]] == [
        ("n", "int"),
        ("name", "string"),
        ("price", "decimal(10,2)"),
        ("word", "varchar(3)"),
        ("late", "boolean"),
        ("pair", "struct<a:int,`B c`:string>"),
        ("counts", "map<varchar(1),int>"),
    ]
    text = table["ViewOriginalText"]
    assert text.startswith("/* Presto View: ")
    said = json.loads(base64.b64decode(text.removeprefix("/* Presto View: ").removesuffix(" */")))
    assert (said["catalog"], said["schema"]) == ("awsdatacatalog", "shop")
    assert said["originalSql"] == sql.removeprefix("CREATE VIEW kept AS").strip().rstrip(";")
    assert said["columns"][4:] == [
        {"name": "late", "type": "boolean"},
        {"name": "pair", "type": 'row(a integer, "B c" varchar)'},
        {"name": "counts", "type": "map(varchar(1), integer)"},
    ]
    assert lake.rows('SELECT n, name, price, word, pair."B c" FROM kept WHERE n > 1 ORDER BY n') == [
        ("2", "b", "2.00", "abc", "x"),
        ("3", None, "3.00", "abc", "x"),
    ]


def test_names_in_a_view_are_those_of_its_database(lake: Any, things: None) -> None:
    lake.glue.create_database(DatabaseInput={"Name": "looks"})
    _done(lake, "CREATE VIEW looks.far AS SELECT count(*) AS n FROM things")
    assert lake.rows("SELECT n FROM far", QueryExecutionContext={"Database": "looks"}) == [("3",)]
    assert _lines(lake, "SHOW CREATE VIEW looks.far") == [
        "CREATE VIEW looks.far AS",
        "SELECT count(*) AS n FROM things",
    ]


def test_a_view_is_replaced_and_dropped(lake: Any, things: None) -> None:
    _done(lake, "CREATE VIEW changing AS SELECT 1 AS a")
    problem = lake.error("CREATE VIEW changing AS SELECT 2 AS a")
    assert problem == "TABLE_ALREADY_EXISTS: line 1:1: View already exists: 'awsdatacatalog.shop.changing'"
    _done(lake, "CREATE OR REPLACE VIEW changing AS SELECT 2 AS b")
    assert lake.rows("SELECT * FROM changing") == [("2",)]
    problem = lake.error("CREATE OR REPLACE VIEW changing AS SELECT b FROM changing")
    assert problem == "VIEW_IS_RECURSIVE: line 1:50: Statement would create a recursive view"
    _done(lake, "CREATE VIEW above AS SELECT b FROM changing")
    assert "VIEW_IS_RECURSIVE" in lake.error("CREATE OR REPLACE VIEW changing AS SELECT b FROM above")
    _done(lake, "DROP VIEW changing")
    assert lake.error("SELECT * FROM changing") == (
        "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.shop.changing' does not exist"
    )
    _done(lake, "CREATE OR REPLACE VIEW changing AS SELECT 3 AS c")
    assert lake.rows("SELECT * FROM changing") == [("3",)]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE VIEW bad AS SELECT 1", "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1"),
        (
            "\n  CREATE VIEW bad AS SELECT 1 a, n + 1 FROM things",
            "MISSING_COLUMN_NAME: line 2:3: Column name not specified at position 2",
        ),
        (
            "CREATE VIEW bad AS SELECT 1 a, 2 a",
            "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'a' specified more than once",
        ),
        ("CREATE VIEW bad AS SELECT NULL a", "COLUMN_TYPE_UNKNOWN: line 1:1: Column type is unknown: a"),
        ("CREATE VIEW bad AS SELECT x FROM things", "COLUMN_NOT_FOUND: line 1:27: Column 'x' cannot be resolved"),
        (
            "CREATE VIEW bad AS SELECT 1 a FROM nope",
            "TABLE_NOT_FOUND: line 1:36: Table 'awsdatacatalog.shop.nope' does not exist",
        ),
        ("CREATE VIEW bad AS SELECT CAST(1 AS json) a", "NOT_SUPPORTED: Unsupported Hive type: json"),
        ("CREATE VIEW bad AS SELECT TIME '01:00' a", "NOT_SUPPORTED: Unsupported Hive type: time(0)"),
        ("CREATE VIEW bad AS SELECT now() a", "NOT_SUPPORTED: Unsupported Hive type: timestamp(3) with time zone"),
        (
            "CREATE VIEW bad AS SELECT INTERVAL '1' DAY a",
            "NOT_SUPPORTED: Unsupported Hive type: interval day to second",
        ),
        ("CREATE VIEW bad AS SELECT ARRAY[uuid()] a", "NOT_SUPPORTED: Unsupported Hive type: uuid"),
        (
            "CREATE VIEW bad AS SELECT ROW(1, 2) a",
            (
                "NOT_SUPPORTED: Anonymous row type is not supported in Hive. "
                "Please give each field a name: row(integer, integer)"
            ),
        ),
        ("CREATE VIEW nope.bad AS SELECT 1 a", "NOT_FOUND: Schema nope not found"),
        (
            "CREATE VIEW things AS SELECT 1 a",
            "TABLE_ALREADY_EXISTS: line 1:1: Table already exists: 'awsdatacatalog.shop.things'",
        ),
        (
            "CREATE OR REPLACE VIEW things AS SELECT 1 a",
            "TABLE_ALREADY_EXISTS: line 1:1: Table already exists: 'awsdatacatalog.shop.things'",
        ),
        ("DROP VIEW nope", "GENERIC_USER_ERROR: line 1:1: View 'awsdatacatalog.shop.nope' does not exist"),
        (
            "DROP VIEW IF EXISTS things",
            (
                "GENERIC_USER_ERROR: line 1:1: View 'awsdatacatalog.shop.things' does not exist, but a table with that "
                "name exists. Did you mean DROP TABLE awsdatacatalog.shop.things?"
            ),
        ),
        ("SHOW CREATE VIEW nope", "TABLE_NOT_FOUND: line 1:1: View 'awsdatacatalog.shop.nope' does not exist"),
        (
            "SHOW CREATE VIEW things",
            "NOT_SUPPORTED: line 1:1: Relation 'awsdatacatalog.shop.things' is a table, not a view",
        ),
    ],
)
def test_what_is_refused(lake: Any, things: None, sql: str, reason: str) -> None:
    assert lake.error(sql) == reason
    assert not [table for table in lake.glue.get_tables(DatabaseName=DATABASE)["TableList"] if table["Name"] == "bad"]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE VIEW 1", "line 1:13: mismatched input '1'. Expecting: <identifier>"),
        ("CREATE OR v", "line 1:11: mismatched input 'v'. Expecting: 'REPLACE'"),
        ("CREATE VIEW a (b) AS SELECT 1", "line 1:15: mismatched input '('. Expecting: '.', 'AS'"),
        ("CREATE VIEW a AS SELECT FROM b", "line 1:25: mismatched input 'FROM'. Expecting: <expression>"),
        ("CREATE VIEW a AS SELECT ? AS b", "Incorrect number of parameters: expected 1 but found 0"),
        ("CREATE VIEW a COMMENT 'x' AS SELECT 1 b", "CREATE VIEW with COMMENT is not supported by Laketop"),
        ("DROP VIEW a b", "line 1:13: mismatched input 'b'. Expecting: <EOF>"),
        ("DROP VIEW a; DROP VIEW b", "Only one sql statement is allowed"),
        (
            "CREATE PROTECTED MULTI DIALECT VIEW a AS SELECT 1 b",
            "Queries of this type are not supported: CREATE_PROTECTED_VIEW",
        ),
    ],
)
def test_texts_that_are_no_statement(lake: Any, sql: str, message: str) -> None:
    with pytest.raises(ClientError) as caught:
        lake.start(sql)
    assert message in caught.value.response["Error"]["Message"]


def test_views_are_listed(lake: Any, things: None) -> None:
    lake.glue.create_database(DatabaseInput={"Name": "listing"})
    for name in ("orders_a", "orders_b", "users"):
        _done(lake, f"CREATE VIEW listing.{name} AS SELECT n FROM things")
    lake.glue.create_table(DatabaseName="listing", TableInput={"Name": "orders_table", "TableType": "EXTERNAL_TABLE"})
    assert _lines(lake, "SHOW VIEWS IN listing") == ["orders_a", "orders_b", "users"]
    assert _lines(lake, "SHOW VIEWS IN listing LIKE 'orders*'") == ["orders_a", "orders_b"]
    assert _lines(lake, "SHOW VIEWS IN listing LIKE '*_b|users'") == ["orders_b", "users"]
    assert "orders_a" not in _lines(lake, "SHOW VIEWS")
    _done(lake, "DROP VIEW IF EXISTS listing.users")
    _done(lake, "DROP VIEW IF EXISTS listing.users")
    assert _lines(lake, "SHOW VIEWS IN listing") == ["orders_a", "orders_b"]
