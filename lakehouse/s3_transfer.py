"""Files, folders and copies of any size to, from and inside of S3, by multipart transfer.

Progress is told as (bytes done, bytes in all); it may go back a little where a part is sent again.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from boto3.s3.transfer import TransferConfig

from lakehouse.s3_objects import S3Object, list_objects, named, split_uri

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_PART = 8 * 1024 * 1024
_FILES = 8  # of a folder, at once

type Progress = Callable[[int, int], Any]


def upload(s3: "S3Client", path: Path, uri: str, *, progress: Progress | None = None, part: int = _PART) -> str:
    """Store a file as an object, replacing what is there, and return the object's address.

    Args:
        s3: an S3 client.
        path: the file.
        uri: the object's address; one that ends with a slash is a folder, in which the file keeps its name.
        progress: told (bytes done, bytes in all).
        part: bytes of a part; a file that is larger goes in parts, several at once. S3 takes 5 MiB to 5 GiB.

    Raises:
        OSError: the file cannot be read.
        S3Error: S3 refused it; nothing of it is left there.
    """
    return _upload(s3, path, uri + path.name if uri.endswith("/") else uri, _told(progress, path.stat().st_size), part)


def download(s3: "S3Client", uri: str, path: Path, *, progress: Progress | None = None, part: int = _PART) -> Path:
    """Write an object to a file, which is there whole or not at all, and return the file's path.

    Args:
        s3: an S3 client.
        uri: the object's address.
        path: the file, which is replaced; or a folder that is there, in which the object's last name is taken.
        progress: told (bytes done, bytes in all).
        part: as for `upload`.

    Raises:
        ObjectNotFoundError: there is no such object.
        S3Error: S3 refused it.
        OSError: the file cannot be written.
    """
    bucket, key = split_uri(uri)
    target = path / key.rsplit("/", 1)[-1] if path.is_dir() else path
    with named("read", uri):
        size = s3.head_object(Bucket=bucket, Key=key)["ContentLength"]
    return _download(s3, uri, target, _told(progress, size), part)


def upload_folder(s3: "S3Client", folder: Path, uri: str, *, progress: Progress | None = None) -> list[str]:
    """Store all files of a folder and its folders below an address, and return the objects' addresses, sorted.

    Objects that are there already and are no file of the folder stay. Empty folders leave nothing.

    Raises:
        NotADirectoryError: there is no such folder.
        OSError, S3Error: as for `upload`; files that went before are stored.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder; nothing was uploaded")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    told = _told(progress, sum(path.stat().st_size for path in files))
    target = uri.rstrip("/") + "/"

    def send(path: Path) -> str:
        return _upload(s3, path, target + path.relative_to(folder).as_posix(), told, _PART)

    with ThreadPoolExecutor(_FILES) as pool:
        return sorted(pool.map(send, files))


def download_folder(s3: "S3Client", uri: str, folder: Path, *, progress: Progress | None = None) -> list[Path]:
    """Write all objects below an address to files of a folder, which is made, and return the files' paths, sorted.

    Markers of folders (keys that end with a slash, without content) are skipped.

    Raises:
        ValueError: a key cannot be a file below the folder (`..`, an empty name, or a file where another key has a
            folder); nothing was downloaded.
        OSError, S3Error: as for `download`; files that came before are there.
    """
    source = uri.rstrip("/") + "/"
    objects = [item for item in list_objects(s3, source) if item.size or not item.key.endswith("/")]
    paths = _paths(objects, split_uri(source)[1])
    told = _told(progress, sum(item.size for item in objects))

    def fetch(pair: tuple[S3Object, str]) -> Path:
        return _download(s3, pair[0].uri, folder / pair[1], told, _PART)

    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(_FILES) as pool:
        return sorted(pool.map(fetch, zip(objects, paths, strict=True)))


def copy(s3: "S3Client", source: str, target: str, *, progress: Progress | None = None, part: int = _PART) -> None:
    """Copy an object inside of S3, in parts where it is larger than one; metadata go along.

    Raises:
        ObjectNotFoundError: the source is not there.
        S3Error: S3 refused to read or to write it.
    """
    (bucket, key), (to_bucket, to_key) = split_uri(source), split_uri(target)
    with named(f"copy to {target}:", source):
        size = s3.head_object(Bucket=bucket, Key=key)["ContentLength"]
        origin: Any = {"Bucket": bucket, "Key": key}
        s3.copy(origin, to_bucket, to_key, Callback=_told(progress, size), Config=_transfer(part))


def move(s3: "S3Client", source: str, target: str) -> None:
    """Copy an object and delete the source; interrupted, both are there.

    Raises:
        ValueError: both are the same address.
        ObjectNotFoundError, S3Error: as for `copy`.
    """
    if split_uri(source) == split_uri(target):
        raise ValueError(f"move: {source} is source and target; nothing was done")
    copy(s3, source, target)
    bucket, key = split_uri(source)
    with named("delete", source):
        s3.delete_object(Bucket=bucket, Key=key)


def _upload(s3: "S3Client", path: Path, uri: str, told: Callable[[int], None] | None, part: int) -> str:
    bucket, key = split_uri(uri)
    with path.open("rb") as file, named("write", uri):
        s3.upload_fileobj(file, bucket, key, Callback=told, Config=_transfer(part))
    return uri


def _download(s3: "S3Client", uri: str, path: Path, told: Callable[[int], None] | None, part: int) -> Path:
    bucket, key = split_uri(uri)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{uuid4().hex}.part")
    try:
        with unfinished.open("wb") as file, named("read", uri):
            s3.download_fileobj(bucket, key, file, Callback=told, Config=_transfer(part))
        unfinished.replace(path)
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()
    return path


def _paths(objects: Sequence[S3Object], prefix: str) -> list[str]:
    names = [item.key.removeprefix(prefix) for item in objects]
    folders = {str(parent) for name in names for parent in PurePosixPath(name).parents}
    for item, name in zip(objects, names, strict=True):
        if any(part in ("", ".", "..") for part in name.split("/")) or "\0" in name:
            raise ValueError(f"{item.uri} cannot be a file below a folder; download it by itself under another name")
        if name in folders:
            raise ValueError(f"{item.uri} is an object, but other keys have it as a folder; download it by itself")
    return names


def _transfer(part: int) -> TransferConfig:
    return TransferConfig(multipart_threshold=part, multipart_chunksize=part)


def _told(progress: Progress | None, total: int) -> Callable[[int], None] | None:
    if progress is None:
        return None
    done, lock = 0, threading.Lock()

    def add(count: int) -> None:  # called by several threads, each with what it has sent since
        nonlocal done
        with lock:
            done += count
            progress(done, total)

    return add
