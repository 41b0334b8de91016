"""What the pipeline would have cost on AWS: many questions to many APIs, asked when somebody wants to know."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from lakehouse import cost
from lakehouse.cost.document import document
from streamlit_app.lake.clients import client
from streamlit_app.lake.names import names


@st.cache_data(ttl=300, show_spinner=False)
def last_day() -> dict[str, Any]:
    """The bill of the last day, from a full hour on until now, as `lakehouse.cost.document` has it.

    Raises:
        NoRunError: there is no state machine of this environment.
        ClientError: Step Functions refused; what other services refuse is unknown on the bill.
    """
    work = cost.last_days(client("stepfunctions"), names().prefix, 1, datetime.now(UTC))
    return document(work, cost.bill(cost.measure(client, names().prefix, work)))
