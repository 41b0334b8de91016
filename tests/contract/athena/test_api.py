"""The API around queries: states, errors, work groups, named queries, metadata, events."""

import random
import time
from typing import Any

import pyarrow as pa
import pytest
from botocore.exceptions import ClientError

OUTPUT = {"OutputLocation": "s3://lake/results/"}
SLOW = """
SELECT count(*)
FROM UNNEST(sequence(1, 10000)) AS a(x), UNNEST(sequence(1, 10000)) AS b(y), UNNEST(sequence(1, 100)) AS c(z)
WHERE x * y * z % 7 = 3"""


@pytest.fixture(scope="module")
def numbers(make_table: Any) -> None:
    make_table("numbers", {"n": "bigint", "name": "string"}, {"a.parquet": pa.table({"n": [1, 2], "name": ["a", "b"]})})


def _refused(code: str, call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value.response["Error"]["Message"])


def test_execution_is_described(lake: Any, numbers: None) -> None:
    execution = lake.run("SELECT sum(n) FROM numbers", WorkGroup="primary")
    assert execution["StatementType"] == "DML"
    assert execution["SubstatementType"] == "SELECT"
    assert execution["WorkGroup"] == "primary"
    assert execution["QueryExecutionContext"] == {"Database": "shop"}
    assert execution["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"
    statistics = execution["Statistics"]
    assert statistics["TotalExecutionTimeInMillis"] >= statistics["EngineExecutionTimeInMillis"] > 0
    assert statistics["DataScannedInBytes"] > 0
    assert execution["Status"]["CompletionDateTime"] >= execution["Status"]["SubmissionDateTime"]
    identifier = execution["QueryExecutionId"]
    many = lake.athena.batch_get_query_execution(QueryExecutionIds=[identifier, "00000000-0000-0000-0000-000000000000"])
    assert [found["QueryExecutionId"] for found in many["QueryExecutions"]] == [identifier]
    assert len(many["UnprocessedQueryExecutionIds"]) == 1
    assert identifier in lake.athena.list_query_executions()["QueryExecutionIds"]
    timeline = lake.athena.get_query_runtime_statistics(QueryExecutionId=identifier)["QueryRuntimeStatistics"]
    assert timeline["Rows"]["OutputRows"] == 1


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT nope FROM numbers", "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"),
        ("SELECT * FROM nope", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.shop.nope' does not exist"),
        ("SELECT * FROM nope.numbers", "SCHEMA_NOT_FOUND: line 1:15: Schema 'nope' does not exist"),
        ("SELECT n = name FROM numbers", "TYPE_MISMATCH: line 1:10: Cannot apply operator: bigint = varchar"),
        ("SELECT n / 0 FROM numbers", "DIVISION_BY_ZERO: Division by zero"),
        ("SELECT CAST(name AS integer) FROM numbers WHERE n = 1", "INVALID_CAST_ARGUMENT: Cannot cast 'a' to INT"),
        ("SELECT word_stem(name) FROM numbers", "NOT_SUPPORTED: "),
    ],
)
def test_failed_queries_say_why(lake: Any, numbers: None, sql: str, reason: str) -> None:
    execution = lake.run(sql)
    assert execution["Status"]["State"] == "FAILED"
    assert execution["Status"]["StateChangeReason"].startswith(reason)
    error = execution["Status"]["AthenaError"]
    assert error["ErrorCategory"] == 2
    assert error["Retryable"] is False
    assert error["ErrorMessage"] == execution["Status"]["StateChangeReason"]
    problem = _refused(
        "InvalidRequestException", lake.athena.get_query_results, QueryExecutionId=execution["QueryExecutionId"]
    )
    assert problem == "Query did not finish successfully. Final query state: FAILED"


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", "line 1:1: mismatched input 'SELEC'"),
        ("SELECT `n` FROM numbers", "backquoted identifiers are not supported"),
        ("CREATE EXTERNAL TABLE x (a int)", "Queries of this type are not supported: CREATE_TABLE"),
        ("UPDATE x SET a = 1", "Queries of this type are not supported: UPDATE"),
        (
            "UNLOAD (SELECT 1) TO 's3://lake/x' WITH (format = 'PARQUET')",
            "Queries of this type are not supported: UNLOAD",
        ),
        ("ALTER TABLE numbers ADD COLUMNS (x int)", "Queries of this type are not supported: ALTER_TABLE_ADD_COLUMNS"),
        ("SELECT 1; SELECT 2", "Only one sql statement is allowed"),
        ("SELECT ?", "Incorrect number of parameters: expected 1 but found 0"),
    ],
)
def test_statements_that_cannot_be_run_are_refused_at_once(lake: Any, sql: str, message: str) -> None:
    found = _refused(
        "InvalidRequestException", lake.athena.start_query_execution, QueryString=sql, ResultConfiguration=OUTPUT
    )
    assert message in found


def test_parameters_cannot_change_the_statement(lake: Any, numbers: None) -> None:
    for parameter in ("1) OR (1=1", "n", "1, 2", "(SELECT max(n) FROM numbers)", "1 AS x", "1 FROM numbers"):
        _refused(
            "InvalidRequestException",
            lake.athena.start_query_execution,
            QueryString="SELECT n FROM numbers WHERE n = ?",
            ExecutionParameters=[parameter],
            ResultConfiguration=OUTPUT,
        )
    assert lake.rows("SELECT n FROM numbers WHERE name = ? -- or ?", ExecutionParameters=["'a' -- b"]) == [("1",)]


def test_prepared_statements_in_sql(lake: Any, numbers: None) -> None:
    assert lake.rows("PREPARE by_number FROM SELECT name FROM numbers WHERE n = ? OR name = ?") == []
    assert lake.rows("EXECUTE by_number USING 2, 'a, b'") == [("b",)]
    assert lake.rows("EXECUTE by_number", ExecutionParameters=["1", "'b'"]) == [("a",), ("b",)]
    assert lake.error("EXECUTE by_number USING 1").endswith("Incorrect number of parameters: expected 2 but found 1")
    again = lake.error("PREPARE by_number FROM SELECT 1")
    assert again == "GENERIC_USER_ERROR: PreparedStatement by_number already exists in workGroup primary"
    lake.run("DEALLOCATE PREPARE by_number")
    assert lake.error("EXECUTE by_number USING 1, 'a'") == "NOT_FOUND: Prepared statement not found: by_number"
    for wrong in ("EXECUTE x USING (SELECT 1)", "PREPARE x FROM SELEC 1", "PREPARE x FROM DELETE FROM a"):
        _refused(
            "InvalidRequestException",
            lake.athena.start_query_execution,
            QueryString=wrong,
            ResultConfiguration=OUTPUT,
        )


def test_prepared_statements_of_the_api(lake: Any, numbers: None) -> None:
    athena, key = lake.athena, {"StatementName": "by_name", "WorkGroup": "primary"}
    text = "SELECT n FROM numbers WHERE name = ?"
    athena.create_prepared_statement(**key, QueryStatement=text, Description="d")
    found = athena.get_prepared_statement(**key)["PreparedStatement"]
    assert (found["QueryStatement"], found["WorkGroupName"], found["Description"]) == (text, "primary", "d")
    assert lake.rows("EXECUTE by_name USING 'b'") == [("2",)]
    problem = _refused("InvalidRequestException", athena.create_prepared_statement, **key, QueryStatement=text)
    assert problem == "PreparedStatement by_name already exists in workGroup primary"
    _refused("InvalidRequestException", athena.update_prepared_statement, **key, QueryStatement="SELEC")
    athena.update_prepared_statement(**key, QueryStatement="SELECT 1 WHERE 'x' = ?")
    assert lake.rows("EXECUTE by_name USING 'x'") == [("1",)]
    listed = athena.list_prepared_statements(WorkGroup="primary")["PreparedStatements"]
    assert [one["StatementName"] for one in listed] == ["by_name"]
    many = athena.batch_get_prepared_statement(WorkGroup="primary", PreparedStatementNames=["by_name", "nope"])
    assert [one["Description"] for one in many["PreparedStatements"]] == ["d"]
    assert [one["StatementName"] for one in many["UnprocessedPreparedStatementNames"]] == ["nope"]
    athena.delete_prepared_statement(**key)
    for call in (athena.get_prepared_statement, athena.delete_prepared_statement):
        problem = _refused("ResourceNotFoundException", call, **key)
        assert problem == "PreparedStatement by_name was not found in workGroup primary"


def test_output_location_is_required(lake: Any) -> None:
    problem = _refused("InvalidRequestException", lake.athena.start_query_execution, QueryString="SELECT 1")
    assert problem.startswith("No output location provided.")
    wrong = {"OutputLocation": "/tmp/x"}
    _refused(
        "InvalidRequestException", lake.athena.start_query_execution, QueryString="SELECT 1", ResultConfiguration=wrong
    )


def test_missing_output_bucket_fails_the_query(lake: Any) -> None:
    reason = lake.error("SELECT 1", ResultConfiguration={"OutputLocation": "s3://no-such-bucket/x"})
    assert "Unable to verify/create output bucket no-such-bucket" in reason


def test_same_token_is_the_same_execution(lake: Any) -> None:
    token = "a-token-of-at-least-thirty-two-characters"
    arguments = {"QueryString": "SELECT 1", "ClientRequestToken": token, "ResultConfiguration": OUTPUT}
    first = lake.athena.start_query_execution(**arguments)["QueryExecutionId"]
    assert lake.athena.start_query_execution(**arguments)["QueryExecutionId"] == first
    other = arguments | {"QueryString": "SELECT 2"}
    problem = _refused("InvalidRequestException", lake.athena.start_query_execution, **other)
    assert problem == "Idempotent parameters do not match"


def test_stop_ends_a_running_query_and_only_that(lake: Any) -> None:
    slow = lake.start(SLOW)
    until = time.monotonic() + 20
    while lake.athena.get_query_execution(QueryExecutionId=slow)["QueryExecution"]["Status"]["State"] == "QUEUED":
        assert time.monotonic() < until
        time.sleep(0.05)
    problem = _refused("InvalidRequestException", lake.athena.get_query_results, QueryExecutionId=slow)
    assert problem == "Query has not yet finished. Current state: RUNNING"
    lake.athena.stop_query_execution(QueryExecutionId=slow)
    stopped = lake.wait(slow)
    assert stopped["Status"]["State"] == "CANCELLED"
    assert lake.rows("SELECT 1") == [("1",)]
    assert lake.wait(slow)["Status"]["State"] == "CANCELLED"


def test_work_groups(lake: Any) -> None:
    athena = lake.athena
    primary = athena.get_work_group(WorkGroup="primary")["WorkGroup"]
    assert primary["State"] == "ENABLED"
    assert primary["Configuration"]["EnforceWorkGroupConfiguration"] is False
    configuration = {
        "ResultConfiguration": {"OutputLocation": "s3://lake/team/"},
        "BytesScannedCutoffPerQuery": 10485760,
    }
    athena.create_work_group(
        Name="team", Description="d", Configuration=configuration, Tags=[{"Key": "owner", "Value": "data"}]
    )
    found = athena.get_work_group(WorkGroup="team")["WorkGroup"]
    assert found["Configuration"]["EnforceWorkGroupConfiguration"] is True
    assert found["Configuration"]["ResultConfiguration"] == configuration["ResultConfiguration"]
    assert found["Configuration"]["BytesScannedCutoffPerQuery"] == 10485760
    execution = lake.run("SELECT 1", WorkGroup="team")
    assert execution["ResultConfiguration"]["OutputLocation"].startswith("s3://lake/team/")
    updates = {"ResultConfigurationUpdates": {"RemoveOutputLocation": True}, "EnforceWorkGroupConfiguration": False}
    athena.update_work_group(WorkGroup="team", ConfigurationUpdates=updates, State="DISABLED", Description="")
    after = athena.get_work_group(WorkGroup="team")["WorkGroup"]
    assert (after["State"], after["Configuration"]["ResultConfiguration"]) == ("DISABLED", {})
    _refused("InvalidRequestException", athena.start_query_execution, QueryString="SELECT 1", WorkGroup="team")
    assert {"primary", "team"} <= {group["Name"] for group in athena.list_work_groups()["WorkGroups"]}
    arn = "arn:aws:athena:us-east-1:000000000000:workgroup/team"
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "owner", "Value": "data"}]
    athena.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "b"}])
    athena.untag_resource(ResourceARN=arn, TagKeys=["owner"])
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    assert "is not empty" in _refused("InvalidRequestException", athena.delete_work_group, WorkGroup="team")
    athena.delete_work_group(WorkGroup="team", RecursiveDeleteOption=True)
    assert "is not found" in _refused("InvalidRequestException", athena.get_work_group, WorkGroup="team")
    _refused("InvalidRequestException", athena.delete_work_group, WorkGroup="primary")


def test_scan_limit_of_a_work_group(lake: Any, make_table: Any) -> None:
    source = random.Random(1)
    big = pa.table({"n": [source.randbytes(48) for _ in range(300_000)], "small": [1] * 300_000})
    make_table("big", {"n": "binary", "small": "bigint"}, {"a.parquet": big})
    configuration = {"BytesScannedCutoffPerQuery": 10_485_760, "EnforceWorkGroupConfiguration": False}
    lake.athena.create_work_group(Name="small", Configuration=configuration)
    reason = lake.error("SELECT count(n) FROM big", WorkGroup="small")
    assert reason.startswith("EXCEEDED_SCAN_LIMIT: Bytes scanned limit was exceeded")
    assert lake.rows("SELECT sum(small) FROM big", WorkGroup="small") == [("300000",)]


def test_named_queries(lake: Any) -> None:
    athena = lake.athena
    made = athena.create_named_query(Name="one", Database="shop", QueryString="SELECT 1", Description="d")
    identifier = made["NamedQueryId"]
    expected = {
        "NamedQueryId": identifier,
        "Name": "one",
        "Database": "shop",
        "QueryString": "SELECT 1",
        "Description": "d",
        "WorkGroup": "primary",
    }
    assert athena.get_named_query(NamedQueryId=identifier)["NamedQuery"] == expected
    assert athena.batch_get_named_query(NamedQueryIds=[identifier])["NamedQueries"] == [expected]
    assert identifier in athena.list_named_queries()["NamedQueryIds"]
    athena.delete_named_query(NamedQueryId=identifier)
    _refused("InvalidRequestException", athena.get_named_query, NamedQueryId=identifier)


def test_metadata(lake: Any, numbers: None) -> None:
    athena = lake.athena
    catalog = {"CatalogName": "AwsDataCatalog"}
    assert athena.list_data_catalogs()["DataCatalogsSummary"] == [{"CatalogName": "AwsDataCatalog", "Type": "GLUE"}]
    assert athena.get_data_catalog(Name="AwsDataCatalog")["DataCatalog"]["Type"] == "GLUE"
    assert "shop" in [database["Name"] for database in athena.list_databases(**catalog)["DatabaseList"]]
    assert athena.get_database(**catalog, DatabaseName="shop")["Database"]["Name"] == "shop"
    table = athena.get_table_metadata(**catalog, DatabaseName="shop", TableName="numbers")["TableMetadata"]
    assert table["Columns"] == [{"Name": "n", "Type": "bigint"}, {"Name": "name", "Type": "string"}]
    assert table["Parameters"]["location"] == "s3://lake/tables/numbers/"
    listed = athena.list_table_metadata(**catalog, DatabaseName="shop", Expression="numb.*")["TableMetadataList"]
    assert [found["Name"] for found in listed] == ["numbers"]
    _refused("MetadataException", athena.get_table_metadata, **catalog, DatabaseName="shop", TableName="nope")


def test_show_and_describe(lake: Any, make_table: Any) -> None:
    folder = {"d=2024-01-01/a.parquet": pa.table({"n": [1]})}
    make_table("daily", {"n": "bigint"}, folder, {"d": "date"}, {"d=2024-01-01/": ["2024-01-01"]})

    def lines(sql: str) -> list[str]:
        execution = lake.run(sql)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        assert execution["StatementType"] == "UTILITY"
        assert execution["ResultConfiguration"]["OutputLocation"].endswith(".txt")
        rows = lake.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]["Rows"]
        return [row["Data"][0]["VarCharValue"] for row in rows]

    assert lines("SHOW PARTITIONS daily") == ["d=2024-01-01"]
    assert "daily" in lines("SHOW TABLES IN shop")
    assert lines("show tables 'dai*'") == ["daily"]
    assert "shop" in lines("SHOW DATABASES")
    assert [line.strip() for line in lines("SHOW COLUMNS IN shop.daily")] == ["n", "d"]
    described = lines("DESCRIBE daily")
    assert [part.strip() for part in described[0].split("\t")] == ["n", "bigint", ""]
    assert lake.rows("SELECT n, d FROM daily WHERE d = DATE '2024-01-01'") == [("1", "2024-01-01")]


def test_state_changes_leave_as_events_once_each(lake: Any) -> None:
    """moto takes PutEvents; an archive of its bus keeps what came."""
    lake.events.create_archive(
        ArchiveName="all", EventSourceArn="arn:aws:events:us-east-1:123456789012:event-bus/default"
    )
    lake.rows("SELECT 1")
    until = time.monotonic() + 20
    while lake.events.describe_archive(ArchiveName="all")["EventCount"] < 3:
        assert time.monotonic() < until, "QUEUED, RUNNING and SUCCEEDED must arrive"
        time.sleep(0.1)
    time.sleep(0.5)
    assert lake.events.describe_archive(ArchiveName="all")["EventCount"] == 3
