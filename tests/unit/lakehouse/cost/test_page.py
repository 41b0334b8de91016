"""docs/COSTS.md says what the prices, the measured run and the model say."""

import json
import re
from decimal import Decimal

import pytest

from lakehouse.cost import PRICES, page

RUN = json.loads(page.RUN.read_text(encoding="utf-8"))
TEXT = page.PAGE.read_text(encoding="utf-8")


def test_the_page_is_not_stale() -> None:
    assert page.filled(TEXT, RUN) == TEXT, "python -m lakehouse.cost.page"


def test_a_changed_price_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    old = PRICES["glue.dpu_second"]
    dearer = {**PRICES, "glue.dpu_second": type(old)(**(vars(old) | {"usd": old.usd * 2}))}
    monkeypatch.setattr(page, "PRICES", dearer)
    assert page.filled(TEXT, RUN) != TEXT


def test_all_tables_are_there() -> None:
    assert re.findall(r"<!-- made: (\w+) -->", TEXT) == ["metrics", "prices", "run", "days"]
    for price in PRICES.values():
        assert f"| {price.service} | {price.what} | {price.usd} |" in TEXT
    with pytest.raises(KeyError, match="moon"):
        page.filled("<!-- made: moon -->\n<!-- end -->", RUN)


def test_a_day_by_hand() -> None:
    """The line of Glue, and what is paid by the month, of prod."""
    seconds = sum(Decimal(line["quantity"]) for line in RUN["lines"] if line["item"] == "glue.dpu_second")
    glue = 24 * seconds * Decimal("0.44") / 3600
    assert f" {glue:.4f} |\n" in next(line + "\n" for line in page.days(RUN) if line.startswith("| AWS Glue |"))
    key = Decimal(12) / 365
    assert f" {key:.4f} |" in next(line for line in page.days(RUN) if line.startswith("| AWS KMS |"))


def test_the_measured_run_is_a_bill_of_todays_items() -> None:
    assert {line["item"] for line in RUN["lines"]} <= set(PRICES)
    assert Decimal(RUN["total_usd"]) > 0
    known = {line["item"] for line in RUN["lines"] if line["quantity"] is not None}
    assert {"glue.dpu_second", "lambda.gb_second", "states.transition", "athena.megabyte", "s3.put", "s3.get"} <= known


def test_check_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: page.Path) -> None:
    copy = tmp_path / "COSTS.md"
    copy.write_text(TEXT.replace("| AWS Glue |", "| AWS Glow |", 1), encoding="utf-8")
    monkeypatch.setattr(page, "PAGE", copy)
    with pytest.raises(SystemExit, match="stale"):
        page.main(["--check"])
    page.main([])
    page.main(["--check"])
    assert copy.read_text(encoding="utf-8") == TEXT
