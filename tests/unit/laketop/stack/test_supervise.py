"""The supervisor's configuration as supervisord itself reads it, and a real supervisord over a small program."""

import configparser
import os
import shlex
import signal
import sys
import time
from pathlib import Path

import pytest

from laketop.settings import PARTS, Settings
from laketop.stack import lake, supervise
from laketop.stack.control import PartState
from laketop.stack.messages import StackError
from laketop.stack.parts import Part

SLEEP = [sys.executable, "-c", "import time; print('hello', flush=True); time.sleep(60)"]


def the_parts(command: list[str]) -> list[Part]:
    return [Part(name, command, {"PATH": "/usr/bin:/bin"}, "http://127.0.0.1:1/health") for name in PARTS]


def parsed(settings: Settings, socket: Path = Path("/tmp/s")) -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.read_string(supervise.render(settings, the_parts(SLEEP), socket, "secret"))
    return config


def test_every_part_is_restarted(lake_settings: Settings) -> None:
    config = parsed(lake_settings)
    assert {config[f"program:{name}"]["autorestart"] for name in PARTS} == {"true"}


def test_a_path_with_blanks_quotes_and_percent_signs_survives(lake_settings: Settings, tmp_path: Path) -> None:
    state = tmp_path / '100% it\'s "mine"'
    odd = type(lake_settings)("process", state, 24566, 0, "local[*]")
    config = parsed(odd)
    command = shlex.split(config["program:glue"]["command"])
    assert command[-2:] == [str(state / "run" / "parts.json"), "glue"]
    assert config["program:glue"]["stdout_logfile"] == str(state / "logs" / "glue.log")


def test_a_path_that_no_configuration_can_hold_is_refused(lake_settings: Settings, tmp_path: Path) -> None:
    odd = type(lake_settings)("process", tmp_path / "a ;b", 24566, 0, "local[*]")
    with pytest.raises(StackError, match="cannot take a path"):
        supervise.render(odd, the_parts(SLEEP), Path("/tmp/s"), "secret")


def test_no_value_of_an_environment_stands_in_the_configuration(lake_settings: Settings) -> None:
    part = Part("glue", SLEEP, {"LAKETOP_SERVICE_KEY_ID": "LAKETOPSECRET"}, "http://x")
    assert "LAKETOPSECRET" not in supervise.render(lake_settings, [part], Path("/tmp/s"), "secret")


def test_how_it_ended_is_the_last_ending_of_that_part(lake_settings: Settings) -> None:
    log = lake_settings.state / "logs" / "supervisord.log"
    record = lake.Record(1, 0.0, lake_settings.port, "/tmp/s", "secret", lake.now(), 1)
    control = supervise.Supervisor(record, log.parent)
    assert control.how_it_ended("glue") == "it ended"
    log.parent.mkdir(parents=True)
    log.write_text(
        "2026-01-01 10:00:00,000 WARN exited: glue (exit status 1; not expected)\n"
        "2026-01-01 10:00:01,000 WARN exited: localstack (terminated by SIGKILL; not expected)\n"
        "2026-01-01 10:00:02,000 INFO exited: glue (exit status 3; not expected)\n"
    )
    assert control.how_it_ended("glue") == "exit status 3"
    assert control.how_it_ended("localstack") == "terminated by SIGKILL"
    assert (control.port, control.spark_pool) == (lake_settings.port, 1)


def test_a_long_temporary_folder_does_not_break_the_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    folder = supervise._socket_folder()
    try:
        assert len(str(folder / "supervisor.sock")) < 104
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        folder.rmdir()


def wait_for(supervisor: supervise.Supervisor, name: str, state: str) -> PartState:
    deadline = time.monotonic() + 15
    while (found := supervisor.states()[name]).state != state:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def test_it_starts_restarts_stops_and_ends_real_processes(lake_settings: Settings) -> None:
    lake.claim(lake_settings)
    supervisor = supervise.start(lake_settings, the_parts(SLEEP))
    try:
        assert supervise.running(lake_settings) is not None
        first = wait_for(supervisor, "glue", "RUNNING")
        os.kill(first.pid, signal.SIGKILL)
        deadline = time.monotonic() + 15
        while (again := supervisor.states()["glue"]).state != "RUNNING" or again.pid == first.pid:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        supervisor.stop(["glue", "athena"])
        assert supervisor.states()["glue"].state == "STOPPED"
        supervisor.start(["glue", "athena"])
        wait_for(supervisor, "athena", "RUNNING")
        deadline = time.monotonic() + 15
        while "hello" not in (lake_settings.state / "logs" / "glue.log").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        supervisor.shutdown()
    assert supervise.running(lake_settings) is None
    assert not supervisor.answers()
    lake.forget_record(lake_settings)


def test_a_supervisor_that_cannot_start_says_why(
    lake_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "_HEAD", "[nonsense]\n")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    lake.claim(lake_settings)
    with pytest.raises(StackError, match=r"supervisor: \.ini file does not include supervisord section"):
        supervise.start(lake_settings, the_parts(SLEEP))
    assert not list(tmp_path.glob("laketop-*")), "the socket's folder is removed again"
    assert lake.read_record(lake_settings) is None
