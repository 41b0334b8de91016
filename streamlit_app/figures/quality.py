"""The answers to the quality rules, run by run, and what is broken now."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from streamlit_app import formats
from streamlit_app.figures import words
from streamlit_app.figures.tile import Tile

HOLDS, WARNING, ERROR = "holds", "broken: warning", "broken: error"
ANSWERS = (HOLDS, WARNING, ERROR)
_SIGNS = {
    "mustBe": "=",
    "mustNotBe": "≠",
    "mustBeGreaterThan": ">",
    "mustBeGreaterOrEqualTo": "≥",
    "mustBeLessThan": "<",
    "mustBeLessOrEqualTo": "≤",
}

type Row = Mapping[str, Any]


def answer(row: Row) -> str:
    """What a rule said: one of `ANSWERS`."""
    return HOLDS if row["passed"] else ERROR if row["severity"] == "error" else WARNING


def figure(value: float | None, unit: str) -> str:
    """A figure with its unit, e.g. `7,264.7 hours`."""
    if value is None or pd.isna(value):
        return formats.NONE
    number = f"{value:,.1f}".removesuffix(".0")
    return f"{number} {unit}"


def wanted(row: Row) -> str:
    """What a rule asks for, e.g. `≤ 48 hours`."""
    return f"{_SIGNS.get(row['operator'], row['operator'])} {figure(row['threshold'], row['unit'])}"


def _times(rows: Iterable[Row]) -> dict[str, str]:
    """Run → when its first rule was checked, the earliest run first."""
    first: dict[str, Any] = {}
    for row in rows:
        run = row["run_id"]
        first[run] = min(first.get(run, row["checked_at"]), row["checked_at"])
    return {run: words.moment(first[run]) for run in sorted(first, key=lambda run: (first[run], run))}


def by_run(rows: Sequence[Row]) -> pd.DataFrame:
    """The share of rules that hold, by run and dataset.

    Args:
        rows: one a run, dataset and rule, as `quality_history` gives them.

    Returns:
        run (when it was checked), dataset, rules, holding, share; the earliest run first.
    """
    times = _times(rows)
    groups: dict[tuple[str, str], list[bool]] = {}
    for row in rows:
        groups.setdefault((row["run_id"], row["dataset"]), []).append(bool(row["passed"]))
    order = {run: place for place, run in enumerate(times)}
    found = [
        {
            "run": times[run],
            "dataset": dataset,
            "rules": len(all_),
            "holding": sum(all_),
            "share": sum(all_) / len(all_),
        }
        for (run, dataset), all_ in sorted(groups.items(), key=lambda item: (order[item[0][0]], item[0][1]))
    ]
    return pd.DataFrame(found, columns=["run", "dataset", "rules", "holding", "share"])


def by_rule(rows: Sequence[Row], dataset: str) -> pd.DataFrame:
    """What each rule of a dataset said in each run: run, rule, answer, observed, wanted; the earliest run first."""
    mine = [row for row in rows if row["dataset"] == dataset]
    times = _times(rows)
    order = {run: place for place, run in enumerate(times)}
    found = [
        {
            "run": times[row["run_id"]],
            "rule": row["rule"],
            "answer": answer(row),
            "observed": figure(row["observed"], row["unit"]),
            "wanted": wanted(row),
        }
        for row in sorted(mine, key=lambda row: (order[row["run_id"]], row["rule"]))
    ]
    return pd.DataFrame(found, columns=["run", "rule", "answer", "observed", "wanted"])


def datasets(rows: Iterable[Row]) -> list[str]:
    """The datasets that have answers."""
    return sorted({row["dataset"] for row in rows})


def tiles(by_dataset: Sequence[Row], differences: Sequence[Row]) -> list[Tile]:
    """The state of the data now.

    Args:
        by_dataset: the rows of `quality_by_dataset`.
        differences: the rows of `reconciliation`.
    """
    rules, holding = (sum(row[name] for row in by_dataset) for name in ("rules", "passed"))
    broken = sum(row["errors"] + row["warnings"] for row in by_dataset)
    errors = sum(row["errors"] for row in by_dataset)
    share = formats.percent(holding / rules if rules else None)
    return [
        Tile("Rules that hold", share, help=f"{holding} of {rules}, by the latest answer to each rule."),
        Tile("Broken rules", formats.number(broken), help=f"{errors} of them errors, which stop a run."),
        Tile(
            "Zones that disagree", formats.number(len(differences)), help="Control totals, processed against curated."
        ),
    ]


def broken(rows: Iterable[Row]) -> pd.DataFrame:
    """The rules that are broken now, as people read them.

    Args:
        rows: those of `data_quality`.
    """
    columns = ["Dataset", "Rule", "Column", "Severity", "Observed", "Wanted", "Rows checked", "Checked (UTC)"]
    found = [
        (
            row["dataset"],
            row["rule"],
            row["column_name"] or "",
            row["severity"],
            figure(row["observed"], row["unit"]),
            wanted(row),
            row["rows_checked"],
            words.moment(row["checked_at"]),
        )
        for row in rows
    ]
    return pd.DataFrame(found, columns=columns)


def differences(rows: Iterable[Row]) -> pd.DataFrame:
    """Where the zones disagree, as people read it.

    Args:
        rows: those of `reconciliation`.
    """
    found = [(row["control"], row["processed"], row["curated"], row["curated"] - row["processed"]) for row in rows]
    return pd.DataFrame(found, columns=["What is counted", "Processed zone", "Curated zone", "Difference"])
