"""Revenue, orders, average basket, conversion, new and returning customers, against the period before."""

import streamlit as st

from lakehouse import asking, figures
from lakehouse.figures import Period
from streamlit_app.charts import overview as charts
from streamlit_app.figures import overview
from streamlit_app.figures.measure import compared
from streamlit_app.lake.answers import rows
from streamlit_app.show import drawing, filters, states, tiles
from streamlit_app.show.filters import Chosen

COLUMNS = {
    "day": "Day",
    "revenue": "Revenue",
    "orders": "Orders",
    "new_customers": "New customers",
    "returning_customers": "Returning customers",
    "sessions": "Sessions",
    "conversion_rate": "Conversion",
}


def _body(chosen: Chosen) -> None:
    period, before = chosen.period, chosen.before
    days, buyers, buyers_before = rows(
        asking.daily_kpis(Period(before.first, period.last), chosen.category),
        asking.customers(period, chosen.category),
        asking.customers(before, chosen.category),
    )
    now, then = figures.within(days, period), figures.within(days, before)
    st.caption(chosen.told_before)
    totals_before = overview.totals(then, buyers_before[0]) if chosen.comparable else None
    tiles.row(compared(overview.MEASURES, overview.totals(now, buyers[0]), totals_before, chosen.currency))
    if not now:
        states.empty("Nothing in these days", "Choose other days, or another category.")
        return
    frame = overview.by_day(now, period)
    table = frame[list(COLUMNS)].assign(day=frame["day"].dt.date).rename(columns=COLUMNS)
    drawing.chart(
        "Revenue by day",
        charts.revenue(frame, overview.by_day(then, before) if chosen.comparable else None, chosen.currency),
        f"Revenue of each day from {period.first} to {period.last}, and of the days before where the data have them",
        table,
    )
    left, right = st.columns(2)
    with left:
        drawing.chart(
            "Customers by day",
            charts.customers(frame),
            "New and returning customers of each day, stacked",
            table[["Day", "New customers", "Returning customers"]],
            help="A customer is new on the day of the first order of all.",
        )
    with right:
        drawing.chart(
            "Conversion by day",
            charts.conversion(frame),
            "The share of each day's sessions with a purchase",
            table[["Day", "Sessions", "Conversion"]],
            help="Of a category: of the sessions in which somebody looked at one of its products.",
        )


st.title("Overview", anchor=False)
chosen = filters.bar()
if chosen is not None:
    with states.guarded("Overview"):
        _body(chosen)
