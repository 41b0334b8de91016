"""What a generator is: a name, columns, chunks of rows, and what may be wrong with a row."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from generators.world import World


@dataclass(frozen=True)
class Chunk:
    """Some rows that are not made yet: how many, and the function that makes them (in any thread)."""

    rows: int
    make: Callable[[], pa.Table]


@dataclass(frozen=True)
class Late:
    """Rows that come late: the columns that move, and by how many days, from and to (below 0: into the past)."""

    columns: tuple[str, ...]
    days: tuple[int, int]


@dataclass(frozen=True)
class Dirt:
    """What may be wrong with a row of a dataset.

    Attributes:
        missing: columns that are emptied.
        cells: kind of defect → column → texts that are wrong there in just this way.
        orphans: columns that get an id that exists nowhere → prefix of the id; where a row has no value in the chosen
            column, the last one is taken.
        late: how late rows are late.
        again: makes later reports of rows.
    """

    missing: tuple[str, ...]
    cells: Mapping[str, Mapping[str, tuple[str, ...]]]
    orphans: Mapping[str, str]
    late: Late
    again: Callable[[np.random.Generator, pa.Table], pa.Table]


@dataclass(frozen=True)
class Dataset:
    """A generator.

    Attributes:
        name: of the dataset and its contract.
        description: what a row is, for `--help`.
        schema: the columns of a landing file, in order.
        rows: how many rows a world has where nobody says.
        most: how many rows a world can have.
        chunks: the first so many rows of a world, in order.
        dirt: what may be wrong with a row.
    """

    name: str
    description: str
    schema: pa.Schema
    rows: Callable[[World], int]
    most: Callable[[World], int]
    chunks: Callable[[World, int], Iterator[Chunk]]
    dirt: Dirt
