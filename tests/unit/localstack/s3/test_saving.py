"""What operations change is in the index before they are answered; LocalStack's provider over our store."""

import io
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from laketop_localstack.patches.s3_versions import set_version
from laketop_localstack.s3 import memory, service
from laketop_localstack.s3.provider import Provider
from laketop_localstack.s3.saving import Saving
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.skeleton import create_dispatch_table
from localstack.aws.spec import load_service
from localstack.http import Request
from localstack.services.s3.models import VersionedKeyStore, s3_stores

from laketop.sqlite import Database
from laketop.storage import Journal, Layout, collector, index
from laketop.storage.keys import to_key

ACCOUNT, REGION = "000000000000", "us-east-1"


@dataclass
class Lake:
    """A store that runs."""

    saving: Saving
    operations: Mapping[str, Callable[..., Any]]

    def call(self, operation: str, data: bytes | None = None, **request: Any) -> Any:
        headers = {}
        if data is not None:
            request["Body"] = io.BytesIO(data)
            headers["Content-Length"] = str(len(data))
        return self.send(operation, Request("PUT", "/", headers=headers), {"Bucket": "lake"} | request)

    def send(self, operation: str, http: Request, request: Mapping[str, Any]) -> Any:
        context = RequestContext(http)
        context.account_id, context.region, context.partition = ACCOUNT, REGION, "aws"
        context.service_request, context.operation = dict(request), load_service("s3").operation_model(operation)
        return self.operations[operation](context, request)

    def get(self, key: str, **request: Any) -> tuple[bytes, Any]:
        answer = self.call("GetObject", Key=key, **request)
        data = b"".join(answer["Body"])
        answer["Body"].close()
        return data, answer

    def rows(self, columns: str, table: str = "objects", order: str = "1") -> list[tuple[Any, ...]]:
        with self.saving.journal._database.read() as tx:
            return [tuple(row) for row in tx.execute(f"SELECT {columns} FROM {table} ORDER BY {order}")]


def start() -> Lake:
    """As after a start of the process: nothing in memory but what the index has."""
    s3_stores.reset()
    store, saving, database = service._opened.__wrapped__()
    return Lake(saving, saving.wrap(create_dispatch_table(Provider(store, database))))


def stop(lake: Lake) -> None:
    lake.saving.collector.close()
    lake.saving.journal._database.close()


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setenv("LAKETOP_STATE", str(tmp_path))
    return Layout.of(tmp_path)


@pytest.fixture
def lake(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    monkeypatch.setattr(VersionedKeyStore, "set", set_version)
    monkeypatch.setattr(collector, "RETRY_SECONDS", 0.01)
    found = start()
    found.call("CreateBucket")
    yield found
    stop(found)
    s3_stores.reset()


def tree(layout: Layout) -> dict[str, str]:
    top = Path(layout.bucket("lake"))
    return {str(path.relative_to(top)): path.read_text() for path in top.rglob("*") if path.is_file()}


def test_objects_come_and_go(lake: Lake, layout: Layout) -> None:
    lake.call("PutObject", b"abc", Key="a/b")
    assert lake.rows("bucket, key, version, current, size, readable") == [("lake", "a/b", "null", 1, 3, 1)]
    assert tree(layout) == {"a/b": "abc"}
    lake.call("PutObject", b"", Key="a/b")
    lake.call("CopyObject", Key="copy", CopySource="lake/a/b")
    assert tree(layout) == {"a/b": "", "copy": ""}
    assert len({file for (file,) in lake.rows("file")}) == 1
    lake.call("DeleteObjects", Delete={"Objects": [{"Key": "a/b"}, {"Key": "copy"}, {"Key": "never"}]})
    assert lake.rows("key") == []
    assert tree(layout) == {}
    lake.call("DeleteBucket")
    assert lake.rows("name", "buckets") == []
    assert not Path(layout.bucket("lake")).exists()


def test_a_form_has_more_bytes_than_its_object(lake: Lake, layout: Layout) -> None:
    fields = [("key", "form/k"), ("file", "abc")]
    body = b"".join(
        b'--xx\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value.encode())
        for name, value in fields
    )
    headers = {"Content-Type": "multipart/form-data; boundary=xx"}
    form = Request("POST", "/lake", headers=headers, body=body + b"--xx--\r\n")
    lake.send("PostObject", form, {"Bucket": "lake", "Body": io.BytesIO(body)})
    assert tree(layout) == {"form/k": "abc"}
    assert lake.rows("key, size") == [("form/k", 3)]


def test_a_body_that_ends_early_changes_nothing(lake: Lake, layout: Layout) -> None:
    lake.call("PutObject", b"abc", Key="k")
    short = Request("PUT", "/", headers={"Content-Length": "4"})
    with pytest.raises(CommonServiceException) as error:
        lake.send("PutObject", short, {"Bucket": "lake", "Key": "k", "Body": io.BytesIO(b"new")})
    assert error.value.code == "IncompleteBody"
    assert tree(layout) == {"k": "abc"}


def test_everything_is_there_after_a_restart(lake: Lake, layout: Layout) -> None:
    lake.call("PutObject", b"1", Key="k", Metadata={"$moment": "not one"}, Tagging="a=b")
    lake.call("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"})
    second = lake.call("PutObject", b"2", Key="k")["VersionId"]
    marker = lake.call("DeleteObject", Key="k")["VersionId"]
    lake.call("PutObject", b"3", Key="other", StorageClass="GLACIER")
    upload = lake.call("CreateMultipartUpload", Key="joined")["UploadId"]
    part = lake.call("UploadPart", b"part", Key="joined", UploadId=upload, PartNumber=3)
    stop(lake)
    lake = start()
    try:
        versions = lake.call("ListObjectVersions", Prefix="k")
        assert [one["VersionId"] for one in versions["Versions"]] == [second, "null"]
        assert [(one["VersionId"], one["IsLatest"]) for one in versions["DeleteMarkers"]] == [(marker, True)]
        data, first = lake.get("k", VersionId="null")
        assert data == b"1"
        assert first["Metadata"] == {"$moment": "not one"}
        assert first["TagCount"] == 1
        assert tree(layout) == {"other": "3"}
        assert lake.rows("readable", order="key, position")[-1] == (0,)
        lake.call("DeleteObject", Key="k", VersionId=marker)
        assert tree(layout) == {"k": "2", "other": "3"}
        done = {"Parts": [{"PartNumber": 3, "ETag": part["ETag"]}]}
        lake.call("CompleteMultipartUpload", Key="joined", UploadId=upload, MultipartUpload=done)
        assert tree(layout) == {"joined": "part", "k": "2", "other": "3"}
        assert lake.rows("id", "uploads") == lake.rows("number", "parts") == []
    finally:
        stop(lake)


def test_the_newest_version_is_current_also_where_versions_are_suspended(lake: Lake, layout: Layout) -> None:
    lake.call("PutObject", b"1", Key="k")
    lake.call("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"})
    kept = lake.call("PutObject", b"2", Key="k")["VersionId"]
    lake.call("PutBucketVersioning", VersioningConfiguration={"Status": "Suspended"})
    lake.call("PutObject", b"3", Key="k")
    assert lake.rows("version, current", order="position") == [(kept, 0), ("null", 1)]
    assert tree(layout) == {"k": "3"}
    assert lake.get("k")[0] == b"3"
    lake.call("DeleteObject", Key="k")
    assert tree(layout) == {}
    lake.call("DeleteObject", Key="k", VersionId="null")
    assert tree(layout) == {"k": "2"}


def test_parts_come_and_go(lake: Lake, layout: Layout) -> None:
    upload = lake.call("CreateMultipartUpload", Key="k")["UploadId"]
    lake.call("UploadPart", b"part", Key="k", UploadId=upload, PartNumber=1)
    (first,) = lake.rows("number, file", "parts")
    lake.call("UploadPart", b"again", Key="k", UploadId=upload, PartNumber=1)
    (second,) = lake.rows("number, file", "parts")
    assert first[0] == second[0] == 1
    assert first[1] != second[1]
    lake.call("AbortMultipartUpload", Key="k", UploadId=upload)
    assert lake.rows("id", "uploads") == lake.rows("number", "parts") == []
    assert tree(layout) == {}


def test_what_could_not_be_saved_is_saved_with_the_next(
    lake: Lake, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where that one cannot be saved at first either."""

    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Journal, "write", full)
        for key in ("a", "b", "c"):
            with pytest.raises(CommonServiceException, match="Is the disk full") as error:
                lake.call("PutObject", b"abc", Key=key)
            assert error.value.code == "InternalError"
    assert lake.rows("key") == []
    lake.call("PutObject", b"abc", Key="d")
    assert [key for (key,) in lake.rows("key")] == ["a", "b", "c", "d"]
    assert set(tree(layout)) == {"a", "b", "c", "d"}


def test_a_superseded_file_goes_and_a_reader_keeps_it(lake: Lake, layout: Layout) -> None:
    lake.call("PutObject", b"old", Key="k")
    ((old,),) = lake.rows("file")
    with lake.saving.collector.request():
        lake.call("PutObject", b"new", Key="k")
        assert Path(layout.file(old)).read_text() == "old"
    lake.saving.collector.close()
    lake.saving.collector.sweep()
    assert not Path(layout.file(old)).exists()


def test_a_file_stays_until_the_tree_shows_it_nowhere(
    lake: Lake, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.saving.collector.close()
    lake.call("PutObject", b"old", Key="source")
    lake.call("CopyObject", Key="copy", CopySource="lake/source")
    lake.call("PutObject", b"new", Key="source")  # the old file waits; only the copy is it now
    hide, sweeping = lake.saving.tree.hide, threading.Thread(target=lake.saving.collector.sweep)

    def hide_late(bucket: str, key: str) -> None:
        sweeping.start()
        sweeping.join(0.2)
        hide(bucket, key)

    monkeypatch.setattr(lake.saving.tree, "hide", hide_late)
    lake.call("DeleteObject", Key="copy")
    sweeping.join(10)
    assert tree(layout) == {"source": "new"}
    ((kept,),) = lake.rows("file")
    assert [path.name for path in layout.objects.rglob("*") if path.is_file()] == [kept]


def test_a_file_that_was_overwritten_before_it_was_saved_goes(
    lake: Lake, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = lake.saving.journal.write

    def late(change: Any) -> None:
        monkeypatch.setattr(lake.saving.journal, "write", write)
        lake.call("PutObject", b"second", Key="k")
        write(change)

    monkeypatch.setattr(lake.saving.journal, "write", late)
    lake.call("PutObject", b"first", Key="k")
    assert lake.get("k")[0] == b"second"
    lake.saving.collector.close()
    lake.saving.collector.sweep()
    ((kept,),) = lake.rows("file")
    assert [path.name for path in layout.objects.rglob("*") if path.is_file()] == [kept]


def test_an_object_that_is_written_before_its_bucket_is_has_one(lake: Lake, layout: Layout) -> None:
    with lake.saving.journal._database.transaction() as tx:
        index.delete_bucket(tx, "lake")  # as if CreateBucket's own change were still to come
    lake.call("PutObject", b"bytes", Key="k")
    stop(lake)
    again = start()
    assert again.get("k")[0] == b"bytes"
    stop(again)


def test_a_store_is_opened_once_whoever_asks(layout: Layout) -> None:
    service._opened.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        found = {id(store) for store, *_ in pool.map(lambda _: service.opened(), range(8))}
    assert len(found) == 1
    service.opened()[0].close()
    service._opened.cache_clear()
    s3_stores.reset()


def test_a_start_deletes_what_no_record_names_and_mends_the_tree(lake: Lake, layout: Layout) -> None:
    lake.call("PutObject", b"abc", Key="k")
    left = Path(layout.file("ab" + "0" * 30))
    left.write_text("left by a killed process")
    Path(layout.bucket("lake"), "k").unlink()
    stop(lake)
    lake = start()
    assert tree(layout) == {"k": "abc"}
    lake.saving.collector.close()
    lake.saving.collector.sweep()
    assert not left.exists()
    stop(lake)


def test_a_setting_and_tags_are_in_the_buckets_row(lake: Lake) -> None:
    lake.call("PutBucketTagging", Tagging={"TagSet": [{"Key": "team", "Value": "ä"}]})
    lake.call("PutBucketPolicy", Policy='{"Version":"2012-10-17"}')
    ((name, versioned, record, tags),) = lake.rows("name, versioned, record, tags", "buckets")
    assert (name, versioned, tags) == ("lake", 0, '{"team":"ä"}')
    assert "2012-10-17" in record
    lake.call("DeleteBucketTagging")
    assert lake.rows("tags", "buckets") == [("{}",)]


def test_control_names_its_bucket_by_its_arn(lake: Lake, layout: Layout) -> None:
    found = memory.bucket("lake")
    assert found
    wrapped = lake.saving.wrap(
        {"TagResource": lambda *_: memory.store_of(found).tags.update_tags(found.bucket_arn, {"a": "b"})},
        service.TOUCHED_BY_CONTROL,
    )
    context = RequestContext(Request("PUT", "/"))
    wrapped["TagResource"](context, {"ResourceArn": found.bucket_arn})
    assert lake.rows("tags", "buckets") == [('{"a":"b"}',)]


def test_an_operation_that_fails_is_saved_as_far_as_it_got(lake: Lake) -> None:
    found = memory.bucket("lake")
    assert found

    def half(*_: Any) -> None:
        found.policy = "half"
        raise ZeroDivisionError

    wrapped = lake.saving.wrap({"PutBucketPolicy": half})
    with pytest.raises(ZeroDivisionError):
        wrapped["PutBucketPolicy"](RequestContext(Request("PUT", "/")), {"Bucket": "lake"})
    assert '"policy":"half"' in lake.rows("record", "buckets")[0][0]


def test_localstacks_own_buckets_end_with_the_process(lake: Lake, layout: Layout) -> None:
    database: Database = lake.saving.journal._database
    with database.transaction() as tx:
        row = tx.execute("SELECT * FROM buckets").fetchone()
        index.put_bucket(tx, index.BucketRow(*row)._replace(name="code", account=service.INTERNAL_RESOURCE_ACCOUNT))
    stop(lake)
    again = start()
    assert again.rows("name", "buckets") == [("lake",)]
    assert memory.bucket("code") is None
    stop(again)


KEYS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(lambda key: len(key.encode()) <= 1024)
PARTS = st.sampled_from(
    ["a", "A", "b", "..", ".", "%", "%f", "%e", "e\u0301", "\u00e9", "", "x" * 300, "\x00", "\U0001f600"]
)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join).filter(bool)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(KEYS | PATHS, max_size=12))
def test_any_keys_are_stored_listed_read_shown_and_deleted(lake: Lake, layout: Layout, keys: set[str]) -> None:
    """Keys of any text, prefixes of one another, dots, slashes, percent signs, twins by case and by normal form."""
    top = Path(layout.bucket("lake"))
    for key in keys:
        lake.call("PutObject", key.encode(), Key=key)
    listed = lake.call("ListObjectsV2").get("Contents", [])
    assert [one["Key"] for one in listed] == sorted(keys, key=str.encode)
    assert all(lake.get(key)[0] == key.encode() for key in keys)
    shown = {to_key(str(path.relative_to(top))): path.read_bytes() for path in top.rglob("*") if path.is_file()}
    assert shown == {key: key.encode() for key in keys}
    for key in keys:
        lake.call("DeleteObject", Key=key)
    assert "Contents" not in lake.call("ListObjectsV2")
    assert list(top.iterdir()) == []


def test_a_setting_on_a_version_that_is_not_current_any_more_is_kept(lake: Lake, layout: Layout) -> None:
    """PutObjectLegalHold answers no version; another PUT may end between it and its record."""
    stop(lake)
    again = start()
    again.call("CreateBucket", Bucket="locked", ObjectLockEnabledForBucket=True)
    first = again.call("PutObject", b"1", Bucket="locked", Key="k")["VersionId"]
    write = again.saving.journal.write

    def late(change: Any) -> None:
        again.saving.journal.write = write
        again.call("PutObject", b"2", Bucket="locked", Key="k")
        write(change)

    again.saving.journal.write = late
    again.call("PutObjectLegalHold", Bucket="locked", Key="k", LegalHold={"Status": "ON"})
    stop(again)
    kept = start()
    assert kept.call("GetObjectLegalHold", Bucket="locked", Key="k", VersionId=first)["LegalHold"] == {"Status": "ON"}
    stop(kept)
