"""The folders of the object store.

    <state>/s3/<bucket>/<key>              what people see: a link to the current version's file
    <state>/s3/.laketop/index.db           the truth: which objects there are, and which file each is
    <state>/s3/.laketop/objects/ab/abcd…   the files: written once, never changed, named at random
    <state>/s3/.laketop/readers/           a locked file for each reader outside (`leases`)
    <state>/s3/.laketop/scratch/           links on their way to their names

No bucket's name begins with a dot, so the store's own folder is in nobody's way.
"""

import os
from dataclasses import dataclass
from pathlib import Path

OWN = ".laketop"
_FOLDERS = [f"{number:02x}" for number in range(256)]


@dataclass(frozen=True)
class Layout:
    """Where everything of one object store is.

    Attributes:
        root: absolute path of the store's folder.
    """

    root: Path

    @classmethod
    def of(cls, state: Path) -> "Layout":
        """The object store of the lake with this state folder."""
        return cls(state / "s3")

    @property
    def index(self) -> Path:
        """The SQLite file."""
        return self.root / OWN / "index.db"

    @property
    def objects(self) -> Path:
        """The folder of the files that hold objects' bytes."""
        return self.root / OWN / "objects"

    @property
    def readers(self) -> Path:
        """The folder of the leases."""
        return self.root / OWN / "readers"

    @property
    def scratch(self) -> Path:
        """The folder for links before they get their names."""
        return self.root / OWN / "scratch"

    def file(self, name: str) -> str:
        """The path of a file of the store by its name (32 hexadecimal digits)."""
        return f"{self.root}/{OWN}/objects/{name[:2]}/{name}"

    def bucket(self, name: str) -> str:
        """The path of the folder in which people see a bucket's objects."""
        return f"{self.root}/{name}"

    def make(self) -> None:
        """Make the folders that are missing, and empty the scratch folder."""
        for folder in (self.readers, self.scratch, *(self.objects / name for name in _FOLDERS)):
            folder.mkdir(parents=True, exist_ok=True)
        with os.scandir(self.scratch) as left:
            for entry in left:
                Path(entry.path).unlink()
