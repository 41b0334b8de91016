"""What the doctor sees."""

import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from laketop.settings import Settings
from laketop.stack import diagnosis, lake
from laketop.storage import Layout, index, open_index


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


def test_an_end_is_told(lake_settings: Settings) -> None:
    lake.note_ending(lake_settings, "its supervisor was killed")
    found = named(lake_settings, "last end")
    assert not found.ok
    assert "its supervisor was killed" in found.detail


def test_damaged_objects_and_strangers_among_them_are_named(lake_settings: Settings) -> None:
    layout = Layout.of(lake_settings.state)
    layout.make()
    database = open_index(layout)
    with database.transaction() as tx:
        index.put_bucket(tx, index.BucketRow("lake", "0", "us-east-1", False, "{}", "{}"))
        for number, key in enumerate(("whole", "cut", "gone")):
            file = f"{number:032x}"
            row = index.ObjectRow("lake", key, "null", 1, True, file, 5, "e", 0, True, "{}", "{}")
            index.put_object(tx, row)
            if key != "gone":
                Path(layout.file(file)).write_bytes(b"12345" if key == "whole" else b"1")
    database.close()
    stranger = Path(layout.bucket("lake"), "dropped.csv")
    stranger.parent.mkdir()
    stranger.touch()
    objects, files = named(lake_settings, "objects"), named(lake_settings, "files among")
    assert (objects.ok, objects.detail) == (False, "2 are damaged: s3://lake/cut, s3://lake/gone")
    assert (files.ok, files.detail) == (False, f"1 are no objects: {stranger}")


@pytest.mark.parametrize(("mode", "name"), [("process", "java"), ("process", "terraform"), ("docker", "docker")])
def test_a_missing_tool_is_wrong_and_has_a_hint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lake_settings: Settings, mode: str, name: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("laketop.spark.java.find.__defaults__", (os.environ, ()))
    tools = {finding.name: finding for finding in diagnosis.tools(replace(lake_settings, mode=mode))}
    assert not tools[name].ok
    assert tools[name].hint
    assert "java" not in tools or mode == "process", "containers bring their own"


def test_the_machine_has_a_size(lake_settings: Settings) -> None:
    disk, memory = diagnosis.machine(lake_settings)
    assert "GB free below" in disk.detail
    assert "GB available" in memory.detail
