"""A row pattern as a program for a matcher that goes back: the first way that leads to the end is the match.

Instructions are lists: `["label", number, excluded]` takes a row, `["split", first, second]` tries two ways in this
order, `["jump", target]`, `["start"]` and `["end"]` stand at the partition's ends, `["done"]`.
Follows Trino's page "MATCH_RECOGNIZE" (PATTERN).
"""

from itertools import permutations
from typing import Any

from sqlglot import exp

from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place

_MOST = 20_000  # instructions
_PERMUTED = 7  # patterns, which have 5040 orders


class _Program:
    def __init__(self, labels: list[str], node: exp.Expr) -> None:
        self.steps: list[list[Any]] = []
        self.excluded = False
        self._labels = labels
        self._node = node

    def add(self, pattern: list[Any]) -> None:
        """Add what a pattern means."""
        if len(self.steps) > _MOST:
            raise not_supported("A row pattern of this size", *place(self._node))
        kind, *parts = pattern
        match kind:
            case "label":
                self.steps.append(["label", self._labels.index(parts[0]), self.excluded])
            case "concat":
                for part in parts:
                    self.add(part)
            case "or":
                self._alternatives(parts)
            case "permute":
                self._permuted(parts)
            case "quantified":
                self._quantified(parts[0], parts[1], parts[2], greedy=parts[3])
            case "exclude":
                before, self.excluded = self.excluded, True
                self.add(parts[0])
                self.excluded = before
            case "start" | "end":
                self.steps.append([kind])

    def _permuted(self, parts: list[list[Any]]) -> None:
        if len(parts) > _PERMUTED:
            raise not_supported(f"PERMUTE of more than {_PERMUTED} patterns", *place(self._node))
        self._alternatives([["concat", *some] for some in permutations(parts)])

    def _alternatives(self, parts: list[list[Any]]) -> None:
        jumps = []
        for part in parts[:-1]:
            split = ["split", len(self.steps) + 1, 0]
            self.steps.append(split)
            self.add(part)
            jumps.append(["jump", 0])
            self.steps.append(jumps[-1])
            split[2] = len(self.steps)
        self.add(parts[-1])
        for jump in jumps:
            jump[1] = len(self.steps)

    def _quantified(self, part: list[Any], least: int, most: int | None, *, greedy: bool) -> None:
        begin = len(self.steps)
        for _ in range(least):
            begin = len(self.steps)
            self.add(part)
        if most is None:
            self._loop(part, begin if least else None, greedy=greedy)
            return
        splits = []
        for _ in range(least, most):
            splits.append((len(self.steps), ["split", 0, 0]))
            self.steps.append(splits[-1][1])
            self.add(part)
        for place_, split in splits:
            split[1:] = _ways(place_ + 1, len(self.steps), greedy=greedy)

    def _loop(self, part: list[Any], begin: int | None, *, greedy: bool) -> None:
        """Any number of repetitions; `begin` is where the last one that must be begins."""
        first: list[Any] | None = None
        if begin is None:
            first = ["split", 0, 0]
            self.steps.append(first)
            begin = len(self.steps)
            self.add(part)
        self.steps.append(["split", *_ways(begin, len(self.steps) + 1, greedy=greedy)])
        if first is not None:
            first[1:] = _ways(begin, len(self.steps), greedy=greedy)


def _ways(into: int, behind: int, *, greedy: bool) -> list[int]:
    return [into, behind] if greedy else [behind, into]


def compiled(pattern: list[Any], labels: list[str], node: exp.Expr) -> list[list[Any]]:
    """The program of a pattern.

    Raises:
        SqlError: NOT_SUPPORTED for a pattern of too many instructions; `node` is the place.
    """
    program = _Program(labels, node)
    program.add(pattern)
    return [*program.steps, ["done"]]
