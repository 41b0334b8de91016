"""The guards: each patch was written for a certain source, and says so when it changes."""

from pathlib import Path

import pytest
from laketop_localstack.patches import GATEWAY, PATCHES, module
from laketop_localstack.patches.replace import Patched

NAMES = [*GATEWAY, *(name for names in PATCHES.values() for name in names)]
ALL = [pytest.param(name, patched, id=f"{name}-{patched.path}") for name in NAMES for patched in module(name).PATCHED]
FOLDER = Path(module("replace").__file__).parent


@pytest.mark.parametrize(("name", "patched"), ALL)
def test_localstack_is_still_what_the_patch_was_written_for(name: str, patched: Patched) -> None:
    assert patched.current() == patched.sha256, (
        f"{patched.module}:{patched.path} changed: see whether {name}.py still fits"
    )


def test_every_patch_is_in_the_table() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "replace"}

    assert set(NAMES) == files


@pytest.mark.parametrize("path", ["NoSuchClass", "TargetSender.no_such_method"])
def test_what_is_gone_is_named(path: str) -> None:
    with pytest.raises(LookupError, match=path):
        Patched("localstack.services.events.target", path, "").current()


def test_a_module_that_is_gone_is_named() -> None:
    with pytest.raises(LookupError, match=r"localstack\.services\.no_such is gone"):
        Patched("localstack.services.no_such", "x", "").current()


def test_a_change_of_the_source_changes_the_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "guarded_module.py"
    seen = []
    for text in (
        "class A:\n    def f(self): return 1\n",
        "class A:\n    def f(self): return 2\n",
        "X = 1\nclass A:\n    def f(self): return 1\n",
    ):
        file.write_text(text)
        seen.append(Patched("guarded_module", "A.f", "").current())

    assert seen[0] != seen[1]
    assert seen[0] == seen[2]
