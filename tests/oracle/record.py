"""Records Trino's answers as fixtures, and shows how ours compare.

    python -m tests.oracle.record record tests/fixtures/sql/json/paths.sql   # one statement a line -> paths.jsonl
    python -m tests.oracle.record show [family …]                          # right, refused, wrong; writes refused.txt

Recording needs a running Trino at LAKETOP_TRINO_URL (default http://127.0.0.1:18080); showing does not.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from tests.oracle.replay import FIXTURES, cases, verdict
from tests.oracle.trino import ask


def _statements(path: Path) -> dict[str, float | None]:
    """The statements of a .sql file, each once → the tolerance that `-- within 0.1` in front of it says."""
    found: dict[str, float | None] = {}
    within = None
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip().rstrip(";")
        if text.startswith("-- within "):
            within = float(text.removeprefix("-- within "))
        elif text and not text.startswith("--"):
            found.setdefault(text, within)
            within = None
    return found


def record(path: Path) -> None:
    """Ask for every line of a .sql file (a statement, or a comment beginning with --), write the .jsonl beside it."""
    target = path.with_suffix(".jsonl")
    known = {case["sql"]: case for case in cases(target)} if target.exists() else {}
    family = path.parent.name
    statements = _statements(path)
    with target.open("w", encoding="utf-8") as out:
        for number, (sql, within) in enumerate(statements.items(), 1):
            found = known.get(sql) or ask(sql)
            found = {key: value for key, value in found.items() if key not in ("id", "family", "sql", "ordered")}
            ordered = re.search(r"\bORDER BY\b(?!.*\))", sql, re.IGNORECASE | re.DOTALL) is not None
            case = {"id": f"{family}-{path.stem}-{number}", "family": family, "sql": sql, "ordered": ordered, **found}
            case |= {"within": within} if within else {}
            out.write(json.dumps(case, ensure_ascii=False) + "\n")
    print(f"{target}: {len(statements)} statements", file=sys.stderr)


def show(families: list[str]) -> int:
    """Print what is not right, and write each family's refused.txt; returns the number of wrong answers."""
    wrong = 0
    for folder in sorted(path for path in FIXTURES.iterdir() if path.is_dir()):
        if families and folder.name not in families:
            continue
        verdicts = {
            case["id"]: (verdict(case), case["sql"]) for file in sorted(folder.glob("*.jsonl")) for case in cases(file)
        }
        refused = sorted(key for key, (found, _) in verdicts.items() if found == "refused")
        (folder / "refused.txt").write_text("".join(f"{key}\n" for key in refused))
        bad = {key: value for key, value in verdicts.items() if value[0] not in ("right", "refused")}
        for key, (found, sql) in bad.items():
            print(f"WRONG {key}: {sql}\n      {found}")
        for key in refused:
            print(f"refused {key}: {verdicts[key][1]}")
        print(
            f"{folder.name}: {len(verdicts) - len(refused) - len(bad)} right, {len(refused)} refused, {len(bad)} wrong"
        )
        wrong += len(bad)
    return wrong


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("record").add_argument("file", type=Path, nargs="+")
    commands.add_parser("show").add_argument("family", nargs="*")
    given = parser.parse_args()
    if given.command == "record":
        for path in given.file:
            record(path)
    else:
        sys.exit(1 if show(given.family) else 0)


if __name__ == "__main__":
    main()
