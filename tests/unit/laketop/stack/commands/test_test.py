"""How the stages of `laketop test` are shared among workers, and that nothing of it is lost: order, names, coverage."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from laketop.stack import checkout
from laketop.stack.commands import test
from tests import ports
from tests.conftest import TOGETHER, together

BY_NAME = {stage.name: stage for stage in test.STAGES}
RECORDING = """
import os, pytest, product
@pytest.mark.parametrize("number", range(4))
def test_it(number):
    with open(os.environ["SEEN"], "a") as seen:
        seen.write(f"{os.environ['PYTEST_XDIST_WORKER']} {os.environ['PYTEST_CURRENT_TEST']}\\n")
    assert product.double(number) != 6, "three is doubled"
"""


@pytest.mark.parametrize(("cores", "expected"), [(None, 2), (1, 2), (2, 2), (3, 3), (4, 4), (64, 4)])
def test_a_stage_has_two_to_four_workers_by_the_cores(cores: int | None, expected: int) -> None:
    assert test.workers(BY_NAME["unit"], cores) == expected


def test_a_stage_has_no_more_workers_than_it_may_have() -> None:
    assert {name: test.workers(stage, 64) for name, stage in BY_NAME.items()} == {
        "unit": 4, "unit-glue": 1, "unit-jobs": 2, "unit-localstack": 1, "contract": 4, "e2e": 1, "e2e-docker": 1,
    }  # fmt: skip


def test_only_a_stage_that_is_shared_asks_for_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test, "interpreter", lambda stage: Path(sys.executable))
    asking = {name for name, stage in BY_NAME.items() if "-n" in test.command_line(stage, long=False)}
    assert asking == {"unit", "unit-jobs", "contract"}


def test_a_short_form_is_a_part_of_the_stage_that_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test, "interpreter", lambda stage: Path(sys.executable))
    short = test.command_line(BY_NAME["e2e-docker"], long=False, short=True)
    assert tuple(short[short.index("not long") + 1 :]) == BY_NAME["e2e-docker"].short
    assert all((checkout.ROOT / path).is_file() for path in BY_NAME["e2e-docker"].short)
    whole = test.command_line(BY_NAME["unit"], long=False, short=True)
    assert whole == test.command_line(BY_NAME["unit"], long=False)


def test_what_has_to_be_asked_for_is_left_out() -> None:
    assert [name for name, stage in BY_NAME.items() if stage.asked] == ["e2e-docker"]


@pytest.mark.parametrize(
    ("test_id", "expected"),
    [
        ("tests/e2e/test_pipeline.py::test_the_zones_agree", "e2e, the checkout"),
        ("tests/e2e/test_pipeline_runtimes.py::test_a_job_cannot_import_the_stand_ins", "e2e, the lake"),
        ("tests/contract/s3/test_keys.py::test_a_key[files-a/b]", "s3, files"),
        ("tests/contract/s3/test_objects.py::test_nothing[stock]", "s3, stock"),
        ("tests/contract/s3/test_crash.py::test_short", "s3, crash"),
        ("tests/contract/s3/test_restart.py::test_it", "tests/contract/s3/test_restart.py"),
        ("tests/contract/spark/test_run.py::test_a_log", "spark"),
        ("tests/unit/laketop/stack/test_cli.py::test_help[a::b]", "tests/unit/laketop/stack/test_cli.py"),
    ],
)
def test_what_shares_something_is_together(test_id: str, expected: str) -> None:
    assert together(test_id) == expected


def test_every_folder_of_servers_is_together() -> None:
    folders = {path.parent for path in (checkout.ROOT / "tests" / "contract").glob("*/test_*.py")}
    folders |= {checkout.ROOT / "tests" / "e2e"}
    new = {together(f"{folder.relative_to(checkout.ROOT)}/test_new.py::test_it[files-1]") for folder in folders}
    assert new <= set(TOGETHER.values())


def test_no_two_workers_have_a_port_in_common() -> None:
    shares = [
        ports.share({"PYTEST_XDIST_WORKER": f"gw{number}", "PYTEST_XDIST_WORKER_COUNT": "4"}) for number in range(4)
    ]
    assert len(set().union(*shares)) == sum(map(len, shares)) == len(ports.share({}))


def test_the_successor_of_a_worker_has_ports_too() -> None:
    assert len(ports.share({"PYTEST_XDIST_WORKER": "gw2", "PYTEST_XDIST_WORKER_COUNT": "2"})) > 1000


def test_groups_stay_whole_in_their_order_and_leave_their_coverage(tmp_path: Path) -> None:
    for name in ("tests/e2e/test_a.py", "tests/e2e/test_promotion.py", "tests/contract/spark/test_b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(RECORDING)
    (tmp_path / "tests" / "e2e" / "test_c.py").write_text(RECORDING)
    shutil.copy(checkout.ROOT / "tests" / "conftest.py", tmp_path / "tests")
    (tmp_path / "product.py").write_text("def double(number):\n    return 2 * number\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\naddopts = ["--import-mode=importlib"]\npythonpath = ["."]\n'
        '[tool.coverage.run]\nparallel = true\npatch = ["subprocess"]\nrelative_files = true\nsource = ["."]\n'
    )
    seen = tmp_path / "seen"
    # these tests may be measured themselves, and run by a worker
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "PYTEST"))}
    environment |= {"SEEN": str(seen), "COLUMNS": "200", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "coverage", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    done = run("run", "-m", "pytest", "-q", "-p", "xdist", "-n", "2", "tests")
    assert (done.returncode, "4 failed, 12 passed" in done.stdout) == (1, True), done.stdout + done.stderr
    assert "FAILED tests/contract/spark/test_b.py::test_it[3] - AssertionError: three is doubled" in done.stdout
    workers: dict[str, dict[str, list[str]]] = {}
    for line in seen.read_text().splitlines():
        worker, test_id, _ = line.split()
        workers.setdefault(together(test_id), {}).setdefault(worker, []).append(test_id)
    assert {group: len(by_worker) for group, by_worker in workers.items()} == {
        "e2e, the checkout": 1, "e2e, the lake": 1, "spark": 1,
    }  # fmt: skip
    (lake,) = workers["e2e, the lake"].values()
    assert lake == [f"tests/e2e/test_{name}.py::test_it[{number}]" for name in "ac" for number in range(4)]
    assert workers["e2e, the lake"].keys() != workers["e2e, the checkout"].keys()
    assert run("combine").returncode == 0
    assert "product.py 2 0 100%" in " ".join(run("report", "--include=product.py").stdout.split())
