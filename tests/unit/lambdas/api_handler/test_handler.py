"""The function as API Gateway meets it: routes, headers, errors, the page's files."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas.api_handler import handler as api
from lambdas.api_handler import routes
from tests.unit.lakehouse.ours import AthenaOfOurs
from tests.unit.lambdas.api_handler.ours import FILES, NAMES, PAGE, RAW, Get, event

ROOT = Path(__file__).resolve().parents[4]
JANUARY = {"from_": "2026-01-03", "to": "2026-01-04"}
KPI = {
    "orders": "2", "units": "3", "revenue": "10.50", "new_customers": "1", "refunded_amount": "0.00", "sessions": "4",
    "sessions_with_purchase": "1",
}  # fmt: skip
GUARDS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def kpi_rows(*days: str) -> list[dict[str, str | None]]:
    return [{"day": f"2026-01-{day}", **KPI} for day in days]


@pytest.mark.parametrize(
    ("path", "kind", "file"),
    [
        ("/", "text/html; charset=utf-8", "index.html"),
        ("/static/index.html", "text/html; charset=utf-8", "index.html"),
        ("/static/styles.css", "text/css; charset=utf-8", "styles.css"),
        ("/static/app.js", "text/javascript; charset=utf-8", "app.js"),
    ],
)
def test_a_file_of_the_page(get: Get, path: str, kind: str, file: str) -> None:
    answer = get(path)
    assert (answer.status, answer.body) == (200, FILES[file])
    etag = answer.headers.pop("ETag")
    assert answer.headers == GUARDS | {"Content-Type": kind, "Cache-Control": "no-cache"}
    for asked in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = get(path, headers={"IF-None-match": asked})
        assert (again.status, again.body, again.headers["ETag"]) == (304, "", etag)
        assert again.headers["Cache-Control"] == "no-cache"
    assert get(path, headers={"If-None-Match": '"other"'}).status == 200


def test_a_file_that_changed_is_another_answer(get: Get, s3: Any) -> None:
    before = get("/static/app.js").headers["ETag"]
    s3.put_object(Bucket=PAGE, Key="app.js", Body=b"other();")
    after = get("/static/app.js", headers={"If-None-Match": before})
    assert (after.status, after.body) == (200, "other();")


@pytest.mark.parametrize(
    "path",
    [
        "/static/secret.txt",
        "/static/../handler.py",
        "/static/%2e%2e/x",
        "/static/",
        "/static/app.js/",
        "/x",
        "/api",
        "/api/",
    ],
)
def test_nothing_else_is_there(get: Get, athena: AthenaOfOurs, path: str) -> None:
    answer = get(path)
    assert (answer.status, answer.body["error"]["code"]) == (404, "NotFound")
    assert athena.asked == []


def test_an_unknown_route_says_which_there_are(get: Get) -> None:
    answer = get("/api/customers")
    assert answer.status == 404
    assert answer.body["error"]["message"].endswith(
        "/api/filters, /api/kpis, /api/top-products, /api/funnel, /api/quality, /api/pipeline"
    )
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/static/app.js", "/api/kpis", "/api/nothing"])
def test_it_only_reads(get: Get, method: str, path: str) -> None:
    answer = get(path, method)
    assert (answer.status, answer.headers["Allow"], answer.body["error"]["code"]) == (405, "GET", "MethodNotAllowed")


def test_filters(get: Get, athena: AthenaOfOurs) -> None:
    athena.rows["days"] = [{"first_day": "2026-01-01", "last_day": "2026-01-31", "currency": "USD"}]
    athena.rows["categories"] = [
        {"category": "Toys", "revenue": "2.00"},
        {"category": "Home & Garden", "revenue": "1.00"},
    ]
    answer = get("/api/filters")
    assert answer.body == {
        "first_day": "2026-01-01", "last_day": "2026-01-31", "currency": "USD", "categories": ["Toys", "Home & Garden"],
    }  # fmt: skip
    etag = answer.headers.pop("ETag")
    assert answer.headers == GUARDS | {
        "Content-Type": "application/json; charset=utf-8",
        "Cache-Control": "private, max-age=60",
        "Vary": "X-Api-Key, Authorization",
    }
    assert get("/api/filters", headers={"If-None-Match": etag}).status == 304


def test_kpis_of_a_period_and_of_the_one_before(get: Get, athena: AthenaOfOurs) -> None:
    athena.rows["daily_kpis"] = kpi_rows("01", "03", "04")
    answer = get("/api/kpis", **JANUARY)
    assert athena.asked == [("daily_kpis", ("'2026-01-01'", "'2026-01-04'"))]
    assert answer.body["period"] == {"from": "2026-01-03", "to": "2026-01-04"}
    assert answer.body["before"] == {"from": "2026-01-01", "to": "2026-01-02"}
    totals = answer.body["totals"]
    assert (totals["orders"], totals["revenue"], totals["average_order_value"]) == (4, "21.00", "5.25")
    assert (totals["sessions"], totals["conversion_rate"]) == (8, 0.25)
    assert (answer.body["totals_before"]["orders"], answer.body["totals_before"]["revenue"]) == (2, "10.50")
    day = {"orders": 2, "units": 3, "revenue": "10.50", "sessions": 4}
    assert answer.body["days"] == [{"day": "2026-01-03", **day}, {"day": "2026-01-04", **day}]
    assert answer.body["days_before"] == [{"day": "2026-01-01", **day}]


def test_kpis_of_a_category(get: Get, athena: AthenaOfOurs) -> None:
    athena.rows["category_kpis"] = [
        {
            "day": "2026-01-03", "orders": "1", "new_customers": "0", "units": "2", "revenue": "9.99",
            "refunded_amount": "0.00", "sessions": "4", "sessions_with_purchase": "1",
        }
    ]  # fmt: skip
    answer = get("/api/kpis", category="Kids' toys", **JANUARY)
    days = ("'2026-01-01'", "'2026-01-04'", "'2026-01'", "'2026-01'")
    assert athena.asked == [("category_kpis", ("'Kids'' toys'", *days, *days))]
    totals = answer.body["totals"]
    assert (totals["revenue"], totals["sessions"], totals["conversion_rate"]) == ("9.99", 4, 0.25)
    assert answer.body["days"] == [{"day": "2026-01-03", "orders": 1, "units": 2, "revenue": "9.99", "sessions": 4}]


def test_top_products_page_by_page(get: Get, athena: AthenaOfOurs) -> None:
    athena.rows["top_products"] = [{"place": str(n), "product_id": f"P-{n}", "revenue": "1.00"} for n in range(1, 4)]
    first = get("/api/top-products", limit="2", **JANUARY)
    assert athena.asked[-1] == ("top_products", ("'2026-01-03'", "'2026-01-04'", "'all'", "3"))
    assert [row["product_id"] for row in first.body["products"]] == ["P-1", "P-2"]
    second = get("/api/top-products", limit="2", next=first.body["next"], **JANUARY)
    assert athena.asked[-1][1][-1] == "5"
    assert [row["product_id"] for row in second.body["products"]] == ["P-3"]
    assert second.body["next"] is None
    other = get("/api/top-products", limit="2", next=first.body["next"], category="Toys", **JANUARY)
    assert (other.status, other.body["error"]["parameter"]) == (400, "next")


def test_quality_and_pipeline(get: Get, athena: AthenaOfOurs) -> None:
    athena.rows["quality_by_dataset"] = [
        {"dataset": "reviews", "rules": "4", "passed": "3", "errors": "0", "warnings": "1"}
    ]
    athena.rows["data_quality"] = [{"dataset": "reviews", "rule": "a"}, {"dataset": "reviews", "rule": "b"}]
    athena.rows["reconciliation"] = [{"control": "revenue", "processed": "1.00", "curated": "1.01"}]
    answer = get("/api/quality", limit="1").body
    assert (answer["datasets"][0]["passed"], answer["broken"]) == (3, [{"dataset": "reviews", "rule": "a"}])
    assert answer["differences"] == [{"control": "revenue", "processed": "1.00", "curated": "1.01"}]
    assert get("/api/quality", limit="1", next=answer["next"]).body["broken"] == [{"dataset": "reviews", "rule": "b"}]
    times = {"started_at": "2026-01-01 10:00:00.000", "ended_at": "2026-01-01 10:01:00.000", "seconds": "60.0"}
    run = {"run_id": "r", "state": "SUCCEEDED", "error": None, **times}
    athena.rows["pipeline_runs"] = [{**run, "position": "0", "step": "(run)"}, {**run, "position": "1", "step": "Open"}]
    (found,) = get("/api/pipeline").body["runs"]
    assert (found["started_at"], found["seconds"], found["error"]) == ("2026-01-01T10:00:00Z", 60.0, None)
    assert [step["step"] for step in found["steps"]] == ["Open"]


@pytest.mark.parametrize("path", routes.API)
def test_a_wrong_parameter_is_named_and_nothing_is_asked(get: Get, athena: AthenaOfOurs, path: str) -> None:
    answer = get(path, sort="1; DROP TABLE x")
    assert answer.status == 400
    assert answer.body["error"]["code"] == "BadParameter"
    assert answer.body["error"]["parameter"] == "sort"
    assert answer.body["error"]["request_id"] == "req-1"
    assert athena.asked == []


def test_the_same_data_is_asked_once_and_new_data_again(get: Get, athena: AthenaOfOurs, s3: Any) -> None:
    def asked() -> int:
        get("/api/funnel", **JANUARY)
        return len(athena.asked)

    assert (asked(), asked()) == (1, 1)
    s3.put_object(Bucket=RAW, Key="control/transform.json", Body=b'{"state": "RUNNING"}')
    assert (asked(), asked()) == (2, 2)
    s3.put_object(Bucket=RAW, Key="control/transform.json", Body=b'{"state": "SUCCEEDED"}')
    assert (asked(), asked()) == (3, 3)


def test_a_failure_tells_the_caller_nothing_but_an_id(
    get: Get, athena: AthenaOfOurs, capsys: pytest.CaptureFixture[str]
) -> None:
    athena.rows["conversion_funnel"] = "GENERIC_INTERNAL_ERROR: s3://lake-curated/secret"
    answer = get("/api/funnel", **JANUARY)
    assert answer.status == 500
    assert answer.body == {
        "error": {
            "code": "InternalError",
            "message": "something went wrong here; the log has more under the request_id",
            "request_id": "req-1",
        }
    }
    assert answer.headers["Cache-Control"] == "no-store"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = next(line for line in lines if line["level"] == "ERROR")
    assert "s3://lake-curated/secret" in told["error"]["message"]
    assert told["request_id"] == "req-1"


def test_a_bucket_that_is_gone_is_a_failure_not_a_page(get: Get, s3: Any) -> None:
    for name in FILES:
        s3.delete_object(Bucket=PAGE, Key=name)
    s3.delete_bucket(Bucket=PAGE)
    assert get("/").status == 500


def test_no_key_is_ever_written_down(get: Get, capsys: pytest.CaptureFixture[str]) -> None:
    get("/api/funnel", headers={"x-api-key": "s3cr3t-key", "Authorization": "s3cr3t-token"}, **JANUARY)
    assert "s3cr3t" not in capsys.readouterr().out


def test_an_event_without_lists_of_values_is_read_too(s3: Any, athena: AthenaOfOurs) -> None:
    given = event("/api/funnel", **{"from": "2026-01-01", "to": "2026-01-02"})
    del given["multiValueQueryStringParameters"]
    assert api.handler(given, SimpleNamespace(aws_request_id="r"))["statusCode"] == 200


def test_every_question_has_as_many_values_as_its_file_has_parameters(get: Get, athena: AthenaOfOurs) -> None:
    athena.rows["days"] = [{"first_day": "2026-01-01", "last_day": "2026-01-31", "currency": "USD"}]
    for path, (_, known) in routes.API.items():
        get(path, **(JANUARY if "from" in known else {}))
    get("/api/kpis", category="toys", **JANUARY)
    asked = dict(athena.asked)
    assert set(asked) == set(NAMES)
    files = {name: (ROOT / "sql" / "queries" / f"{name}.sql").read_text() for name in NAMES}
    assert {name: len(values) for name, values in asked.items()} == {
        name: sum(line.count("?") for line in text.splitlines() if not line.startswith("--"))
        for name, text in files.items()
    }


def test_it_answers_before_the_gateway_gives_up() -> None:
    text = (ROOT / "infra" / "modules" / "lambda-processors" / "functions.tf").read_text()
    (timeout,) = [
        int(line.split("=")[1].split("#")[0])
        for line in text.partition("api_handler = {")[2].splitlines()[:4]
        if "timeout" in line
    ]
    assert api.TIMEOUT < timeout <= 29


@pytest.mark.parametrize("word", ["TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND"])
def test_before_the_first_run_there_is_nothing(get: Get, athena: AthenaOfOurs, word: str) -> None:
    athena.rows["days"] = f"{word}: line 3:6: Table 'awsdatacatalog.curated.daily_kpis' does not exist"
    answer = get("/api/filters")
    assert (answer.status, answer.body["error"]["code"]) == (503, "NoDataYet")
    assert answer.headers["Retry-After"] == "30"
    assert "daily_kpis" not in answer.body["error"]["message"]


def test_what_takes_too_long_is_stopped_and_told(
    get: Get, athena: AthenaOfOurs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "TIMEOUT", 0.05)
    athena.running.add("days")
    answer = get("/api/filters")
    assert (answer.status, answer.body["error"]["code"], answer.headers["Retry-After"]) == (504, "TooSlow", "5")
    assert athena.stopped[0] == "days/1"
