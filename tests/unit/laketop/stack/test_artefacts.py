"""Artefacts: complete, and the same bytes for the same sources."""

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from laketop.stack import artefacts
from laketop.stack.messages import StackError


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
