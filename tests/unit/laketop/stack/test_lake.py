"""The state folder: claimed once, locked while someone works on it, wiped without touching what is not a lake's."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from laketop.settings import Settings
from laketop.stack import lake
from laketop.stack.messages import StackError


def a_record(settings: Settings, tmp_path: Path) -> lake.Record:
    folder = tmp_path / "socket"
    folder.mkdir()
    own = psutil.Process()
    return lake.Record(own.pid, own.create_time(), settings.port, str(folder / "s"), "secret", lake.now(), 1)


def test_a_new_folder_is_claimed(lake_settings: Settings) -> None:
    assert not lake.claimed(lake_settings)
    lake.claim(lake_settings)
    lake.claim(lake_settings)
    assert lake.claimed(lake_settings)


def test_a_folder_with_other_files_is_refused(lake_settings: Settings) -> None:
    lake_settings.state.mkdir()
    (lake_settings.state / "thesis.tex").write_text("years of work")
    with pytest.raises(StackError, match="holds files that no lake made"):
        lake.claim(lake_settings)
    assert not lake.wipe(lake_settings)


def test_wipe_deletes_the_content_and_keeps_the_logs(lake_settings: Settings) -> None:
    lake.claim(lake_settings)
    kept = [lake_settings.state / name for name in ("logs/glue.log", "terraform/local/infra/main.tf")]
    gone = [
        lake_settings.state / name
        for name in ("glue/glue.db", "athena/athena.db", "terraform/local/terraform.tfstate", "run/sample.json")
    ]
    for path in (*kept, *gone):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert lake.wipe(lake_settings)
    assert [path.exists() for path in (*kept, *gone)] == [True, True, False, False, False, False]
    assert not lake.wipe(lake_settings)


def test_wipe_leaves_a_folder_that_is_no_lake(lake_settings: Settings) -> None:
    (lake_settings.state / "glue").mkdir(parents=True)
    assert not lake.wipe(lake_settings)
    assert (lake_settings.state / "glue").is_dir()


def test_the_lock_names_who_holds_it(lake_settings: Settings) -> None:
    code = (
        "import sys; from laketop import settings; from laketop.stack import lake\n"
        "with lake.locked(settings.load(), 'up'):\n    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env={"LAKETOP_STATE": str(lake_settings.state)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StackError, match=rf"`laketop up` \(pid {holder.pid}\) is at work"):
            lake.locked(lake_settings, "down").__enter__()
    with lake.locked(lake_settings, "down"):
        pass


def test_a_record_is_alive_while_its_process_is(lake_settings: Settings, tmp_path: Path) -> None:
    record = a_record(lake_settings, tmp_path)
    lake.write_record(lake_settings, record)
    assert lake.read_record(lake_settings) == record
    assert record.alive()
    assert not replace(record, created=record.created - 60).alive(), "another process with the same id"
    lake.forget_record(lake_settings)
    assert lake.read_record(lake_settings) is None
    assert not Path(record.socket).parent.exists()


def test_what_holds_passwords_is_private(lake_settings: Settings, tmp_path: Path) -> None:
    lake.write_record(lake_settings, a_record(lake_settings, tmp_path))
    run = lake_settings.state / "run"
    assert run.stat().st_mode & 0o777 == 0o700
    assert (run / "lake.json").stat().st_mode & 0o777 == 0o600


def test_a_reset_is_told_until_it_is_forgotten(lake_settings: Settings) -> None:
    assert lake.last_reset(lake_settings) is None
    lake.note_reset(lake_settings, "localstack ended (signal 9)", restarted=True)
    text = str(lake.last_reset(lake_settings))
    assert text.startswith("the lake was reset at 2")
    assert text.endswith("because localstack ended (signal 9): run `make up` to deploy again")
    lake.forget_reset(lake_settings)
    assert lake.last_reset(lake_settings) is None
