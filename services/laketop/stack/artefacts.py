"""Builds what Terraform uploads: Lambda archives, the shared layer, job scripts, SQL, contracts.

Archives are the same bytes for the same sources (sorted names, fixed times and modes): Terraform compares hashes, and a
second plan must be empty.
"""

import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

from laketop.stack.messages import StackError

# The earliest time that a zip archive can hold.
EPOCH = (1980, 1, 1, 0, 0, 0)
# Folders whose files go along as they are.
COPIED = {"jobs": "*.py", "sql": "**/*.sql", "contracts": "*.odcs.yaml"}
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
