"""The curated tables for the data dictionary, read from the jobs that declare them.

A job declares a table as `Table("name", "comment", iceberg.columns("name | type | comment …"))`, maybe with more
columns, declared elsewhere, added. The source text is read, since the jobs themselves need Spark.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("jobs", "lakehouse/etl")


@dataclass(frozen=True)
class Table:
    """A curated table as it is declared.

    Attributes:
        name, comment: its name, and what a row is.
        job: the file that declares it, e.g. `jobs/master_data_merge.py`.
        columns: name, type and comment of each column.
    """

    name: str
    comment: str
    job: str
    columns: tuple[tuple[str, str, str], ...]


def tables(root: Path) -> list[Table]:
    """All tables that the jobs of a checkout declare, sorted by name.

    Raises:
        ValueError: a declaration is written in a way that cannot be read; the message names file and line.
    """
    modules = {path: ast.parse(path.read_text()) for folder in FOLDERS for path in sorted((root / folder).glob("*.py"))}
    parts = {
        target.id: node.value
        for module in modules.values()
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = [
        _table(node, path.relative_to(root).as_posix(), parts)
        for path, module in modules.items()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and _called(node) == "Table"
    ]
    return sorted(found, key=lambda table: table.name)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _table(node: ast.Call, file: str, parts: Mapping[str, ast.expr]) -> Table:
    try:
        name, comment, columns = node.args[:3]
        return Table(ast.literal_eval(name), ast.literal_eval(comment), file, tuple(_columns(columns, parts)))
    except (KeyError, ValueError) as error:
        problem = "is not Table(name, comment, columns) in literals"
        raise ValueError(f"{file}, line {node.lineno}: the declaration {problem}: {error}") from error


def _columns(node: ast.expr, parts: Mapping[str, ast.expr]) -> Iterator[tuple[str, str, str]]:
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _columns(left, parts)
            yield from _columns(right, parts)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield from _columns(parts[name], parts)
        case ast.Call(args=[text]) if _called(node) == "columns":
            for line in filter(str.strip, str(ast.literal_eval(text)).splitlines()):
                name, kind, comment = (part.strip() for part in line.split("|", 2))
                yield name, kind, comment
        case _:
            raise ValueError(ast.dump(node))
