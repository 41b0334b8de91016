"""Where the files of a run come from and go to: S3 URIs, and the folders that its imports are found in."""

from collections.abc import Iterable
from urllib.parse import urlsplit

_SCHEMES = ("s3", "s3a", "s3n")


class LaunchError(Exception):
    """The script or one of its files cannot be had: as in Glue's message of that name."""


def split(location: str) -> tuple[str, str]:
    """The bucket and the key of an S3 URI.

    Raises:
        LaunchError: it is not the URI of a file in S3.
    """
    uri = urlsplit(location, allow_fragments=False)
    # Not the URI's path: a key may hold a question mark.
    key = location.partition("://")[2].partition("/")[2]
    if uri.scheme not in _SCHEMES or not uri.netloc or not key or key.rpartition("/")[2] in ("", ".", ".."):
        raise LaunchError(f"LAUNCH ERROR | {location!r} is not the S3 URI of a file")
    return uri.netloc, key


def code_file(location: str) -> str:
    """The name under which the file of an S3 URI is kept: the last part of its key.

    Raises:
        LaunchError: it is not the URI of a file in S3.
    """
    return split(location)[1].rpartition("/")[2]


def module_folder(code: str) -> str:
    """The folder, inside a run's `code` folder, of its extra Python files."""
    return f"{code}/modules"


def import_path(code: str, extra_py_files: Iterable[str]) -> list[str]:
    """What extra Python files add to the import path: each archive in their order, then the folder of the modules.

    Raises:
        LaunchError: one is not the URI of a file in S3.
    """
    names = [code_file(location) for location in extra_py_files]
    folder = module_folder(code)
    archives = [f"{folder}/{name}" for name in names if not name.endswith(".py")]
    return archives + ([folder] if len(archives) < len(names) else [])
