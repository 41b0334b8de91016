"""How long the pages of the team's dashboard take: asked for the first time, drawn again, and with nothing remembered.

    PYTHONPATH=.:services .venv/bin/python benchmarks/dashboard.py

Needs a running lake with its sample data (`make up`). Each page is run by Streamlit's AppTest in this process: what a
browser adds to draw it is not in here.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from laketop import settings as configuration
from laketop.stack import streamlit
from laketop.stack.clients import aws_environment

VIEWS = Path(__file__).resolve().parents[1] / "streamlit_app" / "views"
PAGES = ("overview", "products", "customers", "funnel", "reviews", "pipeline", "lake", "sql")


def timed(page: AppTest) -> float:
    """Seconds of a run, which must raise nothing."""
    began = time.perf_counter()
    page.run()
    took = time.perf_counter() - began
    if page.exception or page.error:
        raise SystemExit(f"{page}: {[item.value for item in (*page.exception, *page.error)]}")
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="runs of each page whose median is told (5)")
    rounds = parser.parse_args().rounds
    settings = configuration.load()
    os.environ.update(aws_environment(settings, {}) | streamlit.environment("local"))
    timed(AppTest.from_file(VIEWS / "sql.py", default_timeout=120))  # libraries and clients are there from now on
    print(f"{'page':<12}{'first':>10}{'again':>10}   (seconds; load {os.getloadavg()[0]:.1f})")
    for name in PAGES:
        firsts, agains = [], []
        for _ in range(rounds):
            st.cache_data.clear()
            st.cache_resource.clear()
            page = AppTest.from_file(VIEWS / f"{name}.py", default_timeout=120)
            firsts.append(timed(page))
            agains.append(timed(page))
        print(f"{name:<12}{statistics.median(firsts):>10.2f}{statistics.median(agains):>10.2f}")


if __name__ == "__main__":
    main()
