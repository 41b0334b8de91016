"""A differential fuzzer: typed random queries, asked of a running Trino and of us.

    python -m tests.oracle.fuzz --seed 1 --minutes 60 --out finds.jsonl        # every family
    python -m tests.oracle.fuzz --seed 7 --minutes 10 --family strings         # one, by the name of its module

The grammar is made of Trino's own list of functions (SHOW FUNCTIONS) and of the operators and clauses in
`tests.oracle.grammar`. What we refuse is counted and not asked. What we answer goes to Trino several expressions at a
time, and one by one where the answers differ. What is wrong is written as a fixture (see tests/oracle/record.py) with
the verdict, and with `--most` bounding how many a function may have. Needs a running Trino at LAKETOP_TRINO_URL.
"""

import argparse
import json
import random
import sys
import time
import urllib.error
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions import pages
from tests.oracle import grammar
from tests.oracle.replay import answer, verdict
from tests.oracle.trino import URL, ask

_BATCH = 6  # expressions that go to Trino in one statement
# `wrong`: another answer, or one where Trino fails; `fails`: we fail where Trino answers, or with another error
_OUTCOMES = ("right", "refused", "wrong", "fails")


@dataclass
class Tally:
    """What came of the expressions: counts by family, and the wrong ones written down.

    Attributes:
        out: where wrong ones are written, a JSON object a line.
        most: how many finds of one function are written.
        asked: how many statements Trino was asked.
    """

    out: TextIO
    most: int
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    asked: int = 0

    def add(self, query: grammar.Query, outcome: str) -> None:
        """Count one expression."""
        self.counts[query.family, outcome] += 1

    def wrong(self, query: grammar.Query, case: dict[str, Any], message: str) -> None:
        """Count a difference, and write it as a fixture."""
        self.add(query, "fails" if message.startswith("we say") else "wrong")
        self.found[query.function] += 1
        if self.found[query.function] > self.most:
            return
        number = sum(self.found.values())
        found = {"id": f"{query.family}-fuzz-{number}", "family": query.family, "verdict": message, **case}
        self.out.write(json.dumps(found, ensure_ascii=False) + "\n")
        self.out.flush()

    def report(self) -> str:
        """The counts as a table."""
        lines = [f"{self.asked} statements asked", f"{'family':<20}" + "".join(f"{name:>10}" for name in _OUTCOMES)]
        lines += [
            f"{family:<20}" + "".join(f"{self.counts[family, name]:>10}" for name in _OUTCOMES)
            for family in sorted({name for name, _ in self.counts})
        ]
        worst = ", ".join(f"{name} {count}" for name, count in self.found.most_common(30))
        return "\n".join([*lines, f"differences by function: {worst or 'none'}"])


def case(sql: str, tally: Tally) -> dict[str, Any]:
    """A statement with Trino's answer, as a recorded case."""
    tally.asked += 1
    return {"sql": sql, "ordered": False, **ask(sql)}


def judge(query: grammar.Query, tally: Tally) -> None:
    """Ask Trino for one query, and count what we make of it."""
    asked = case(query.sql(), tally)
    if grammar.is_accident(asked):
        return
    found = verdict(asked)
    if found in ("right", "refused"):
        tally.add(query, found)
    else:
        tally.wrong(query, asked, found)


def judge_all(queries: list[grammar.Query], tally: Tally) -> None:
    """Ask Trino for queries of one shape in one statement, and singly where that does not settle it."""
    if len(queries) > 1 and verdict(case(grammar.together(queries), tally)) == "right":
        for query in queries:
            tally.add(query, "right")
        return
    for query in queries:
        judge(query, tally)


def sorted_out(queries: Iterator[grammar.Query], tally: Tally, end: float) -> None:
    """Put queries through until the time is over: refused ones are counted, answered ones gathered by shape."""
    waiting: dict[str, list[grammar.Query]] = {}
    for query in queries:
        if time.monotonic() > end:
            break
        try:
            answer(query.sql())
        except SqlError as error:
            if error.name == "NOT_SUPPORTED":
                tally.add(query, "refused")
            else:
                judge(query, tally)
            continue
        same = waiting.setdefault(query.shape, [])
        same.append(query)
        if len(same) == _BATCH:
            judge_all(waiting.pop(query.shape), tally)
    for same in waiting.values():
        judge_all(same, tally)


def families() -> dict[str, str]:
    """The family of each function: the name of the module that has it."""
    tables = ("FORMS", "LOWERED", "AGGREGATES", "WINDOWS", "REFUSED")
    return {
        name: module.__name__.rpartition(".")[2]
        for module in pages.MODULES
        for table in tables
        for name in getattr(module, table, ())
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--family", help="only functions of this module, or 'syntax'")
    parser.add_argument("--out", type=Path, default=Path("fuzz.jsonl"))
    parser.add_argument("--most", type=int, default=5, help="finds written of one function")
    given = parser.parse_args()
    try:
        shown = ask("SHOW FUNCTIONS")
    except (urllib.error.URLError, OSError) as error:
        sys.exit(f"No Trino answers at {URL} ({error}): start one, or set LAKETOP_TRINO_URL.")
    known = families()
    signatures = grammar.signatures(shown["rows"], known)
    if given.family and given.family not in {*known.values(), "syntax"}:
        sys.exit(f"No family {given.family}; there are syntax, {', '.join(sorted(set(known.values())))}.")
    maker = grammar.Grammar(random.Random(given.seed), signatures, given.family)
    with given.out.open("w", encoding="utf-8") as out:
        tally = Tally(out, given.most)
        try:
            sorted_out(maker.queries(), tally, time.monotonic() + given.minutes * 60)
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)
        finally:
            print(tally.report())


if __name__ == "__main__":
    main()
