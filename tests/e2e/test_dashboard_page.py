"""The dashboard's page in a browser: what a person sees, does and gets wrong."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from tests.e2e import accessible, truth
from tests.e2e.dashboard import found
from tests.e2e.pipeline import Pipeline

PANELS = ("kpis", "revenue", "products", "funnel", "pipeline", "quality")
WAIT = 60_000


@pytest.fixture(scope="module")
def site(stack: Any, shown: str) -> tuple[str, str]:
    return found(stack)


@pytest.fixture
def page(browser: Any, site: tuple[str, str]) -> Iterator[Any]:
    """The page before it has a key; nothing may go wrong in it unseen."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id="UTC")
    context.set_default_timeout(WAIT)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda line: broken.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto(site[0])
    yield page
    context.close()
    assert broken == []


def sign_in(page: Any, key: str) -> None:
    page.get_by_label("API key").fill(key)
    page.keyboard.press("Enter")


def loaded(page: Any) -> Any:
    """The page when every panel has its answer."""
    for panel in PANELS:
        page.locator(f'#{panel} .body[aria-busy="false"]').wait_for()
    return page


@pytest.fixture
def shop(page: Any, site: tuple[str, str]) -> Any:
    """The page with its figures."""
    sign_in(page, site[1])
    return loaded(page)


def figure(page: Any, name: str) -> str:
    return str(page.locator(f'[data-figure="{name}"]').inner_text())


def days(page: Any) -> tuple[str, str]:
    return page.locator("#from").input_value(), page.locator("#to").input_value()


def choose(page: Any, **values: str) -> None:
    for name, value in values.items():
        field = page.locator(f"#{name.rstrip('_')}")
        (field.select_option if name == "category" else field.fill)(value)
    page.wait_for_timeout(100)
    loaded(page)


def dollars(amount: Decimal) -> str:
    """As a tile shows it: halves are rounded up."""
    return f"${amount.quantize(Decimal(1), ROUND_HALF_UP):,}"


def sold(pipeline: Pipeline, first: str, last: str) -> Any:
    lines = truth.sales(truth.kept("transactions", pipeline.raw_files("transactions")))
    return lines[(lines.status == "completed") & lines.day.between(first, last)]


def test_it_asks_for_the_key_and_says_when_it_is_wrong(page: Any, site: tuple[str, str]) -> None:
    page.get_by_role("dialog", name="Which key?").wait_for()
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").is_visible(), "without a key there is nothing behind the question"
    sign_in(page, "wrong")
    page.get_by_text("The API does not know this key.").wait_for()
    assert page.locator("#panels").is_hidden()
    sign_in(page, site[1])
    loaded(page)
    assert page.get_by_role("dialog").is_hidden()


def test_the_key_stays_in_this_tab(shop: Any, browser: Any, site: tuple[str, str]) -> None:
    kept = shop.evaluate(
        "() => [JSON.stringify({...sessionStorage}), JSON.stringify({...localStorage}), document.cookie]"
    )
    assert [site[1] in place for place in kept] == [True, False, False]
    shop.reload()
    loaded(shop)
    other = browser.new_context().new_page()
    other.goto(site[0])
    other.get_by_role("dialog").wait_for()
    other.context.close()
    shop.get_by_role("button", name="Change key").click()
    assert shop.locator("#panels").is_hidden()
    assert shop.evaluate("() => sessionStorage.length") == 0


def test_the_figures_are_those_of_pandas(shop: Any, pipeline: Pipeline) -> None:
    lines = sold(pipeline, *days(shop))
    revenue, orders = truth.total(lines.amount), lines.groupby("day").order_id.nunique().sum()
    assert figure(shop, "revenue") == dollars(revenue)
    assert figure(shop, "orders") == f"{orders:,}"
    assert figure(shop, "average_order_value") == f"${truth.cents(revenue / int(orders)):,}"
    top = truth.top_products(truth.kept("transactions", pipeline.raw_files("transactions")), *days(shop), 10)
    shown_ = shop.locator("#products tbody tr td:last-child").all_inner_texts()
    assert [text.strip() for text in shown_] == [f"${amount:,}" for _, _, amount in top]


def test_filters_change_every_figure(shop: Any, pipeline: Pipeline) -> None:
    last = date.fromisoformat(days(shop)[1])
    first, end = (last - timedelta(days=9)).isoformat(), (last - timedelta(days=3)).isoformat()
    choose(shop, from_=first, to=end)
    lines = sold(pipeline, first, end)
    assert figure(shop, "revenue") == dollars(truth.total(lines.amount))
    assert shop.locator("#revenue tbody tr").count() == 7
    category = shop.locator("#category option").nth(1).get_attribute("value")
    choose(shop, category=category)
    catalogue = truth.kept("products", pipeline.raw_files("products")).set_index("product_id").category
    sales = truth.kept("transactions", pipeline.raw_files("transactions"))
    ours = lines[lines.product_id.map(catalogue) == category]
    assert figure(shop, "revenue") == dollars(truth.total(ours.amount))
    clicks = truth.kept("clickstream", pipeline.raw_files("clickstream"))
    about = truth.category_kpis(sales, clicks, set(catalogue[catalogue == category].index))
    assert figure(shop, "sessions") == f"{sum(row[6] for day, row in about.items() if first <= day <= end):,}"
    products = shop.locator("#products tbody tr small").all_inner_texts()
    assert products
    assert all(text.startswith(category) for text in products)
    shop.reload()
    loaded(shop)
    assert (days(shop), shop.locator("#category").input_value()) == ((first, end), category)


def test_wrong_days_are_said_and_not_asked(shop: Any) -> None:
    asked: list[str] = []
    shop.on("request", lambda request: asked.append(request.url))
    first, last = days(shop)
    shop.locator("#from").fill(last)
    shop.locator("#to").fill(first)
    shop.get_by_text("The last day lies before the first.").wait_for()
    asked.clear()
    shop.locator("#to").fill((date.fromisoformat(first) - timedelta(days=1)).isoformat())
    shop.wait_for_timeout(300)
    assert asked == []


def test_days_without_data_say_what_to_do(shop: Any) -> None:
    choose(shop, to="2001-01-31", from_="2001-01-01")
    assert shop.locator("#revenue").get_by_text("No sales in these days").is_visible()
    assert shop.locator("#funnel").get_by_text("No sessions in these days").is_visible()
    assert re.search(r"There is data from \d+ \w+ to \d+ \w+", shop.locator("#revenue").inner_text())
    shop.get_by_role("button", name="7 days").click()
    loaded(shop)
    assert shop.locator("#revenue svg").count() == 1


def test_more_products_are_shown_once_each(shop: Any) -> None:
    more = shop.locator("#products .more")
    more.click()
    shop.locator("#products tbody tr").nth(19).wait_for()
    names = shop.locator("#products tbody th").all_inner_texts()
    assert [int(name.split(".")[0]) for name in names] == list(range(1, 21))


def test_an_error_is_told_with_its_id_and_can_be_tried_again(shop: Any) -> None:
    error = {"error": {"code": "InternalError", "message": "something went wrong here", "request_id": "abc-1"}}
    shop.route("**/api/funnel*", lambda route: route.fulfill(status=500, json=error))
    shop.get_by_role("button", name="Refresh").click()
    panel = shop.locator("#funnel")
    panel.get_by_text("This could not be loaded").wait_for()
    assert "something went wrong here Request id: abc-1" in panel.inner_text()
    shop.unroute("**/api/funnel*")
    panel.get_by_role("button", name="Try again").click()
    panel.get_by_text("Looked at a product").wait_for()


def test_before_the_first_run_and_without_a_network(page: Any, site: tuple[str, str]) -> None:
    nothing = {"error": {"code": "NoDataYet", "message": "there are no figures yet", "request_id": "x"}}
    page.route("**/api/*", lambda route: route.fulfill(status=503, json=nothing))
    sign_in(page, site[1])
    page.get_by_text("bring files to the landing zone").wait_for()
    page.unroute("**/api/*")
    page.route("**/api/*", lambda route: route.abort())
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("The API cannot be reached.").wait_for()
    page.unroute("**/api/*")
    page.get_by_role("button", name="Try again").click()
    loaded(page)


def test_what_the_data_says_is_never_markup(shop: Any) -> None:
    evil = "<img src=x onerror=alert(1)><b>bold</b>"
    row = {"place": 1, "product_id": "P", "name": evil, "category": evil, "price_band": None, "units": 1}
    row |= {"revenue": "1.00", "average_rating": None}
    body = {"period": {}, "category": "all", "products": [row], "next": None}
    shop.route("**/api/top-products*", lambda route: route.fulfill(status=200, body=json.dumps(body)))
    shop.get_by_role("button", name="Refresh").click()
    shop.locator("#products").get_by_text(evil).first.wait_for()
    assert shop.locator("#products img, #products b").count() == 0


def test_the_chart_speaks_by_the_keyboard(shop: Any) -> None:
    chart = shop.get_by_role("group", name="Revenue by day")
    chart.focus()
    shop.keyboard.press("End")
    tip = chart.locator(".tip")
    amounts = shop.locator("#revenue tbody tr td:nth-child(2)").all_text_contents()
    spoken = chart.locator("[aria-live]")
    assert amounts[-1] in spoken.inner_text()
    assert amounts[-1] in tip.inner_text()
    shop.keyboard.press("ArrowLeft")
    assert amounts[-2] in spoken.inner_text()
    shop.keyboard.press("Home")
    assert amounts[0] in spoken.inner_text()
    shop.keyboard.press("Escape")
    assert tip.is_hidden()


def test_everything_is_reached_by_the_keyboard(shop: Any) -> None:
    shop.locator("body").click(position={"x": 2, "y": 2})
    reached = set()
    for _ in range(60):
        shop.keyboard.press("Tab")
        reached.add(shop.evaluate("() => document.activeElement.id || document.activeElement.textContent.trim()"))
    assert {"refresh", "forget", "from", "to", "category", "7 days", "Show more"} <= reached


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(shop: Any, scheme: str) -> None:
    shop.emulate_media(color_scheme=scheme)
    assert accessible.broken(shop) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_it_fits_every_width(shop: Any, width: int) -> None:
    shop.set_viewport_size({"width": width, "height": 800})
    shop.wait_for_timeout(200)
    assert shop.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def test_everything_has_a_name_and_headings_are_in_order(shop: Any) -> None:
    nameless = shop.evaluate(
        """() => [...document.querySelectorAll("button, input, select, summary, [role], section, table")]
            .filter((it) => it.checkVisibility())
            .filter((it) => !(it.innerText || it.ariaLabel || it.labels?.length || it.getAttribute("aria-labelledby")
                || it.caption?.textContent))
            .map((it) => it.outerHTML.slice(0, 80))"""
    )
    assert nameless == []
    levels = shop.evaluate("() => [...document.querySelectorAll('#panels h2, h1')].map((it) => it.tagName)")
    assert levels == ["H1", *["H2"] * len(PANELS)]


def test_revenue_is_shown_to_the_cent_in_the_table(shop: Any, pipeline: Pipeline) -> None:
    lines = sold(pipeline, *days(shop))
    expected = {day: truth.total(group.amount) for day, group in lines.groupby("day")}
    rows = shop.locator("#revenue tbody tr").evaluate_all(
        "rows => rows.map((row) => [row.cells[0].textContent, row.cells[1].textContent])"
    )
    told = {day: Decimal(text.lstrip("$").replace(",", "")) for day, text in rows}
    assert {day: amount for day, amount in told.items() if amount} == expected
