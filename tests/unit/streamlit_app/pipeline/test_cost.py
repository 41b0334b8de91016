"""A bill as people read it; its figures by hand."""

from typing import Any

import pytest

from streamlit_app.charts import bars
from streamlit_app.figures import cost


def line(service: str, usd: str | None, quantity: str | None, note: str = "") -> dict[str, Any]:
    of = {"service": service, "what": "requests", "unit": "requests", "price_usd": "0.20", "price_per": "1000000"}
    return of | {"usd": usd, "quantity": quantity, "note": note}


DOCUMENT = {
    "total_usd": "0.0712499",
    "lines": [
        line("AWS Lambda", "0.0012499", "6249.5"),
        line("AWS Glue", "0.06", "1200000"),
        line("AWS Glue", "0.01", "50"),
        line("AWS Glue", None, None, "only CloudTrail lists them"),
        line("Amazon SNS", "0", "0"),
    ],
    "spans": [{"start": "2026-01-30T12:00:00+00:00", "end": "2026-01-31T12:34:56.789+00:00"}],
}


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0.05866", "$0.0587"), ("1234.5", "$1,234.5000"), ("0", "$0.0000"), ("0.00001", "< $0.0001"), (None, "unknown")],
)
def test_small_amounts(amount: str | None, text: str) -> None:
    assert cost.usd(amount) == text


def test_the_total_and_what_it_is_without() -> None:
    assert (cost.total(DOCUMENT), cost.unknown(DOCUMENT)) == ("$0.0712", 1)
    assert cost.when(DOCUMENT) == ("2026-01-30 12:00", "2026-01-31 12:34")


def test_services_by_cost_without_those_that_cost_nothing() -> None:
    assert cost.by_service(DOCUMENT).values.tolist() == [
        ["AWS Glue", pytest.approx(0.07), "$0.0700"],
        ["AWS Lambda", pytest.approx(0.0012499), "$0.0012"],
    ]


def test_lines_with_their_notes() -> None:
    rows = cost.lines(DOCUMENT).values.tolist()
    assert rows[0] == ["AWS Lambda", "requests", "6,249.5", "requests", "$0.20 for 1,000,000", "$0.0012", ""]
    assert [row[2] for row in rows] == ["6,249.5", "1,200,000", "50", "unknown", "0"]
    assert rows[3][5:] == ["unknown", "only CloudTrail lists them"]


def test_bars_keep_the_order_and_say_their_figures() -> None:
    drawn = bars.across(cost.by_service(DOCUMENT), "service", "usd", "amount", "USD").to_dict()
    assert drawn["layer"][0]["encoding"]["y"]["sort"] == ["AWS Glue", "AWS Lambda"]
    assert drawn["layer"][1]["encoding"]["text"]["field"] == "amount"
    assert bars.across(cost.by_service({"lines": []}), "service", "usd", "amount", "USD").to_dict()["config"]
