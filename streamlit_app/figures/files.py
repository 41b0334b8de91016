"""The files of a table: partition by partition, and whether they are too small."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from streamlit_app import formats
from streamlit_app.figures.storage import Folder
from streamlit_app.figures.tables import ICEBERG, Table, split
from streamlit_app.figures.tile import Tile

MEGABYTE = 1_000_000
# "Performance tuning in Athena": files of 128 MB and more; a smaller one costs as many requests as a great one.
GOOD_FILE = 128 * MEGABYTE
SMALL_FILE = GOOD_FILE // 4  # on the mean; a table's last files are always smaller
MANY_FILES = 10  # below, nobody notices

UNPARTITIONED = "(all files)"
PARTITIONS = ["partition", "registered", "files", "bytes", "mean"]


@dataclass(frozen=True)
class Partition:
    """A registered partition: its values, and where its files are."""

    values: tuple[str, ...]
    location: str


def outside(table: Table, partitions: Iterable[Partition]) -> list[str]:
    """The locations of partitions that do not lie below their table's."""
    bucket, prefix = split(table.location)
    places = {partition.location for partition in partitions}
    return sorted(place for place in places if not _below((bucket, prefix), split(place)))


def _below(table: tuple[str, str], place: tuple[str, str]) -> bool:
    return table[0] == place[0] and place[1].startswith(table[1])


def by_partition(table: Table, partitions: Sequence[Partition], places: Mapping[str, Sequence[Folder]]) -> pd.DataFrame:
    """A row for each partition: `PARTITIONS`, in the order of their names.

    Args:
        table: a Hive table, or one of Iceberg: of that, what lies in its folders, snapshots of old included.
        partitions: those that are registered.
        places: address → the folders that lie there, of the table and of each partition that lies elsewhere.

    Returns:
        partition, registered (whether Athena knows it), files, bytes, mean; also partitions without a file.
    """
    known = {split(item.location): "/".join(_named(table.keys, item.values)) for item in partitions}
    sums: dict[tuple[str, bool], list[int]] = {(name, True): [0, 0] for name in known.values()}
    for address, folders in places.items():
        bucket = split(address)[0]
        for folder in folders:
            if folder.files == 0 or (table.kind == ICEBERG and _metadata(table, folder)):
                continue
            key = _partition(table, known, bucket, folder)
            counted = sums.setdefault(key, [0, 0])
            counted[0] += folder.files
            counted[1] += folder.file_bytes
    rows = [
        {"partition": name, "registered": there, "files": files, "bytes": size, "mean": size / files if files else None}
        for (name, there), (files, size) in sorted(sums.items())
    ]
    return pd.DataFrame(rows, columns=PARTITIONS)


def _named(keys: Sequence[str], values: Sequence[str]) -> list[str]:
    return [f"{key}={value}" for key, value in zip(keys, values, strict=False)]


def _metadata(table: Table, folder: Folder) -> bool:
    return folder.path.startswith(split(table.location)[1] + "metadata/")


def _partition(table: Table, known: Mapping[tuple[str, str], str], bucket: str, folder: Folder) -> tuple[str, bool]:
    """The partition that a folder is of, and whether Athena knows it."""
    for prefix in _upwards(folder.path):
        if (bucket, prefix) in known:
            return known[bucket, prefix], True
    inner = folder.path.removeprefix(split(table.location)[1])
    named = "/".join(part for part in inner.split("/") if "=" in part)
    registered = table.kind == ICEBERG or table.projected or not table.keys
    return named or (UNPARTITIONED if registered else inner or "/"), registered


def _upwards(path: str) -> Iterator[str]:
    """A folder, the one that it is in, and so on."""
    while path:
        yield path
        path = path[: path.rstrip("/").rfind("/") + 1]


@dataclass(frozen=True)
class Files:
    """How many files a query of a table may have to open: `count` of `bytes` together, in `partitions`."""

    count: int
    bytes: int
    partitions: int

    @property
    def mean(self) -> float | None:
        """How long a file is on the mean; None without one."""
        return self.bytes / self.count if self.count else None

    @property
    def small(self) -> bool:
        """Whether there are many files, and small ones."""
        return self.count > MANY_FILES and self.bytes / self.count < SMALL_FILE


def files_of(frame: pd.DataFrame) -> Files:
    """The files of all partitions that Athena knows, as `by_partition` gives them."""
    seen = frame[frame["registered"].astype(bool) & (frame["files"] > 0)]
    return Files(int(seen["files"].sum()), int(seen["bytes"].sum()), len(seen))


def file_tiles(files: Files) -> list[Tile]:
    """Files, bytes and the mean."""
    mean = formats.NONE if files.mean is None else formats.size(files.mean)
    return [
        Tile("Files", formats.number(files.count), help="What a query of the whole table opens."),
        Tile("Size", formats.size(files.bytes), help="As they lie in S3, compressed."),
        Tile("Mean file size", mean, help=f"{formats.size(GOOD_FILE)} and more are good for Athena."),
    ]


def advice(table: Table, files: Files) -> str | None:
    """What to do about small files; None where nothing is wrong. The text has no names in it."""
    if not files.small:
        return None
    if files.count <= 2 * files.partitions:
        return "Most partitions have one small file: partition by something coarser, e.g. by month and not by day."
    if table.kind == ICEBERG:
        return "Compact the table, e.g. each night: `OPTIMIZE … REWRITE DATA USING BIN_PACK`, then `VACUUM …`."
    return "Compact the table: let its job write fewer files (`repartition`), or make it anew by `CREATE TABLE AS`."
