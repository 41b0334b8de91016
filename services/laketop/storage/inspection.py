"""What is wrong with an object store: objects without their bytes, and files among the objects that are none.

Changes nothing; the store may run meanwhile.
"""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote

from laketop.storage import index, leases
from laketop.storage.layout import Layout
from laketop.storage.tree import Tree, folds, is_strange


@dataclass(frozen=True)
class Inspection:
    """What was found.

    Attributes:
        buckets, objects: how many there are; all versions count.
        damaged: `s3://bucket/key` (and the version's id where it has one) of objects whose file is gone or has another
            size.
        strange: paths of files in the tree that are no objects.
    """

    buckets: int
    objects: int
    damaged: list[str]
    strange: list[str]


def inspect(layout: Layout) -> Inspection | None:
    """Look at all of a store; None where there is none."""
    if not layout.index.exists():
        return None
    address = f"file:{quote(str(layout.index))}?mode=ro"
    with leases.lease(layout.readers), closing(sqlite3.connect(address, uri=True, timeout=30)) as tx:
        tx.row_factory = sqlite3.Row
        buckets, shown = index.buckets(tx), list(index.shown(tx))
        rows = tx.execute("SELECT bucket, key, version, file, size FROM objects WHERE file IS NOT NULL").fetchall()
        damaged = [_name(row) for row in rows if _size(layout.file(row["file"])) != row["size"]]
    tree = Tree(layout, folds(layout))
    # asked again: an object that was written this moment is in the tree, but not in what was read of the index
    strange = [path for path in tree.differences(buckets, shown).strange if is_strange(path)]
    return Inspection(len(buckets), len(rows), damaged, strange)


def _name(row: sqlite3.Row) -> str:
    version = "" if row["version"] == "null" else f" ({row['version']})"
    return f"s3://{row['bucket']}/{row['key']}{version}"


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return None
