"""The readable tree: each object's current version as a file at the place that its key names.

A view of the index, nothing more. Its files are hard links to the store's own (symbolic ones where the disk has no
more, or none), so they cost no space. What somebody else puts into the tree is not an object and is never touched.
"""

import contextlib
import errno
import os
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from laketop.storage import keys
from laketop.storage.layout import OWN, Layout

# how a disk says that it has no hard links, or no more of this file
_NO_LINK = (errno.EMLINK, errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV)
# what a stranger's file at an object's place is renamed to
STRANGER = ".not-an-object"


@dataclass
class Differences:
    """Where the tree is not as the index says.

    Attributes:
        missing: (bucket, key, file) of objects that the tree does not show, or shows another file for.
        stale: paths of links of ours that show what is no object any more.
        strange: paths of files that are not ours.
        empty: folders without anything in them, except buckets'; the innermost first.
    """

    missing: list[tuple[str, str, str]] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)


def folds(layout: Layout) -> bool:
    """Whether the store's disk takes capitals for small letters."""
    probe = layout.scratch / f"Case-{uuid.uuid4().hex}"
    probe.touch()
    try:
        return probe.with_name(probe.name.lower()).exists()
    finally:
        probe.unlink()


class Tree:
    """Shows objects in the tree. Not for several threads at once.

    Args:
        layout: the store; its folders are there.
        fold: whether its disk takes capitals for small letters.
    """

    def __init__(self, layout: Layout, fold: bool) -> None:
        self._layout, self._fold = layout, fold

    def path(self, bucket: str, key: str) -> str:
        """Where an object is shown, as long as no folder has that name."""
        return f"{self._layout.bucket(bucket)}/{keys.to_path(key, self._fold)}"

    def add_bucket(self, name: str) -> None:
        """Show a bucket: a folder."""
        Path(self._layout.bucket(name)).mkdir(exist_ok=True)

    def remove_bucket(self, name: str) -> None:
        """Hide a bucket; its folder stays where somebody keeps files in it."""
        with contextlib.suppress(OSError):
            Path(self._layout.bucket(name)).rmdir()

    def show(self, bucket: str, key: str, file: str) -> None:
        """Show an object as this file of the store, whatever stood there before.

        Raises:
            OSError: the disk does not let us.
        """
        path, source = self.path(bucket, key), self._layout.file(file)
        while True:
            aside = path + keys.BESIDE
            target, other = (aside, path) if os.path.isdir(path) and not os.path.islink(path) else (path, aside)
            try:
                self._link(source, target)
            except (FileNotFoundError, NotADirectoryError):
                self._make_folder(os.path.dirname(target))
                continue
            except IsADirectoryError:  # it was made this moment
                continue
            if other == aside:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(aside)
            return

    def hide(self, bucket: str, key: str) -> None:
        """Show an object no longer, nor folders that hold nothing any more."""
        path, top = self.path(bucket, key), self._layout.bucket(bucket)
        for target in (path, path + keys.BESIDE):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
                os.unlink(target)
        folder = os.path.dirname(path)
        with contextlib.suppress(OSError):
            while folder != top:
                os.rmdir(folder)
                folder = os.path.dirname(folder)

    def _link(self, source: str, target: str) -> None:
        try:
            _make_link(source, target, target)
        except FileExistsError:
            if _same(source, target):
                return  # renaming one link of a file onto another does nothing and leaves both
            ready = f"{self._layout.scratch}/{uuid.uuid4().hex}"
            _make_link(source, ready, target)
            os.replace(ready, target)

    def _make_folder(self, folder: str) -> None:
        """Make a folder; an object that has its name, or that of a folder above it, steps aside."""
        try:
            os.makedirs(folder, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            while not os.path.lexists(folder):
                folder = os.path.dirname(folder)
            if not os.path.isdir(folder):
                os.rename(folder, folder + keys.BESIDE)

    def differences(self, buckets: Iterable[str], objects: Iterable[tuple[str, str, str]]) -> Differences:
        """Compare the tree with the index.

        Args:
            buckets: names of the buckets that there are.
            objects: (bucket, key, file) of all objects.
        """
        inodes = self._inodes()
        expected = self._expected(objects)
        found = Differences()
        for bucket in sorted({*buckets, *self._folders()}):
            self._compare(self._layout.bucket(bucket), expected, inodes, found, top=True)
        found.missing.extend(expected.values())
        return found

    def repair(self, differences: Differences) -> None:
        """Make the tree as the index says. A stranger's file at an object's place gets another name."""
        places = {self.path(bucket, key): None for bucket, key, _ in differences.missing}
        for path in differences.stale:
            os.unlink(path)
        for path in differences.strange:
            if path in places:
                os.rename(path, _free(path + STRANGER))
        for folder in differences.empty:
            with contextlib.suppress(OSError):
                os.rmdir(folder)
        for bucket, key, file in differences.missing:
            self.show(bucket, key, file)

    def _folders(self) -> list[str]:
        with os.scandir(self._layout.root) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False) and entry.name != OWN]

    def _inodes(self) -> dict[int, str]:
        """The store's files by inode."""
        found = {}
        for folder in os.listdir(self._layout.objects):
            with os.scandir(self._layout.objects / folder) as entries:
                found.update({entry.inode(): entry.name for entry in entries})
        return found

    def _expected(self, objects: Iterable[tuple[str, str, str]]) -> dict[str, tuple[str, str, str]]:
        """The path at which each object is to be shown → the object."""
        plain, folders = [], set()
        for bucket, key, file in objects:
            path = self.path(bucket, key)
            plain.append((path, (bucket, key, file)))
            folder = os.path.dirname(path)
            while folder not in folders and len(folder) > len(self._layout.bucket(bucket)):
                folders.add(folder)
                folder = os.path.dirname(folder)
        return {path + keys.BESIDE if path in folders else path: one for path, one in plain}

    def _compare(
        self,
        folder: str,
        expected: dict[str, tuple[str, str, str]],
        inodes: dict[int, str],
        found: Differences,
        top: bool = False,
    ) -> bool:
        """Compare what is in a folder; takes what is right out of `expected`. Whether anything stays in the folder."""
        kept = False
        for entry in _entries(folder):
            if entry.is_dir(follow_symlinks=False):
                kept = self._compare(entry.path, expected, inodes, found) or kept
                continue
            shown = self._shown(entry, inodes)
            wanted = expected.get(entry.path)
            if shown is not None and wanted is not None and wanted[2] == shown:
                del expected[entry.path]
                kept = True
            elif shown is not None:
                found.stale.append(entry.path)
            else:
                found.strange.append(entry.path)
                kept = True
        if not kept and not top:
            found.empty.append(folder)
        return kept

    def _shown(self, entry: os.DirEntry[str], inodes: dict[int, str]) -> str | None:
        """The file of the store that an entry of the tree is a link to; None where it is a stranger's."""
        if not entry.is_symlink():
            return inodes.get(entry.inode())
        target = os.readlink(entry.path)
        return os.path.basename(target) if f"/{OWN}/{self._layout.objects.name}/" in target else None


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        yield from entries


def _free(path: str) -> str:
    """The path, or, where it is taken, one with a number behind it."""
    candidate, number = path, 1
    while os.path.lexists(candidate):
        number += 1
        candidate = f"{path}-{number}"
    return candidate


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except FileNotFoundError:  # a symbolic link to a file that is deleted
        return False


def _make_link(source: str, place: str, target: str) -> None:
    """Make at `place` what is a link to `source` once it is renamed to `target`."""
    try:
        os.link(source, place)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        os.symlink(os.path.relpath(source, os.path.dirname(target)), place)
