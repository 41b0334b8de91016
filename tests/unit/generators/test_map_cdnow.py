"""The mapped CDNOW purchases say what pandas reads in the package's own file."""

import csv
import io
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest
import yaml

from generators import map_cdnow
from lakehouse import contracts

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = contracts.parse(yaml.safe_load((ROOT / "contracts" / "transactions.odcs.yaml").read_text()))


@pytest.fixture(scope="module")
def purchases() -> pd.DataFrame:
    names = ["customer", "sample", "day", "discs", "dollars"]
    return pd.read_csv(map_cdnow.locate(), sep=r"\s+", names=names, dtype=str)


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    path = tmp_path_factory.mktemp("cdnow") / "cdnow.csv"
    map_cdnow.main(["--output", str(path)])
    return list(csv.DictReader(io.StringIO(path.read_text())))


def test_a_row_a_purchase(purchases: pd.DataFrame, mapped: list[dict[str, str]]) -> None:
    assert len(mapped) == len(purchases) == 6919
    assert tuple(mapped[0]) == CONTRACT.header
    assert len({row["transaction_id"] for row in mapped}) == 6919
    assert [row["customer_id"] for row in mapped] == ("CDN" + purchases.customer).to_list()
    assert [row["quantity"] for row in mapped] == purchases.discs.to_list()
    assert [row["total_amount"] for row in mapped] == purchases.dollars.to_list()


def test_daily_revenue_is_that_of_pandas(purchases: pd.DataFrame, mapped: list[dict[str, str]]) -> None:
    dollars = purchases.dollars.map(Decimal)
    expected = {
        f"{day[:4]}-{day[4:6]}-{day[6:]}": amount for day, amount in dollars.groupby(purchases.day).sum().items()
    }
    found: dict[str, Decimal] = {}
    for row in mapped:
        day = row["transaction_ts"][:10]
        found[day] = found.get(day, Decimal(0)) + Decimal(row["total_amount"])
    assert found == expected


def test_price_is_rounded_half_up(mapped: list[dict[str, str]]) -> None:
    for row in mapped:
        price = Decimal(row["total_amount"]) / int(row["quantity"])
        assert Decimal(row["unit_price"]) == price.quantize(Decimal("0.01"), ROUND_HALF_UP), row


def test_conforms_to_the_contract(mapped: list[dict[str, str]]) -> None:
    for column in CONTRACT.landing:
        for value in {row[column.name] for row in mapped}:
            assert value or not column.required, column.name
            assert not value or not column.pattern or re.fullmatch(column.pattern, value), (column.name, value)
            assert not column.allowed or value in column.allowed
            assert column.minimum is None or Decimal(value) >= column.minimum


def test_a_line_that_is_no_purchase_is_named() -> None:
    good = " 00004 0001 19970101  2   29.33"
    with pytest.raises(ValueError, match=r"line 2 is no purchase: '00004 0001'"):
        map_cdnow.map_purchases([good, "00004 0001"])
    with pytest.raises(ValueError, match="line 1 is no purchase"):
        map_cdnow.map_purchases([good.replace("29.33", "29.331")])


def test_other_formats_say_the_same(mapped: list[dict[str, str]], tmp_path: Path) -> None:
    map_cdnow.main(["--output", str(tmp_path / "cdnow.parquet")])
    frame = pd.read_parquet(tmp_path / "cdnow.parquet")
    assert frame.total_amount.map(str).to_list() == [row["total_amount"] for row in mapped]
    assert frame.transaction_ts.dt.strftime("%Y-%m-%d %H:%M:%S").to_list() == [row["transaction_ts"] for row in mapped]


def test_an_output_that_cannot_be_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        map_cdnow.main(["--output", "cdnow.xlsx"])
    assert "the name must end in" in capsys.readouterr().err
