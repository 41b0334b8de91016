"""`laketop plan-comment`: the plans of a pull request as one comment on it, which later plans replace."""

from pathlib import Path
from typing import Annotated

import typer

from laketop.stack import github, plan_report
from laketop.stack.messages import ExitCode, StackError, say


def run(
    plans: Annotated[Path, typer.Option("--plans", metavar="FOLDER", help="What `laketop plan-report` wrote.")],
    pull_request: Annotated[int, typer.Option("--pull-request", metavar="NUMBER", help="Its number.")],
) -> None:
    """Write the plans of a pull request as one comment on it, in the place of the one before."""
    sections = {path.stem: path.read_text() for path in plans.glob("*.md") if path.stem in plan_report.ENVIRONMENTS}
    if not sections:
        problem = f"it holds no plan of {', '.join(plan_report.ENVIRONMENTS)}"
        raise StackError(f"folder {plans}", problem, "`make plan-report ENV=dev OUT=<folder>/dev.md`", ExitCode.USAGE)
    repository = github.connect()
    body = {"body": plan_report.page(sections, repository.run_url)}
    comments = repository.pages(f"issues/{pull_request}/comments")
    ours = (item["id"] for item in comments if item["body"].startswith(plan_report.MARK) and github.by_workflow(item))
    known = next(ours, None)
    if known is None:
        repository.send("POST", f"issues/{pull_request}/comments", body)
    else:
        repository.send("PATCH", f"issues/comments/{known}", body)
    say(f"{'written' if known is None else 'replaced'}: the plans of {', '.join(sorted(sections))}")
