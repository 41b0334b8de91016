"""Reading the statements around queries."""

import pytest

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.grammar import hive
from laketop.athena.sql.grammar.writing import CreateTableAs, Insert, Target, read


@pytest.mark.parametrize(
    ("text", "target", "columns", "query"),
    [
        ("INSERT INTO t SELECT 1", Target(None, "t"), (), "SELECT 1"),
        ('insert into "My DB".T (B, "c d") values (1, 2);', Target("my db", "t"), ("b", "c d"), "values (1, 2)"),
        ("INSERT INTO AwsDataCatalog.d.t (SELECT a FROM x)", Target("d", "t"), (), "(SELECT a FROM x)"),
        (
            "INSERT INTO t (select1, values1) TABLE x -- end",
            Target(None, "t"),
            ("select1", "values1"),
            "TABLE x -- end",
        ),
        (
            "INSERT INTO t\n  WITH a AS (SELECT ';' AS x) SELECT * FROM a",
            Target(None, "t"),
            (),
            "WITH a AS (SELECT ';' AS x) SELECT * FROM a",
        ),
    ],
)
def test_inserts(text: str, target: Target, columns: tuple[str, ...], query: str) -> None:
    found = read("INSERT", text)
    assert isinstance(found, Insert)
    assert (found.target, found.columns, found.query.strip()) == (target, columns, query)
    # places in messages are those of the whole text
    assert text[found.query.index(query) :].startswith(query)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("INSERT INTO t (a,) SELECT 1", "SYNTAX_ERROR: line 1:18: mismatched input ')'. Expecting: <identifier>"),
        ("INSERT INTO select SELECT 1", "SYNTAX_ERROR: line 1:13: mismatched input 'select'. Expecting: <identifier>"),
        ("INSERT INTO t SELECT 1 SELECT 2", "SYNTAX_ERROR: line 1:24: mismatched input 'SELECT'. Expecting: <EOF>"),
        ("INSERT INTO a.b.c.d SELECT 1", "SYNTAX_ERROR: Too many dots in table name: a.b.c.d"),
    ],
)
def test_what_is_no_insert(text: str, problem: str) -> None:
    with pytest.raises(SqlError) as caught:
        read("INSERT", text)
    assert str(caught.value) == problem


def test_properties_of_a_table() -> None:
    text = (
        "/* x */ CREATE TABLE IF NOT EXISTS d.t "
        "WITH (a = 'it''s', B = ARRAY['x', 'y'], c = 3, d = TRUE, e = ARRAY[]) AS"
    )
    found = read("CREATE_TABLE_AS_SELECT", f"{text} SELECT 1 x WITH NO DATA;")
    properties = {"a": "it's", "b": ("x", "y"), "c": 3, "d": True, "e": ()}
    query = " " * len(text) + " SELECT 1 x"
    assert found == CreateTableAs(Target("d", "t"), True, properties, query, False, (1, 9))


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        (
            "ALTER_TABLE_ADD_PARTITION",
            (
                "ALTER TABLE `My``T` ADD IF NOT EXISTS PARTITION (dt = '2024-01-01', n = -1) LOCATION \"s3://b/k\" "
                "PARTITION (`dt` = \"it''s\", n = 1.5);"
            ),
            hive.ChangePartitions(
                Target(None, "my`t"),
                True,
                (
                    hive.PartitionSpec({"dt": "2024-01-01", "n": "-1"}, "s3://b/k"),
                    hive.PartitionSpec({"dt": "it''s", "n": "1.5"}),
                ),
            ),
        ),
        (
            "ALTER_TABLE_DROP_PARTITION",
            "ALTER TABLE d.t DROP PARTITION (a = 'x'), PARTITION (b = 'y')",
            hive.ChangePartitions(
                Target("d", "t"), False, (hive.PartitionSpec({"a": "x"}), hive.PartitionSpec({"b": "y"}))
            ),
        ),
        ("DROP_TABLE", "DROP TABLE IF EXISTS `d`.t", hive.NamedTable(Target("d", "t"), True)),
        (
            "CREATE_DATABASE",
            "CREATE DATABASE IF NOT EXISTS D COMMENT 'c' LOCATION 's3://b/' WITH DBPROPERTIES ('a'='b', 'c'='d')",
            hive.CreateDatabase("d", True, "c", "s3://b/", {"a": "b", "c": "d"}),
        ),
        ("DROP_DATABASE", "DROP SCHEMA d RESTRICT", hive.DropDatabase("d", False, False)),
    ],
)
def test_statements_of_hive(kind: str, text: str, found: hive.Definition) -> None:
    assert hive.read(kind, text) == found


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        ("DROP_TABLE", "DROP TABLE ``", "SYNTAX_ERROR: line 1:12: backquoted identifiers are not supported"),
        (
            "ALTER_TABLE_ADD_PARTITION",
            "ALTER TABLE t ADD PARTITION (a > 1)",
            "SYNTAX_ERROR: line 1:32: mismatched input '>'. Expecting: '='",
        ),
        (
            "ALTER_TABLE_ADD_PARTITION",
            "ALTER TABLE t ADD PARTITION (a = 'x\\'y')",
            "NOT_SUPPORTED: line 1:34: The literal 'x\\' is not supported by Laketop",
        ),
    ],
)
def test_what_is_no_statement_of_hive(kind: str, text: str, problem: str) -> None:
    with pytest.raises(SqlError) as caught:
        hive.read(kind, text)
    assert str(caught.value).startswith(problem)
