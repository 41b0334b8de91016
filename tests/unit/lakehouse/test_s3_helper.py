from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from lakehouse import s3_helper
from tests.contract.lakehouse.s3_cases import *  # noqa: F403


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("s3://lake/a/b.csv", ("lake", "a/b.csv")),
        ("s3://lake/", ("lake", "")),
        ("s3://lake", ("lake", "")),
        ("s3://lake//x?y#z", ("lake", "/x?y#z")),
    ],
)
def test_split_uri(uri: str, parts: tuple[str, str]) -> None:
    assert s3_helper.split_uri(uri) == parts


@pytest.mark.parametrize("uri", ["", "lake/a", "https://lake/a", "s3:///a", "s3a://lake/a"])
def test_split_uri_refuses_other_addresses(uri: str) -> None:
    with pytest.raises(ValueError, match="is no s3://bucket/key address"):
        s3_helper.split_uri(uri)


def test_delete_prefix_wants_a_folder() -> None:
    for uri in ("s3://lake/day=1", "s3://lake"):
        with pytest.raises(ValueError, match="must end with a slash"):
            s3_helper.delete_prefix(None, uri)  # type: ignore[arg-type]


def test_a_folder_that_is_none(tmp_path: Any) -> None:
    with pytest.raises(NotADirectoryError, match="is no folder; nothing was uploaded"):
        s3_helper.upload_folder(None, tmp_path / "none", "s3://lake/x")  # type: ignore[arg-type]


@pytest.fixture
def scripted() -> Any:
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def test_a_write_under_way_is_no_verdict(scripted: Any) -> None:
    # 409: "you should retry the upload"; the second attempt decides.
    client, stubber = scripted
    stubber.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
    stubber.add_response("put_object", {"ETag": '"e"'})
    assert s3_helper.put_if_absent(client, "s3://lake/x", b"") == '"e"'
    stubber.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
    stubber.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
    assert s3_helper.put_if_match(client, "s3://lake/x", b"", '"e"') is None


def test_a_conflict_that_does_not_end(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client, stubber = scripted
    monkeypatch.setattr("lakehouse.waiting.pauses", lambda **_: iter([0.0] * 8))
    for _ in range(8):
        stubber.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
    with pytest.raises(s3_helper.S3Error, match=r"write s3://lake/x: .*ConditionalRequestConflict"):
        s3_helper.put_if_absent(client, "s3://lake/x", b"")


def test_a_refused_delete_is_named(scripted: Any) -> None:
    client, stubber = scripted
    item = {"Key": "a/b", "Size": 1, "LastModified": 0, "ETag": '"e"'}
    stubber.add_response("list_objects_v2", {"Contents": [item]})
    error = {"Key": "a/b", "Code": "AccessDenied", "Message": "Access Denied"}
    stubber.add_response("delete_objects", {"Errors": [error]})
    with pytest.raises(RuntimeError, match="s3://lake/a/b: not deleted: Access Denied"):
        s3_helper.delete_prefix(client, "s3://lake/a/")


def test_a_download_that_fails_leaves_no_file(scripted: Any, tmp_path: Any) -> None:
    client, stubber = scripted
    (tmp_path / "x").write_text("old")
    stubber.add_response("head_object", {"ContentLength": 3, "ETag": '"e"'})
    stubber.add_client_error("head_object", "403", http_status_code=403)
    with pytest.raises(s3_helper.S3Error, match=r"read s3://lake/x: .*403") as caught:
        s3_helper.download(client, "s3://lake/x", tmp_path / "x")
    assert not isinstance(caught.value, s3_helper.ObjectNotFoundError)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x", "old")]
