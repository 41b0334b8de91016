"""Who comes back, which kinds of customers there are, and what they are worth: of all time."""

import streamlit as st

from lakehouse.named_queries import Question
from streamlit_app.charts import customers as charts
from streamlit_app.figures import customers
from streamlit_app.figures.measure import compared
from streamlit_app.lake.answers import rows
from streamlit_app.show import choices, drawing, filters, states, tiles

BEST = 50
COHORTS = {
    "cohort": "First order in",
    "months_since": "Months since",
    "customers": "Customers",
    "size": "Customers of the cohort",
    "share": "Share",
    "revenue": "Revenue",
}
GRID = {
    "r_score": "Recency",
    "f_score": "Frequency",
    "segment": "Segment",
    "customers": "Customers",
    "revenue": "Revenue",
    "predicted": "Predicted for 12 months",
}
SEGMENTS = {
    "segment": "Segment",
    "told": "Who they are",
    "customers": "Customers",
    "share": "Share",
    "revenue": "Revenue",
    "predicted": "Predicted for 12 months",
}
STEPS = {
    "step": "Predicted for 12 months",
    "customers": "Customers",
    "share": "Share",
    "predicted": "All of them together",
}
TABLE = {
    "customer_id": "Customer",
    "segment": "Segment",
    "cohort": "First order in",
    "orders": "Orders",
    "revenue": "Revenue",
    "predicted": "Predicted",
    "recency_days": "Days since order",
    "scores": "Scores R-F-M",
}
AMOUNTS = ("revenue", "predicted")
MEASURES = {"customers": "Customers", "revenue": "Revenue"}
NOBODY = ("Nobody has bought yet", "Customers are here when the pipeline has run: see *Pipeline*.")


def _labels(columns: dict[str, str], currency: str) -> dict[str, str]:
    """The labels of a table's columns; those of amounts say the currency."""
    return columns | {name: f"{columns[name]} ({currency})" for name in AMOUNTS if name in columns}


def _written(currency: str) -> dict[str, str]:
    """How the numbers of all tables are written."""
    tables = (COHORTS, GRID, SEGMENTS, STEPS, TABLE)
    amounts = {_labels(columns, currency)[name] for columns in tables for name in AMOUNTS if name in columns}
    return {"Share": "percent", **dict.fromkeys(amounts, "accounting")}


def _all(currency: str) -> None:
    (cells,) = rows(Question("customer_segments"))
    tiles.row(compared(customers.MEASURES, customers.totals(cells), None, currency))


def _cohorts(currency: str) -> None:
    (found,) = rows(Question("customer_cohorts"))
    if not found:
        states.empty(*NOBODY)
        return
    frame = customers.cohorts(found)
    drawing.chart(
        "Cohorts: who orders again",
        charts.cohorts(frame, currency),
        "The percentage of each month's new customers that ordered in the months after it",
        frame.rename(columns=_labels(COHORTS, currency)),
        written=_written(currency),
        help="In percent of the customers whose first order was in that month (their number is beside it); all "
        f"of them ordered in month 0. Drawn are the latest {charts.COHORTS} cohorts and {charts.MONTHS} months more.",
    )
    if frame["months_since"].max() == 0:
        st.caption("There is one month of orders: who comes back shows from the second month on.")


def _segments(currency: str) -> None:
    (found,) = rows(Question("customer_segments"))
    if not found:
        states.empty(*NOBODY)
        return
    measure = choices.one_of("Draw", MEASURES, "measure")
    cells = customers.grid(found)
    segments = customers.segments(cells)
    left, right = st.columns(2)
    with left:
        drawing.chart(
            "Recency and frequency",
            charts.recency_and_frequency(cells, measure, currency),
            f"{MEASURES[measure]} of each fifth by recency and each fifth by frequency",
            cells.rename(columns=_labels(GRID, currency)),
            written=_written(currency),
            help="Recency 5: the fifth of the customers who ordered last; frequency 5: the fifth with the most orders.",
        )
    with right:
        drawing.chart(
            "Segments",
            charts.segments(segments, measure, currency),
            f"{MEASURES[measure]} of each segment, from champions to hibernating",
            segments.rename(columns=_labels(SEGMENTS, currency)),
            written=_written(currency),
            help="By the scores of recency (R) and frequency (F): "
            + "; ".join(_rule(item) for item in customers.SEGMENTS),
        )


def _rule(segment: customers.Segment) -> str:
    recency, frequency = (" or ".join(map(str, scores)) for scores in (segment.recency, segment.frequency))
    return f"*{segment.name}* R {recency}, F {frequency}: {segment.told}"


def _worth(currency: str) -> None:
    (found,) = rows(Question("ltv_distribution"))
    if not found:
        states.empty(*NOBODY)
        return
    frame = customers.steps(found, currency)
    drawing.chart(
        "What customers may be worth",
        charts.worth(frame, currency),
        "How many customers may bring how much in the next twelve months",
        frame.rename(columns=_labels(STEPS, currency)),
        written=_written(currency),
        help="Predicted for the next twelve months: average order value × orders a month × 12, halved for every half "
        "year since the last order.",
    )


def _best(currency: str) -> None:
    (found,) = rows(Question("customer_ltv", (BEST,)))
    if not found:
        states.empty(*NOBODY)
        return
    st.header(
        "Best customers",
        anchor=False,
        help=f"The {BEST} who may bring most in twelve months. Scores: recency, frequency, money; 5 is the best.",
    )
    frame = customers.best(found).rename(columns=_labels(TABLE, currency))
    drawing.table(frame, "The customers with the greatest predicted value", _written(currency))


st.title("Customers", anchor=False)
with states.guarded("Customers"):
    known = filters.known()
    if known is None:
        states.empty(*NOBODY)
    else:
        st.caption("All figures are of all time and of all categories: the filters of other pages do not change them.")
        for part, draw in (
            ("All customers", _all),
            ("Cohorts", _cohorts),
            ("Segments", _segments),
            ("What customers may be worth", _worth),
            ("Best customers", _best),
        ):
            with states.guarded(part):
                draw(known.currency)
