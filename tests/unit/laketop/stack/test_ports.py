"""A port that is taken is named together with who holds it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from laketop.stack import ports
from laketop.stack.messages import ExitCode, StackError

LISTEN = (
    "import socket, sys, time; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen();"
    "print(s.getsockname()[1], flush=True); time.sleep(60)"
)


@pytest.fixture
def own_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_nobody_holds_a_free_port() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert ports.holder(port) is None
    ports.require_free({"glue": port})


def test_the_holder_is_named(own_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports.psutil.Process, "environ", lambda _: {})  # whoever runs the tests may have a lake
    with pytest.raises(StackError) as caught:
        ports.require_free({"glue": own_port})
    assert str(caught.value).startswith(f"port {own_port} (glue): taken by pid {os.getpid()} (")
    assert f"kill {os.getpid()}" in caught.value.hint
    assert caught.value.code == ExitCode.REFUSED


def test_another_lake_is_named_by_its_state_folder() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LISTEN], env={"LAKETOP_STATE": "/somewhere/.laketop"}, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        found = ports.holder(port)
        assert found is not None
        assert (found.pid, found.state) == (process.pid, "/somewhere/.laketop")
        assert "the lake in /somewhere/.laketop, pid" in str(found)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_listener_on_all_addresses_counts() -> None:
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        listener.listen()
        assert ports.taken(listener.getsockname()[1])


def test_reserved_ports_are_free_and_nobody_elses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ports.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(ports, "_POOL", range(31_000, 31_006))
    with ports.reserved(3) as first, ports.reserved(3) as second:
        assert {first, second} == {31_000, 31_003}
        with pytest.raises(StackError, match="no 3 in a row are free from 31000 to 31005"), ports.reserved(3):
            pass
    with ports.reserved(3) as again:
        assert again in (31_000, 31_003)


def test_a_row_with_a_taken_port_is_not_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ports.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(ports, "_POOL", range(31_010, 31_016))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 31_012))
        listener.listen()
        with ports.reserved(3) as first:
            assert first == 31_013
