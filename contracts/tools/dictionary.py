"""`python -m contracts.tools.dictionary [--check]`: docs/DATA_DICTIONARY.md, made of the contracts.

Other parts of the lake add sections of their own: `page` takes any list of them.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from contracts.tools import curated
from lakehouse import contracts
from lakehouse.contracts import Column, Contract, Rule

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path("docs") / "DATA_DICTIONARY.md"

_HEAD = """\
# Data dictionary

What the lake's tables hold. Made by `python -m contracts.tools.dictionary` from the contracts and from what the jobs
declare; change those, not this page.
"""

_OPERATORS = {
    "mustBe": "=",
    "mustNotBe": "≠",
    "mustBeGreaterThan": ">",
    "mustBeGreaterOrEqualTo": "≥",
    "mustBeLessThan": "<",
    "mustBeLessOrEqualTo": "≤",
}


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        title: its heading, e.g. `transactions`; the table of contents links to it.
        summary: one sentence for the table of contents.
        body: Markdown below the heading, with headings of the third level and deeper only.
    """

    title: str
    summary: str
    body: str


def page(sections: Sequence[Section]) -> str:
    """The whole page, as Markdown: a table of contents, then the sections in the given order.

    Raises:
        ValueError: two sections have one title.
    """
    titles = [section.title for section in sections]
    if twice := sorted({title for title in titles if titles.count(title) > 1}):
        raise ValueError(f"data dictionary: two sections are titled {twice[0]!r}; give one another title")
    contents = _table(
        ["Table", "What it holds"], ([f"[{item.title}](#{anchor(item.title)})", item.summary] for item in sections)
    )
    parts = [_HEAD, contents, *(f"## {item.title}\n\n{item.body.strip()}\n" for item in sections)]
    return "\n".join(parts)


def anchor(title: str) -> str:
    """The fragment by which a heading is linked to, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def dataset_sections(folder: Path) -> list[Section]:
    """A section for each `*.odcs.yaml` of a folder, sorted by name.

    Raises:
        contracts.ContractError: one of them cannot be used.
    """
    files = sorted(folder.glob("*.odcs.yaml"))
    return [dataset_section(yaml.safe_load(path.read_text()), path.name) for path in files]


def dataset_section(document: Mapping[str, Any], file: str) -> Section:
    """The section of one dataset; `document` is its contract as YAML gives it, `file` the contract's name."""
    contract = contracts.parse(document)
    schema = document["schema"][0]
    examples = {item["name"]: item.get("examples", ()) for item in schema["properties"]}
    about = document.get("description", {})
    prose = [contract.description, *(str(about[name]) for name in ("purpose", "limitations", "usage") if name in about)]
    parts = [
        "\n".join(prose),
        _table(["About it", ""], _facts(contract, document, file)),
        "### Columns of " + contract.dataset,
        _table(_COLUMNS, (_column(column, contract, examples[column.name]) for column in contract.columns)),
    ]
    if contract.rules:
        header = ["Rule", "On", "Holds where", "Severity", "Dimension", "What it means"]
        parts += [
            "### Quality rules of " + contract.dataset,
            _table(header, (_rule(rule, contract) for rule in contract.rules)),
        ]
    return Section(contract.dataset, contract.description, "\n\n".join(part.strip() for part in parts))


_COLUMNS = ["Column", "Type", "Required", "Rules", "References", "Example", "What it means"]


def _facts(contract: Contract, document: Mapping[str, Any], file: str) -> Iterator[list[str]]:
    schema = document["schema"][0]
    yield ["Contract", f"[{file}](../contracts/{file}), version {document.get('version', '?')}"]
    yield ["Owner", contract.owner or "nobody"]
    yield ["Grain", str(schema.get("dataGranularityDescription", "one row per key"))]
    yield ["Key", _codes(contract.key)]
    yield ["Of several rows with one key holds", f"the one with the greatest {_code(contract.latest_by)}"]
    yield ["Partitioned by", _codes(column.name for column in contract.partitions) or "nothing"]
    yield ["Fresh", _freshness(contract)]
    for item in document.get("slaProperties", ()):
        if item.get("property") == "retention":
            yield ["Kept", f"{item['value']} {item.get('unit', '')}".strip()]
    yield ["Job", _code(f"jobs/{contract.job}.py")]


def _freshness(contract: Contract) -> str:
    if contract.fresh_by is None or contract.fresh_within is None:
        return "not checked"
    return f"the greatest {_code(contract.fresh_by)} is at most {contract.fresh_within:f} hours old"


def _column(column: Column, contract: Contract, examples: Sequence[Any]) -> list[str]:
    meaning = column.description
    if column.derived:
        meaning += f" Made by the pipeline: {_code(column.derived)}."
    example = _code(str(examples[0])) if examples else ""
    needed = "yes" if column.required else "no"
    reference = _code(column.references) if column.references else ""
    rules = ", ".join(_rules(column, contract))
    return [_code(column.name), _code(column.type), needed, rules, reference, example, meaning]


def _rules(column: Column, contract: Contract) -> Iterator[str]:
    if column.name in contract.key:
        yield "key"
    if column.partition:
        yield "partition"
    if column.allowed:
        yield f"one of {_codes(column.allowed)}"
    if column.pattern:
        yield f"matches {_code(column.pattern)}"
    bounds = (("≥", column.minimum), (">", column.above), ("≤", column.maximum))
    yield from (f"{sign} {bound:f}" for sign, bound in bounds if bound is not None)
    if column.min_length is not None:
        yield f"{column.min_length} characters or more"
    if column.max_length is not None:
        yield f"{column.max_length} characters or fewer"


def _rule(rule: Rule, contract: Contract) -> list[str]:
    what = _code(rule.query) if rule.query else f"{rule.metric} in {rule.unit}"
    there = next((column.references for column in contract.columns if column.name == rule.column), None)
    meaning = rule.description or (f"A value is to be found in {_code(there)}." if there else "")
    holds = f"{what} {_OPERATORS[rule.operator]} {rule.threshold:f}"
    on = _code(rule.column) if rule.column else "the table"
    return [rule.name, on, holds, rule.severity, rule.dimension, meaning]


def _code(text: str) -> str:
    return f"`{text}`"


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(map(_code, texts))


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(_cell(text) for text in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    # A bar ends a cell, also inside of code; a line end ends the table.
    return " ".join(text.split()).replace("|", "\\|")


def sections(root: Path) -> list[Section]:
    """All sections of the page, in its order: the processed zone by contract, the curated zone by table."""
    return [*dataset_sections(root / "contracts"), *map(curated_section, curated.tables(root))]


def curated_section(table: curated.Table) -> Section:
    """The section of a curated table."""
    facts = [["Zone", "curated, an Apache Iceberg table"], ["Made by", f"[{table.job}](../{table.job})"]]
    columns = ([_code(name), _code(kind), comment] for name, kind, comment in table.columns)
    parts = [table.comment, _table(["About it", ""], facts), _table(["Column", "Type", "What it means"], columns)]
    return Section(table.name, table.comment, "\n\n".join(part.strip() for part in parts))


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """The command line; 0 where the page is (or, with --check, was) up to date."""
    parser = argparse.ArgumentParser(prog="python -m contracts.tools.dictionary", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the page is stale")
    check = parser.parse_args(arguments).check
    text, target = page(sections(root)), root / PAGE
    if check:
        if target.exists() and target.read_text() == text:
            return 0
        print(f"{PAGE} is stale: run `python -m contracts.tools.dictionary` and commit it", file=sys.stderr)
        return 1
    target.write_text(text)
    print(f"written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
