"""What lies in a bucket, folder by folder."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pandas as pd

MOST = 100_000  # objects of one listing: a hundred requests
ROOT = "(no folder)"
PREFIXES = ["zone", "folder", "objects", "bytes", "latest"]


@dataclass(frozen=True)
class Folder:
    """The objects of one folder, without those of the folders in it.

    Attributes:
        path: its keys' beginning up to and with the last slash.
        objects: how many there are.
        bytes: how long they are together.
        files: how many of them a query reads: not empty, not hidden ("Athena: files that start with an underscore or a
            dot are ignored").
        file_bytes: how long those are together.
        latest: when the youngest was written.
    """

    path: str
    objects: int
    bytes: int
    files: int
    file_bytes: int
    latest: datetime


@dataclass(frozen=True)
class Listing:
    """What a listing found.

    Attributes:
        folders: in the order of their paths.
        whole: whether that is all; not where there are more objects than `MOST`.
    """

    folders: tuple[Folder, ...]
    whole: bool

    @property
    def objects(self) -> int:
        """How many objects there are."""
        return sum(folder.objects for folder in self.folders)

    @property
    def bytes(self) -> int:
        """How long they are together."""
        return sum(folder.bytes for folder in self.folders)


def read(key: str, size: int) -> bool:
    """Whether a query would read an object as one of a table's files."""
    return size > 0 and not any(part.startswith(("_", ".")) for part in key.split("/"))


def listing(contents: Iterable[Mapping[str, Any]], most: int = MOST) -> Listing:
    """The folders of a listing's objects.

    Args:
        contents: `Key`, `Size` and `LastModified` of each object, as ListObjectsV2 gives them.
        most: so many are counted; what is behind them is not asked for, but for one.
    """
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    objects = iter(contents)
    for item in islice(objects, most):
        found[item["Key"].rpartition("/")[0]].append(item)
    whole = next(objects, None) is None
    return Listing(tuple(_folder(f"{path}/" if path else "", found[path]) for path in sorted(found)), whole)


def _folder(path: str, items: Sequence[Mapping[str, Any]]) -> Folder:
    files = [item["Size"] for item in items if read(item["Key"], item["Size"])]
    return Folder(
        path=path,
        objects=len(items),
        bytes=sum(item["Size"] for item in items),
        files=len(files),
        file_bytes=sum(files),
        latest=max(item["LastModified"] for item in items),
    )


def by_prefix(zones: Mapping[str, Listing]) -> pd.DataFrame:
    """A row for each zone and first folder: `PREFIXES`, times UTC; the greatest first within a zone."""
    rows = []
    for zone, found in zones.items():
        groups: dict[str, list[Folder]] = defaultdict(list)
        for folder in found.folders:
            groups[folder.path.partition("/")[0] + "/" if folder.path else ROOT].append(folder)
        sums = [_row(zone, name, folders) for name, folders in groups.items()]
        rows += sorted(sums, key=lambda row: (-row["bytes"], row["folder"]))
    return pd.DataFrame(rows, columns=PREFIXES)


def _row(zone: str, name: str, folders: Sequence[Folder]) -> dict[str, Any]:
    return {
        "zone": zone,
        "folder": name,
        "objects": sum(folder.objects for folder in folders),
        "bytes": sum(folder.bytes for folder in folders),
        "latest": max(folder.latest for folder in folders).astimezone(UTC).replace(tzinfo=None),
    }
