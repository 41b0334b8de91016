"""Generated files conform to the contract, are the same for the same seed, and have the shape that they promise."""

import csv
import gzip
import hashlib
import io
import re
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generators import generate_transactions, output
from lakehouse import contracts

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = contracts.parse(yaml.safe_load((ROOT / "contracts" / "transactions.odcs.yaml").read_text()))
START, END = date(2026, 1, 1), date(2026, 1, 31)


def rows_of(table: pa.Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(output.csv_bytes(table, compress=False).decode())))


def violations(rows: list[dict[str, str]]) -> list[str]:
    """What the contract finds wrong with rows read as text; written from the contract's meaning, not from the job."""
    found = []
    for column in CONTRACT.landing:
        for value in {row[column.name] for row in rows}:
            number = Decimal(value) if column.type.startswith(("decimal", "int")) and value else None
            scale = column.type.partition(",")[2].rstrip(")")
            wrong = (
                (column.required and not value)
                or (column.pattern and value and not re.fullmatch(column.pattern, value))
                or (column.allowed and value not in column.allowed)
                or (number is not None and column.minimum is not None and number < column.minimum)
                or (number is not None and column.maximum is not None and number > column.maximum)
                or (number is not None and scale and -number.as_tuple().exponent != int(scale))  # type: ignore[operator]
                or (column.type == "timestamp" and datetime.fromisoformat(value).year < 1970)
            )
            if wrong:
                found.append(f"{column.name}: {value!r}")
    return found


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 400), st.integers(0, 99_999), st.sampled_from([0.0, 0.1]))
def test_conforms_to_the_contract(rows: int, seed: int, duplicates: float) -> None:
    table = generate_transactions.generate(rows, seed, START, END, duplicates)
    text = rows_of(table)
    assert len(text) == rows
    assert tuple(table.column_names) == CONTRACT.header
    assert violations(text) == []
    assert len({row["transaction_id"] for row in text}) == rows - int(rows * duplicates)


def test_same_seed_same_bytes() -> None:
    def digest(seed: int) -> str:
        table = generate_transactions.generate(2000, seed, START, END, 0.05)
        return hashlib.sha256(output.csv_bytes(table, compress=True)).hexdigest()

    assert digest(7) == digest(7)
    assert digest(7) != digest(8)


def test_seeds_share_no_ids() -> None:
    first, second = (
        set(generate_transactions.generate(500, seed, START, END)["transaction_id"].to_pylist()) for seed in (1, 2)
    )
    assert not first & second


def test_lines_of_an_order_belong_together() -> None:
    frame = generate_transactions.generate(3000, 3, START, END).to_pandas()
    same = ["customer_id", "transaction_ts", "country", "payment_method", "currency"]
    assert (frame.groupby("order_id")[same].nunique() == 1).all(axis=None)
    assert 1.5 < len(frame) / frame.order_id.nunique() < 2.1


def test_money_adds_up_to_the_cent() -> None:
    frame = generate_transactions.generate(3000, 4, START, END).to_pandas()
    assert (frame.unit_price * frame.quantity - frame.discount == frame.total_amount).all()
    assert (frame.discount <= frame.unit_price * frame.quantity).all()


def test_days_are_those_asked_for() -> None:
    frame = generate_transactions.generate(5000, 5, START, END).to_pandas()
    assert set(frame.transaction_ts.dt.date) == set(pd.date_range(START, END).date)
    one = generate_transactions.generate(10, 5, START, START).to_pandas()
    assert set(one.transaction_ts.dt.date) == {START}


def test_second_reports_are_later_refunds_of_the_same_line() -> None:
    frame = generate_transactions.generate(2000, 6, START, END, 0.1).to_pandas()
    again = frame[frame.transaction_id.duplicated(keep=False)].sort_values(["transaction_id", "updated_at"])
    first, second = again.iloc[::2].reset_index(), again.iloc[1::2].reset_index()
    assert len(second) == 200
    assert (second.transaction_id == first.transaction_id).all()
    assert (second.updated_at > first.updated_at).all()
    assert (second.status == "refunded").all()
    same = ["order_id", "customer_id", "total_amount", "transaction_ts"]
    assert (second[same] == first[same]).all(axis=None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": 0},
        {"rows": 10_000_001},
        {"seed": -1},
        {"seed": 100_000},
        {"end": date(2025, 12, 31)},
        {"duplicates": 0.5},
    ],
)
def test_arguments_outside_their_bounds(wrong: dict) -> None:
    arguments = {"rows": 10, "seed": 1, "start": START, "end": END, "duplicates": 0.0} | wrong
    with pytest.raises(ValueError, match="are needed"):
        generate_transactions.generate(**arguments)


def test_runs_as_a_script(tmp_path: Path) -> None:
    script = ROOT / "generators" / "generate_transactions.py"
    target = tmp_path / "new" / "a.csv.gz"
    command = [sys.executable, str(script), "--rows", "100", "--seed", "9", "--output", str(target)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert "100 rows" in done.stderr
    table = generate_transactions.generate(100, 9, START, END)
    assert gzip.decompress(target.read_bytes()) == output.csv_bytes(table, compress=False)
