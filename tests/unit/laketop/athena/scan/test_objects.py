"""Both ways to an object's bytes give the same objects: the store's index, and S3's own listing (moto's)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from laketop.athena.scan.objects import IndexedObjects, Objects, RemoteObjects, content, lake_objects
from laketop.athena.sql.errors import SqlError
from laketop.storage import Layout, index, open_index, url

KEYS = ("t/a", "t/b/c", "t/b d", "t/é", "t/\U0001f600", "t/z?x=1", "t2/e", "u")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="lake")
        for number, key in enumerate(KEYS):
            client.put_object(Bucket="lake", Key=key, Body=b"x" * number)
        yield client


@pytest.fixture
def store(s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """The same objects in a store of ours."""
    monkeypatch.setenv("LAKETOP_STATE", str(tmp_path))
    layout = Layout.of(tmp_path)
    layout.make()
    database = open_index(layout)
    with database.transaction() as tx:
        index.put_bucket(tx, index.BucketRow("lake", "0", "us-east-1", False, "{}", "{}"))
        for number, key in enumerate(KEYS):
            modified = s3.head_object(Bucket="lake", Key=key)["LastModified"]
            nanoseconds = round(modified.timestamp() * 1e9) + 999_999_999
            file = f"{number:032x}"
            row = index.ObjectRow("lake", key, "null", 1, True, file, number, "e", nanoseconds, True, "{}", "{}")
            index.put_object(tx, row)
            Path(layout.file(file)).write_bytes(b"x" * number)
    database.close()
    return layout


def both(s3: Any) -> Iterator[Objects]:
    yield RemoteObjects(s3)
    with lake_objects(s3) as objects:
        assert isinstance(objects, IndexedObjects)
        yield objects


@pytest.mark.parametrize("prefix", ["", "t", "t/", "t/b", "t/é", "t/\U0001f600", "v"])
def test_the_same_objects_in_the_same_order(s3: Any, store: Layout, prefix: str) -> None:
    remote, local = (objects.list([("lake", prefix), ("lake", "u")]) for objects in both(s3))
    assert [[one[:3] for one in found] for found in remote] == [[one[:3] for one in found] for found in local]
    assert {one.key for one in local[0]} == {key for key in KEYS if key.startswith(prefix)}
    assert all(Path(one.place).stat().st_size == one.size for one in local[0])
    assert [one.place for one in remote[0]] == [url("lake", one.key) for one in remote[0]]


def test_a_bucket_that_is_missing_is_the_same_error(s3: Any, store: Layout) -> None:
    said = []
    for objects in both(s3):
        with pytest.raises(SqlError) as caught:
            objects.list([("nowhere", "t/")])
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert "cannot list s3://nowhere/t/: The specified bucket does not exist" in said[0]


def test_without_a_visible_store_objects_are_urls(s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKETOP_STATE", str(tmp_path / "elsewhere"))
    with lake_objects(s3) as objects:
        assert isinstance(objects, RemoteObjects)


def test_a_file_stays_while_a_query_may_read_it(s3: Any, store: Layout) -> None:
    with lake_objects(s3):
        assert len(list(store.readers.iterdir())) == 1
    assert not list(store.readers.iterdir())


@pytest.mark.parametrize("key", KEYS)
def test_an_object_is_found_and_read(s3: Any, store: Layout, key: str) -> None:
    with lake_objects(None) as objects:
        place = objects.locate("lake", key)
        assert place is not None
        assert content(place) == b"x" * KEYS.index(key)
        assert objects.locate("lake", key + "-") is None
        assert objects.locate("other", key) is None
    assert RemoteObjects(s3).locate("lake", key) == url("lake", key)


@pytest.mark.parametrize(("status", "found"), [(200, b"bytes"), (404, None)])
def test_bytes_come_over_http(monkeypatch: pytest.MonkeyPatch, status: int, found: bytes | None) -> None:
    answer = httpx.Response(status, content=b"bytes", request=httpx.Request("GET", "http://lake/a"))
    monkeypatch.setattr(httpx, "get", lambda place, **_: answer)
    assert content("http://lake/a") == found


def test_an_answer_that_is_none_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer = httpx.Response(503, request=httpx.Request("GET", "http://lake/a"))
    monkeypatch.setattr(httpx, "get", lambda place, **_: answer)
    with pytest.raises(SqlError, match="HIVE_FILESYSTEM_ERROR: Error reading http://lake/a"):
        content("http://lake/a")
    with pytest.raises(SqlError, match="HIVE_FILESYSTEM_ERROR: Error reading /"):
        content(str(tmp_path))
    assert content(str(tmp_path / "none")) is None
