"""Artefacts: complete, the same bytes for the same sources, and known by the hash of what they are."""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from laketop.stack import artefacts
from laketop.stack.messages import ExitCode, StackError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "lambdas/file_validator/handler.py": "def handler(event, context): ...\n",
        "lambdas/file_validator/__pycache__/handler.cpython-313.pyc": "no",
        "lambdas/file_router/handler.py": "def handler(event, context): ...\n",
        "lambdas/README.md": "no function",
        "lakehouse/__init__.py": "",
        "lakehouse/s3_helper.py": "X = 1\n",
        "lakehouse/deep/er.py": "Y = 2\n",
        "jobs/transaction_etl.py": "def main(): ...\n",
        "sql/daily_kpis.sql": "select 1\n",
        "dashboard/index.html": "<!doctype html>",
        "dashboard/app.js": "'use strict';",
        "contracts/transactions.odcs.yaml": "kind: DataContract\n",
    }
    for name, text in files.items():
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text(text)
    return tmp_path / "root"


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_layout_is_what_terraform_expects(root: Path, tmp_path: Path) -> None:
    target = artefacts.build(root, tmp_path / "build")
    assert set(hashes(target)) == {
        "lambdas/file_validator.zip",
        "lambdas/file_router.zip",
        "layers/lakehouse.zip",
        "jobs/lakehouse.zip",
        "jobs/transaction_etl.py",
        "sql/daily_kpis.sql",
        "dashboard/index.html",
        "dashboard/app.js",
        "contracts/transactions.odcs.yaml",
    }


def test_archives_hold_the_sources_and_nothing_else(root: Path, tmp_path: Path) -> None:
    target = artefacts.build(root, tmp_path / "build")
    with zipfile.ZipFile(target / "lambdas" / "file_validator.zip") as archive:
        assert archive.namelist() == ["file_validator/handler.py"]
        assert archive.read("file_validator/handler.py") == (root / "lambdas/file_validator/handler.py").read_bytes()
    with zipfile.ZipFile(target / "layers" / "lakehouse.zip") as archive:
        assert archive.namelist() == [
            "python/lakehouse/__init__.py",
            "python/lakehouse/deep/er.py",
            "python/lakehouse/s3_helper.py",
        ]
    with zipfile.ZipFile(target / "jobs" / "lakehouse.zip") as archive:
        assert "lakehouse/__init__.py" in archive.namelist()


def test_times_and_modes_of_the_sources_change_nothing(root: Path, tmp_path: Path) -> None:
    before = hashes(artefacts.build(root, tmp_path / "one"))
    for path in root.rglob("*.py"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
        path.chmod(0o755)
    assert hashes(artefacts.build(root, tmp_path / "two")) == before


def test_a_changed_source_changes_its_archive_alone(root: Path, tmp_path: Path) -> None:
    before = hashes(artefacts.build(root, tmp_path / "build"))
    (root / "lambdas/file_router/handler.py").write_text("def handler(event, context): return 1\n")
    after = hashes(artefacts.build(root, tmp_path / "build"))
    assert {name for name in after if after[name] != before[name]} == {"lambdas/file_router.zip"}


def test_a_deleted_source_is_not_left_behind(root: Path, tmp_path: Path) -> None:
    artefacts.build(root, tmp_path / "build")
    (root / "jobs/transaction_etl.py").unlink()
    assert "jobs/transaction_etl.py" not in hashes(artefacts.build(root, tmp_path / "build"))


def test_a_checkout_without_a_folder_is_named(root: Path, tmp_path: Path) -> None:
    (root / "sql" / "daily_kpis.sql").unlink()
    (root / "sql").rmdir()
    with pytest.raises(StackError, match="folder sql: it is missing"):
        artefacts.build(root, tmp_path / "build")


def test_a_release_is_named_by_its_manifest(root: Path, tmp_path: Path) -> None:
    release = artefacts.release(root, tmp_path / "dist")
    manifest = (release / "release.json").read_bytes()
    assert release.name == hashlib.sha256(manifest).hexdigest()[:16]
    assert json.loads(manifest) == {name: found for name, found in hashes(release).items() if name != "release.json"}
    assert [path.name for path in (tmp_path / "dist").iterdir()] == [release.name]


def test_the_same_sources_are_the_same_release_and_others_another(root: Path, tmp_path: Path) -> None:
    first = artefacts.release(root, tmp_path / "dist")
    for path in root.rglob("*.py"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    assert artefacts.release(root, tmp_path / "elsewhere").name == first.name
    (root / "sql" / "daily_kpis.sql").write_text("select 2\n")
    second = artefacts.release(root, tmp_path / "dist")
    assert second.name != first.name
    assert artefacts.verify(first) == first.name
    assert artefacts.verify(second) == second.name


def rename(release: Path) -> Path:
    return release.rename(release.with_name("0123456789abcdef"))


def change(release: Path) -> Path:
    (release / "jobs" / "transaction_etl.py").write_text("def main(): return 1\n")
    return release


def add(release: Path) -> Path:
    (release / "jobs" / "more.py").write_text("")
    return release


def take_away(release: Path) -> Path:
    (release / "layers" / "lakehouse.zip").unlink()
    return release


def forge(release: Path) -> Path:
    """Change a file and the manifest too, so that they agree."""
    change(release)
    files = {name: found for name, found in hashes(release).items() if name != "release.json"}
    (release / "release.json").write_text(json.dumps(files))
    return release


def forget(release: Path) -> Path:
    (release / "release.json").unlink()
    return release


def garble(release: Path) -> Path:
    (release / "release.json").write_text("[1]")
    return release


@pytest.mark.parametrize(
    ("harm", "cause"),
    [
        (rename, "its content is that of release"),
        (change, "jobs/transaction_etl.py is not what release.json says"),
        (add, "jobs/more.py is not what release.json says"),
        (take_away, "layers/lakehouse.zip is not what release.json says"),
        (forge, "its content is that of release"),
        (forget, "release.json cannot be read: No such file"),
        (garble, "release.json cannot be read"),
    ],
)
def test_what_is_not_the_release_that_its_name_says_is_refused(
    root: Path, tmp_path: Path, harm: Callable[[Path], Path], cause: str
) -> None:
    release = harm(artefacts.release(root, tmp_path / "dist"))
    with pytest.raises(StackError, match=f"release {release}: .*{cause}") as caught:
        artefacts.verify(release)
    assert caught.value.code == ExitCode.REFUSED
    assert "make build" in caught.value.hint
