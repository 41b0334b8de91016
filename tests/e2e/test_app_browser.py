"""The team's dashboard in a browser: every page, as a person goes through them."""

import re
import subprocess
import time
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
import pytest

from laketop.stack import streamlit
from tests.e2e import accessible, truth
from tests.e2e.pipeline import Pipeline
from tests.ports import free_ports

PAGES = ("Overview", "Products", "Customers", "Funnel", "Reviews", "Pipeline", "Lake", "SQL")
WAIT = 120_000  # milliseconds: other stages may have the machine
DONE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
LOADING = '[data-testid="stSpinner"], [data-testid="stSkeleton"], [data-stale="true"]'


@pytest.fixture(scope="module")
def address(stack: Any, shown: str) -> Iterator[str]:
    """Where it is served: by the lake itself, or by a process of ours for an environment of AWS."""
    if hasattr(stack, "settings"):
        yield stack.settings.url("streamlit")
        return
    port = free_ports(1)
    environment = stack.environment | streamlit.environment(stack.env)
    with subprocess.Popen(streamlit.command(port), env=environment, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while not _answers(port):
            assert time.monotonic() < deadline, "the dashboard did not start"
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{streamlit.HEALTH}", trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def tab(browser: Any, address: str) -> Iterator[Any]:
    """A tab with the first page; nothing may go wrong in it unseen, and nothing be asked of anybody else."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id="UTC")
    context.set_default_timeout(WAIT)
    tab = context.new_page()
    broken: list[str] = []
    strangers: list[str] = []
    tab.on("pageerror", lambda error: broken.append(str(error)))
    tab.on("request", lambda request: strangers.append(request.url) if _strange(request.url, address) else None)
    tab.goto(address)
    settled(tab)
    yield tab
    context.close()
    assert (broken, strangers) == ([], [])


def _strange(url: str, address: str) -> bool:
    return not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))


def settled(tab: Any) -> Any:
    """The page when its script has ended and everything is drawn."""
    tab.wait_for_timeout(200)
    tab.locator(DONE).wait_for()
    tab.wait_for_function("selector => !document.querySelector(selector)", arg=LOADING)
    return tab


def go(tab: Any, name: str) -> Any:
    """Another page, by its link."""
    tab.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
    tab.get_by_role("heading", name=name, level=1).wait_for()
    return settled(tab)


def tile(tab: Any, label: str) -> str:
    """What a tile says."""
    return str(tab.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue").first.inner_text())


def choose(tab: Any, label: str, option: str) -> None:
    tab.get_by_role("combobox", name=label).click()
    tab.get_by_role("option", name=option, exact=True).click()
    settled(tab)


def dollars(amount: Decimal) -> str:
    return f"${amount.quantize(Decimal(1), ROUND_HALF_UP):,}"


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_and_accessible(tab: Any, name: str) -> None:
    go(tab, name)
    assert tab.get_by_test_id("stException").count() == 0
    assert tab.get_by_test_id("stAlertContentError").all_inner_texts() == []
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        tab.wait_for_timeout(300)
        assert accessible.broken(tab) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_page_fits_a_telephone(tab: Any, name: str, address: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.goto(f"{address}/{'' if name == PAGES[0] else name.lower()}")
    settled(tab)
    wide = tab.evaluate(
        """() => [...document.querySelectorAll('[data-testid="stMain"] *')]
            .filter((it) => it.checkVisibility())
            .filter((it) => !it.closest('[data-testid="stDataFrame"], [data-testid="stTabs"], pre'))  // these scroll
            .filter((it) => it.getBoundingClientRect().right > innerWidth + 1)
            .map((it) => it.outerHTML.slice(0, 120))"""
    )
    assert wide == []


def test_figures_on_the_screen_are_those_of_pandas(tab: Any, pipeline: Pipeline) -> None:
    lines = truth.sales(truth.kept("transactions", pipeline.raw_files("transactions")))
    numbers = re.findall(r"\d+", tab.get_by_test_id("stDateInput").inner_text())
    period = ["-".join(numbers[:3]), "-".join(numbers[3:])]
    sold = lines[(lines.status == "completed") & lines.day.between(*period)]
    assert len(sold) > 100
    assert tile(tab, "Revenue") == dollars(truth.total(sold.amount))
    assert tile(tab, "Orders") == f"{sold.groupby('day').order_id.nunique().sum():,}"
    catalogue = truth.kept("products", pipeline.raw_files("products")).set_index("product_id").category
    before = {label: tile(tab, label) for label in ("Revenue", "Orders", "Conversion", "New customers")}
    choose(tab, "Category", "Books")
    assert "category=Books" in tab.url
    ours = sold[sold.product_id.map(catalogue) == "books"]
    assert tile(tab, "Revenue") == dollars(truth.total(ours.amount))
    assert all(tile(tab, label) != value for label, value in before.items())
    go(tab, "Products")
    assert tab.get_by_role("combobox", name="Category").input_value() == "Books", "the filter goes along"
    tab.reload()
    settled(tab)
    assert tab.get_by_role("combobox", name="Category").input_value() == "Books", "a link shows the same"


def run(tab: Any, statement: str) -> None:
    """Write a statement into the editor and run it by the keyboard."""
    editor = tab.get_by_role("textbox", name="Statement")
    editor.fill(statement)
    editor.press("Control+Enter")
    settled(tab)


def test_a_query_and_an_error_with_its_place(tab: Any, stack: Any) -> None:
    go(tab, "SQL")
    run(tab, f"SELECT 40 + 2 AS answer, count(*) AS products FROM {stack.database('processed')}.products")
    tab.get_by_test_id("stMetric").filter(has_text="Scanned").first.wait_for()
    assert tab.get_by_test_id("stAlertContentError").count() == 0
    run(tab, "SELECT 1,\n       nowhere")
    tab.get_by_text("cannot be resolved").first.wait_for()
    line, caret = tab.get_by_test_id("stCode").filter(has_text="^").first.inner_text().splitlines()[:2]
    assert line[caret.index("^") :].startswith("nowhere")


@pytest.mark.parametrize("name", PAGES[1:])
def test_a_link_to_a_page_opens_it_within_the_app(browser: Any, address: str, name: str) -> None:
    """Also the first one that a new process is asked for."""
    tab = browser.new_page()
    tab.set_default_timeout(WAIT)
    tab.goto(f"{address}/{name.lower()}")
    tab.get_by_role("heading", name=name, level=1).wait_for()
    links = tab.get_by_test_id("stSidebarNav").get_by_role("link").all_inner_texts()
    assert [link.split()[-1] for link in links] == list(PAGES)
    tab.close()
