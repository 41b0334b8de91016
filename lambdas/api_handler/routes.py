"""What the API answers to: one function a route, and the table of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lakehouse import asking, figures
from lakehouse.asking import EVERY
from lakehouse.athena_helper import QueryFailedError
from lakehouse.figures import Period
from lakehouse.named_queries import NamedQueries, Question, Rows

from . import parameters
from .messages import ApiError, Request, Response, json_response
from .page import Page

DEFAULT_ROWS = 20
# For a minute a browser need not ask again, and it never shows one key's answers to another.
CACHED = {"Cache-Control": "private, max-age=60", "Vary": "X-Api-Key, Authorization"}

type Values = Mapping[str, Any]


@dataclass(frozen=True)
class Lake:
    """What answers are made of: the named queries, and the files of the page."""

    athena: NamedQueries
    page: Page


def filters(lake: Lake, _values: Values) -> Any:
    """What can be asked for: the days that there are figures of, the currency, the categories."""
    (days, *_), categories = lake.athena.ask(Question("days"), Question("categories"))
    return {
        **{name: days[name] for name in ("first_day", "last_day", "currency")},
        "categories": [row["category"] for row in categories],
    }


def kpis(lake: Lake, values: Values) -> Any:
    """The figures of a period beside those of the period before, and day by day; of all categories or of one."""
    period = parameters.period(values)
    before, category = period.before(), values.get("category", EVERY)
    both = Period(before.first, period.last)
    (rows,) = lake.athena.ask(asking.daily_kpis(both, category))
    now, then = figures.within(rows, period), figures.within(rows, before)
    return {
        "period": _told(period),
        "before": _told(before),
        "category": category,
        "totals": figures.totals(now),
        "totals_before": figures.totals(then),
        "days": figures.daily(now),
        "days_before": figures.daily(then),
    }


def _told(period: Period) -> dict[str, date]:
    """A period as the caller wrote it."""
    return {"from": period.first, "to": period.last}


def top_products(lake: Lake, values: Values) -> Any:
    """The products with the greatest revenue of a period, page by page."""
    period, category = parameters.period(values), values.get("category", EVERY)
    query = ("top-products", *period.texts(), category)

    def ask(count: int) -> Rows:
        (rows,) = lake.athena.ask(Question("top_products", (*period.texts(), category, count)))
        return rows

    rows, following = _paged(values, query, ask)
    return {"period": _told(period), "category": category, "products": rows, "next": following}


def funnel(lake: Lake, values: Values) -> Any:
    """From the session to the purchase."""
    period = parameters.period(values)
    (rows,) = lake.athena.ask(Question("conversion_funnel", period.texts()))
    return {"period": _told(period), **figures.funnel(rows)}


def quality(lake: Lake, values: Values) -> Any:
    """Which rules hold, by dataset; the broken ones page by page; where the zones disagree."""
    datasets, broken, differences = lake.athena.ask(
        Question("quality_by_dataset"), Question("data_quality"), Question("reconciliation")
    )
    page, following = _paged(values, ("quality",), lambda _count: broken)
    return {"datasets": datasets, "broken": page, "differences": differences, "next": following}


def pipeline(lake: Lake, values: Values) -> Any:
    """The runs of the pipeline with their steps, the latest first, page by page."""

    def ask(count: int) -> Rows:
        (rows,) = lake.athena.ask(Question("pipeline_runs", (count,)))
        return figures.runs(rows)

    page, following = _paged(values, ("pipeline",), ask)
    return {"runs": page, "next": following}


def _paged(values: Values, query: Any, ask: Callable[[int], Rows]) -> tuple[Rows, str | None]:
    """A page of a list; `ask` is given how many rows are needed at least, one more than the page's end."""
    size = values.get("limit", DEFAULT_ROWS)
    offset = parameters.offset_of(query, values.get("next"))
    return parameters.page(ask(offset + size + 1), query, offset, size)


# path → the answer, and the parameters that it takes
API: Mapping[str, tuple[Callable[[Lake, Values], Any], tuple[str, ...]]] = {
    "/api/filters": (filters, ()),
    "/api/kpis": (kpis, ("from", "to", "category")),
    "/api/top-products": (top_products, ("from", "to", "category", "limit", "next")),
    "/api/funnel": (funnel, ("from", "to")),
    "/api/quality": (quality, ("limit", "next")),
    "/api/pipeline": (pipeline, ("limit", "next")),
}


def answer(lake: Lake, request: Request) -> Response:
    """The answer to a request.

    Raises:
        ApiError: what the caller is to be told instead.
    """
    path = request.path
    if request.method != "GET":
        raise ApiError(405, "MethodNotAllowed", "this API only reads: use GET", headers={"Allow": "GET"})
    if path in API:
        make, known = API[path]
        values = parameters.read(request.parameters, known)
        try:
            return json_response(make(lake, values), headers=CACHED)
        except QueryFailedError as error:
            raise _refusal(error) from error
    if path == "/" or path.startswith("/static/"):
        return lake.page.file(path.removeprefix("/static/") if path != "/" else "index.html")
    raise ApiError(404, "NotFound", f"there is nothing here; there is {', '.join(API)}")


def _refusal(error: QueryFailedError) -> Exception:
    """What a failed query is for the caller."""
    if isinstance(error, TimeoutError):
        later = {"Retry-After": "5"}
        return ApiError(504, "TooSlow", "the answer takes too long; ask for fewer days, or again later", headers=later)
    if "TABLE_NOT_FOUND" in error.reason or "SCHEMA_NOT_FOUND" in error.reason:
        later = {"Retry-After": "30"}
        message = "there are no figures yet: they are there when the pipeline has run for the first time"
        return ApiError(503, "NoDataYet", message, headers=later)
    return error
