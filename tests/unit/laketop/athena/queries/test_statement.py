"""What kind of statement a text is."""

import pytest

from laketop.athena.queries.statement import classify
from laketop.athena.sql.errors import SqlError


@pytest.mark.parametrize(
    ("text", "kind", "substatement", "arguments"),
    [
        ("SELECT 1", "DML", "SELECT", ()),
        ("-- a comment\n/* and one */ with a as (select 1) select * from a;", "DML", "SELECT", ()),
        ("(SELECT 1)", "DML", "SELECT", ()),
        ("VALUES 1, 2", "DML", "SELECT", ()),
        ("SHOW DATABASES", "UTILITY", "SHOW_DATABASES", (None,)),
        ("show schemas like 'a*'", "UTILITY", "SHOW_DATABASES", ("a*",)),
        ("SHOW TABLES", "UTILITY", "SHOW_TABLES", (None, None)),
        ("SHOW TABLES IN `Shop` 'x*'", "UTILITY", "SHOW_TABLES", ("shop", "x*")),
        ("SHOW PARTITIONS shop.sales", "UTILITY", "SHOW_PARTITIONS", ("shop", "sales")),
        ("SHOW COLUMNS IN sales IN shop", "UTILITY", "SHOW_COLUMNS", ("shop", "sales")),
        ("DESCRIBE sales", "UTILITY", "DESCRIBE_TABLE", (None, "sales")),
        ("PREPARE a FROM\nSELECT ? FROM t;", "UTILITY", "PREPARE", ("a", "SELECT ? FROM t")),
        ("execute a_1 using f(1, '(,'), ARRAY[1, 2] ;", "DML", "EXECUTE", ("a_1", "f(1, '(,')", "ARRAY[1, 2]")),
        ("EXECUTE a", "DML", "EXECUTE", ("a",)),
        ("CREATE or replace VIEW v AS SELECT 1 AS a", "DDL", "CREATE_VIEW", ()),
        ("CREATE TABLE t WITH (format='PARQUET') AS\nSELECT 1 AS a", "DML", "CREATE_TABLE_AS_SELECT", ()),
        ("ALTER TABLE `a`.`2b` ADD PARTITION (c = 'd')", "DDL", "ALTER_TABLE_ADD_PARTITION", ()),
        ("alter table a drop if exists partition (c = 1), partition (c = 2);", "DDL", "ALTER_TABLE_DROP_PARTITION", ()),
        ("MSCK REPAIR TABLE `a`", "DDL", "MSCK_REPAIR_TABLE", ()),
        ("DROP TABLE IF EXISTS a.b", "DDL", "DROP_TABLE", ()),
        ("CREATE SCHEMA a", "DDL", "CREATE_DATABASE", ()),
        ("DROP DATABASE a CASCADE", "DDL", "DROP_DATABASE", ()),
        ("drop view if exists v", "DDL", "DROP_VIEW", ()),
        ("SHOW CREATE VIEW v", "UTILITY", "SHOW_CREATE_VIEW", ()),
        ("SHOW VIEWS in Shop like 'a*'", "UTILITY", "SHOW_VIEWS", ("shop", "a*")),
        ("/* x */ insert into t values 1;", "DML", "INSERT", ()),
        ("PREPARE a FROM INSERT INTO t SELECT ?", "UTILITY", "PREPARE", ("a", "INSERT INTO t SELECT ?")),
        ("DEALLOCATE PREPARE a", "UTILITY", "DEALLOCATE_PREPARE", ("a",)),
        ("EXPLAIN (TYPE VALIDATE) SELECT 1", "UTILITY", "EXPLAIN", ("                        SELECT 1",)),
    ],
)
def test_statements(text: str, kind: str, substatement: str, arguments: tuple[str | None, ...]) -> None:
    found = classify(text)
    assert (found.kind, found.substatement, found.arguments) == (kind, substatement, arguments)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "SYNTAX_ERROR"),
        ("-- nothing", "SYNTAX_ERROR"),
        ("SELECT FROM t", "SYNTAX_ERROR"),
        ("SELECT 'a", "SYNTAX_ERROR"),
        ("SHOW CREATE TABLE x", "NOT_SUPPORTED"),
        ("ALTER TABLE x ADD COLUMNS (a int)", "NOT_SUPPORTED"),
        ("DROP TABLE x y", "SYNTAX_ERROR"),
        ("MSCK TABLE x", "SYNTAX_ERROR"),
        ("EXPLAIN SELECT 1", "NOT_SUPPORTED"),
        ("EXPLAIN (TYPE NOPE) SELECT 1", "SYNTAX_ERROR"),
        ("SELECT 1; SELECT ';'", "GENERIC_USER_ERROR"),
        ("PREPARE a FROM SELEC 1", "SYNTAX_ERROR"),
        ("PREPARE a FROM EXECUTE a", "NOT_SUPPORTED"),
        ("INSERT OVERWRITE t SELECT 1", "SYNTAX_ERROR"),
        ("INSERT INTO t SELECT 1; SELECT 2", "GENERIC_USER_ERROR"),
        ("EXECUTE", "SYNTAX_ERROR"),
        ("DEALLOCATE a", "SYNTAX_ERROR"),
        ("SELECT " + "(" * 300 + "1" + ")" * 300, "STACK_OVERFLOW"),
        ("INSERT INTO t SELECT " + "(" * 300 + "1" + ")" * 300, "STACK_OVERFLOW"),
        ("CREATE VIEW v AS SELECT " + "CASE WHEN 1 = 1 THEN " * 3000 + "1" + " END" * 3000 + " AS a", "STACK_OVERFLOW"),
        ("DROP TABLE " + "x" * 300000, "QUERY_TEXT_TOO_LARGE"),
        ("SELECT '" + "x" * 300000 + "'", "QUERY_TEXT_TOO_LARGE"),
    ],
)
def test_what_is_refused(text: str, name: str) -> None:
    with pytest.raises(SqlError) as caught:
        classify(text)
    assert caught.value.name == name
