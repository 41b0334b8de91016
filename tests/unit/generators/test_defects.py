"""Dirt is what the report says, no more and no less: checked by a validator that knows the contract only."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.unit.generators.written import DATASETS, contract, faults, generate, text

REASONS = {
    "missing": "MISSING_VALUE",
    "wrong_type": "BAD_TYPE",
    "wrong_pattern": "BAD_PATTERN",
    "not_allowed": "NOT_ALLOWED",
    "out_of_range": "OUT_OF_RANGE",
    "repeat": "DUPLICATE",
    "second_report": "DUPLICATE",
    "orphan": None,
    "late": None,
}
IMPOSSIBLE = {
    "products": {"orphan"},
    "clickstream": {"out_of_range"},
    "reviews": {"not_allowed"},
    "transactions": set(),
}
EVENT_TIME = {"transactions": "transaction_ts", "products": "listed_at", "reviews": "review_ts"}


def dirty(dataset: str, folder: Path, *arguments: Any, suffix: str = "csv") -> tuple[pd.DataFrame, dict[str, Any]]:
    report = folder / "new" / "report.json"
    path = generate(dataset, folder / f"dirty.{suffix}", *arguments, "--defects-report", report)
    return text(path), json.loads(report.read_text())


def wanted(dataset: str, suffix: str = "csv") -> set[str]:
    return set(REASONS) - IMPOSSIBLE[dataset] - ({"wrong_type"} if suffix == "parquet" else set())


def duplicates(frame: pd.DataFrame, bad: pd.DataFrame, dataset: str) -> int:
    """How many good rows have the key of another good row."""
    good = frame.drop(index=bad.row.unique())
    return int(good.duplicated(list(contract(dataset).key)).sum())


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize(("rows", "share"), [(5000, 0.02), (3000, 0.5), (40, 0.25), (2, 0.5), (1, 0.5)])
def test_counts_are_those_of_the_report(dataset: str, suffix: str, rows: int, share: float, tmp_path: Path) -> None:
    world = ("--products", 5000, "--seed", 8)
    frame, report = dirty(dataset, tmp_path, "--rows", rows, "--defects", share, *world, suffix=suffix)
    bad = faults(frame, dataset)
    assert len(frame) == report["rows"] == rows
    assert not bad.row.duplicated().any()  # a bad row is bad in one way
    found = Counter(bad.reason)
    found["DUPLICATE"] = duplicates(frame, bad, dataset)
    assert +found == report["reasons"]
    assert report["rejected"] == found.total()
    assert report["good"] == rows - found.total()
    kinds = {kind: entry["rows"] for kind, entry in report["defects"].items()}
    assert sum(kinds.values()) == int(rows * share)
    assert {kind: entry["reason"] for kind, entry in report["defects"].items()} == REASONS
    possible = [kinds[kind] for kind in wanted(dataset, suffix)]
    assert max(possible) - min(possible) <= 1  # kinds take turns
    by_column = Counter(zip(bad.reason, bad.column, strict=True))
    told = {
        (entry["reason"], column): count
        for entry in report["defects"].values()
        for column, count in entry["columns"].items()
        if entry["reason"]
    }
    assert by_column == told


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("kind", REASONS)
def test_one_kind_alone(dataset: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--rows", 500, "--defects", 0.1, "--defect-kinds", kind)
    if kind in IMPOSSIBLE[dataset]:
        with pytest.raises(SystemExit, match="2"):
            dirty(dataset, tmp_path, *arguments)
        assert f"'{kind}' is no defect that {dataset} as csv can have" in capsys.readouterr().err
        return
    frame, report = dirty(dataset, tmp_path, *arguments)
    bad = faults(frame, dataset)
    copies = kind in ("repeat", "second_report")
    assert report["defects"][kind]["rows"] == 50
    assert duplicates(frame, bad, dataset) == (50 if copies else 0)
    assert Counter(bad.reason) == ({REASONS[kind]: 50} if REASONS[kind] and not copies else {})
    assert report["good"] == (450 if REASONS[kind] else 500)


@pytest.mark.parametrize("dataset", DATASETS)
def test_rows_without_a_defect_are_those_of_the_clean_file(dataset: str, tmp_path: Path) -> None:
    world = ("--products", 600, "--seed", 9)
    clean = text(generate(dataset, tmp_path / "clean.csv", "--rows", 600, *world))
    kinds = ",".join(sorted(wanted(dataset) - {"repeat", "second_report"}))
    frame, _ = dirty(dataset, tmp_path, "--rows", 600, "--defects", 0.1, "--defect-kinds", kinds, *world)
    changed = (frame.fillna("") != clean.fillna("")).sum(axis=1)
    assert (changed > 0).sum() == 60
    assert changed.max() <= 2  # a cell, or the two moments of a late row


@pytest.mark.parametrize("dataset", DATASETS)
def test_repeats_are_exact_and_second_reports_later(dataset: str, tmp_path: Path) -> None:
    key, latest = contract(dataset).key[0], contract(dataset).latest_by
    arguments = ("--rows", 400, "--defects", 0.2, "--defect-kinds")
    frame, _ = dirty(dataset, tmp_path, *arguments, "repeat")
    assert frame.duplicated().sum() == frame.duplicated(key).sum() == 80
    assert frame.duplicated().iloc[:320].any()  # among the others, not behind them
    frame, _ = dirty(dataset, tmp_path, *arguments, "second_report")
    twice = frame[frame.duplicated(key, keep=False)].sort_values([key, latest])
    first, second = twice.iloc[::2].reset_index(drop=True), twice.iloc[1::2].reset_index(drop=True)
    assert len(second) == 80
    assert (second[key] == first[key]).all()
    assert (second[latest] > first[latest]).all()
    changes = {"transactions": "status", "products": "price", "clickstream": latest, "reviews": "helpful_votes"}
    others = [column for column in frame if column not in (latest, changes[dataset])]
    assert (second[others].fillna("") == first[others].fillna("")).all(axis=None)
    assert (second[changes[dataset]] != first[changes[dataset]]).mean() > 0.8
    if dataset == "transactions":
        assert (second.status == "refunded").all()


def test_orphans_exist_nowhere(tmp_path: Path) -> None:
    world = ("--seed", 5, "--defects", 0.1, "--defect-kinds", "orphan")
    products = text(generate("products", tmp_path / "p.csv", "--seed", 5))
    orders = text(generate("transactions", tmp_path / "t.csv", "--seed", 5))
    known = {
        "product_id": set(products.product_id),
        "order_id": set(orders.order_id),
        "customer_id": set(orders.customer_id),
    }
    for dataset, columns in (
        ("transactions", ["product_id"]),
        ("clickstream", ["product_id", "order_id", "customer_id"]),
        ("reviews", ["order_id", "product_id"]),
    ):
        frame, report = dirty(dataset, tmp_path, "--rows", 1000, *world)
        unknown = {column: (~frame[column].dropna().isin(known[column])).sum() for column in columns}
        assert sum(unknown.values()) == 100
        assert {column: n for column, n in unknown.items() if n} == report["defects"]["orphan"]["columns"]
        assert faults(frame, dataset).empty


@pytest.mark.parametrize("dataset", DATASETS)
def test_late_rows_are_late(dataset: str, tmp_path: Path) -> None:
    arguments = ("--rows", 500, "--products", 500, "--seed", 6)
    clean = text(generate(dataset, tmp_path / "clean.csv", *arguments))
    frame, _ = dirty(dataset, tmp_path, *arguments, "--defects", 0.1, "--defect-kinds", "late")
    if dataset == "clickstream":
        delay = pd.to_datetime(frame.received_at) - pd.to_datetime(frame.event_ts)
        assert (delay > pd.Timedelta(days=2)).sum() == 50
        return
    column = EVENT_TIME[dataset]
    age = pd.to_datetime(clean[column]) - pd.to_datetime(frame[column])
    assert ((age >= pd.Timedelta(days=40)) & (age <= pd.Timedelta(days=400))).sum() == 50
    assert (age == pd.Timedelta(0)).sum() == 450


def test_json_quotes_only_what_is_no_number(tmp_path: Path) -> None:
    path = generate(
        "transactions", tmp_path / "a.jsonl", "--rows", 300, "--defects", 0.5, "--defect-kinds", "wrong_type"
    )
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert {row["quantity"] for row in rows if isinstance(row["quantity"], str)} == {"many", "two"}
    assert 1.5 in {row["quantity"] for row in rows}
    assert {type(row["unit_price"]) for row in rows} == {float, str}


def test_by_default_products_are_all_there_whatever_repeats(tmp_path: Path) -> None:
    kinds = ("--defect-kinds", "second_report")
    frame, report = dirty("products", tmp_path, "--products", 90, "--defects", 0.1, *kinds)
    assert report["defects"]["second_report"]["rows"] == 9
    assert len(frame) == 99
    assert frame.product_id.nunique() == 90
