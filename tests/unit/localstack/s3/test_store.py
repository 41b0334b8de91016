"""LocalStack's store over files: what is shared, joined, kept and told."""

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from laketop_localstack.s3.context import current
from laketop_localstack.s3.files import Incomplete, StoredFile
from laketop_localstack.s3.store import FileStore
from localstack.aws.api import CommonServiceException
from localstack.services.s3.models import S3Multipart, S3Object, S3Part
from localstack.services.s3.utils import ObjectRange, parse_range_header

from laketop.storage import Layout
from tests.unit.localstack.s3.test_files import CHECKSUMS, checksum_of, stored_names


def put(store: FileStore, data: bytes, key: str = "k", version: str | None = None, algorithm: str = "SHA1") -> S3Object:
    found = S3Object(key, version_id=version, checksum_algorithm=algorithm)
    with store.open("lake", found, "w") as new:
        new.write(io.BytesIO(data))
        found.checksum_value = new.checksum
    return found


def put_part(store: FileStore, upload: S3Multipart, number: int, data: bytes) -> S3Part:
    part = S3Part(number, checksum_algorithm=upload.checksum_algorithm)
    with store.get_multipart("lake", upload).open(part, "w") as new:
        new.write(io.BytesIO(data))
    upload.parts[str(number)] = part
    return part


def get(store: FileStore, found: S3Object) -> bytes:
    with store.open("lake", found) as stored:
        return bytes(stored.read())


def test_objects_are_files(store: FileStore, layout: Layout) -> None:
    found = put(store, b"abc")
    assert get(store, found) == b"abc"
    assert Path(layout.file(found.file)).read_bytes() == b"abc"
    assert current.versions == {("k", "null")}
    put(store, b"d", "other", "v1")
    assert current.versions == {("k", "null"), ("other", "v1")}


def test_readers_keep_their_bytes_while_the_key_is_overwritten(store: FileStore) -> None:
    with store.open("lake", put(store, b"old" * 50_000)) as reader:
        first = next(iter(reader))
        found = put(store, b"new")
        assert first + b"".join(reader) == b"old" * 50_000
    assert get(store, found) == b"new"


def test_the_announced_length_holds_for_objects_and_parts(store: FileStore, layout: Layout) -> None:
    current.begin(4)
    with pytest.raises(Incomplete):
        put(store, b"abc")
    with pytest.raises(Incomplete):
        put_part(store, S3Multipart("k"), 1, b"abc")
    assert stored_names(layout) == []
    put(store, b"abcd")
    current.begin(None)
    put(store, b"")


def test_nothing_is_removed_before_its_record(store: FileStore, layout: Layout) -> None:
    found, upload = put(store, b"abc"), S3Multipart("k")
    part = put_part(store, upload, 1, b"part")
    store.remove("lake", found)
    store.remove("lake", [found])
    store.get_multipart("lake", upload).remove_part(part)
    store.remove_multipart("lake", upload)
    assert sorted(stored_names(layout)) == sorted([found.file, part.file])


def test_the_end_is_told(layout: Layout) -> None:
    told: list[str] = []
    FileStore(layout, sync=False, on_close=lambda: told.append("closed")).close()
    assert told == ["closed"]


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_a_copy_shares_the_file(store: FileStore, layout: Layout, algorithm: str) -> None:
    source = put(store, b"abc")
    current.begin(None)
    target = S3Object("copy", version_id="v2", checksum_algorithm=algorithm)
    with store.copy("lake", source, "pond", target) as stored:
        assert stored.read() == b"abc"
        assert stored.etag == hashlib.md5(b"abc").hexdigest()
        assert stored.checksum == checksum_of(algorithm, b"abc")
    assert stored_names(layout) == [source.file] == [target.file]
    assert target.size == 3
    assert target.internal_last_modified > source.internal_last_modified
    assert current.versions == {("copy", "v2")}


def test_a_copy_of_joined_parts_has_the_md5_of_its_bytes(store: FileStore) -> None:
    source = put(store, b"abc", algorithm="CRC32")
    source.etag, source.checksum_value, source.checksum_type = "0123-2", "composite-2", "COMPOSITE"
    target = S3Object("copy", checksum_algorithm="CRC32")
    with store.copy("lake", source, "lake", target) as stored:
        assert stored.etag == hashlib.md5(b"abc").hexdigest()
        assert stored.checksum == checksum_of("CRC32", b"abc")


def test_a_copy_does_not_compute_what_its_source_knows(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    source = put(store, b"abc")
    monkeypatch.setattr(StoredFile, "_scanned", lambda _: pytest.fail("the bytes were read"))
    with store.copy("lake", source, "lake", S3Object("copy", checksum_algorithm="SHA1")) as stored:
        assert (stored.etag, stored.checksum) == (source.etag, source.checksum_value)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.binary(max_size=50), min_size=1, max_size=5))
def test_joined_parts_are_their_bytes_one_after_the_other(store: FileStore, layout: Layout, parts: list[bytes]) -> None:
    upload = S3Multipart("k")
    found = [put_part(store, upload, number, data) for number, data in enumerate(parts, 1)]
    before = len(stored_names(layout))
    store.get_multipart("lake", upload).complete_multipart(found)
    whole = b"".join(parts)
    assert get(store, upload.object) == whole
    assert upload.object.size == len(whole)
    assert upload.object.internal_last_modified > found[-1].internal_last_modified
    # one part alone is the object; more are joined in a file of its own
    assert (upload.object.file == found[0].file) == (len(parts) == 1)
    assert len(stored_names(layout)) == before + (len(parts) > 1)
    assert [Path(layout.file(part.file)).read_bytes() for part in found] == parts


def test_parts_are_joined_in_the_order_that_is_asked_for(store: FileStore) -> None:
    upload = S3Multipart("k")
    parts = [put_part(store, upload, number, data) for number, data in ((1, b"a"), (2, b"b"), (7, b"c"))]
    store.get_multipart("lake", upload).complete_multipart([parts[0], parts[2]])
    assert get(store, upload.object) == b"ac"


def test_parts_that_cannot_be_joined_leave_no_file(store: FileStore, layout: Layout) -> None:
    upload = S3Multipart("k")
    parts = [put_part(store, upload, number, b"abc") for number in (1, 2)]
    Path(layout.file(parts[1].file)).unlink()
    with pytest.raises(CommonServiceException) as error:
        store.get_multipart("lake", upload).complete_multipart(parts)
    assert error.value.code == "InternalError"
    assert "s3://lake/part 2" in error.value.message
    assert stored_names(layout) == [parts[0].file]


@pytest.mark.parametrize(("header", "data"), [(None, b"abcdef"), ("bytes=2-3", b"cd"), ("bytes=4-", b"ef")])
def test_a_part_of_an_objects_bytes(store: FileStore, layout: Layout, header: str | None, data: bytes) -> None:
    source, upload = put(store, b"abcdef"), S3Multipart("k", checksum_algorithm="CRC32")
    part = S3Part(1, checksum_algorithm="CRC32")
    wanted: ObjectRange | None = parse_range_header(header, 6) if header else None
    store.get_multipart("lake", upload).copy_from_object(part, "lake", source, wanted)
    assert Path(layout.file(part.file)).read_bytes() == data
    assert (part.size, part.etag) == (len(data), hashlib.md5(data).hexdigest())
    assert part.checksum_value == checksum_of("CRC32", data)


def cut(path: Path) -> None:
    path.write_bytes(b"ab")


def lengthen(path: Path) -> None:
    path.write_bytes(b"abcd")


@pytest.mark.parametrize(
    ("harm", "how"),
    [
        (Path.unlink, "its file is gone"),
        (cut, "its file has 2 bytes instead of 3"),
        (lengthen, "its file has 4 bytes instead of 3"),
    ],
)
def test_a_damaged_object_is_named(store: FileStore, layout: Layout, harm: Any, how: str) -> None:
    found = put(store, b"abc", "data/ä.csv")
    harm(Path(layout.file(found.file)))
    handles = len(list(Path("/dev/fd").iterdir()))
    for attempt in (
        lambda: store.open("lake", found),
        lambda: store.copy("lake", found, "lake", S3Object("data/ä.csv")),
    ):
        with pytest.raises(CommonServiceException) as error:
            attempt()
        assert (error.value.code, error.value.status_code) == ("InternalError", 500)
        assert error.value.message.startswith(f"The bytes of s3://lake/data/ä.csv are damaged: {how}.")
    assert len(list(Path("/dev/fd").iterdir())) == handles
    again = put(store, b"abc", "data/ä.csv")
    assert get(store, again) == b"abc"
