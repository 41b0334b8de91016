"""The page about a plan, made of what Terraform itself prints; and the comment that it becomes."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from laketop.stack import plan_report
from laketop.stack.commands import plan_comment
from laketop.stack.commands import plan_report as report_command
from laketop.stack.messages import StackError
from tests.fixtures.fake_github import GitHub, running

BEFORE = """
resource "terraform_data" "kept" { input = "one" }
resource "terraform_data" "gone" { input = "one" }
resource "terraform_data" "made_again" {
  for_each         = toset(["a b"])
  triggers_replace = "one"
}
"""
AFTER = """
resource "terraform_data" "kept" { input = "will be destroyed" }
resource "terraform_data" "new" { input = "```" }
resource "terraform_data" "made_again" {
  for_each         = toset(["a b"])
  triggers_replace = "two"
}
"""


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Plans by Terraform, of resources that need no provider: `none` changes nothing, `some` a bit of everything."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not on PATH")
    folder = tmp_path_factory.mktemp("terraform")

    def terraform(*arguments: str) -> str:
        command = ["terraform", f"-chdir={folder}", *arguments, "-no-color", "-input=false"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    (folder / "main.tf").write_text(BEFORE)
    terraform("init")
    terraform("apply", "-auto-approve")
    found = {"none": terraform("plan")}
    (folder / "main.tf").write_text(AFTER)
    return found | {"some": terraform("plan")}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    with running() as server:
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value)
        yield server


def test_what_changes_is_said_first_and_what_is_lost_by_name(plans: dict[str, str]) -> None:
    text = plan_report.section("dev", plans["some"], failed=False)
    assert text.startswith("### dev\n\nPlan: 2 to add, 1 to change, 2 to destroy.\n")
    warning = text.partition("> [!WARNING]\n")[2].partition("\n\n")[0]
    assert warning.splitlines()[2:] == [
        "> - destroyed: `terraform_data.gone`",
        '> - replaced: `terraform_data.made_again["a b"]`',
    ]


def test_nothing_changes(plans: dict[str, str]) -> None:
    text = plan_report.section("dev", plans["none"], failed=False)
    assert text.startswith("### dev\n\nNo changes. Your infrastructure matches the configuration.\n")
    assert "[!WARNING]" not in text


def test_nothing_in_a_plan_can_end_its_fence(plans: dict[str, str]) -> None:
    assert "```" in plans["some"]
    text = plan_report.section("dev", plans["some"], failed=False)
    opened, closed = re.findall(r"^(`{3,})(?:text)?$", text, re.MULTILINE)
    assert opened == closed == "````"


def test_a_plan_that_failed_says_so_whatever_it_printed() -> None:
    text = plan_report.section("dev", "Plan: 1 to add, 0 to change, 0 to destroy.\nerror: out of memory", failed=True)
    assert "**no plan could be made**" in text.splitlines()[2]
    assert "error: out of memory" in text


def test_what_terraform_looked_at_is_left_out(plans: dict[str, str]) -> None:
    assert "terraform_data.kept: Refreshing state..." in plans["some"]
    text = plan_report.section("dev", plans["some"], failed=False)
    assert "Refreshing state" not in text
    assert "# terraform_data.new will be created" in text


def test_a_long_plan_is_its_headings_and_its_end() -> None:
    resources = [f"  # a.b[{number}] will be created\n" + f"  + some = {'x' * 400}\n" for number in range(200)]
    plan = "".join([*resources, "\nPlan: 200 to add, 0 to change, 0 to destroy.\n", "error: at the end"])
    text = plan_report.section("dev", plan, failed=False)
    assert len(text) < plan_report.LIMIT + 500
    assert re.findall(r"  # a\.b\[(\d+)\] will be created", text)[:200] == [str(number) for number in range(200)]
    assert "the job's log has all" in text
    assert "error: at the end" in text


def test_three_plans_fit_into_a_comment_however_long_they_are() -> None:
    lines = [f'  # a.b["{number}"] will be destroyed' for number in range(5000)]
    plan = "\n".join([*lines, "Plan: 0 to add, 0 to change, 5000 to destroy."])
    sections = {env: plan_report.section(env, plan, failed=False) for env in plan_report.ENVIRONMENTS}
    page = plan_report.page(sections, "https://git.example/run")
    assert len(page) < 65_536
    assert "> - and 4950 more" in page
    assert 'a.b["4999"] will be destroyed\nPlan: 0 to add' in page


def test_the_page_is_in_the_order_of_promotion() -> None:
    page = plan_report.page({"prod": "PROD", "dev": "DEV", "staging": "STAGING"}, "https://git.example/run")
    assert re.findall("DEV|STAGING|PROD", page) == ["DEV", "STAGING", "PROD"]
    assert page.startswith(plan_report.MARK)
    assert "[The run](https://git.example/run)" in page


def test_the_command_writes_the_page_also_where_there_is_no_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAKETOP_STATE", str(tmp_path / "state"))
    out = tmp_path / "plans" / "local.md"
    with pytest.raises(StackError, match="plan of local: `laketop plan` ended with 3"):
        report_command.run(out, "local")
    assert "it does not run" in capsys.readouterr().out
    assert "**no plan could be made**" in out.read_text()
    assert "it does not run" in out.read_text()


def test_a_comment_is_written_once_and_then_replaced(hub: GitHub, tmp_path: Path) -> None:
    person = {"id": 1, "user": {"login": "a-person"}, "body": f"{plan_report.MARK} copied"}
    hub.comments[7] = [person, *({"id": n, "user": person["user"], "body": "words"} for n in (2, 3))]
    (tmp_path / "dev.md").write_text("first")
    (tmp_path / "notes.md").write_text("not a plan")
    plan_comment.run(tmp_path, 7)
    (tmp_path / "dev.md").write_text("second")
    plan_comment.run(tmp_path, 7)
    assert [comment["user"]["login"] for comment in hub.comments[7]][:3] == ["a-person"] * 3
    assert hub.comments[7][0]["body"] == person["body"]
    (ours,) = hub.comments[7][3:]
    assert "second" in ours["body"]
    assert "first" not in ours["body"]
    assert "not a plan" not in ours["body"]


def test_a_folder_without_plans(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="it holds no plan of dev, staging, prod"):
        plan_comment.run(tmp_path, 7)
