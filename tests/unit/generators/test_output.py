import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pytest
from moto import mock_aws

from generators import output

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


def test_a_file(tmp_path: Path) -> None:
    output.write_csv(TABLE, str(tmp_path / "deep" / "a.csv"))
    assert (tmp_path / "deep" / "a.csv").read_bytes() == TEXT


def test_a_compressed_object(s3: Any) -> None:
    output.write_csv(TABLE, "s3://raw/landing/a.csv.gz")
    assert gzip.decompress(s3.get_object(Bucket="raw", Key="landing/a.csv.gz")["Body"].read()) == TEXT


@pytest.mark.parametrize("target", ["a.txt", "a.csv.zip", "s3://raw/a", "s3://raw.csv", "s3:///a.csv"])
def test_other_targets_are_refused(target: str) -> None:
    with pytest.raises(SystemExit, match=r"must end in|is needed"):
        output.write_csv(TABLE, target)


def test_values_that_would_need_quotes_are_refused() -> None:
    with pytest.raises(pa.ArrowInvalid):
        output.csv_bytes(pa.table({"a": ['x,"y"']}), compress=False)
