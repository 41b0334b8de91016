"""The dashboard's API where it is deployed: its figures against pandas, who may ask, and what may be asked."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pandas as pd
import pytest

from tests.e2e import truth
from tests.e2e.dashboard import found
from tests.e2e.pipeline import ROOT, Pipeline

STEPS = ("sessions", "product_views", "carts", "checkouts", "purchases")
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}


@pytest.fixture(scope="module")
def site(stack: Any) -> tuple[str, str]:
    return found(stack)


@pytest.fixture(scope="module")
def page(site: tuple[str, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site[0], timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def api(site: tuple[str, str], shown: str) -> Iterator[httpx.Client]:
    """Asks with the key, after the pipeline ran."""
    with httpx.Client(base_url=site[0], timeout=60, trust_env=False, headers={"x-api-key": site[1]}) as client:
        yield client


def kept(pipeline: Pipeline, dataset: str) -> pd.DataFrame:
    return truth.kept(dataset, pipeline.raw_files(dataset))


def answer(api: httpx.Client, route: str, **query: Any) -> Any:
    told = api.get(f"api/{route}", params={name.rstrip("_"): value for name, value in query.items()})
    assert told.status_code == 200, told.text
    return told.json()


@pytest.fixture(scope="module")
def period(api: httpx.Client) -> dict[str, str]:
    """The last 20 days of the data, as the page would ask for them."""
    last = date.fromisoformat(answer(api, "filters")["last_day"])
    return {"from_": (last - timedelta(days=19)).isoformat(), "to": last.isoformat()}


# The page


@pytest.mark.parametrize(
    ("path", "kind", "file"),
    [
        ("", "text/html; charset=utf-8", "index.html"),
        ("static/styles.css", "text/css; charset=utf-8", "styles.css"),
        ("static/app.js", "text/javascript; charset=utf-8", "app.js"),
    ],
)
def test_the_page_is_the_files_of_the_checkout(page: httpx.Client, path: str, kind: str, file: str) -> None:
    told = page.get(path)
    assert (told.status_code, told.text) == (200, (ROOT / "dashboard" / file).read_text())
    assert told.headers["content-type"] == kind
    assert {name: told.headers[name] for name in HEADERS} == HEADERS
    assert "script-src 'self'; style-src 'self'" in told.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in told.headers["content-security-policy"]
    again = page.get(path, headers={"If-None-Match": told.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_the_page_refers_to_is_there(page: httpx.Client) -> None:
    links = re.findall(r'(?:src|href)="([^"#:]+)"', page.get("").text)
    assert sorted(links) == ["static/app.js", "static/styles.css"]
    assert [page.get(link).status_code for link in links] == [200, 200]


@pytest.mark.parametrize("path", ["static/handler.py", "static/..%2Fapp.js", "static/app.js.map"])
def test_no_other_file_is_served(page: httpx.Client, path: str) -> None:
    assert page.get(path).status_code == 404


# Who may ask


@pytest.mark.parametrize("key", [None, "", "x" * 40])
@pytest.mark.parametrize("route", ["filters", "kpis", "nothing"])
def test_without_the_key_there_is_nothing(page: httpx.Client, key: str | None, route: str) -> None:
    told = page.get(f"api/{route}", headers={} if key is None else {"x-api-key": key})
    assert told.status_code == 403
    assert "error" not in told.text


def test_the_key_is_in_no_file_and_no_bucket(stack: Any, page: httpx.Client, site: tuple[str, str]) -> None:
    s3, bucket = stack.client("s3"), f"{stack.name}-page-{stack.account}"
    names = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert sorted(names) == ["app.js", "index.html", "styles.css"]
    assert not any(site[1].encode() in s3.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names)


# Figures


def test_filters_are_what_the_data_has(api: httpx.Client, pipeline: Pipeline) -> None:
    told = answer(api, "filters")
    expected = truth.daily_kpis(kept(pipeline, "transactions"), kept(pipeline, "clickstream"))
    assert (told["first_day"], told["last_day"]) == (min(expected), max(expected))
    assert told["currency"] == "USD"
    sold = _by_category(pipeline)
    revenue = {name: truth.total(group.amount) for name, group in sold.groupby("category")}
    assert told["categories"] == sorted(revenue, key=lambda name: (-revenue[name], name))


def test_kpis_are_those_of_pandas(api: httpx.Client, pipeline: Pipeline, period: dict[str, str]) -> None:
    told = answer(api, "kpis", **period)
    expected = truth.daily_kpis(kept(pipeline, "transactions"), kept(pipeline, "clickstream"))
    for part, totals in (("period", "totals"), ("before", "totals_before")):
        days = [row for day, row in expected.items() if told[part]["from"] <= day <= told[part]["to"]]
        orders, revenue = sum(row[0] for row in days), truth.total(row[4] for row in days)
        sessions, bought = sum(row[9] for row in days), sum(row[10] for row in days)
        found_ = told[totals]
        assert (found_["orders"], Decimal(found_["revenue"])) == (orders, revenue)
        assert (found_["units"], found_["new_customers"]) == (sum(row[3] for row in days), sum(row[2] for row in days))
        assert Decimal(found_["average_order_value"]) == truth.cents(revenue / orders)
        assert (found_["sessions"], found_["conversion_rate"]) == (sessions, pytest.approx(bought / sessions))
        assert Decimal(found_["refunded_amount"]) == truth.total(row[7] for row in days)
    assert date.fromisoformat(told["before"]["to"]) + timedelta(days=1) == date.fromisoformat(period["from_"])
    days_told = {row["day"]: (row["orders"], Decimal(row["revenue"]), row["sessions"]) for row in told["days"]}
    inside = {day: row for day, row in expected.items() if period["from_"] <= day <= period["to"]}
    assert days_told == {day: (row[0], row[4], row[9]) for day, row in inside.items()}
    assert len(inside) > 10


def _by_category(pipeline: Pipeline) -> pd.DataFrame:
    """Completed lines of known products, with their category."""
    lines = truth.sales(kept(pipeline, "transactions"))
    catalogue = kept(pipeline, "products").set_index("product_id").category
    return lines[lines.status == "completed"].assign(category=lines.product_id.map(catalogue)).dropna(subset="category")


def test_kpis_of_a_category_are_those_of_pandas(api: httpx.Client, pipeline: Pipeline, period: dict[str, str]) -> None:
    lines, clicks = kept(pipeline, "transactions"), kept(pipeline, "clickstream")
    catalogue = kept(pipeline, "products")
    categories = answer(api, "filters")["categories"]
    assert len(categories) > 2
    for category in categories[:3]:
        told = answer(api, "kpis", category=category, **period)
        expected = truth.category_kpis(lines, clicks, set(catalogue[catalogue.category == category].product_id))
        inside = {day: row for day, row in expected.items() if period["from_"] <= day <= period["to"]}
        days = {
            row["day"]: (row["orders"], row["units"], Decimal(row["revenue"]), row["sessions"]) for row in told["days"]
        }
        assert days == {day: (row[0], row[3], row[4], row[6]) for day, row in inside.items()}
        totals = told["totals"]
        sums = {
            "orders": 0, "new_customers": 2, "units": 3, "sessions": 6, "sessions_with_purchase": 7,
        }  # fmt: skip
        assert {name: totals[name] for name in sums} == {
            name: sum(row[place] for row in inside.values()) for name, place in sums.items()
        }
        assert Decimal(totals["revenue"]) == truth.total(row[4] for row in inside.values())
        assert Decimal(totals["refunded_amount"]) == truth.total(row[5] for row in inside.values())


def test_top_products_are_those_of_pandas_page_by_page(
    api: httpx.Client, pipeline: Pipeline, period: dict[str, str]
) -> None:
    expected = truth.top_products(kept(pipeline, "transactions"), period["from_"], period["to"], 25)
    rows, query = [], {**period, "limit": 10}
    while len(rows) < 25:
        told = answer(api, "top-products", **query)
        rows += told["products"]
        assert told["next"]
        query["next"] = told["next"]
    figures = [(row["product_id"], row["units"], Decimal(row["revenue"])) for row in rows]
    assert figures[:25] == expected
    assert [row["place"] for row in rows] == list(range(1, 31))


def test_the_funnel_is_that_of_pandas(api: httpx.Client, pipeline: Pipeline) -> None:
    filters = answer(api, "filters")
    last = date.fromisoformat(filters["last_day"])
    told = answer(api, "funnel", from_=(last - timedelta(days=365)).isoformat(), to=last.isoformat())
    clicks = kept(pipeline, "clickstream")
    assert clicks.event_ts.min() > (last - timedelta(days=365)).isoformat(), "all sessions are in the period"
    expected = truth.funnel(clicks)
    rows = {(row["device"], row["source"]): tuple(row[step] for step in STEPS) for row in told["rows"]}
    assert rows == expected
    totals = [sum(counts[place] for counts in expected.values()) for place in range(5)]
    assert [step["sessions"] for step in told["steps"]] == totals
    devices: Counter[str] = Counter()
    for (device, _), counts in expected.items():
        devices[device] += counts[0]
    assert {row["name"]: row["sessions"] for row in told["by_device"]} == devices


def test_quality_and_the_run_are_told(api: httpx.Client, pipeline: Pipeline, shown: str) -> None:
    quality = answer(api, "quality", limit=100)
    rows = pipeline.query("SELECT * FROM data_quality")
    for told in quality["datasets"]:
        rules = [row for row in rows if row["dataset"] == told["dataset"]]
        assert (told["rules"], told["passed"]) == (len(rules), sum(row["passed"] == "true" for row in rules))
    broken = {(row["dataset"], row["rule"]) for row in rows if row["passed"] == "false"}
    assert {(row["dataset"], row["rule"]) for row in quality["broken"]} == broken
    assert quality["differences"] == []
    runs = answer(api, "pipeline", limit=100)["runs"]
    latest = pipeline.query("SELECT max_by(run_id, started_at) AS run_id FROM pipeline_runs WHERE step = '(run)'")[0]
    assert runs[0]["run_id"] == latest["run_id"]
    run = next(run for run in runs if run["run_id"] == shown)
    assert run["state"] == "SUCCEEDED"
    assert run["steps"][0]["step"] == "Open"
    assert {step["state"] for step in run["steps"]} == {"SUCCEEDED"}


def test_an_answer_that_has_not_changed_is_not_sent_again(api: httpx.Client, period: dict[str, str]) -> None:
    query = {"from": period["from_"], "to": period["to"]}
    first = api.get("api/funnel", params=query)
    assert first.headers["cache-control"] == "private, max-age=60"
    again = api.get("api/funnel", params=query, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


# What may be asked


@pytest.mark.parametrize(
    ("route", "query", "parameter"),
    [
        ("kpis", {}, "from"),
        ("kpis", {"from": "2026-01-01"}, "to"),
        ("kpis", {"from": "2026-02-30", "to": "2026-03-01"}, "from"),
        ("kpis", {"from": "2026-01-02", "to": "2026-01-01"}, "to"),
        ("kpis", {"from": "2020-01-01", "to": "2026-01-01"}, "from"),
        ("kpis", {"from": "2026-01-01' OR '1'='1", "to": "2026-01-01"}, "from"),
        ("kpis", {"from": ["2026-01-01", "2026-01-02"], "to": "2026-01-03"}, "from"),
        ("top-products", {"from": "2026-01-01", "to": "2026-01-02", "limit": "1000"}, "limit"),
        ("top-products", {"from": "2026-01-01", "to": "2026-01-02", "limit": "5;--"}, "limit"),
        ("top-products", {"from": "2026-01-01", "to": "2026-01-02", "next": "MTAuMDAw"}, "next"),
        ("top-products", {"from": "2026-01-01", "to": "2026-01-02", "category": "x\n"}, "category"),
        ("pipeline", {"limit": "0"}, "limit"),
        ("filters", {"sort": "revenue"}, "sort"),
        ("funnel", {"from": "2026-01-01", "to": "2026-01-02", "category": "all"}, "category"),
    ],
)
def test_a_wrong_parameter_is_named(api: httpx.Client, route: str, query: Any, parameter: str) -> None:
    told = api.get(f"api/{route}", params=query)
    assert told.status_code == 400
    error = told.json()["error"]
    assert (error["code"], error["parameter"]) == ("BadParameter", parameter)
    assert error["request_id"]
    assert told.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "text",
    [
        "' OR 1=1 --",
        "x'); DROP TABLE daily_sales; --",
        "all' UNION SELECT * FROM customer_360 --",
        "' || (SELECT 1) || '",
        "\\'",
        "?",
        "''",
    ],
)
def test_what_looks_like_sql_is_a_category_that_does_not_exist(
    api: httpx.Client, pipeline: Pipeline, period: dict[str, str], text: str
) -> None:
    assert answer(api, "top-products", category=text, **period)["products"] == []
    told = answer(api, "kpis", category=text, **period)
    assert (told["days"], told["totals"]["orders"]) == ([], 0)
    asked = _executions(pipeline, 10)
    bound = [item for item in asked if f"'{text.replace("'", "''")}'" in item.get("ExecutionParameters", ())]
    texts = {(ROOT / "sql" / "queries" / f"{name}.sql").read_text() for name in ("top_products", "category_kpis")}
    named = {text.replace("${processed}", pipeline.processed_db) for text in texts}
    assert {item["Query"].strip() for item in bound} == {text.strip() for text in named}


def _executions(pipeline: Pipeline, count: int) -> list[dict[str, Any]]:
    ids = pipeline.athena.list_query_executions(WorkGroup=pipeline.work_group, MaxResults=count)["QueryExecutionIds"]
    return pipeline.athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_only_reads(api: httpx.Client, method: str) -> None:
    told = api.request(method, "api/kpis")
    assert (told.status_code, told.json()["error"]["code"], told.headers["allow"]) == (405, "MethodNotAllowed", "GET")


def test_an_unknown_route_is_json_too(api: httpx.Client) -> None:
    told = api.get("api/customers/1")
    assert (told.status_code, told.json()["error"]["code"]) == (404, "NotFound")


def test_five_hundred_requests_twenty_at_a_time(api: httpx.Client, period: dict[str, str]) -> None:
    dates = {"from": period["from_"], "to": period["to"]}
    asked = [("kpis", dates), ("top-products", dates), ("funnel", dates), ("quality", {}), ("pipeline", {})] * 100

    def status(item: tuple[str, dict[str, str]]) -> int:
        return api.get(f"api/{item[0]}", params=item[1]).status_code

    with ThreadPoolExecutor(20) as callers:
        assert Counter(callers.map(status, asked)) == {200: 500}


# What Terraform makes anew before the old one goes, with all that it depends on: nothing whose name would be taken.
ANEW_FIRST = {
    "aws_api_gateway_deployment",
    "aws_api_gateway_integration",
    "aws_api_gateway_method",
    "aws_api_gateway_resource",
    "aws_api_gateway_rest_api",
    "aws_glue_security_configuration",  # its name is made of the key's
    "aws_kms_key",
    "aws_s3_bucket",
    "aws_s3_object",
}


@pytest.mark.local
def test_a_new_deployment_drags_nothing_along(stack: Any) -> None:
    state = json.loads((stack.settings.state / "terraform" / "local" / "terraform.tfstate").read_text())
    marked = {
        item["type"]
        for item in state["resources"]
        if any(one.get("create_before_destroy") for one in item["instances"])
    }
    assert "aws_api_gateway_deployment" in marked
    assert marked <= ANEW_FIRST
