"""A bill, as `lakehouse.cost.document` has it, as people read it."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from streamlit_app import formats

UNKNOWN = "unknown"
_LEAST = Decimal("0.0001")

type Document = Mapping[str, Any]


def usd(amount: str | Decimal | None) -> str:
    """An amount with as many digits as small prices need, e.g. `$0.0587`."""
    if amount is None:
        return UNKNOWN
    rounded = Decimal(amount).quantize(_LEAST, ROUND_HALF_UP)
    return f"${rounded:,}" if rounded or not Decimal(amount) else f"< ${_LEAST}"


def total(document: Document) -> str:
    """The sum of what is known."""
    return usd(document["total_usd"])


def unknown(document: Document) -> int:
    """How many lines have an amount that no API tells: the total is without them."""
    return sum(1 for line in document["lines"] if line["usd"] is None)


def by_service(document: Document) -> pd.DataFrame:
    """What each service costs, the most first: service, usd, amount (in words); without those that cost nothing."""
    sums: dict[str, Decimal] = {}
    for line in document["lines"]:
        sums[line["service"]] = sums.get(line["service"], Decimal(0)) + Decimal(line["usd"] or 0)
    found = sorted(((name, amount) for name, amount in sums.items() if amount), key=lambda item: -item[1])
    rows = [{"service": name, "usd": float(amount), "amount": usd(amount)} for name, amount in found]
    return pd.DataFrame(rows, columns=["service", "usd", "amount"])


def lines(document: Document) -> pd.DataFrame:
    """The lines as people read them."""
    rows = [
        (
            line["service"],
            line["what"],
            UNKNOWN if line["quantity"] is None else _number(line["quantity"]),
            line["unit"],
            _price(line),
            usd(line["usd"]),
            line["note"],
        )
        for line in document["lines"]
    ]
    return pd.DataFrame(rows, columns=["Service", "What", "Quantity", "Unit", "Price", "USD", "Note"])


def _number(text: str) -> str:
    number = Decimal(text).quantize(Decimal("0.001"), ROUND_HALF_UP)
    return f"{number:,f}".rstrip("0").rstrip(".")


def _price(line: Mapping[str, str]) -> str:
    return f"${line['price_usd']} for {formats.number(int(Decimal(line['price_per'])))}"


def when(document: Document) -> tuple[str, str]:
    """From when until when, UTC, to the minute."""
    spans: Sequence[Mapping[str, str]] = document["spans"]
    first, last = spans[0]["start"], spans[-1]["end"]
    return first[:16].replace("T", " "), last[:16].replace("T", " ")
