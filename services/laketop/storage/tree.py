"""The readable tree: each object's current version as a file at the place that its key names.

A view of the index, nothing more. Its files are hard links to the store's own (symbolic ones where the disk has no
more, or none), so they cost no space. What somebody else puts into the tree is not an object and is never touched.
"""

import contextlib
import errno
import logging
import os
import stat
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
# in the place of an object that is not expected
_NOTHING = ("", "", "")

_log = logging.getLogger("laketop.storage")


@dataclass
class Differences:
    """Where the tree is not as the index says.

    Attributes:
        missing: (bucket, key, file) of objects that the tree does not show, or shows another file for.
        stale: paths of links of ours that show what is no object any more.
        strange: paths of files that are not ours.
        empty: folders without anything in them, except buckets'; the innermost first.
        unshown: names of buckets without a folder.
    """

    missing: list[tuple[str, str, str]] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    unshown: list[str] = field(default_factory=list)


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
                if not os.path.lexists(source):
                    raise
                self._make_folder(os.path.dirname(target))
                continue
            except IsADirectoryError:
                if target == aside:  # a stranger's: no name is left
                    raise
                continue  # it was made this moment
            if other == aside and not is_strange(aside):
                _unlink(aside)
            return

    def hide(self, bucket: str, key: str) -> None:
        """Show an object no longer, nor folders that hold nothing any more."""
        path, top = self.path(bucket, key), self._layout.bucket(bucket)
        for target in (path, path + keys.BESIDE):
            if not is_strange(target):
                _unlink(target)
        folder = os.path.dirname(path)
        with contextlib.suppress(OSError):
            while folder != top:
                os.rmdir(folder)
                if os.path.lexists(folder + keys.BESIDE) and not os.path.isdir(folder + keys.BESIDE):
                    os.rename(folder + keys.BESIDE, folder)  # the object of this name need not stand aside any more
                folder = os.path.dirname(folder)

    def _link(self, source: str, target: str) -> None:
        try:
            _make_link(source, target, target)
        except FileExistsError:
            if _same(source, target):
                return  # renaming one link of a file onto another does nothing and leaves both
            if is_strange(target):
                os.rename(target, _free(target + STRANGER))
            ready = f"{self._layout.scratch}/{uuid.uuid4().hex}"
            _make_link(source, ready, target)
            try:
                os.replace(ready, target)
            except OSError:
                os.unlink(ready)
                raise

    def _make_folder(self, folder: str) -> None:
        """Make a folder; an object that has its name, or that of a folder above it, steps aside."""
        missing: list[str] = []
        while not os.path.isdir(folder):
            if os.path.lexists(folder):
                os.rename(folder, folder + keys.BESIDE)
                _unlink(folder)  # renaming one link of a file onto another does nothing and leaves both
            missing.append(folder)
            folder = os.path.dirname(folder)
        for path in reversed(missing):
            os.mkdir(path)

    def differences(self, buckets: Iterable[str], objects: Iterable[tuple[str, str, str]]) -> Differences:
        """Compare the tree with the index.

        Args:
            buckets: names of the buckets that there are.
            objects: (bucket, key, file) of all objects.
        """
        inodes, wanted, known = self._inodes(), self._expected(objects), set(buckets)
        found = Differences()
        for bucket in sorted(known | set(self._folders())):
            self._compare(self._layout.bucket(bucket), bucket in known, wanted, inodes, found)
        found.missing.extend(wanted.values())
        found.unshown.extend(bucket for bucket in sorted(known) if not os.path.isdir(self._layout.bucket(bucket)))
        return found

    def repair(self, differences: Differences) -> None:
        """Make the tree as the index says, as far as the disk lets us.

        A stranger's file at an object's place, or at that of a folder above it, gets another name.
        """
        places = self._places(differences)
        for path in differences.stale:
            _unlink(path)
        for path in differences.strange:
            if path in places:
                os.rename(path, _free(path + STRANGER))
        for folder in differences.empty:
            with contextlib.suppress(OSError):
                os.rmdir(folder)
        for bucket in differences.unshown:
            with _logged(f"s3://{bucket}"):
                self.add_bucket(bucket)
        for bucket, key, file in differences.missing:
            with _logged(f"s3://{bucket}/{key}"):
                self.show(bucket, key, file)

    def _places(self, differences: Differences) -> set[str]:
        """The paths that what is missing needs: for links, or for folders."""
        places = set()
        for bucket, key, _ in differences.missing:
            path, top = self.path(bucket, key), self._layout.bucket(bucket)
            places.add(path + keys.BESIDE)
            while path not in places and path != top:
                places.add(path)
                path = os.path.dirname(path)
        return places

    def _folders(self) -> list[str]:
        with os.scandir(self._layout.root) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False) and entry.name[0] != "."]

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
        top: str,
        keep: bool,
        wanted: dict[str, tuple[str, str, str]],
        inodes: dict[int, str],
        found: Differences,
    ) -> None:
        """Compare what is in a bucket's folder, which may be empty if `keep`; takes what is right out of `wanted`.

        Not recursive: a key can have a thousand slashes.
        """
        folders, waiting = [], [top]
        full, aside = {top} if keep else set(), set()
        while waiting:
            folder = waiting.pop()
            folders.append(folder)
            for entry in _entries(folder):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                    continue
                shown = self._shown(entry, inodes)
                if shown is None:
                    found.strange.append(entry.path)
                    full.add(folder)
                elif wanted.get(entry.path, _NOTHING)[2] == shown:
                    del wanted[entry.path]
                    full.add(folder)
                elif wanted.get(entry.path.removesuffix(keys.BESIDE), _NOTHING)[2] == shown:
                    aside.add(entry.path)
                else:
                    found.stale.append(entry.path)
        for folder in reversed(folders):
            if folder not in full:
                found.empty.append(folder)
                continue
            full.add(os.path.dirname(folder))
            if folder + keys.BESIDE in aside:  # only strangers' files are in the folder, but it is one
                aside.remove(folder + keys.BESIDE)
                del wanted[folder]
        found.stale.extend(sorted(aside))

    def _shown(self, entry: os.DirEntry[str], inodes: dict[int, str]) -> str | None:
        """The file of the store that an entry of the tree is a link to; None where it is a stranger's."""
        return _linked(entry.path) if entry.is_symlink() else inodes.get(entry.inode())


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        return list(entries)
    return []


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
        os.unlink(path)


@contextlib.contextmanager
def _logged(what: str) -> Iterator[None]:
    """One name that the disk does not take must not hide everything else."""
    try:
        yield
    except OSError:
        _log.exception("the tree does not show %s", what)


def _free(path: str) -> str:
    """The path, or, where it is taken, one with a number behind it."""
    candidate, number = path, 1
    while os.path.lexists(candidate):
        number += 1
        candidate = f"{path}-{number}"
    return candidate


def is_strange(path: str) -> bool:
    """Whether a file is no link to one of the store's, as far as it tells by itself.

    A hard link to a file of the store's is one of two at least.
    """
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    if stat.S_ISLNK(found.st_mode):
        return _linked(path) is None
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def _linked(path: str) -> str | None:
    """The file of the store that a symbolic link leads to; None where it leads elsewhere."""
    folder, _, name = os.readlink(path).rpartition("/")
    return name if f"/{OWN}/objects/" in f"{folder}/" else None


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
