"""The client of the Spark agent, against answers as the agent gives them."""

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from laketop.glue.runs.agent import AgentError, AgentUnreachableError, Order, SparkAgent

ORDER = Order("jr_1", "etl", "s3://b/etl.py", {"--a": "1"}, ("s3://b/x.zip",), {"spark.a": "b"}, {"AWS_REGION": "r"})

type Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def agent(answer: Answer) -> Iterator[SparkAgent]:
    agent = SparkAgent("http://agent", httpx.MockTransport(answer))
    yield agent
    agent.close()


def says(status: int, **content: object) -> Answer:
    return lambda _: httpx.Response(status, json=content)


def down(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize("answer", [says(201, run_id="jr_1"), says(409, message="known")])
def test_an_order_that_is_there_is_started(agent: SparkAgent) -> None:
    agent.start(ORDER)


def test_an_order_is_sent_as_agreed() -> None:
    seen: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={})

    SparkAgent("http://agent", httpx.MockTransport(note)).start(ORDER)
    assert (seen[0].method, seen[0].url.path) == ("POST", "/runs")
    assert json.loads(seen[0].content) == {
        "run_id": "jr_1",
        "job_name": "etl",
        "script_location": "s3://b/etl.py",
        "arguments": {"--a": "1"},
        "extra_py_files": ["s3://b/x.zip"],
        "conf": {"spark.a": "b"},
        "environment": {"AWS_REGION": "r"},
        "driver_memory_mb": None,
        "datalake_formats": [],
        "workers": None,
    }


@pytest.mark.parametrize("answer", [says(400, message="conf: wrong")])
def test_a_refusal_is_told(agent: SparkAgent) -> None:
    with pytest.raises(AgentError, match=r"400 .*conf: wrong"):
        agent.start(ORDER)


@pytest.mark.parametrize("answer", [says(404)])
def test_an_unknown_run_was_lost(agent: SparkAgent) -> None:
    with pytest.raises(AgentError, match="restarted"):
        agent.status("jr_1")
    agent.stop("jr_1")
    assert agent.output("jr_1", "error", 7) == (b"", 7)


@pytest.mark.parametrize("answer", [says(200, state="FAILED", error_message="Boom")])
def test_a_status_is_read(agent: SparkAgent) -> None:
    status = agent.status("jr_1")
    assert (status.state, status.error_message, status.ended) == ("FAILED", "Boom", True)


@pytest.mark.parametrize("answer", [lambda _: httpx.Response(200, content=b"\xff1", headers={"X-Next-Offset": "9"})])
def test_output_is_bytes_and_an_offset(agent: SparkAgent) -> None:
    assert agent.output("jr_1", "output", 7) == (b"\xff1", 9)


@pytest.mark.parametrize("answer", [says(500), says(503), down])
def test_silence_and_failures_may_pass(agent: SparkAgent) -> None:
    for call in (
        lambda: agent.start(ORDER),
        lambda: agent.status("jr_1"),
        lambda: agent.stop("jr_1"),
        lambda: agent.output("jr_1", "error", 0),
    ):
        with pytest.raises(AgentUnreachableError, match="http://agent"):
            call()
