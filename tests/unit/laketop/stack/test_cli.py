"""The command line as a person meets it: exit codes, one line an error, stdout for data alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from laketop.stack import checkout
from laketop.stack.cli import COMMANDS

MAKEFILE = checkout.ROOT / "Makefile"


def laketop(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LAKETOP_", "AWS_"))}
    environment |= {"LAKETOP_STATE": str(tmp_path / "state"), "LAKETOP_PORT": "24566", **variables}
    command = [sys.executable, "-m", "laketop.stack", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "error"),
    [
        (["status"], {}, 3, "error: lake {state}: it does not run"),
        (["sql", "select 1"], {}, 3, "error: lake {state}: it does not run"),
        (["plan"], {}, 3, "error: lake {state}: it does not run"),
        (["deploy", "--env", "prod"], {}, 4, "error: deploy prod: it takes the release that dev has tested"),
        (["deploy", "--artifacts", "{state}"], {}, 4, "error: release "),
        (["deploy", "--env", "nowhere"], {}, 2, "error: environment nowhere: there is no such folder in infra/envs"),
        (["destroy"], {}, 3, "error: lake {state}: it does not run"),
        (["bootstrap"], {}, 2, "error: bootstrap local: the lake keeps Terraform's state itself"),
        (["e2e", "--env", "prod"], {}, 4, "error: e2e prod: the suite writes made-up sales"),
        (["logs"], {}, 3, "error: logs: there are none in {state}/logs"),
        (["logs", "--part", "kafka"], {}, 2, "error: part kafka: there is none of that name"),
        (["test", "--only", "nothing"], {}, 2, "error: stage nothing: there is none of that name"),
        (["up"], {"LAKETOP_MODE": "x"}, 2, "error: settings: LAKETOP_MODE='x': process or docker is needed"),
        (
            ["status"],
            {"LAKETOP_PORT": "80"},
            2,
            "error: settings: LAKETOP_PORT='80': a whole number from 1024 to 65000",
        ),
    ],
)
def test_an_error_is_one_line_and_a_hint(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], code: int, error: str
) -> None:
    answer = laketop(tmp_path, *arguments, **variables)
    assert answer.returncode == code
    assert answer.stdout == ""
    lines = answer.stderr.splitlines()
    assert lines[0].startswith(error.format(state=tmp_path / "state"))
    assert len(lines) == 2
    assert lines[1].startswith("hint: ")


def test_debug_shows_the_trace(tmp_path: Path) -> None:
    answer = laketop(tmp_path, "--debug", "status")
    assert "Traceback" in answer.stderr
    assert answer.stderr.splitlines()[-1] == "hint: run `make up`"


def test_what_nobody_foresaw_is_still_one_line(tmp_path: Path) -> None:
    (tmp_path / "state" / "run").mkdir(parents=True)
    (tmp_path / "state" / "run" / "lake.json").write_text("not JSON")
    answer = laketop(tmp_path, "status")
    assert answer.returncode == 70
    assert answer.stderr.startswith("error: laketop: JSONDecodeError: ")
    assert "--debug" in answer.stderr


def test_down_and_reset_without_a_lake_are_no_error(tmp_path: Path) -> None:
    for command in ("down", "reset"):
        answer = laketop(tmp_path, command)
        assert (answer.returncode, answer.stdout) == (0, "")
        assert "there is no lake" in answer.stderr


def test_up_leaves_a_folder_with_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "state" / "glue").mkdir(parents=True)
    answer = laketop(tmp_path, "up")
    assert answer.returncode == 4
    assert "holds files that no lake made" in answer.stderr
    assert (tmp_path / "state" / "glue").is_dir()


def test_no_colour_codes_where_stderr_is_no_terminal(tmp_path: Path) -> None:
    assert "\x1b" not in laketop(tmp_path, "status").stderr


def test_every_target_is_one_call_of_one_sub_command() -> None:
    names = {module.__name__.rpartition(".")[2].replace("_", "-") for module in COMMANDS}
    recipes = re.findall(r"^([a-z][a-z0-9-]*):.*##.*\n((?:\t.*\n)+)", MAKEFILE.read_text(), re.MULTILINE)
    assert len(recipes) == len(re.findall(r"^[a-z][a-z0-9-]*:.*##", MAKEFILE.read_text(), re.MULTILINE))
    for target, recipe in recipes:
        if target == "help":
            continue
        assert recipe.count("\n") == 1, target
        called = re.findall(r"\$\(LAKETOP\) (\w[\w-]*)", recipe)
        assert len(called) == 1, target
        assert called[0] in names, target


def test_make_alone_prints_every_target() -> None:
    answer = subprocess.run(["make", "-C", str(checkout.ROOT)], capture_output=True, text=True, check=True)
    targets = re.findall(r"^([a-z][a-z0-9-]*):.*##", MAKEFILE.read_text(), re.MULTILINE)
    assert all(f"make {target} " in answer.stdout for target in targets)


@pytest.mark.parametrize("query", ["select 'it''s' as \"x\"", "select $1, `a`, \\'b", "select count(*) from t -- # x"])
def test_make_hands_a_query_on_as_it_is(tmp_path: Path, query: str) -> None:
    program = tmp_path / "laketop"
    program.write_text('#!/bin/sh\necho "$@"; cat\n')
    program.chmod(0o755)
    answer = subprocess.run(
        ["make", "-C", str(checkout.ROOT), "--no-print-directory", "sql", f"LAKETOP={program}", "Q=" + query],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == f"sql -\n{query}"
