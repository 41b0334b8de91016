"""The page SQL where it is deployed: statements, their rows against pandas, errors, history, files."""

import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import pandas as pd
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import EndpointConnectionError
from streamlit.testing.v1 import AppTest

from streamlit_app.lake import statements
from tests.e2e import app, truth
from tests.e2e.pipeline import Pipeline

# a million million rows: nobody waits for the end
ENDLESS = """
SELECT count(*)
FROM UNNEST(sequence(1, 10000)) AS t(a), UNNEST(sequence(1, 10000)) AS u(b), UNNEST(sequence(1, 10000)) AS v(c)
WHERE a * b * c % 7 = 1
"""
LOOKS = 60

type Open = Callable[..., AppTest]


@pytest.fixture
def page(open_page: Open) -> AppTest:
    return open_page("sql")


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    return app.ran(page)


def labels(page: AppTest) -> set[str]:
    return {button.label for button in page.button}


def run(page: AppTest, text: str, database: str | None = None) -> AppTest:
    """Run a statement to its end, as the page does by itself: look again while it runs."""
    page.text_area(key="sql_text").set_value(text)
    if database:
        page.selectbox(key="sql_database").set_value(database)
    press(page, "Run")
    for _ in range(LOOKS):
        if "Stop" not in labels(page):
            return page
        app.ran(page)
    raise AssertionError(f"it still runs: {text}")


def rows(page: AppTest) -> pd.DataFrame:
    """The result: the browser's table of columns is the first on the page."""
    assert not page.error, [item.value for item in page.code]
    return page.dataframe[1].value


def history(page: AppTest) -> pd.DataFrame:
    return page.dataframe[-1].value


def infos(page: AppTest) -> str:
    return "\n".join(item.value for item in page.info)


def sold(pipeline: Pipeline) -> pd.DataFrame:
    return truth.kept("transactions", pipeline.raw_files("transactions"))


# Results


def test_rows_are_those_of_pandas(page: AppTest, pipeline: Pipeline) -> None:
    run(page, "SELECT day, orders, revenue\nFROM daily_kpis\nWHERE orders > 0;", pipeline.curated_db)
    expected = truth.daily_kpis(sold(pipeline), truth.kept("clickstream", pipeline.raw_files("clickstream")))
    told = {str(row["day"]): (row["orders"], Decimal(row["revenue"])) for _, row in rows(page).iterrows()}
    assert told == {day: (row[0], row[4]) for day, row in expected.items() if row[0]}
    figures = app.figures(page)
    assert figures["Price"].startswith("$0.0000")
    assert figures["Scanned"] != "0 B"
    drawn = [page.selectbox(key=f"{axis}-{page.session_state['sql_latest']}").value for axis in ("x", "y", "kind")]
    assert drawn == ["day", "orders", "Line"]


def test_a_thousand_rows_are_shown_and_the_files_have_all(page: AppTest, pipeline: Pipeline) -> None:
    run(page, "SELECT transaction_id, total_amount FROM transactions", pipeline.processed_db)
    expected = sold(pipeline)
    assert len(expected) > statements.SHOWN
    assert len(rows(page)) == statements.SHOWN
    assert any("The first 1,000 rows; there are more" in item.value for item in page.caption)
    assert [button.label for button in page.download_button] == ["CSV", "Parquet"]
    id_ = page.session_state["sql_latest"]
    csv = pd.read_csv(io.BytesIO(statements.as_csv(id_)), dtype=str)
    parquet = pq.read_table(io.BytesIO(statements.as_parquet(id_)))
    amounts = dict(zip(expected.transaction_id, map(Decimal, expected.total_amount), strict=True))
    assert {name: Decimal(amount) for name, amount in csv.itertuples(index=False)} == amounts
    assert dict(zip(*parquet.to_pydict().values(), strict=True)) == amounts
    assert len(csv) == parquet.num_rows == len(expected)


def test_exactly_a_thousand_rows_are_all(page: AppTest) -> None:
    run(page, "SELECT n FROM UNNEST(sequence(1, 1000)) AS t(n)")
    assert len(rows(page)) == 1000
    assert any(item.value == "Rows: 1,000" for item in page.caption)


def test_the_database_is_that_of_names_without_one(page: AppTest, pipeline: Pipeline) -> None:
    text = "SELECT count(*) AS n FROM transactions"
    run(page, text, pipeline.processed_db)
    assert rows(page)["n"].tolist() == [len(sold(pipeline))]
    run(page, text, pipeline.curated_db)
    assert "does not exist" in page.code[0].value


def test_columns_of_one_name_and_a_column_that_no_chart_knows(page: AppTest) -> None:
    run(page, 'SELECT 1 AS a, 2 AS a, 3 AS "a_2", \'x\' AS "b.c[d]:e"')
    assert rows(page).to_dict("records") == [{"a": 1, "a_3": 2, "a_2": 3, "b.c[d]:e": "x"}]
    id_ = page.session_state["sql_latest"]
    assert page.selectbox(key=f"x-{id_}").value == "b.c[d]:e"
    page.selectbox(key=f"x-{id_}").set_value("a")
    page.selectbox(key=f"y-{id_}").set_value("a_3")
    app.ran(page)
    drawn = next(item.value for item in page.dataframe if list(item.value) == ["a", "a_3"])
    assert drawn.to_dict("records") == [{"a": 1.0, "a_3": 2.0}]


def test_words_alone_are_not_drawn(page: AppTest) -> None:
    run(page, "SELECT 'x' AS word, CAST(NULL AS varchar) AS nothing")
    assert rows(page)["word"].tolist() == ["x"]
    assert "Nothing to draw" in infos(page)


def test_a_result_without_rows(page: AppTest) -> None:
    run(page, "SELECT 1 AS n WHERE false")
    assert rows(page).empty
    assert "Nothing to draw" in infos(page)


def test_a_value_that_no_table_can_hold_is_told(page: AppTest) -> None:
    run(page, "SELECT date '-0044-03-15' AS ides")
    assert "The rows cannot be shown." in page.error[0].value
    run(page, "SELECT CAST(date '-0044-03-15' AS varchar) AS ides")
    assert rows(page)["ides"].tolist() == ["-0044-03-15"]


def test_describe_and_show(page: AppTest, pipeline: Pipeline) -> None:
    run(page, "DESCRIBE transactions", pipeline.processed_db)
    types = dict(zip(rows(page)["col_name"], rows(page)["data_type"], strict=True))
    assert types["total_amount"] == "decimal(12,2)"
    run(page, "SHOW TABLES")
    assert "transactions" in rows(page)["tab_name"].tolist()
    assert app.figures(page)["Price"] == "$0"


@pytest.fixture
def name(pipeline: Pipeline) -> Iterator[str]:
    """The name of a table that a test may make; it and its files are gone afterwards."""
    made = f"e2e_{uuid4().hex[:8]}"
    yield made
    try:
        table = pipeline.glue.get_table(DatabaseName=pipeline.curated_db, Name=made)["Table"]
    except pipeline.glue.exceptions.EntityNotFoundException:
        return
    bucket, _, prefix = table["StorageDescriptor"].get("Location", "").removeprefix("s3://").partition("/")
    for file in pipeline.keys(bucket, prefix) if prefix else ():
        pipeline.s3.delete_object(Bucket=bucket, Key=file)
    pipeline.glue.delete_table(DatabaseName=pipeline.curated_db, Name=made)


def test_tables_are_made_filled_and_seen_at_once(page: AppTest, pipeline: Pipeline, name: str) -> None:
    database = pipeline.curated_db
    assert name not in page.selectbox(key="sql_table").options
    run(page, f"CREATE TABLE {name} WITH (format = 'PARQUET') AS SELECT 1 AS n", database)
    assert "The statement gives no rows" in infos(page)
    assert name in app.ran(page).selectbox(key="sql_table").options
    run(page, f"INSERT INTO {name} VALUES (2)")
    run(page, f"SELECT n FROM {name} ORDER BY n")
    assert rows(page)["n"].tolist() == [1, 2]


def test_views_are_made_and_dropped(page: AppTest, pipeline: Pipeline, name: str) -> None:
    run(page, f"CREATE VIEW {name} AS SELECT 7 AS n", pipeline.curated_db)
    assert not page.error
    run(page, f"SELECT n FROM {name}")
    assert rows(page)["n"].tolist() == [7]
    run(page, f"DROP VIEW {name}")
    assert name not in app.ran(page).selectbox(key="sql_table").options


# What goes wrong


def test_the_place_of_an_error_is_pointed_at(page: AppTest, pipeline: Pipeline) -> None:
    run(page, "SELECT sales_date,\n\trevenu\nFROM daily_sales", pipeline.curated_db)
    assert "Athena could not run it." in page.error[0].value
    assert "revenu" in page.code[0].value
    assert page.code[1].value == "2 | \trevenu\n    \t^"
    assert history(page)["State"].tolist()[0] == "Failed"


def test_what_is_no_sql_is_refused_with_its_place(page: AppTest) -> None:
    run(page, "\n SELEC 1")
    assert "Athena does not take it." in page.error[0].value
    assert page.code[0].value.startswith("line 2:2:")
    assert page.code[1].value == "2 |  SELEC 1\n     ^"
    assert "No statements yet" in infos(page)


@pytest.mark.parametrize("text", ["", " \n;", "-- nothing but words"])
def test_an_empty_statement_is_told(page: AppTest, text: str) -> None:
    run(page, text)
    assert "The statement is empty" in infos(page)
    assert not page.error


def test_aws_is_not_there(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Mock(side_effect=EndpointConnectionError(endpoint_url="https://athena"))
    monkeypatch.setattr("streamlit_app.lake.statements.start", gone)
    run(page, "SELECT 1")
    assert "Result: AWS does not answer." in page.error[0].value
    monkeypatch.undo()
    run(page, "SELECT 1 AS n")
    assert rows(page)["n"].tolist() == [1]


def test_what_runs_is_stopped(page: AppTest, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    page.text_area(key="sql_text").set_value(ENDLESS)
    press(page, "Run")
    assert "Stop" in labels(page)
    assert next(button for button in page.button if button.label == "Run").disabled
    assert "Running" in infos(page) or "Queued" in infos(page)
    gone = Mock(side_effect=EndpointConnectionError(endpoint_url="https://athena"))
    monkeypatch.setattr("streamlit_app.lake.statements.stop", gone)
    press(page, "Stop")
    assert "Result: AWS does not answer." in page.error[0].value
    assert "Stop" in labels(page), "it goes on, and can be stopped another time"
    monkeypatch.undo()
    press(page, "Stop")
    assert not page.error
    for _ in range(LOOKS):
        if "Stop" not in labels(page):
            break
        app.ran(page)
    assert "Stopped" in infos(page)
    id_ = page.session_state["sql_latest"]
    execution = pipeline.athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
    assert execution["Status"]["State"] == "CANCELLED"
    run(page, "SELECT 1 AS n")
    assert rows(page)["n"].tolist() == [1]


# Editor and history


def test_names_are_put_behind_the_statement(page: AppTest, pipeline: Pipeline) -> None:
    page.text_area(key="sql_text").set_value("SELECT")
    page.selectbox(key="sql_database").set_value(pipeline.processed_db)
    app.ran(page)
    page.selectbox(key="sql_table").set_value("products")
    app.ran(page)
    page.selectbox(key="sql_column").set_value("price")
    app.ran(page)
    press(page, "Insert column")
    page.text_area(key="sql_text").set_value(page.text_area(key="sql_text").value + " FROM")
    app.ran(page)
    press(page, "Insert table")
    assert page.text_area(key="sql_text").value == "SELECT price FROM products"
    run(page, page.text_area(key="sql_text").value)
    prices = truth.kept("products", pipeline.raw_files("products")).price
    assert rows(page)["price"].sum() == truth.total(map(Decimal, prices))


def test_a_statement_comes_back_from_the_history(page: AppTest) -> None:
    marks = [f"SELECT '{uuid4().hex}' AS mark" for _ in range(2)]
    for text in marks:
        run(page, text)
    assert history(page)["Statement"].tolist() == marks[::-1]
    chosen = next(box for box in page.selectbox if box.label == "Statement of the history")
    chosen.select_index(1)
    press(app.ran(page), "Put into the editor")
    assert page.text_area(key="sql_text").value == marks[0]


def test_the_work_group_s_history_has_the_statements_of_others(page: AppTest, pipeline: Pipeline) -> None:
    text = f"SELECT '{uuid4().hex}' AS mark"
    pipeline.query(text)
    page.segmented_control(key="sql_whose").set_value("The whole work group")
    app.ran(page)
    shown = history(page)
    place = shown["Statement"].tolist().index(text)
    assert shown["State"][place] == "Succeeded"
    assert shown["Started (UTC)"].is_monotonic_decreasing
    chosen: Any = next(box for box in page.selectbox if box.label == "Statement of the history")
    chosen.select_index(place)
    press(app.ran(page), "Put into the editor")
    assert page.text_area(key="sql_text").value == text
