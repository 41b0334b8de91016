"""Builds what Terraform uploads: Lambda archives, the shared layer, job scripts, SQL, contracts.

Archives are the same bytes for the same sources (sorted names, fixed times and modes): Terraform compares hashes, and a
second plan must be empty. A release is such a folder with a manifest, named by the manifest's own hash: whoever has the
name can tell whether these are the bytes that were tested.
"""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from laketop.stack.messages import ExitCode, StackError

# The earliest time that a zip archive can hold.
EPOCH = (1980, 1, 1, 0, 0, 0)
# Folders whose files go along as they are.
COPIED = {"jobs": "*.py", "sql": "**/*.sql", "contracts": "*.odcs.yaml", "dashboard": "*.*"}
MANIFEST = "release.json"
_LEFT_OUT = ("__pycache__", ".mypy_cache", ".ruff_cache")


def sources(folder: Path) -> list[Path]:
    """The files of a folder that belong into an archive, sorted by path."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(".pyc") and not any(part in _LEFT_OUT for part in path.parts)
    )


def write_zip(target: Path, entries: Iterable[tuple[str, Path]]) -> None:
    """Write an archive that is the same bytes for the same names and contents.

    Args:
        target: the archive; its folder is made.
        entries: (name in the archive, file).
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for name, path in sorted(entries):
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = 0o644 << 16
            info.create_system = 3  # Unix, on macOS and Linux alike
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())


def build(root: Path, target: Path) -> Path:
    """Build all artefacts of the pipeline.

    Args:
        root: the checkout.
        target: the folder to fill; what it held before is deleted.

    Returns:
        `target`, with the layout that infra/README.md describes.

    Raises:
        StackError: a source folder is missing.
    """
    for name in ("lambdas", "lakehouse", *COPIED):
        if not (root / name).is_dir():
            raise StackError(f"folder {name}", f"it is missing in {root}", "is the checkout complete? see `git status`")
    shutil.rmtree(target, ignore_errors=True)
    shared = [(path.relative_to(root).as_posix(), path) for path in sources(root / "lakehouse")]
    for function in sorted(path for path in (root / "lambdas").iterdir() if sources(path)):
        # as a package of the function's name, so that its modules may import each other
        entries = [(path.relative_to(function.parent).as_posix(), path) for path in sources(function)]
        write_zip(target / "lambdas" / f"{function.name}.zip", entries)
    write_zip(target / "layers" / "lakehouse.zip", [(f"python/{name}", path) for name, path in shared])
    write_zip(target / "jobs" / "lakehouse.zip", shared)
    for folder, pattern in COPIED.items():
        for path in sorted((root / folder).glob(pattern)):
            copy = target / path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    return target


def manifest(folder: Path) -> dict[str, str]:
    """Every file of a built folder but the manifest itself: path → SHA-256, sorted by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _as_text(files: Mapping[str, str]) -> str:
    return json.dumps(dict(sorted(files.items())), indent=2, ensure_ascii=False) + "\n"


def release_id(files: Mapping[str, str]) -> str:
    """The name of a release: the first 16 hexadecimal digits of its manifest's SHA-256."""
    return hashlib.sha256(_as_text(files).encode()).hexdigest()[:16]


def release(root: Path, parent: Path) -> Path:
    """Build a release of the checkout.

    Args:
        root: the checkout.
        parent: the folder of all releases.

    Returns:
        `parent/<release id>`, with `release.json` beside the artefacts. The same sources give the same folder.

    Raises:
        StackError: a source folder is missing.
    """
    parent.mkdir(parents=True, exist_ok=True)
    building = build(root, parent / f".building-{os.getpid()}")
    files = manifest(building)
    (building / MANIFEST).write_text(_as_text(files), encoding="utf-8")
    target = parent / release_id(files)
    # what stands there under this name is the same, or was changed by somebody
    shutil.rmtree(target, ignore_errors=True)
    building.rename(target)
    return target


def verify(folder: Path) -> str:
    """Check that a folder is the release that its name says, byte for byte.

    Args:
        folder: a release, e.g. `dist/0123456789abcdef`.

    Returns:
        the release's id.

    Raises:
        StackError: it is no release, or something in it was changed, added or taken away.
    """
    hint = "take a release as `make build` made it: dist/<release>"
    try:
        told = dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        cause = f"{MANIFEST} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise StackError(f"release {folder}", cause, hint, ExitCode.REFUSED) from error
    found = manifest(folder)
    changed = sorted(name for name in {*told, *found} if told.get(name) != found.get(name))
    name = release_id(found)
    if changed:
        cause = f"{', '.join(changed)} is not what {MANIFEST} says"
    elif folder.resolve().name != name:
        cause = f"its content is that of release {name}"
    else:
        return name
    raise StackError(f"release {folder}", cause, hint, ExitCode.REFUSED)
