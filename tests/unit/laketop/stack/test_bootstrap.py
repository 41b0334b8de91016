"""The set-up: runs on any Python since 3.9, knows when there is nothing to do, finds a uv that is new enough."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from laketop.stack import bootstrap

SCRIPT = Path(bootstrap.__file__)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that holds the sources and no environment."""
    for name in {*bootstrap.SOURCES, *bootstrap.LOCALSTACK_SOURCES, *bootstrap.CHECKS_SOURCES}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    return tmp_path


def fake_uv(folder: Path, version: str, code: int = 0) -> str:
    """A `uv` that says a version, and for `sync` makes the environment or fails."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "uv"
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, pathlib, sys\n"
        f"if sys.argv[1] == '--version': sys.exit(print('uv {version} (abc 2026-01-01)'))\n"
        "print('Downloading something (10MiB)'); print(' + package==1')\n"
        "print(' '.join(sys.argv[1:]), file=open('calls', 'a'))\n"
        f"if {code}: sys.exit(print('error: The lockfile at `uv.lock` needs to be updated') or {code})\n"
        "python = pathlib.Path(os.environ['UV_PROJECT_ENVIRONMENT'], 'bin', 'python')\n"
        "python.parent.mkdir(parents=True, exist_ok=True); python.touch()\n"
    )
    program.chmod(0o755)
    return str(program)


def test_it_needs_nothing_but_the_standard_library_of_python_3_9() -> None:
    tree = ast.parse(SCRIPT.read_text(), feature_version=(3, 9))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.partition(".")[0] for module in modules} <= sys.stdlib_module_names
    assert not any(isinstance(node, ast.Match) for node in ast.walk(tree))


def test_it_brings_what_is_missing_once(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = tmp_path / "tools"
    monkeypatch.setenv("PATH", str(Path(fake_uv(tmp_path / "bin", "0.99.0")).parent))
    names = ("services", "glue-runtime")
    bootstrap.prepare(names, tools, locked=True)
    calls = (root / "calls").read_text().splitlines()
    assert sorted(calls) == [
        "sync --no-progress --compile-bytecode --locked",
        "sync --no-progress --compile-bytecode --locked --only-group glue-runtime",
    ]
    assert bootstrap.missing(names, tools) == []
    bootstrap.prepare(names, tools, locked=True)
    assert (root / "calls").read_text().splitlines() == calls, "the second time nothing runs"
    said = capsys.readouterr()
    assert said.out == ""
    assert "glue-runtime: Downloading something (10MiB)" in said.err
    assert "package==1" not in said.err


@pytest.mark.parametrize(
    ("changed", "stale"),
    [("uv.lock", ["services"]), ("services/localstack/uv.lock", ["localstack"]), ("README.md", [])],
)
def test_a_changed_lock_makes_its_environments_stale(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str, stale: list[str]
) -> None:
    monkeypatch.setenv("PATH", str(Path(fake_uv(tmp_path / "bin", "0.99.0")).parent))
    bootstrap.prepare(("services", "localstack"), tmp_path / "tools", locked=True)
    (root / changed).write_text("new")
    assert bootstrap.missing(("services", "localstack"), tmp_path / "tools") == stale


def test_an_environment_whose_interpreter_is_gone_is_stale(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(fake_uv(tmp_path / "bin", "0.99.0")).parent))
    bootstrap.prepare(("lambda-runtime",), tmp_path / "tools", locked=True)
    (tmp_path / "tools/envs/lambda-runtime/bin/python").unlink()
    assert bootstrap.missing(("lambda-runtime",), tmp_path / "tools") == ["lambda-runtime"]


def test_a_failure_names_the_environment_and_the_next_step(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(fake_uv(tmp_path / "bin", "0.99.0", code=2)).parent))
    with pytest.raises(bootstrap.SetupError, match="environment services: error: The lockfile") as caught:
        bootstrap.prepare(("services",), tmp_path / "tools", locked=True)
    assert caught.value.hint == "run `make lock`"
    assert bootstrap.missing(("services",), tmp_path / "tools") == ["services"]


def test_an_old_uv_is_passed_over_for_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(fake_uv(tmp_path / "bin", "0.1.0")).parent))
    assert bootstrap.find_uv(tmp_path / "tools", install=False) is None
    own = fake_uv(tmp_path / "tools" / "uv" / "bin", bootstrap.UV_VERSION)
    assert bootstrap.find_uv(tmp_path / "tools", install=False) == own


@pytest.mark.parametrize(
    ("said", "version"), [("uv 0.13.9 (abc)", (0, 13, 9)), ("uv 1.0", (1, 0)), ("nonsense", ()), ("uv x.y", ())]
)
def test_versions(tmp_path: Path, said: str, version: tuple[int, ...]) -> None:
    program = tmp_path / "uv"
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o755)
    assert bootstrap.version_of(str(program)) == version
    assert bootstrap.version_of(str(tmp_path / "absent")) == ()


def test_up_needs_the_lake_s_environments_and_test_all_but_those_of_lint() -> None:
    assert set(bootstrap.NEEDS["up"]) == {"services", "localstack", "glue-runtime", "lambda-runtime"}
    assert set(bootstrap.NEEDS["test"]) == set(bootstrap.ENVIRONMENTS) - {"checks"}
    assert set(bootstrap.NEEDS["lint"]) == {"services", "checks"}


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("e2e --env local", bootstrap.LAKE),
        ("e2e", bootstrap.LAKE),
        ("e2e --env dev --confirm 111122223333", ("services",)),
        ("--debug deploy --env dev", ("services",)),
        ("status", ("services",)),
        ("deploy --env", ("services",)),
    ],
)
def test_what_is_about_aws_needs_no_lake(line: str, names: tuple[str, ...]) -> None:
    assert bootstrap.needed(line.split()) == names


@pytest.mark.parametrize("name", ["services", "localstack", "localstack-tests", "glue-runtime"])
def test_a_changed_dependency_of_the_checkout_renews_every_lock_that_quotes_it(name: str, root: Path) -> None:
    before = bootstrap.stamp_of(name, root)
    (root / "pyproject.toml").write_text("another dependency")
    assert bootstrap.stamp_of(name, root) != before


def test_it_becomes_the_command(tmp_path: Path) -> None:
    """The script as a program, in a checkout of its own whose environment is as its lock says."""
    checkout = tmp_path / "checkout"
    script = checkout / "services" / "laketop" / "stack" / "bootstrap.py"
    script.parent.mkdir(parents=True)
    shutil.copyfile(SCRIPT, script)
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").touch()
    program = checkout / ".venv" / "bin" / "laketop"
    program.write_text(f"#!{sys.executable}\nimport json, sys; print(json.dumps(sys.argv[1:]))\n")
    program.chmod(0o755)
    stamp = checkout / ".tools" / "stamps" / "services"
    stamp.parent.mkdir(parents=True)
    stamp.write_text(bootstrap.stamp_of("services", checkout))
    environment = {"PATH": os.environ["PATH"]}
    answer = subprocess.run(
        [sys.executable, str(script), "status", "--json"], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(answer.stdout) == ["status", "--json"]
    assert answer.stderr == ""


def test_a_lake_that_is_lent_is_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mode").write_text("process\n")
    monkeypatch.setenv("LAKETOP_STATE", str(tmp_path))
    monkeypatch.delenv("LAKETOP_MODE", raising=False)
    monkeypatch.setattr(bootstrap, "docker_answers", lambda: True)
    assert bootstrap.needed(["up"]) == bootstrap.LAKE  # it goes on as it was
    assert bootstrap.needed(["lend"]) == ("services",)
    monkeypatch.setenv("LAKETOP_MODE", "process")
    assert bootstrap.needed(["lend"]) == bootstrap.LAKE
