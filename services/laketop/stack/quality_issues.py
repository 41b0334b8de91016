"""One issue for each broken quality rule: what is to be opened, brought up to date and closed. Pure functions."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from laketop.stack.github import by_workflow
from laketop.stack.quality import Breach

LABEL = "data-quality"
_MARK = re.compile(r"\A<!-- laketop quality (\S+) (\S+) -->")
_TOLD = ("severity", "column_name", "observed", "operator", "threshold", "unit", "checked_at")


@dataclass(frozen=True)
class Change:
    """A request to GitHub's API.

    Attributes:
        what: in words, for the log.
        method: POST or PATCH.
        path: below the repository.
        body: what is sent.
    """

    what: str
    method: str
    path: str
    body: Mapping[str, Any]


def title(breach: Breach, env: str) -> str:
    """The title of an issue."""
    return f"Data quality in {env}: {breach.name} is broken"


def body(breach: Breach, env: str) -> str:
    """The text of an issue; its first line, which nobody sees, says what it is about."""
    rows = "".join(f"| {name} | {_cell(getattr(breach, name))} |\n" for name in _TOLD)
    return (
        f"<!-- laketop quality {env} {breach.name} -->\n"
        f"The rule `{breach.rule}` of the dataset `{breach.dataset}` does not hold in `{env}`.\n\n"
        f"| | |\n|---|---|\n{rows}\n"
        f"Ask again: `make quality ENV={env}`. What to do: docs/PIPELINE_GUIDE.md, the step Check. "
        "This issue is closed by itself when the rule holds again.\n"
    )


def _cell(value: str) -> str:
    return " ".join(value.split()).replace("|", "\\|")


def ours(issues: Iterable[Mapping[str, Any]], env: str) -> dict[str, list[Mapping[str, Any]]]:
    """The issues that were opened here for an environment: `dataset.rule` → them, as GitHub lists open issues.

    Others may copy the mark: what a person wrote is theirs.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for issue in issues:
        mark = _MARK.match(issue.get("body") or "")
        if mark and mark[1] == env and by_workflow(issue) and "pull_request" not in issue:
            found.setdefault(mark[2], []).append(issue)
    return found


def changes(broken: Sequence[Breach], issues: Iterable[Mapping[str, Any]], env: str) -> Iterator[Change]:
    """What makes the open issues say which rules are broken.

    Args:
        broken: the rules that are broken now.
        issues: the repository's open issues, as GitHub lists them.
        env: the environment.

    Returns:
        the requests: an issue opened for a rule without one, brought up to date where its figures changed, and closed
        with a comment where its rule is not broken any more.
    """
    known = ours(issues, env)
    for breach in broken:
        text = body(breach, env)
        current = known.pop(breach.name, [])
        if not current:
            new = {"title": title(breach, env), "body": text, "labels": [LABEL]}
            yield Change(f"open: {breach.name}", "POST", "issues", new)
        for issue in current:
            if issue["body"].replace("\r\n", "\n").strip() != text.strip():
                yield Change(f"update: {breach.name}", "PATCH", f"issues/{issue['number']}", {"body": text})
    for name, gone in known.items():
        for issue in gone:
            path = f"issues/{issue['number']}"
            told = {"body": f"The rule holds again in `{env}`."}
            yield Change(f"tell: {name}", "POST", f"{path}/comments", told)
            yield Change(f"close: {name}", "PATCH", path, {"state": "closed", "state_reason": "completed"})
