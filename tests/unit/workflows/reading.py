"""The workflows as they are written: jobs, steps, and GitHub's expressions in as much as these use them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / ".github"
WORKFLOWS = sorted((FOLDER / "workflows").glob("*.yml"))
FILES = [*WORKFLOWS, *sorted(FOLDER.glob("actions/*/action.yml"))]
ON = True  # YAML 1.1 reads the key `on` as a truth value


def workflow(name: str) -> dict[Any, Any]:
    """A workflow by its name."""
    document: dict[Any, Any] = yaml.safe_load((FOLDER / "workflows" / f"{name}.yml").read_text())
    return document


@dataclass(frozen=True)
class Step:
    """A step, and where it is.

    Attributes:
        place: `workflow/job/number`.
        content: the step itself.
        variables: those that its workflow, its job and itself set.
        job: its job; empty in a composite action.
    """

    place: str
    content: dict[str, Any]
    variables: dict[str, str]
    job: dict[str, Any]


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    """All jobs: `workflow/job` and the job."""
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text())["jobs"].items():
            yield f"{path.stem}/{name}", job


def steps() -> Iterator[Step]:
    """All steps, those of composite actions too."""
    for place, job in jobs():
        for number, step in enumerate(job.get("steps", ()), 1):
            inherited = workflow(place.partition("/")[0]).get("env", {}) | job.get("env", {})
            yield Step(f"{place}/{number}", step, inherited | step.get("env", {}), job)
    for path in FILES:
        if path.name == "action.yml":
            for number, step in enumerate(yaml.safe_load(path.read_text())["runs"]["steps"], 1):
                yield Step(f"{path.parent.name}/{number}", step, step.get("env", {}), {})


_TOKEN = re.compile(r"\s*(?:(?P<text>'[^']*')|(?P<sign>&&|\|\||==|!=|!|\(\)|\(|\))|(?P<name>[A-Za-z_][\w.-]*))")
_SIGNS = {"&&": " and ", "||": " or ", "!": " not ", "()": ""}


def evaluate(expression: str, values: Callable[[str], Any]) -> Any:
    """What an expression of GitHub's comes to.

    Args:
        expression: of texts, names, calls without arguments, comparisons, `!`, `&&`, `||` and parentheses.
        values: name → value, also of the calls.
    """
    python, place = "", 0
    while place < len(expression.rstrip()):
        token = _TOKEN.match(expression, place)
        assert token, f"{expression[place:]!r} is more than this evaluator knows"
        place = token.end()
        name = token["name"]
        python += f"value({name!r})" if name else _SIGNS.get(token["sign"] or "", token["sign"] or token["text"])
    return eval(python, {"__builtins__": {}, "value": values})


def runs(job: Mapping[str, Any], values: Callable[[str], Any]) -> bool:
    """Whether a job or a step runs: without a status function in its `if`, only after success of all that it needs."""
    condition = str(job.get("if", "true"))
    if not re.search(r"\b(cancelled|always|failure|success)\(\)", condition):
        needs = job.get("needs", [])
        for name in [needs] if isinstance(needs, str) else needs:
            if values(f"needs.{name}.result") != "success":
                return False
    return bool(evaluate(condition, values))
