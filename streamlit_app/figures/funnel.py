"""How many sessions go on from step to step, as a whole and by group."""

from collections.abc import Sequence

import pandas as pd

from lakehouse import figures
from lakehouse.figures import Row
from streamlit_app.figures.measure import Measure, Totals, count, share

STEPS = {
    "sessions": "Sessions",
    "product_views": "Product views",
    "carts": "Carts",
    "checkouts": "Checkouts",
    "purchases": "Purchases",
}
MEASURES = (
    Measure("sessions", "Sessions", count, "Visits, until half an hour of silence."),
    Measure("purchases", "Sessions with a purchase", count, "Those in which somebody bought."),
    Measure("conversion", "Conversion", share, "The share of sessions with a purchase."),
)


def totals(rows: Sequence[Row]) -> Totals:
    """The figures of all sessions.

    Args:
        rows: those of `conversion_funnel`, one a device and source.
    """
    sessions, purchases = (sum(row[step] for row in rows) for step in ("sessions", "purchases"))
    return {"sessions": sessions, "purchases": purchases, "conversion": _share(purchases, sessions)}


def steps(rows: Sequence[Row]) -> pd.DataFrame:
    """The steps, from the first to the last: step, sessions, of_all, of_before (the step before; None of the first).

    Args:
        rows: those of `conversion_funnel`.
    """
    found = figures.funnel(rows)["steps"]
    before = [None, *(row["sessions"] for row in found)]
    return pd.DataFrame(
        {
            "step": [STEPS[row["step"]] for row in found],
            "sessions": [row["sessions"] for row in found],
            "of_all": [row["share"] for row in found],
            "of_before": [_share(row["sessions"], then) for row, then in zip(found, before[:-1], strict=True)],
        }
    )


def by(rows: Sequence[Row], column: str) -> pd.DataFrame:
    """The steps of each group: group, step, sessions, of_all (the group's), of_before; the greatest group first.

    Args:
        rows: those of `conversion_funnel`.
        column: `device` or `source`.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(_name(row[column]), []).append(row)
    sizes = {name: sum(row["sessions"] for row in members) for name, members in groups.items()}
    ordered = sorted(groups, key=lambda name: (-sizes[name], name))
    return pd.concat([steps(groups[name]).assign(group=name) for name in ordered], ignore_index=True)


def conversion(rows: Sequence[Row]) -> pd.DataFrame:
    """The share of sessions with a purchase: device, source, sessions, purchases, conversion.

    Args:
        rows: those of `conversion_funnel`.
    """
    found = [
        {
            "device": _name(row["device"]),
            "source": _name(row["source"]),
            "sessions": row["sessions"],
            "purchases": row["purchases"],
            "conversion": _share(row["purchases"], row["sessions"]),
        }
        for row in rows
    ]
    return pd.DataFrame(found)


def _name(value: str | None) -> str:
    """What a device or a source is called, e.g. `paid search`."""
    return value.replace("_", " ") if value else "unknown"


def _share(part: int, whole: int | None) -> float | None:
    return part / whole if whole else None
