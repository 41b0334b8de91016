"""The executions of the state machines, as Step Functions tells them now: `pipeline_runs` has what has ended."""

import json
from typing import Any

import streamlit as st

from streamlit_app.lake.clients import account, client
from streamlit_app.lake.names import MACHINES, names

LATEST = 8  # of each machine, besides those that run
_MOST_RUNNING = 100


@st.cache_data(ttl=2, show_spinner=False)
def latest(count: int = LATEST) -> list[dict[str, Any]]:
    """What runs now and what ran last, of every state machine.

    Args:
        count: how many of each machine, whatever their state.

    Returns:
        dictionaries: machine (its short name), arn, name, state, started_at, ended_at (None while it runs), input and
        output (documents), error.

    Raises:
        ClientError: there is no such machine, or Step Functions refused.
    """
    return [execution for machine in MACHINES for execution in _of(machine, count)]


def _of(machine: str, count: int) -> list[dict[str, Any]]:
    states = client("stepfunctions")
    place = f"arn:{states.meta.partition}:states:{states.meta.region_name}:{account()}"
    arn = f"{place}:stateMachine:{names().machine(machine)}"
    running = states.list_executions(stateMachineArn=arn, statusFilter="RUNNING", maxResults=_MOST_RUNNING)
    last = states.list_executions(stateMachineArn=arn, maxResults=count)
    found = {item["executionArn"]: item for item in [*running["executions"], *last["executions"]]}
    return [
        {
            "machine": machine,
            "arn": item["executionArn"],
            "name": item["name"],
            "state": item["status"],
            "started_at": item["startDate"],
            "ended_at": item.get("stopDate"),
            **_told(item["executionArn"], item["status"]),
        }
        for item in found.values()
    ]


@st.cache_data(max_entries=1000, show_spinner=False)
def _told(arn: str, state: str) -> dict[str, Any]:  # noqa: ARG001 - another state is another answer
    found = client("stepfunctions").describe_execution(executionArn=arn)
    error = ": ".join(found[part] for part in ("error", "cause") if found.get(part))
    return {"input": _document(found.get("input")), "output": _document(found.get("output")), "error": error}


def _document(text: str | None) -> dict[str, Any]:
    try:
        document = json.loads(text or "{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
