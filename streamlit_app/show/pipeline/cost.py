"""What the pipeline would have cost on AWS in the last day."""

import streamlit as st

from lakehouse.cost import NoRunError
from streamlit_app.charts import bars
from streamlit_app.figures import cost as figures
from streamlit_app.figures.tile import Tile
from streamlit_app.lake import cost
from streamlit_app.show import drawing, states, tiles

_ASKED = "cost asked"


def section() -> None:
    """Draw it."""
    st.write(
        "What this environment used in the last day, at AWS's list prices. Reading it takes some seconds: many "
        "services are asked, and their answers are kept for five minutes."
    )
    if st.button("Work it out", icon=":material/calculate:", key="cost"):
        st.session_state[_ASKED] = True
    if st.session_state.get(_ASKED):
        with states.guarded("What it cost"):
            _bill()


def _bill() -> None:
    try:
        document = cost.last_day()
    except NoRunError as error:
        states.failed("There is nothing to pay for.", str(error), "Deploy the environment first.")
        return
    first, last = figures.when(document)
    st.caption(
        f"{first} to {last} UTC. List prices of {document['region']}, read on {document['prices_read']}; S3's counts "
        "of the last 15 minutes may still grow."
    )
    tiles.row(
        [
            Tile("Total, USD", figures.total(document), help="Of all lines whose amount is known."),
            Tile("Executions", str(len(document["executions"])), help="Of the state machines, in that time."),
            Tile("Unknown lines", str(figures.unknown(document)), help="No API tells their amounts: see the notes."),
        ]
    )
    services = figures.by_service(document)
    if services.empty:
        states.empty("Nothing was used", "Run the pipeline, then work it out again.")
    else:
        drawing.chart(
            "Cost by service",
            bars.across(services, "service", "usd", "amount", "USD"),
            "A bar for each service, as long as its cost",
            services[["service", "amount"]].set_axis(["Service", "USD"], axis=1),
        )
    st.header("All lines", anchor=False)
    drawing.table(figures.lines(document), "The lines of the bill, with what they are of or why they are not known")
