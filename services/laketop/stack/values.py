"""What environments differ in, read from infra/: the table in docs/PROMOTION.md.

    python -m laketop.stack.values

writes the table into the page. The Terraform is read as text: what is shown is what a person finds in the files.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from laketop.stack import checkout

ENVIRONMENTS = ("local", "dev", "staging", "prod")
# Every environment has its own, by definition.
LEFT_OUT = ("source", "environment", "artifacts_dir")
PAGE = checkout.ROOT / "docs" / "PROMOTION.md"
BEGIN, END = "<!-- values: begin (made by `python -m laketop.stack.values`) -->", "<!-- values: end -->"
_READABLE = 40
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|#[^\n]*|[({\[]|[)}\]]|\n|[^"#(){}\[\]\n]+')


def _block(text: str, opening: str) -> str:
    """The inside of the block that a line opens, e.g. `module "lakehouse"`; "" where there is none."""
    found = re.search(rf"^{re.escape(opening)} \{{\n(.*?)^\}}", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def _statements(block: str) -> Iterator[str]:
    """The statements of a block, each in one line and without its comments; brackets may span lines."""
    depth, words = 0, ""
    for part in _TOKEN.findall(block + "\n"):
        if part == "\n" and not depth:
            if words.strip():
                yield _one_line(words)
            words = ""
        elif not part.startswith("#"):
            depth += (part in "({[") - (part in ")}]")
            words += part


def _one_line(words: str) -> str:
    lines = [" ".join(line.split()) for line in words.strip().splitlines()]
    joined = re.sub(r"(?<=[^,{[(]) *\n *(?=[^}\])])", ", ", "\n".join(line for line in lines if line))
    return " ".join(joined.split())


def arguments(text: str, opening: str) -> dict[str, str]:
    """The arguments of a block: name → expression as it is written."""
    pairs = (statement.partition("=") for statement in _statements(_block(text, opening)))
    return {name.strip(): value.strip() for name, sign, value in pairs if sign}


def values(text: str) -> dict[str, str]:
    """What an environment gives to the stack; names of the file's own locals are replaced by what they stand for."""
    own = arguments(text, "locals")
    given = arguments(text, 'module "lakehouse"')

    def resolved(value: str) -> str:
        found = re.sub(r"\blocal\.(\w+)", lambda match: own.get(match[1], match[0]), value)
        return {"!true": "false", "!false": "true"}.get(found, found)

    return {name: resolved(value) for name, value in given.items() if name not in LEFT_OUT}


def variables(text: str) -> dict[str, dict[str, str]]:
    """The variables of the stack: name → its arguments (description, default, …)."""
    names = re.findall(r'^variable "(\w+)"', text, re.MULTILINE)
    return {name: arguments(text, f'variable "{name}"') for name in names}


def table(stack: str, environments: Mapping[str, str]) -> str:
    """The table of differences.

    Args:
        stack: the text of the stack's variables.tf.
        environments: name → the text of its main.tf.

    Returns:
        a line a value that some environment sets, in the order of the stack's variables; where it is not set, the
        stack's default, or the word default where that is long.
    """
    given = {name: values(text) for name, text in environments.items()}
    lines = [f"| value | what it is | {' | '.join(environments)} |", "|---" * (2 + len(environments)) + "|"]
    for name, known in variables(stack).items():
        if any(name in found for found in given.values()):
            cells = [_cell(found.get(name), known.get("default", "null")) for found in given.values()]
            lines.append(f"| `{name}` | {known['description'].strip('"')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(given: str | None, default: str) -> str:
    """A value as the table has it; a long default is in the README of its module."""
    if given is None and len(default) > _READABLE:
        return "default"
    return f"`{given or default}`"


def of_checkout(root: Path = checkout.ROOT) -> str:
    """The table of the checkout's environments."""
    texts = {name: (root / "infra" / "envs" / name / "main.tf").read_text("utf-8") for name in ENVIRONMENTS}
    return table((root / "infra" / "stack" / "variables.tf").read_text("utf-8"), texts)


def renewed(page: str, table: str) -> str:
    """A page with the table between its marks."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8"), of_checkout()), "utf-8")
