"""Control totals: figures that must be equal before a job commits."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame


class ControlError(RuntimeError):
    """Totals that must be equal are not; the message names each pair. Nothing was committed."""


@dataclass(frozen=True)
class Control:
    """A pair of figures that must be equal.

    Attributes:
        name: what is counted or summed, in a few words.
        expected: the figure of the source.
        found: the figure of what is about to be written.
    """

    name: str
    expected: Any
    found: Any


def check(job: str, controls: Iterable[Control]) -> dict[str, Any]:
    """The figures by name.

    Raises:
        ControlError: some differ.
    """
    listed = list(controls)
    wrong = [
        f"{one.name}: {one.found}, but the source has {one.expected}" for one in listed if one.expected != one.found
    ]
    if wrong:
        advice = "nothing was committed; look for rows that the processed zone has twice, then run the job again"
        raise ControlError(f"{job}: control totals differ: {'; '.join(wrong)} ({advice})")
    return {one.name: one.found for one in listed}


def gather(*frames: DataFrame) -> dict[str, Any]:
    """The columns of frames of one row each, by name, in one job: frames that are persisted are filled by it.

    Args:
        frames: aggregates without grouping; no column name occurs twice.
    """
    joined = reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), frames)
    figures = dict.fromkeys(joined.columns)
    for row in joined.collect():
        figures |= {name: value for name, value in row.asDict().items() if value is not None}
    return figures
