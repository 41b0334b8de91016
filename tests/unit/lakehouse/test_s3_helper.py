import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lakehouse import s3_helper


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="lake")
        yield client


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


def test_json_comes_back(s3: Any) -> None:
    s3_helper.write_json(s3, "s3://lake/a.json", {"größe": 1})
    assert json.loads(s3_helper.read_bytes(s3, "s3://lake/a.json")) == {"größe": 1}
    assert s3.head_object(Bucket="lake", Key="a.json")["ContentType"] == "application/json"


def test_missing_object_is_an_error(s3: Any) -> None:
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3_helper.read_bytes(s3, "s3://lake/none")


def test_delete_prefix_deletes_all_pages_and_nothing_else(s3: Any) -> None:
    for number in range(1001):
        s3.put_object(Bucket="lake", Key=f"day=1/{number}")
    s3.put_object(Bucket="lake", Key="day=10/0")
    assert s3_helper.delete_prefix(s3, "s3://lake/day=1/") == 1001
    assert list(s3_helper.list_keys(s3, "s3://lake/")) == ["day=10/0"]


def test_delete_prefix_wants_a_folder(s3: Any) -> None:
    with pytest.raises(ValueError, match="must end with a slash"):
        s3_helper.delete_prefix(s3, "s3://lake/day=1")
    with pytest.raises(ValueError, match="must end with a slash"):
        s3_helper.delete_prefix(s3, "s3://lake")
