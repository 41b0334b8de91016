"""What the doctor sees."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from laketop.settings import Settings
from laketop.stack import diagnosis, lake


def named(settings: Settings, name: str) -> diagnosis.Finding:
    (found,) = [finding for finding in diagnosis.the_lake(settings) if finding.name.startswith(name)]
    return found


def test_a_lake_that_is_down_and_clean_is_well(lake_settings: Settings) -> None:
    assert all(finding.ok for finding in diagnosis.the_lake(lake_settings))


def test_a_stranger_on_a_port_is_named(lake_settings: Settings) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", lake_settings.ports["spark"]))
        listener.listen()
        found = named(lake_settings, "port 24568 (spark)")
    assert not found.ok
    assert f"pid {os.getpid()}" in found.detail
    assert found.hint


def test_left_overs_are_found(lake_settings: Settings) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"],
        env={"LAKETOP_INSTANCE": lake_settings.instance},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        process.stdout.readline()
        found = named(lake_settings, "left-overs")
        assert (found.ok, found.hint) == (False, "run `make down`")
        assert str(process.pid) in found.detail
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_reset_is_told(lake_settings: Settings) -> None:
    lake.note_reset(lake_settings, "localstack ended (terminated by SIGKILL)", restarted=True)
    found = named(lake_settings, "last reset")
    assert not found.ok
    assert "terminated by SIGKILL" in found.detail


@pytest.mark.parametrize("name", ["java", "terraform"])
def test_a_missing_tool_is_wrong_and_has_a_hint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("laketop.spark.java.find.__defaults__", (os.environ, ()))
    (found,) = [finding for finding in diagnosis.tools() if finding.name == name]
    assert not found.ok
    assert found.hint


def test_the_machine_has_a_size(lake_settings: Settings) -> None:
    disk, memory = diagnosis.machine(lake_settings)
    assert "GB free below" in disk.detail
    assert "GB available" in memory.detail
