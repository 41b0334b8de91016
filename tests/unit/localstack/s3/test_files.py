"""Objects' bytes in files."""

import base64
import hashlib
import io
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from awscrt import checksums
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from laketop_localstack.s3 import files
from laketop_localstack.s3.files import (
    CHUNK,
    SMALLEST_CHUNK,
    Digests,
    Incomplete,
    NewFile,
    StoredFile,
    copy_range,
    stamp,
    stamps_after,
)
from localstack.services.s3.models import S3Object

from laketop.storage import Layout

# independent of LocalStack and of botocore's classes
CHECKSUMS: dict[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "CRC32C": lambda data: checksums.crc32c(data).to_bytes(4, "big"),
    "CRC64NVME": lambda data: checksums.crc64nvme(data).to_bytes(8, "big"),
    "SHA1": lambda data: hashlib.sha1(data).digest(),
    "SHA256": lambda data: hashlib.sha256(data).digest(),
}


def checksum_of(algorithm: str, data: bytes) -> str:
    return base64.b64encode(CHECKSUMS[algorithm](data)).decode()


class Slow(io.RawIOBase):
    """A stream that gives a few bytes at a time, and may break."""

    def __init__(self, data: bytes, step: int, error: Exception | None = None) -> None:
        self.data, self.step, self.error = io.BytesIO(data), step, error

    def read(self, size: int = -1) -> bytes:
        found = self.data.read(min(size, self.step) if size >= 0 else self.step)
        if not found and self.error:
            raise self.error
        return found


def stored_names(layout: Layout) -> list[str]:
    return [path.name for path in layout.objects.glob("*/*")]


def write(layout: Layout, data: bytes, algorithm: str | None = "CRC32", sync: bool = False) -> S3Object:
    found = S3Object("k", checksum_algorithm=algorithm)
    with NewFile(found, layout, sync) as new:
        assert new.write(io.BytesIO(data)) == len(data)
    return found


def opened(layout: Layout, found: S3Object) -> StoredFile:
    return StoredFile(found, layout.file(found.file))


def test_the_stored_known_answers() -> None:
    """The check values of "123456789" that the catalogues of CRCs and NIST give."""
    data = b"123456789"
    assert {name: CHECKSUMS[name](data).hex() for name in ("CRC32", "CRC32C", "CRC64NVME")} == {
        "CRC32": "cbf43926",
        "CRC32C": "e3069283",
        "CRC64NVME": "ae8b14860a799888",
    }


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300), step=st.integers(1, 100), algorithm=st.sampled_from([*CHECKSUMS]))
@example(data=b"", step=1, algorithm="CRC64NVME")
@example(data=b"x" * (2 * CHUNK + 1), step=CHUNK * 2, algorithm="SHA256")
def test_what_was_written_is_read(layout: Layout, data: bytes, step: int, algorithm: str) -> None:
    before = stamp()
    found = S3Object("k", checksum_algorithm=algorithm)
    with NewFile(found, layout, sync=False) as new:
        assert new.write(Slow(data, step)) == len(data)
        assert new.checksum == checksum_of(algorithm, data)
        assert new.etag == hashlib.md5(data).hexdigest()
        assert new.last_modified == found.internal_last_modified > before
    assert (found.size, found.etag) == (len(data), hashlib.md5(data).hexdigest())
    assert Path(layout.file(found.file)).read_bytes() == data
    with opened(layout, found) as stored:
        assert stored.read(step) == data[:step]
        assert stored.etag == hashlib.md5(data).hexdigest()
        assert stored.checksum == checksum_of(algorithm, data)
        assert stored.read() == data[step:]
        assert stored.seek(step // 2) == step // 2
        assert stored.read(None) == data[step // 2 :]
        stored.seek(0)
        assert b"".join(stored) == data
        assert stored.last_modified == found.internal_last_modified
    assert stored.closed


def test_the_algorithm_may_be_named_while_the_file_is_open(layout: Layout) -> None:
    found = S3Object("k", checksum_algorithm="CRC32")
    with NewFile(found, layout, sync=False) as new:
        found.checksum_algorithm = "SHA256"
        new.write(io.BytesIO(b"abc"))
        assert new.checksum == checksum_of("SHA256", b"abc")


def test_digests_without_a_checksum() -> None:
    digests = Digests(None)
    digests.update(b"a")
    digests.update(b"b")
    assert (digests.etag, digests.checksum) == (hashlib.md5(b"ab").hexdigest(), None)


def test_what_is_known_already_is_not_computed(layout: Layout) -> None:
    found = write(layout, b"abc")
    with StoredFile(found, layout.file(found.file), "known", "known too") as stored:
        assert (stored.etag, stored.checksum) == ("known", "known too")
        found.checksum_algorithm = None
        assert stored.checksum is None


def test_nothing_is_an_empty_object(layout: Layout) -> None:
    found = S3Object("k")
    with NewFile(found, layout, sync=False) as new:
        assert new.write(None) == 0
    assert (found.size, found.etag) == (0, hashlib.md5(b"").hexdigest())
    assert Path(layout.file(found.file)).read_bytes() == b""


@pytest.mark.parametrize("length", [0, 3, 4])
def test_as_many_bytes_as_announced(layout: Layout, length: int) -> None:
    with NewFile(S3Object("k"), layout, sync=False, length=length) as new:
        assert new.write(io.BytesIO(b"abcd")) == 4
    assert len(stored_names(layout)) == 1


@pytest.mark.parametrize("data", [None, b"", b"abc"])
def test_fewer_bytes_than_announced(layout: Layout, data: bytes | None) -> None:
    found = S3Object("k")
    with (
        pytest.raises(Incomplete) as error,
        NewFile(found, layout, sync=False, length=4) as new,
    ):
        new.write(None if data is None else io.BytesIO(data))
    assert (error.value.code, error.value.status_code) == ("IncompleteBody", 400)
    assert stored_names(layout) == []
    assert not hasattr(found, "file")


def test_a_stream_that_breaks_leaves_no_file(layout: Layout) -> None:
    with pytest.raises(ConnectionError), NewFile(S3Object("k"), layout, sync=False) as new:
        new.write(Slow(b"abc" * 100, 10, ConnectionError()))
    assert stored_names(layout) == []


def test_a_file_that_is_refused_afterwards_is_gone(layout: Layout) -> None:
    def write_and_refuse(new: NewFile) -> None:
        with new:
            new.write(io.BytesIO(b"abc"))
            assert len(stored_names(layout)) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_refuse(NewFile(S3Object("k"), layout, sync=False))
    assert stored_names(layout) == []


def test_a_file_that_nobody_wrote_is_gone(layout: Layout) -> None:
    with NewFile(S3Object("k"), layout, sync=False):
        assert len(stored_names(layout)) == 1
    new = NewFile(S3Object("k"), layout, sync=False)
    Path(layout.file(new._name)).unlink()
    new.close()
    new.close()
    assert stored_names(layout) == []


def test_a_full_disk_leaves_no_file(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.os, "write", lambda *_: (_ for _ in ()).throw(OSError("No space left")))
    with pytest.raises(OSError, match="No space left"), NewFile(S3Object("k"), layout, sync=False) as new:
        new.write(io.BytesIO(b"abc"))
    assert stored_names(layout) == []


def test_a_disk_that_takes_a_little_at_a_time(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.write
    monkeypatch.setattr(files.os, "write", lambda handle, data: whole(handle, bytes(data[:7])))
    found = write(layout, bytes(range(256)))
    assert Path(layout.file(found.file)).read_bytes() == bytes(range(256))


@pytest.mark.parametrize("sync", [True, False])
def test_bytes_and_folder_are_synced_where_that_is_wanted(
    layout: Layout, sync: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    monkeypatch.setattr(files.os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    found = write(layout, b"abc", sync=sync)
    path = Path(layout.file(found.file))
    assert synced == ([path.stat().st_ino, path.parent.stat().st_ino] if sync else [])


def test_readers_keep_their_bytes(layout: Layout) -> None:
    """Also where the file is deleted while they read."""
    found = write(layout, b"old" * 100_000)
    with opened(layout, found) as stored:
        chunks = iter(stored)
        first = next(chunks)
        Path(layout.file(found.file)).unlink()
        again = write(layout, b"new")
        assert again.file != found.file
        assert b"".join([first, *chunks]) == b"old" * 100_000


def test_chunks_grow(layout: Layout) -> None:
    with opened(layout, write(layout, bytes(SMALLEST_CHUNK * 40))) as stored:
        sizes = [len(chunk) for chunk in stored]
    assert sizes == [SMALLEST_CHUNK * factor for factor in (1, 2, 4, 8, 16, 9)]
    assert sizes[4] == CHUNK


def test_wrong_ways(layout: Layout) -> None:
    found = write(layout, b"abc")
    with opened(layout, found) as stored:
        for wrong in (stored.write, stored.append):
            with pytest.raises(OSError, match="open for reading"):
                wrong(io.BytesIO(b"x"))
    with NewFile(S3Object("k"), layout, sync=False) as new:
        with pytest.raises(OSError, match="open for writing"):
            new.read()
        with pytest.raises(OSError, match="open for writing"):
            iter(new)
    assert Path(layout.file(found.file)).read_bytes() == b"abc"


def no_copy(*_: Any) -> int:
    raise OSError("not here")


@pytest.mark.parametrize("way", ["by the disk", "not by the disk", "not on this system", "half"])
def test_a_range_is_copied(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "not on this system":
        monkeypatch.delattr(files.os, "copy_file_range", raising=False)
    elif way == "not by the disk":
        monkeypatch.setattr(files.os, "copy_file_range", no_copy, raising=False)
    elif way == "half":
        steps = [lambda source, target, _: os.write(target, os.read(source, 1000)), no_copy, no_copy]
        monkeypatch.setattr(files.os, "copy_file_range", lambda *all_: steps.pop(0)(*all_), raising=False)
    data = os.urandom(CHUNK * 2 + 5)
    (tmp_path / "source").write_bytes(data)
    with (
        (tmp_path / "source").open("rb", buffering=0) as source,
        (tmp_path / "target").open("wb", buffering=0) as target,
    ):
        target.write(b"before")
        source.seek(3)
        assert copy_range(source.fileno(), target.fileno()) == len(data) - 3
        source.seek(len(data) - 2)
        assert copy_range(source.fileno(), target.fileno()) == 2
    assert (tmp_path / "target").read_bytes() == b"before" + data[3:] + data[-2:]


def test_stamps_grow_also_where_the_clock_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = stamp(), stamp()
    assert one < other
    monkeypatch.setattr(files, "_stamps", files._stamps)
    future = other + 10**18
    stamps_after(future)
    assert future < stamp() < stamp()
    stamps_after(5)
    assert 10**18 < stamp() < future
