"""Where rows go: files and objects, whole or not at all."""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from generators import output
from tests.unit.generators.written import DATASETS, SUFFIXES, generate

TABLE = pa.table({"a": ["x", None], "n": pa.array([1, 2], pa.int32())})
TEXT = b"a,n\nx,1\n,2\n"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="raw")
        yield client


def content(s3: Any, key: str) -> bytes:
    return s3.get_object(Bucket="raw", Key=key)["Body"].read()


def interrupted(target: str, data: bytes) -> None:
    with output.opened(output.target(target), TABLE.schema) as writer:
        writer.write(data)
        raise RuntimeError("stop")


def test_files(tmp_path: Path) -> None:
    output.write(TABLE, str(tmp_path / "deep" / "a.csv"))
    assert (tmp_path / "deep" / "a.csv").read_bytes() == TEXT
    output.write(TABLE, str(tmp_path / "a.jsonl"))
    assert (tmp_path / "a.jsonl").read_bytes() == b'{"a":"x","n":1}\n{"a":null,"n":2}\n'
    output.write(TABLE, str(tmp_path / "a.parquet"))
    assert pq.read_table(tmp_path / "a.parquet") == TABLE


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dataset", DATASETS)
def test_an_object_is_the_same_as_a_file(dataset: str, suffix: str, s3: Any, tmp_path: Path) -> None:
    path = generate(dataset, tmp_path / f"a.{suffix}", "--rows", 300, "--seed", 2)
    generate(dataset, f"s3://raw/landing/a.{suffix}", "--rows", 300, "--seed", 2)
    assert content(s3, f"landing/a.{suffix}") == path.read_bytes()


def test_a_prefix_gets_a_name(s3: Any) -> None:
    generate("products", "s3://raw/landing/products/", "--seed", 3, "--format", "jsonl")
    generate("products", "s3://raw/", "--seed", 3)
    keys = {item["Key"] for item in s3.list_objects_v2(Bucket="raw")["Contents"]}
    name = "products-00003-2026-01-01-2026-01-31"
    assert keys == {f"landing/products/{name}.jsonl", f"{name}.csv"}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_large_objects_go_up_in_parts(suffix: str, s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_PART", 5 << 20)
    path = generate("transactions", tmp_path / f"a.{suffix}", "--rows", 300_000)
    generate("transactions", f"s3://raw/a.{suffix}", "--rows", 300_000)
    head = s3.head_object(Bucket="raw", Key=f"a.{suffix}", PartNumber=1)
    assert head["ContentLength"] == 5 << 20
    assert content(s3, f"a.{suffix}") == path.read_bytes()
    assert s3.list_multipart_uploads(Bucket="raw").get("Uploads", []) == []


@pytest.mark.parametrize("target", ["s3://raw/a.csv", "a.csv"])
@pytest.mark.parametrize("size", [10, 6 << 20])
def test_nothing_is_left_where_writing_fails(
    target: str, size: int, s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "_PART", 5 << 20)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RuntimeError, match="stop"):
        interrupted(target, b"x" * size)
    assert s3.list_objects_v2(Bucket="raw")["KeyCount"] == 0
    assert s3.list_multipart_uploads(Bucket="raw").get("Uploads", []) == []
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="stop"):
        interrupted(str(path), b"new")
    assert path.read_text() == "old"
    output.write(TABLE, str(path))
    assert path.read_bytes() == TEXT


def test_a_bucket_that_is_not_there(s3: Any) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        output.write(TABLE, "s3://nowhere/a.csv")
    with pytest.raises(SystemExit, match=r"s3://nowhere/a.csv: cannot be written: .*NoSuchBucket.*; check the path"):
        generate("reviews", "s3://nowhere/a.csv", "--rows", 5)


def test_no_file_takes_the_place_of_a_pipe() -> None:
    with output.opened(output.target("/dev/null", "csv"), TABLE.schema) as writer:
        writer.write(writer.prepare(TABLE))
    assert not Path("/dev/null").is_file()


def test_compressed(tmp_path: Path) -> None:
    output.write(TABLE, str(tmp_path / "a.csv.gz"))
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()) == TEXT
    output.write(TABLE, str(tmp_path / "a.jsonl.gz"))
    lines = gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()).splitlines()
    assert [json.loads(line) for line in lines] == [{"a": "x", "n": 1}, {"a": None, "n": 2}]


@pytest.mark.parametrize(
    ("name", "wanted", "answer"),
    [
        ("a.csv", None, ("a.csv", "csv", False)),
        ("a.b/c.jsonl.gz", None, ("a.b/c.jsonl.gz", "jsonl", True)),
        ("a.parquet", "parquet", ("a.parquet", "parquet", False)),
        ("/dev/stdout", "jsonl", ("/dev/stdout", "jsonl", False)),
        ("s3://raw/x/", None, ("s3://raw/x/data.csv", "csv", False)),
    ],
)
def test_targets(name: str, wanted: str | None, answer: tuple) -> None:
    found = output.target(name, wanted)
    assert (found.address, found.format, found.compressed) == answer


def test_what_pyarrow_needs_of_a_sink(s3: Any) -> None:
    """A Parquet file's footer says where its parts are: they are where the writer was told that they are."""
    output.write(TABLE, "s3://raw/a.parquet")
    assert pq.read_table(io.BytesIO(content(s3, "a.parquet"))) == TABLE
