"""Questions whose parameters take some care, for all that ask them."""

from lakehouse.figures import Period
from lakehouse.named_queries import Question

EVERY = "all"


def daily_kpis(period: Period, category: str = EVERY) -> Question:
    """The figures of each day of a period, of all categories or of one."""
    if category == EVERY:
        return Question("daily_kpis", period.texts())
    days = (*period.texts(), *period.months())
    return Question("category_kpis", (category, *days, *days))


def customers(period: Period, category: str = EVERY) -> Question:
    """Who bought in a period: all, new ones and returning ones."""
    first, last = period.texts()
    return Question("customers", (first, last, first, first, last, *period.months(), category))
