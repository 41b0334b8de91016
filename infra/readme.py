"""Writes each module's README.md from its variables, outputs, resources and example.

python infra/readme.py            write them
python infra/readme.py --check    fail where one is stale
"""

# ruff: noqa: INP001 - a script beside the Terraform, no package
import argparse
import re
import sys
from pathlib import Path

MODULES = Path(__file__).parent / "modules"
_BLOCK = r'(?ms)^{kind} "(\w+)" \{{\n(.*?)^\}}'


def attribute(body: str, name: str) -> str | None:
    """The text of an attribute of a block, up to where the next one begins; None where there is none."""
    found = re.search(rf"(?ms)^  {name}\s*=\s*(.*?)(?=^  \w+\s*=|^  \w+ \{{|^\s*\Z|\Z)", body)
    return found.group(1).strip() if found else None


def blocks(text: str, kind: str) -> list[tuple[str, str]]:
    """The blocks of a kind (variable, output) with one label: (label, body), in the file's order."""
    return [(found.group(1), found.group(2)) for found in re.finditer(_BLOCK.format(kind=kind), text)]


def cell(text: str) -> str:
    """A text as one cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def described(body: str) -> str:
    """The description of a variable or output."""
    return cell(attribute(body, "description") or "").strip('"')


def default(body: str) -> str:
    """The default of a variable."""
    found = attribute(body, "default")
    return "**required**" if found is None else f"`{cell(found)}`"


def about(module: Path) -> str:
    """What main.tf says of the module at its beginning."""
    lines = (module / "main.tf").read_text().splitlines()
    said = [
        line.removeprefix("#").strip() for line in lines[: next(n for n, line in enumerate(lines) if line[:1] != "#")]
    ]
    return " ".join(said)


def page(module: Path) -> str:
    """The README of a module."""
    variables = blocks((module / "variables.tf").read_text(), "variable")
    outputs = blocks((module / "outputs.tf").read_text(), "output")
    sources = "\n".join(path.read_text() for path in sorted(module.glob("*.tf")))
    resources = sorted(set(re.findall(r'(?m)^resource "(\w+)"', sources)))
    inputs = [
        f"| `{name}` | `{cell(attribute(body, 'type') or 'any')}` | {default(body)} | {described(body)} |"
        for name, body in variables
    ]
    results = [f"| `{name}` | {described(body)} |" for name, body in outputs]
    example = (module / "examples" / "main.tf").read_text().strip()
    return "\n".join(
        [
            f"# {module.name}",
            "",
            about(module),
            "",
            "<!-- made by infra/readme.py -->",
            "",
            "## Example",
            "",
            "```hcl",
            example,
            "```",
            "",
            "## Inputs",
            "",
            "| name | type | default | what it is |",
            "|---|---|---|---|",
            *inputs,
            "",
            "## Outputs",
            "",
            "| name | what it is |",
            "|---|---|",
            *results,
            "",
            "## Resources",
            "",
            ", ".join(f"`{name}`" for name in resources),
            "",
        ]
    )


def main() -> int:
    """Write or check; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, fail where a page is stale")
    check = parser.parse_args().check
    stale = []
    for module in sorted(path for path in MODULES.iterdir() if path.is_dir()):
        target, text = module / "README.md", page(module)
        if target.exists() and target.read_text() == text:
            continue
        stale.append(target)
        if not check:
            target.write_text(text)
    if check and stale:
        print(f"stale: {', '.join(map(str, stale))}: run `python infra/readme.py`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
