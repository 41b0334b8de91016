"""A bill as a document for programs: JSON's types only."""

from collections.abc import Sequence
from typing import Any

from lakehouse.cost.model import Bill, Line
from lakehouse.cost.prices import READ, REGION
from lakehouse.cost.work import Work


def document(work: Work, total: Bill, notes: Sequence[str] = ()) -> dict[str, Any]:
    """A bill with what it is for. Numbers are texts, not rounded; None is what is not known.

    Args:
        work: what is paid for.
        total: the bill.
        notes: what else the reader should know.
    """
    return {
        "title": work.title,
        "executions": list(work.executions),
        "spans": [{"start": span.start.isoformat(), "end": span.end.isoformat()} for span in work.spans],
        "lines": [_line(line) for line in total.lines],
        "total_usd": str(total.total),
        "region": REGION,
        "prices_read": READ,
        "notes": list(notes),
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "item": line.quantity.item,
        "service": line.price.service,
        "what": line.price.what,
        "quantity": None if line.quantity.amount is None else str(line.quantity.amount),
        "unit": line.price.unit,
        "price_usd": str(line.price.usd),
        "price_per": str(line.price.per),
        "usd": None if line.usd is None else str(line.usd),
        "note": line.quantity.note,
        "source": line.price.source,
    }
