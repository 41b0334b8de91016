"""The tables of docs/COSTS.md: `python -m lakehouse.cost.page [--check]` writes them anew between their marks.

Prices are those of the table; a run is docs/reference/cost_of_a_run.json, which is what `python -m lakehouse.cost`
printed of a real one; a day is made of it by the model.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from lakehouse.cost.model import Bill, Day, Quantity, bill, per_day
from lakehouse.cost.prices import PRICES, READ, REGION

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "COSTS.md"
RUN = ROOT / "docs" / "reference" / "cost_of_a_run.json"

# What is paid by the month, in every environment alike.
KEPT = {"kms.key_month": 1, "cloudwatch.alarm_month": 18, "cloudwatch.dashboard_month": 1}
# Runs are the schedules in infra/envs; what lies in S3 is assumed.
DAYS = {"dev": Day(1, Decimal(5), KEPT), "staging": Day(4, Decimal(20), KEPT), "prod": Day(24, Decimal(200), KEPT)}
# "Metrics and dimensions": the request metrics that a bucket in use has; and the zones' buckets.
REQUEST_METRICS, BUCKETS = 13, 6

_MARKED = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

type Rows = Iterable[Sequence[str]]


def filled(text: str, run: Mapping[str, Any]) -> str:
    """The page with its tables as they should be.

    Args:
        text: the page.
        run: the bill of a run (`lakehouse.cost.document`).

    Raises:
        KeyError: a mark names a table that there is not.
    """
    made = {"prices": prices, "run": lambda: one_run(run), "days": lambda: days(run), "metrics": metrics}
    return _MARKED.sub(lambda mark: mark[1] + "\n".join(made[mark[2]]()) + "\n" + mark[3], text)


def quantities(run: Mapping[str, Any]) -> list[Quantity]:
    """What a run used, from its bill."""
    return [
        Quantity(line["item"], None if line["quantity"] is None else Decimal(line["quantity"]), line["note"])
        for line in run["lines"]
    ]


def prices() -> Iterator[str]:
    """The table of prices."""
    yield f"{REGION}, read on {READ}:\n"
    yield from _table(
        ("service", "what", "USD", "for", "AWS's page"),
        ((one.service, one.what, str(one.usd), f"{one.per:,f} {one.unit}", one.source) for one in PRICES.values()),
    )


def one_run(run: Mapping[str, Any]) -> Iterator[str]:
    """The table of a run."""
    found = bill(quantities(run))
    rows = [
        (line.price.service, line.price.what, _number(line.quantity.amount), line.price.unit, _usd(line.usd))
        for line in found.lines
    ]
    yield from _table(
        ("service", "what", "quantity", "unit", "USD"), [*rows, ("**total**", "", "", "", f"**{_usd(found.total)}**")]
    )


def days(run: Mapping[str, Any]) -> Iterator[str]:
    """The table of a day in each environment."""
    bills = {name: bill(per_day(quantities(run), day)) for name, day in DAYS.items()}
    services = dict.fromkeys(line.price.service for found in bills.values() for line in found.lines if line.usd)
    yield from _table(
        ("", *DAYS),
        [
            ("runs a day", *(str(day.runs) for day in DAYS.values())),
            ("GB in S3", *(f"{day.stored_gb:f}" for day in DAYS.values())),
            *((service, *(_usd(_of(found, service), "0.0001") for found in bills.values())) for service in services),
            ("**USD a day**", *(f"**{_usd(found.total, '0.01')}**" for found in bills.values())),
            ("USD a month", *(_usd(found.total * 365 / 12, "0.01") for found in bills.values())),
        ],
    )


def metrics() -> Iterator[str]:
    """What S3's request metrics cost themselves."""
    found = bill([Quantity("cloudwatch.metric_month", Decimal(BUCKETS * REQUEST_METRICS))])
    yield f"{BUCKETS} buckets with {REQUEST_METRICS} metrics each: {_usd(found.total, '0.01')} USD a month."


def _table(header: Sequence[str], rows: Rows) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _of(found: Bill, service: str) -> Decimal:
    return sum((line.usd or Decimal(0) for line in found.lines if line.price.service == service), Decimal(0))


def _number(number: Decimal | None) -> str:
    if number is None:
        return "unknown"
    return f"{number.quantize(Decimal('0.001'), ROUND_HALF_UP):,f}".rstrip("0").rstrip(".")


def _usd(number: Decimal | None, places: str = "0.000001") -> str:
    return "unknown" if number is None else f"{number.quantize(Decimal(places), ROUND_HALF_UP):,f}"


def main(arguments: Sequence[str]) -> None:
    """Write the page, or with `--check` only look.

    Raises:
        SystemExit: with `--check`: it is not as it should be.
    """
    before = PAGE.read_text(encoding="utf-8")
    after = filled(before, json.loads(RUN.read_text(encoding="utf-8")))
    if "--check" not in arguments:
        PAGE.write_text(after, encoding="utf-8")
    elif before != after:
        raise SystemExit("docs/COSTS.md is stale: python -m lakehouse.cost.page")


if __name__ == "__main__":
    main(sys.argv[1:])
