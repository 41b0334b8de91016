"""The state folder: claimed once, locked while someone works on it, whole or refused."""

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


def test_what_processes_left_is_cleared_and_the_content_kept(lake_settings: Settings) -> None:
    lake.claim(lake_settings)
    kept = ("logs/glue.log", "glue/glue.db", "athena/athena.db", "s3/b/k", "terraform/local/terraform.tfstate")
    gone = ("spark/scratch/x", "localstack/tmp/y", "lambda/z")
    for name in (*kept, *gone):
        path = lake_settings.state / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    lake.clear_scratch(lake_settings)
    assert all((lake_settings.state / name).exists() for name in kept)
    assert not any((lake_settings.state / name).exists() for name in gone)


def test_nothing_is_cleared_in_a_folder_that_is_no_lake(lake_settings: Settings) -> None:
    (lake_settings.state / "spark").mkdir(parents=True)
    lake.clear_scratch(lake_settings)
    assert (lake_settings.state / "spark").is_dir()


@pytest.mark.parametrize(
    ("deleted", "said"),
    [
        ("s3", "the catalog and the queries' history are there, but the objects"),
        ("glue", "the objects and the queries' history are there, but the catalog"),
        ("athena", "the objects and the catalog are there, but the queries' history"),
    ],
)
def test_half_a_lake_is_refused(lake_settings: Settings, deleted: str, said: str) -> None:
    lake.claim(lake_settings)
    lake.require_whole(lake_settings)
    for name in lake.KEPT:
        (lake_settings.state / name / "content").touch()
    lake.require_whole(lake_settings)
    (lake_settings.state / deleted / "content").unlink()
    (lake_settings.state / deleted).rmdir()
    with pytest.raises(StackError, match=said) as caught:
        lake.require_whole(lake_settings)
    assert "make reset" in caught.value.hint


def test_a_lake_whose_first_start_was_cut_off_is_whole(lake_settings: Settings) -> None:
    lake.claim(lake_settings)
    (lake_settings.state / "s3").mkdir()
    lake.require_whole(lake_settings)
    assert all((lake_settings.state / name).is_dir() for name in lake.KEPT)


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


def test_an_end_is_told_until_it_is_forgotten(lake_settings: Settings) -> None:
    assert lake.last_ending(lake_settings) is None
    lake.note_ending(lake_settings, "its supervisor was killed")
    text = str(lake.last_ending(lake_settings))
    assert text.startswith("the lake ended at 2")
    assert text.endswith("because its supervisor was killed; its content is kept: run `make up`")
    lake.forget_ending(lake_settings)
    assert lake.last_ending(lake_settings) is None
