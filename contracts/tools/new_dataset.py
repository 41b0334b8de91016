"""`python -m contracts.tools.new_dataset --name flights --file flights.csv`: a contract and a job for a new dataset."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from contracts.tools import inference, naming, reading
from lakehouse import contracts

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = Path(__file__).resolve().parents[1] / "templates" / "job.py.txt"

_HEAD = """\
# {dataset}, inferred from {source} ({rows}). Open Data Contract Standard 3.1.0.
# Properties with a `transformLogic` are made by the pipeline; all others are, in this order, a landing file's columns.
"""


class RefusedError(RuntimeError):
    """Nothing was written; the message says why and what to do."""


def create(dataset: str, file: Path, owner: str, *, root: Path = ROOT, force: bool = False) -> tuple[Path, Path]:
    """Write the contract and the job of a new dataset, and return their paths.

    Args:
        dataset: its name.
        file: an example of its landing files.
        owner: who answers for it, e.g. an e-mail address.
        root: the checkout.
        force: whether files that are there are replaced.

    Raises:
        RefusedError: a file is there already.
        naming.NameRefusedError, reading.FileRefusedError, OSError: as for `reading.profile`.
    """
    naming.check_dataset(dataset)
    targets = root / "contracts" / f"{dataset}.odcs.yaml", root / "jobs" / f"{dataset}_etl.py"
    there = [str(path.relative_to(root)) for path in targets if path.exists()]
    if there and not force:
        raise RefusedError(f"{' and '.join(there)}: already there; take another name, or --force to replace")
    profiles, rows, whole = reading.profile(file)
    document = inference.document(dataset, profiles, rows, owner, file.name)
    contracts.parse(document)  # what the pipeline reads of it is there
    looked_at = f"all {rows} rows" if whole else f"its first {rows} rows"
    head = _HEAD.format(dataset=dataset, source=file.name, rows=looked_at)
    texts = head + dump(document), TEMPLATE.read_text().replace("{dataset}", dataset)
    for path, text in zip(targets, texts, strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return targets


def dump(document: dict[str, Any]) -> str:
    """A contract as YAML, in the order of its members."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Quotes every text that some reader of YAML could take for a number, as `1e3` and `0o7` are to YAML 1.2."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if text[:1] in "0123456789+-." else None)


_Dumper.add_representer(str, _quoted)
_Dumper.add_multi_representer(str, _quoted)


def owner_of(root: Path) -> str:
    """The e-mail address that git knows of whoever works here.

    Raises:
        RefusedError: it knows none.
    """
    try:
        answer = subprocess.run(
            ["git", "config", "user.email"], cwd=root, capture_output=True, text=True, check=False
        ).stdout.strip()
    except FileNotFoundError:
        answer = ""
    if not answer:
        raise RefusedError(
            "the dataset has no owner: git knows no user.email here; say --owner you@example.com (OWNER= with make)"
        )
    return answer


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """The command line; 0 where both files are written, 1 where nothing is."""
    parser = argparse.ArgumentParser(prog="python -m contracts.tools.new_dataset", description=__doc__)
    parser.add_argument("--name", required=True, help="the dataset, e.g. flights")
    parser.add_argument("--file", required=True, type=Path, help="an example: .csv, .jsonl (also .gz) or .parquet")
    parser.add_argument("--owner", help="who answers for it; git's user.email by default")
    parser.add_argument("--force", action="store_true", help="replace files that are there")
    given = parser.parse_args(arguments)
    try:
        contract, job = create(given.name, given.file, given.owner or owner_of(root), root=root, force=given.force)
    except (RefusedError, naming.NameRefusedError, reading.FileRefusedError, OSError) as error:
        print(f"new-dataset: {error}", file=sys.stderr)
        return 1
    print(f"written: {contract.relative_to(root)} and {job.relative_to(root)}")
    print("next: go over the contract (key, latestBy, descriptions, rules), then")
    print("  make deploy")
    print(f"  upload files to landing/{given.name}/ of the raw bucket (`terraform output`: landing)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
