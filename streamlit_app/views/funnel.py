"""From the session to the purchase: how many go on at each step, by source and by device."""

import streamlit as st

from lakehouse.named_queries import Question
from streamlit_app.charts import funnel as charts
from streamlit_app.figures import funnel
from streamlit_app.figures.measure import compared
from streamlit_app.lake.answers import rows
from streamlit_app.show import choices, drawing, filters, states, tiles
from streamlit_app.show.filters import Chosen

STEPS = {"step": "Step", "sessions": "Sessions", "of_all": "Of all sessions", "of_before": "Of the step before"}
GROUPS = {"source": "By source", "device": "By device"}
CONVERSION = {
    "device": "Device",
    "source": "Source",
    "sessions": "Sessions",
    "purchases": "With a purchase",
    "conversion": "Conversion",
}
SHARES = {"of_all": "All sessions", "of_before": "The step before"}
WRITTEN = dict.fromkeys(("Of all sessions", "Of the step before", "Conversion"), "percent")
NOBODY = ("Nobody visited in these days", "Choose other days.")


def _all(chosen: Chosen) -> None:
    now, then = rows(*(Question("conversion_funnel", period.texts()) for period in (chosen.period, chosen.before)))
    st.caption(chosen.told_before)
    before = funnel.totals(then) if chosen.comparable else None
    tiles.row(compared(funnel.MEASURES, funnel.totals(now), before, chosen.currency))


def _steps(chosen: Chosen) -> None:
    (found,) = rows(Question("conversion_funnel", chosen.period.texts()))
    if not found:
        states.empty(*NOBODY)
        return
    frame = funnel.steps(found)
    drawing.chart(
        "From session to purchase",
        charts.steps(frame),
        "Sessions that reached each step, as bars, with their share of all sessions and of the step before",
        frame.rename(columns=STEPS),
        written=WRITTEN,
        help="Beside each bar: the share of all sessions · the share of the step before. A session is at a step when "
        "an event of that step, or of a later one, is in it.",
    )


def _groups(chosen: Chosen) -> None:
    (found,) = rows(Question("conversion_funnel", chosen.period.texts()))
    if not found:
        states.empty("No steps by source and device", "Nobody visited in these days: choose other days.")
        return
    measure = choices.one_of("Share of", SHARES, "share")
    for place, (column, title) in zip(st.columns(2), GROUPS.items(), strict=True):
        frame = funnel.by(found, column)
        with place:
            drawing.chart(
                title,
                charts.by(frame, measure),
                f"The share of sessions that reached each step, by {column}",
                frame[["group", *STEPS]].rename(columns={"group": column.capitalize(), **STEPS}),
                written=WRITTEN,
            )


def _conversion(chosen: Chosen) -> None:
    (found,) = rows(Question("conversion_funnel", chosen.period.texts()))
    if not found:
        states.empty("No conversion by device and source", "Nobody visited in these days: choose other days.")
        return
    frame = funnel.conversion(found)
    drawing.chart(
        "Conversion by device and source",
        charts.conversion(frame),
        "The share of sessions with a purchase, for each device and each source",
        frame.rename(columns=CONVERSION),
        written=WRITTEN,
        help="Device and source are those of a session's first event.",
    )


st.title("Funnel", anchor=False)
chosen = filters.bar(category=False)
if chosen is not None:
    for part, draw in (
        ("Sessions", _all),
        ("Steps", _steps),
        ("By source and device", _groups),
        ("Conversion", _conversion),
    ):
        with states.guarded(part):
            draw(chosen)
