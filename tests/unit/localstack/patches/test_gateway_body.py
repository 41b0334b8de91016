"""The body of a request, from events in a loop to a stream in a thread."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laketop_localstack.patches import gateway_body
from laketop_localstack.patches.gateway_body import create


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    found = asyncio.new_event_loop()
    thread = threading.Thread(target=found.run_forever)
    thread.start()
    yield found
    found.call_soon_threadsafe(found.stop)
    thread.join()
    found.close()


def receiving(chunks: list[bytes], end: dict[str, object], pause: bool = False):
    events = iter([*({"body": chunk, "more_body": True} for chunk in chunks), end])

    async def receive():
        if pause:
            await asyncio.sleep(0.001)
        return next(events)

    return receive


@given(st.lists(st.binary(max_size=100_000), max_size=8), st.booleans(), st.sampled_from([1, 7, 65_536, -1]))
def test_all_bytes_come_in_order(loop, chunks: list[bytes], pause: bool, size: int) -> None:
    if size == 1:
        chunks = [chunk[:50] for chunk in chunks]
    body = create(receiving(chunks, {"body": b"", "more_body": False}, pause), loop)
    read = []
    while data := body.read(size):
        read.append(data)
    assert b"".join(read) == b"".join(chunks)
    assert body.read() == b""


def test_the_last_event_may_have_bytes(loop) -> None:
    assert create(receiving([b"a"], {"body": b"z", "more_body": False}), loop).read() == b"az"


def test_the_body_of_a_client_that_goes_is_not_whole(loop) -> None:
    with pytest.raises(ConnectionAbortedError):
        create(receiving([b"a"], {"type": "http.disconnect"}), loop).read()


def test_one_crossing_brings_what_has_arrived(loop, monkeypatch: pytest.MonkeyPatch) -> None:
    crossings, cross = [], asyncio.run_coroutine_threadsafe
    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", lambda *them: crossings.append(1) or cross(*them))
    assert len(create(receiving([b"x" * 65_536] * 16, {"more_body": False}), loop).read()) == 1 << 20
    assert len(crossings) <= 2


def test_a_body_ends_with_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_body, "LOOK_SECONDS", 0.05)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def never():
        await asyncio.sleep(3600)

    body, raised = create(never, loop), []

    def read() -> None:
        with pytest.raises(ConnectionAbortedError) as caught:
            body.read()
        raised.append(caught)

    reader = threading.Thread(target=read)
    reader.start()

    async def end() -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        loop.stop()
        assert tasks

    asyncio.run_coroutine_threadsafe(end(), loop)
    thread.join(10)
    reader.join(10)
    assert raised
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
