"""A key figure as people read it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tile:
    """A key figure.

    Attributes:
        label: what it is.
        value: as people write it.
        change: by how much it changed, with a sign; None where there is nothing to compare with.
        before: the value before, as people write it.
        help: what exactly it counts.
        more_is_better: whether a rise is good.
    """

    label: str
    value: str
    change: str | None = None
    before: str | None = None
    help: str | None = None
    more_is_better: bool = True
