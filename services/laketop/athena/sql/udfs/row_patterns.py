"""The matcher of MATCH_RECOGNIZE: one call for the rows of a partition.

It goes back where a way through the pattern's program fails, so that the first way in the pattern's order of
preference wins, as in Trino. Follows Trino's page "MATCH_RECOGNIZE".
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs.registry import udf
from laketop.athena.sql.udfs.row_conditions import Rows, conditions, value

_MOST = 20_000_000  # steps that the rows of one partition may take
EMPTY, UNMATCHED = -1, -2  # in place of a label


@dataclass(frozen=True)
class _Pointer:
    """A row that a measure points to.

    Attributes:
        kind: `row` for the row's number, `label` for the number of its label.
        labels: the labels that count, None for all.
        last: whether it counts from the last row, or from the first.
        logical: how many of the rows with these labels are stepped over.
        physical: how many rows the label is away from there; a row's is left to the query.
        running: whether only the rows up to the present one count.
    """

    kind: str
    labels: frozenset[int] | None
    last: bool
    logical: int
    physical: int
    running: bool


@dataclass
class _Plan:
    """A clause, as the compiler describes it."""

    said: dict[str, Any]
    pointers: list[_Pointer] = field(default_factory=list)

    def __post_init__(self) -> None:
        for kind, labels, last, logical, physical, running in self.said["pointers"]:
            some = None if labels is None else frozenset(labels)
            self.pointers.append(_Pointer(kind, some, last, logical, physical, running))


@lru_cache(maxsize=64)
def _plan(text: str) -> _Plan:
    return _Plan(json.loads(text))


@dataclass(frozen=True)
class _Match:
    """A match: where it begins, and for each of its rows the label and whether it is excluded."""

    start: int
    labels: list[int]
    excluded: list[bool]


@udf("py_row_pattern", ("VARCHAR", "BIGINT", "INTEGER[][]", "VARCHAR[][]", "INTEGER[][]"), "BIGINT[][]")
def row_pattern(
    plan: str,
    size: int,
    truths: list[list[int | None]],
    operands: list[list[str | None]],
    pairs: list[list[int | None]],
) -> list[Any]:
    """The rows of the matches in a partition.

    Args:
        plan: JSON: the program, the conditions of the labels, which rows come out, what measures point to.
        size: how many rows the partition has.
        truths: for each condition its answer for every row, and for no row: 0, 1, 2 for NULL; NULL where it fails.
        pairs: for each condition on two rows its answer for any two, row by row; none for a large partition.
        operands: for each operand of a comparison its value for every row, and for no row.

    Returns:
        For each row [match, ordinal, row, label, whether it comes out, what each pointer points to …].

    Raises:
        SqlError: GENERIC_USER_ERROR for a skip that Trino refuses, NOT_SUPPORTED for a pattern that goes back too
            often.
    """
    found = _plan(plan)
    said = found.said
    columns = [[value(item, kind) for item in column] for column, kind in zip(operands, said["kinds"], strict=True)]
    matcher = _Matcher(said["steps"], Rows(size, truths, columns, pairs), said)
    rows: list[list[int | None]] = []
    for number, match in matcher.matches():
        for row in _rows(match, number, found):
            row[1] = len(rows)
            rows.append(row)
    return rows


def _rows(match: _Match, number: int | None, plan: _Plan) -> Iterator[list[int | None]]:
    """The rows that a match brings out; with `members`, those as well that only aggregates see."""
    said = plan.said
    size = len(match.labels)
    if not size:
        label = EMPTY if number is not None else UNMATCHED
        yield [number, 0, match.start + 1, label, 1, *(None for _ in plan.pointers)]
        return
    resolved = _Resolved(match)
    for at, (label, excluded) in enumerate(zip(match.labels, match.excluded, strict=True)):
        shown = at == size - 1 if said["rows"] == "ONE" else not excluded
        if shown or said["members"]:
            pointed = (resolved.pointed(pointer, at) for pointer in plan.pointers)
            yield [number, 0, match.start + at + 1, label, int(shown), *pointed]


class _Resolved:
    """The rows of a match by their labels."""

    def __init__(self, match: _Match) -> None:
        self._match = match
        self._places: dict[frozenset[int], tuple[list[int], list[int]]] = {}

    def pointed(self, pointer: _Pointer, at: int) -> int | None:
        """What a measure points to from a row of the match."""
        match = self._match
        size = at + 1 if pointer.running else len(match.labels)
        place = self._place(pointer, size)
        if place is None:
            return None
        if pointer.kind == "row":
            return match.start + place + 1
        place += pointer.physical
        return match.labels[place] if 0 <= place < len(match.labels) else None

    def _place(self, pointer: _Pointer, size: int) -> int | None:
        """The place in the match, of which the first rows count."""
        if pointer.labels is None:
            count = size
        else:
            places, counts = self._of(pointer.labels)
            count = counts[size - 1]
        if pointer.logical >= count:
            return None
        wanted = count - 1 - pointer.logical if pointer.last else pointer.logical
        return wanted if pointer.labels is None else places[wanted]

    def _of(self, labels: frozenset[int]) -> tuple[list[int], list[int]]:
        """The places of the labels, and for each place how many there are up to it."""
        if labels not in self._places:
            places, counts = list[int](), list[int]()
            for place, label in enumerate(self._match.labels):
                if label in labels:
                    places.append(place)
                counts.append(len(places))
            self._places[labels] = places, counts
        return self._places[labels]


class _Matcher:
    """Finds the matches in the rows of a partition."""

    def __init__(self, steps: list[list[Any]], rows: Rows, said: dict[str, Any]) -> None:
        self._steps, self._rows, self._said = steps, rows, said
        self._tests, self._run = conditions(said, rows)
        self._failed: set[Any] = set()
        self._left = _MOST

    def matches(self) -> Iterator[tuple[int | None, _Match]]:
        """The matches with their numbers; rows of no match, where they are wanted, without one."""
        position, number, matched = 0, 1, -1
        while position < self._rows.size:
            self._run.number = number
            match = self._attempt(position)
            if match is None:
                if self._said["rows"] == "UNMATCHED" and position > matched:
                    yield None, _Match(position, [], [])
                position += 1
                continue
            if match.labels or self._said["rows"] != "OMIT":
                yield number, match
            matched = max(matched, position + len(match.labels) - 1)
            position = self._following(match)
            number += 1

    def _following(self, match: _Match) -> int:
        """Where the search goes on after a match.

        Raises:
            SqlError: GENERIC_USER_ERROR where there is no such row, or it would never end.
        """
        word, labels = self._said["skip"]
        if not match.labels or word == "NEXT":
            return match.start + 1
        if word == "PAST":
            return match.start + len(match.labels)
        places = [place for place, label in enumerate(match.labels) if label in labels]
        if not places:
            problem = "AFTER MATCH SKIP failed: pattern variable is not present in match"
            raise SqlError("GENERIC_USER_ERROR", problem)
        place = places[0] if word == "FIRST" else places[-1]
        if place == 0:
            raise SqlError("GENERIC_USER_ERROR", "AFTER MATCH SKIP failed: cannot skip to first row of match")
        return match.start + place

    def _attempt(self, start: int) -> _Match | None:
        """The match that begins at a row, None where there is none."""
        self._run.begin(start)
        tried: set[Any] = set()
        ways = [(0, start)]
        excluded: list[bool] = []
        while ways:
            at, row = ways.pop()
            self._run.back(row)
            del excluded[row - start :]
            if self._goes(at, row, ways, tried, excluded):
                return _Match(start, list(self._run.labels), excluded)
        if not self._run.remembers:
            self._failed |= tried
        return None

    def _goes(self, at: int, row: int, ways: list[tuple[int, int]], tried: set[Any], excluded: list[bool]) -> bool:
        """Whether a way leads to the end; where it divides, the second one is kept in `ways`."""
        while True:
            kind, *rest = self._steps[at]
            if kind == "done":
                return True
            if kind == "jump":
                at = rest[0]
                continue
            # a way that comes to the same place in the same state goes as the first one did
            key = (at, row, self._run.state())
            if key in tried or key in self._failed:
                return False
            tried.add(key)
            self._spend()
            if kind == "split":
                at, second = rest
                ways.append((second, row))
                continue
            if kind == "label" and self._takes(rest[0], row):
                excluded.append(rest[1])
                row += 1
            elif kind == "label" or row != (0 if kind == "start" else self._rows.size):
                return False
            at += 1

    def _takes(self, label: int, row: int) -> bool:
        """Take a row under a label if there is one and its condition is true."""
        if row >= self._rows.size:
            return False
        self._run.take(label, row)
        test = self._tests[label]
        if test is None or test(self._run, row):
            return True
        self._run.back(row)
        return False

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise SqlError("NOT_SUPPORTED", "A row pattern that goes back this often is not supported by Laketop")
