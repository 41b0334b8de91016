"""What the pipeline costs on AWS: what really happened, read through AWS's APIs, at AWS's list prices.

`work` says which executions belong together (the last run, the last days), `meters` reads what they used, `rules` has
what AWS bills for it, `prices` what that costs, and `model` makes the bill. What no API tells is unknown on the bill,
never nothing.
"""

from lakehouse.cost.meters import measure
from lakehouse.cost.model import Bill, Day, Line, Quantity, bill, per_day
from lakehouse.cost.prices import PRICES, Price
from lakehouse.cost.work import NoRunError, Span, Work, last_days, last_run

__all__ = [
    "PRICES",
    "Bill",
    "Day",
    "Line",
    "NoRunError",
    "Price",
    "Quantity",
    "Span",
    "Work",
    "bill",
    "last_days",
    "last_run",
    "measure",
    "per_day",
]
