"""SELECT over partitioned Parquet: from the catalog and S3 to rows, against what pandas computes from the same data."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

COUNT = 1000
REGIONS = ("north", "south", None)


def _data(year: int) -> pa.Table:
    numbers = range(COUNT)
    return pa.table(
        {
            "id": pa.array([year * COUNT + number for number in numbers], pa.int64()),
            "quantity": pa.array([number % 7 for number in numbers], pa.int32()),
            "amount": pa.array([Decimal(number * 37 % 10007) / 100 for number in numbers], pa.decimal128(12, 2)),
            "region": pa.array([REGIONS[number % 3] for number in numbers], pa.string()),
            "rate": pa.array([number / 8 for number in numbers], pa.float64()),
            "day": pa.array([date(year, 1 + number % 12, 1 + number % 28) for number in numbers], pa.date32()),
            "at": pa.array([datetime(year, 1, 1, number % 24, 0, 0, 1500) for number in numbers], pa.timestamp("us")),
        }
    )


COLUMNS = {
    "id": "bigint",
    "quantity": "int",
    "amount": "decimal(12,2)",
    "region": "string",
    "rate": "double",
    "day": "date",
    "at": "timestamp",
}


@pytest.fixture(scope="module")
def sales(make_table: Any) -> pd.DataFrame:
    years = {str(year): _data(year) for year in (2023, 2024, 2025)}
    make_table(
        "sales",
        COLUMNS,
        {
            **{f"year={year}/part-0.parquet": table for year, table in years.items()},
            "year=2024/_SUCCESS": b"",
            "year=2024/.part-0.parquet.crc": b"no parquet",
            "year=2024/_temporary/0/part-1.parquet": b"no parquet",
            "year=2022/part-0.parquet": _data(2022),  # in S3, but no partition of the catalog
        },
        {"year": "string"},
        {f"year={year}/": [year] for year in years},
    )
    return pd.concat([table.to_pandas().assign(year=year) for year, table in years.items()])


def test_groups_and_sums(lake: Any, sales: pd.DataFrame) -> None:
    found = lake.rows(
        "SELECT year, region, count(*) AS n, sum(amount) AS total, sum(quantity) AS pieces "
        "FROM sales GROUP BY year, region ORDER BY year, region"
    )
    grouped = sales.groupby(["year", "region"], dropna=False).agg(
        n=("id", "size"), total=("amount", "sum"), pieces=("quantity", "sum")
    )
    expected = [
        (year, None if pd.isna(region) else region, str(row.n), str(row.total), str(row.pieces))
        for (year, region), row in grouped.iterrows()
    ]
    assert found == sorted(expected, key=lambda row: (row[0], row[1] is None, row[1]))


def test_partition_predicate_reads_only_that_partition(lake: Any, sales: pd.DataFrame) -> None:
    one = lake.run("SELECT sum(amount) FROM sales WHERE year = '2024'")
    all_ = lake.run("SELECT sum(amount) FROM sales")
    assert 0 < one["Statistics"]["DataScannedInBytes"] < all_["Statistics"]["DataScannedInBytes"]
    expected = sales[sales.year == "2024"].amount.sum()
    assert lake.rows("SELECT sum(amount) FROM sales WHERE year = '2024'") == [(str(expected),)]
    assert lake.rows("SELECT count(*) FROM sales WHERE year IN ('2023', '2024') AND quantity = 3") == [
        (str(len(sales[sales.year.isin(["2023", "2024"]) & (sales.quantity == 3)])),)
    ]
    assert lake.rows("SELECT count(*) FROM sales WHERE year > '2024'") == [("1000",)]
    assert lake.rows("SELECT count(*) FROM sales WHERE year = '2022'") == [("0",)]


def test_values_of_each_type(lake: Any, sales: pd.DataFrame) -> None:
    row = lake.rows("SELECT id, quantity, amount, region, rate, day, at, year FROM sales WHERE id = 2024001")
    assert row == [("2024001", "1", "0.37", "south", "0.125", "2024-02-02", "2024-01-01 01:00:00.002", "2024")]
    execution = lake.run("SELECT * FROM sales LIMIT 1")
    metadata = lake.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
    info = metadata["ResultSetMetadata"]["ColumnInfo"]
    assert [(column["Name"], column["Type"]) for column in info] == [
        ("id", "bigint"),
        ("quantity", "integer"),
        ("amount", "decimal"),
        ("region", "varchar"),
        ("rate", "double"),
        ("day", "date"),
        ("at", "timestamp"),
        ("year", "varchar"),
    ]
    assert (info[2]["Precision"], info[2]["Scale"]) == (12, 2)
    assert all(column["CatalogName"] == "hive" and column["Label"] == column["Name"] for column in info)


def test_joins_windows_and_common_table_expressions(lake: Any, sales: pd.DataFrame) -> None:
    found = lake.rows(
        """
        WITH best AS (
            SELECT year, region, sum(amount) AS total,
                   rank() OVER (PARTITION BY year ORDER BY sum(amount) DESC) AS place
            FROM sales WHERE region IS NOT NULL GROUP BY year, region)
        SELECT b.year, b.region, count(*) AS n
        FROM best b JOIN sales s ON s.year = b.year AND s.region = b.region
        WHERE b.place = 1 GROUP BY b.year, b.region ORDER BY 1
        """
    )
    totals = sales.dropna(subset=["region"]).groupby(["year", "region"]).agg(total=("amount", "sum"), n=("id", "size"))
    expected = []
    for year, group in totals.groupby(level="year"):
        best = max(group.total)
        expected += [(year, region, str(row.n)) for (_, region), row in group.iterrows() if row.total == best]
    assert found == sorted(expected)


def test_result_file_is_where_it_was_announced(lake: Any, sales: pd.DataFrame) -> None:
    execution = lake.run("SELECT region, max(amount) AS most FROM sales GROUP BY region ORDER BY region")
    location = execution["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://lake/results/{execution['QueryExecutionId']}.csv"
    body = lake.s3.get_object(Bucket="lake", Key=location.removeprefix("s3://lake/"))["Body"].read().decode()
    most = sales.groupby("region", dropna=False).amount.max()
    nobody = most[most.index.isna()].iloc[0]
    assert body == f'"region","most"\n"north","{most["north"]}"\n"south","{most["south"]}"\n,"{nobody}"\n'
    assert next(csv.reader(io.StringIO(body))) == ["region", "most"]
    lake.s3.head_object(Bucket="lake", Key=location.removeprefix("s3://lake/") + ".metadata")


def test_pages(lake: Any, sales: pd.DataFrame) -> None:
    execution = lake.run("SELECT id FROM sales WHERE year = '2023' ORDER BY id")
    identifier = execution["QueryExecutionId"]
    first = lake.athena.get_query_results(QueryExecutionId=identifier, MaxResults=10)
    assert [row["Data"][0]["VarCharValue"] for row in first["ResultSet"]["Rows"]][:2] == ["id", "2023000"]
    second = lake.athena.get_query_results(QueryExecutionId=identifier, MaxResults=10, NextToken=first["NextToken"])
    assert second["ResultSet"]["Rows"][0]["Data"][0]["VarCharValue"] == "2023009"
    pages = lake.athena.get_paginator("get_query_results").paginate(QueryExecutionId=identifier)
    values = [row["Data"][0]["VarCharValue"] for page in pages for row in page["ResultSet"]["Rows"]]
    assert values == ["id", *(str(2023000 + number) for number in range(COUNT))]
    all_in_one = lake.athena.get_query_results(QueryExecutionId=identifier, MaxResults=1000)
    assert "NextToken" in all_in_one


def test_execution_parameters(lake: Any, sales: pd.DataFrame) -> None:
    expected = str(len(sales[(sales.year == "2024") & (sales.quantity > 3)]))
    sql = "SELECT count(*) FROM sales WHERE year = ? AND quantity > ?"
    assert lake.rows(sql, ExecutionParameters=["'2024'", "3"]) == [(expected,)]


def test_null_is_not_the_empty_text(lake: Any) -> None:
    execution = lake.run("SELECT '' AS a, NULL AS b, 'x' AS c")
    result = lake.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
    assert result["Rows"][1]["Data"] == [{"VarCharValue": ""}, {}, {"VarCharValue": "x"}]


def test_values_of_every_type_are_written(lake: Any) -> None:
    # texts as shown in Trino's page "Data types"; nested values as in "Work with arrays" of the Athena user guide
    columns = {
        "CAST('a' AS char(3))": ("char", "a  "),
        "TIME '01:02:03'": ("time", "01:02:03"),
        "TIME '01:02:03.456 +08:00'": ("time with time zone", "01:02:03.456+08:00"),
        "TIMESTAMP '2001-08-22 03:04:05.321 America/New_York'": (
            "timestamp with time zone",
            "2001-08-22 03:04:05.321 America/New_York",
        ),
        "TIMESTAMP '2001-08-22 03:04:05.321 -08:00'": ("timestamp with time zone", "2001-08-22 03:04:05.321 -08:00"),
        "DATE '-0044-03-15'": ("date", "-0044-03-15"),
        "INTERVAL '2' DAY": ("interval day to second", "2 00:00:00.000"),
        "JSON '{\"b\": [1, null]}'": ("json", '{"b":[1,null]}'),
        "UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'": ("uuid", "12151fd2-7586-11e9-8f9e-2a86e4085a59"),
        "IPADDRESS '10.0.0.1'": ("ipaddress", "10.0.0.1"),
        "IPADDRESS '2001:db8::1'": ("ipaddress", "2001:db8::1"),
        "MAP(ARRAY[ARRAY[1, 2]], ARRAY[CAST(ROW(1, NULL) AS row(a integer, b varchar))])": (
            "map",
            "{[1, 2]={a=1, b=null}}",
        ),
    }
    execution = lake.run(f"SELECT {', '.join(columns)}")
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
    answer = lake.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
    kinds = [column["Type"] for column in answer["ResultSetMetadata"]["ColumnInfo"]]
    written = [value["VarCharValue"] for value in answer["Rows"][1]["Data"]]
    assert list(zip(kinds, written, strict=True)) == list(columns.values())


def test_what_nobody_says_how_athena_writes_is_refused(lake: Any) -> None:
    assert "NOT_SUPPORTED" in lake.error("SELECT ST_Point(1, 2)")


def test_hidden_columns_say_where_a_row_comes_from(lake: Any, make_table: Any) -> None:
    make_table("placed", {"n": "bigint"}, {"a.parquet": pa.table({"n": [1]}), "b.parquet": pa.table({"n": [2, 3]})})
    [(path, size, modified, n)] = lake.rows(
        'SELECT "$path", "$file_size", "$file_modified_time", n FROM placed WHERE "$path" LIKE \'%/a.parquet\''
    )
    assert n == "1"
    bucket, key = path.removeprefix("s3://").split("/", 1)
    head = lake.s3.head_object(Bucket=bucket, Key=key)
    assert int(size) == head["ContentLength"]
    assert modified == f"{head['LastModified']:%Y-%m-%d %H:%M:%S.000} UTC"


def test_products_that_64_bits_are_too_few_for_are_summed_up(lake: Any) -> None:
    large = "(DECIMAL '9999999999999.99', DECIMAL '99999999999999.99')"
    values = f"{large}, (DECIMAL '1.50', DECIMAL '2.00')"
    # in hundredths the factors are whole numbers, which Python multiplies exactly
    hundredths = (10**15 - 1) * (10**16 - 1) + 150 * 200
    expected = f"{hundredths // 10**4}.{hundredths % 10**4:04d}"
    assert lake.rows(f"SELECT sum(a * b) FROM (VALUES {values}) AS t (a, b)") == [(expected,)]
