import os
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import psutil
import pytest

from tests.ports import free_ports

PROGRAM = """
import sys, time
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from laketop.wire.serve import serve

def slow(request):
    time.sleep(1)
    return PlainTextResponse("done")

app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("ready")), Route("/slow", slow)])
try:
    serve(app, int(sys.argv[1]))
finally:
    print("cleaned up", flush=True)
"""


def start(port, **environment):
    settings = {key: value for key, value in os.environ.items() if key != "LAKETOP_BIND"} | environment
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(port)],
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def port():
    return free_ports()


def until_it_answers(process, port):
    deadline = time.monotonic() + 30
    while True:
        assert process.poll() is None
        assert time.monotonic() < deadline
        try:
            return httpx.get(f"http://127.0.0.1:{port}/")
        except httpx.TransportError:
            time.sleep(0.05)


def test_it_serves_on_loopback_and_ends_when_told(port):
    process = start(port)
    try:
        assert until_it_answers(process, port).text == "ready"
        listening = [c.laddr for c in psutil.Process(process.pid).net_connections("inet") if c.status == "LISTEN"]
        assert listening == [("127.0.0.1", port)]
        answers = []
        client = threading.Thread(target=lambda: answers.append(httpx.get(f"http://127.0.0.1:{port}/slow")))
        client.start()
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=15)
        client.join()
    finally:
        process.kill()
    assert answers[0].text == "done"
    assert (process.returncode, output) == (0, "cleaned up\n")
    assert "Uvicorn running on" in errors


def test_a_port_that_is_taken_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(taken.getsockname()[1])
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "address already in use" in errors


def test_the_address_can_be_set(port):
    process = start(port, LAKETOP_BIND="127.0.0.2")
    try:
        deadline = time.monotonic() + 30
        while not (
            found := [c.laddr for c in psutil.Process(process.pid).net_connections("inet") if c.status == "LISTEN"]
        ):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.terminate()
        process.communicate(timeout=15)
    finally:
        process.kill()
    assert found == [("127.0.0.2", port)]
