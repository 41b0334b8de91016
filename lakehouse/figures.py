"""What the rows of the named queries tell: totals, steps of a funnel, runs. Pure functions: no AWS."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")
STEPS = ("sessions", "product_views", "carts", "checkouts", "purchases")
# Of a day: what may be added up. Customers may not: one who came on two days is one.
SUMS = ("orders", "units", "revenue", "new_customers", "refunded_amount", "sessions", "sessions_with_purchase")
DAILY = ("day", "orders", "units", "revenue", "sessions")

type Row = Mapping[str, Any]


@dataclass(frozen=True)
class Period:
    """Days from the first to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def before(self) -> "Period":
        """As many days, just before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def texts(self) -> tuple[str, str]:
        """First and last day as text."""
        return self.first.isoformat(), self.last.isoformat()

    def months(self) -> tuple[str, str]:
        """First and last month as text, e.g. 2026-01."""
        return self.first.isoformat()[:7], self.last.isoformat()[:7]


def within(rows: Iterable[Row], period: Period) -> list[Row]:
    """The rows whose day lies in a period."""
    return [row for row in rows if period.first <= row["day"] <= period.last]


def totals(rows: Sequence[Row]) -> dict[str, Any]:
    """The figures of a period.

    Args:
        rows: one a day, as the named queries `daily_kpis` and `category_kpis` give them.

    Returns:
        sums, `average_order_value` (revenue by order, to the cent; None without an order) and `conversion_rate` (the
        share of sessions with a purchase; None without a session).
    """
    found: dict[str, Any] = {
        name: sum((row[name] for row in rows), Decimal("0.00") if name in ("revenue", "refunded_amount") else 0)
        for name in SUMS
    }
    orders, sessions = found["orders"], found["sessions"]
    average = (found["revenue"] / orders).quantize(CENT, ROUND_HALF_UP) if orders else None
    rate = found["sessions_with_purchase"] / sessions if sessions else None
    return found | {"average_order_value": average, "conversion_rate": rate}


def daily(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """What is drawn of each day."""
    return [{name: row[name] for name in DAILY} for row in rows]


def funnel(rows: Sequence[Row]) -> dict[str, Any]:
    """The funnel as a whole, and by device and by source.

    Args:
        rows: one a device and source, with the sessions that reached each step.

    Returns:
        `steps` ([{step, sessions, share}], share of all sessions or None), `by_device` and `by_source` ([{name,
        sessions, purchases, conversion_rate}], the most sessions first), `rows`.
    """
    sums = {step: sum(row[step] for row in rows) for step in STEPS}
    everyone = sums["sessions"]
    return {
        "steps": [{"step": step, "sessions": sums[step], "share": _share(sums[step], everyone)} for step in STEPS],
        "by_device": _grouped(rows, "device"),
        "by_source": _grouped(rows, "source"),
        "rows": list(rows),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _grouped(rows: Sequence[Row], column: str) -> list[dict[str, Any]]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    found = []
    for name, members in groups.items():
        sessions, purchases = (sum(row[step] for row in members) for step in ("sessions", "purchases"))
        rate = _share(purchases, sessions)
        found.append({"name": name, "sessions": sessions, "purchases": purchases, "conversion_rate": rate})
    return sorted(found, key=lambda row: (-row["sessions"], str(row["name"])))


def runs(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The runs of the pipeline, the latest first, each with its steps.

    Args:
        rows: one a run and one a step of it; a run's own has position 0.
    """
    found: dict[str, dict[str, Any]] = {}
    columns = ("state", "started_at", "ended_at", "seconds", "error")
    for row in sorted(rows, key=lambda row: (row["run_id"], row["position"])):
        told = {name: row[name] for name in columns}
        if row["position"] == 0:
            found[row["run_id"]] = {"run_id": row["run_id"], **told, "steps": []}
        else:
            found[row["run_id"]]["steps"].append({"step": row["step"], **told})
    ordered = sorted(found.values(), key=lambda run: str(run["run_id"]))
    return sorted(ordered, key=lambda run: run["started_at"], reverse=True)
