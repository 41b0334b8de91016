"""What a security configuration makes of a run."""

from datetime import UTC, datetime
from typing import Any

import pytest

from laketop.glue.runs import encryption
from laketop.glue.runs.model import Run

KEY = "arn:aws:kms:us-east-1:000000000000:key/1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def run(**parts: Any) -> Run:
    definition = {"Role": "arn:aws:iam::000000000000:role/jobs/etl", "SecurityConfiguration": "lake"}
    return Run("jr_1", "j_1", "etl", definition | ({"Encryption": parts} if parts else {}), NOW, NOW)


def test_without_one_nothing_is_encrypted() -> None:
    plain = run()
    assert encryption.log_group(plain) == "/aws-glue/jobs"
    assert encryption.log_key(plain) is None
    assert encryption.conf(plain) == {}


def test_encrypted_logs_have_groups_of_their_own() -> None:
    encrypted = run(CloudWatchEncryption={"CloudWatchEncryptionMode": "SSE-KMS", "KmsKeyArn": KEY})
    assert encryption.log_group(encrypted) == "/aws-glue/jobs/lake-role/etl"
    assert encryption.log_key(encrypted) == KEY


def test_logs_that_are_not_encrypted_stay_where_they_are() -> None:
    disabled = run(CloudWatchEncryption={"CloudWatchEncryptionMode": "DISABLED"})
    assert encryption.log_group(disabled) == "/aws-glue/jobs"


@pytest.mark.parametrize(
    ("parts", "algorithm", "key"),
    [
        ([{"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": KEY}], "SSE-KMS", KEY),
        ([{"S3EncryptionMode": "SSE-S3"}], "AES256", None),
        ([{"S3EncryptionMode": "DISABLED"}], None, None),
        ([], None, None),
    ],
)
def test_spark_encrypts_as_the_hadoop_documentation_calls_it(parts: list[Any], algorithm: str, key: str) -> None:
    conf = encryption.conf(run(S3Encryption=parts))
    assert conf.get("spark.hadoop.fs.s3a.encryption.algorithm") == algorithm
    assert conf.get("spark.hadoop.fs.s3a.encryption.key") == key
