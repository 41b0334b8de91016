"""What Terraform would do, as a page for a reviewer: figures first, what is lost in plain sight, the rest folded."""

import re
from collections.abc import Mapping

MARK = "<!-- laketop plan -->"
ENVIRONMENTS = ("dev", "staging", "prod")  # the order of promotion
LIMIT = 20_000  # characters of one plan; GitHub takes 65,536 in a comment, for three of them
_FIGURES = re.compile(r"^(?:Plan: .*\.|No changes\..*)$", re.MULTILINE)
_LOST = re.compile(r"^  # (\S.*?) (?:is tainted, so must be|will be|must be) (destroyed|replaced)\b", re.MULTILINE)
_LOOKING = re.compile(r"^.*: (?:Refreshing state\.\.\.|Reading\.\.\.|Read complete after ).*\n", re.MULTILINE)
_SHOWN = 50  # lost resources by name; more are only counted


def section(env: str, plan: str, failed: bool) -> str:
    """One environment's part of the page.

    Args:
        env: the environment.
        plan: what `laketop plan` wrote.
        failed: whether it failed.

    Returns:
        Markdown.
    """
    figures = _FIGURES.search(plan)
    headline = "**no plan could be made**" if failed or not figures else figures[0]
    return f"### {env}\n\n{headline}\n{_lost(plan)}\n{_folded(plan)}"


def _lost(plan: str) -> str:
    lost = [f"> - {verb}: `{address}`\n" for address, verb in _LOST.findall(plan)]
    if not lost:
        return ""
    more = f"> - and {len(lost) - _SHOWN} more\n" if len(lost) > _SHOWN else ""
    return "\n> [!WARNING]\n> " + f"{len(lost)} resources are lost.\n>\n" + "".join(lost[:_SHOWN]) + more


def _folded(plan: str) -> str:
    text = _shortened(_LOOKING.sub("", plan).strip("\n"))
    # a fence longer than any in the text, so that nothing in it can end it
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"<details><summary>the plan</summary>\n\n{fence}text\n{text}\n{fence}\n\n</details>\n"


def _shortened(text: str) -> str:
    """A text that is too long as its headings, a line a resource, and its end, which has the figures and the errors."""
    if len(text) <= LIMIT:
        return text
    headings = "\n".join(line for line in text.splitlines() if line.startswith("  # "))
    return (
        f"{headings[: LIMIT * 3 // 4]}\n\n… this is too long for here; the job's log has all …\n\n{text[-LIMIT // 4 :]}"
    )


def page(sections: Mapping[str, str], run_url: str = "") -> str:
    """The comment: all environments that were planned, in the order of promotion.

    Args:
        sections: environment → its part.
        run_url: where the workflow's run is to be seen, or "".

    Returns:
        Markdown that begins with the mark by which the comment is found again.
    """
    parts = [sections[env] for env in ENVIRONMENTS if env in sections]
    source = f"\n[The run]({run_url})\n" if run_url else ""
    return f"{MARK}\n## Terraform plan\n\n" + "\n".join(parts) + source
