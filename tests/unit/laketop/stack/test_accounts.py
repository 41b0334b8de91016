"""Which AWS account the credentials lead to, and that only the one that was named is touched. AWS is moto."""

import os
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from laketop.stack import accounts
from laketop.stack.accounts import Account
from laketop.stack.messages import ExitCode, StackError

MOTO = "123456789012"
OTHER = "111122223333"
ANN = Account(MOTO, "arn:aws:iam::123456789012:user/ann", "")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    with mock_aws():
        yield


def test_the_account_is_that_of_the_credentials(aws: None) -> None:
    found = accounts.current()
    assert found.id == MOTO
    assert found.principal.startswith(f"arn:aws:sts::{MOTO}:")
    assert found.endpoint == ""


def test_an_emulator_is_named(aws: None) -> None:
    found = accounts.current({"AWS_ENDPOINT_URL": "http://127.0.0.1:24566"})
    assert str(found).endswith(", at http://127.0.0.1:24566")


def test_without_credentials_it_says_how_to_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(StackError, match="AWS credentials: Unable to locate credentials") as caught:
        accounts.current()
    assert "aws sso login" in caught.value.hint


def test_the_account_that_was_named_may_be_changed() -> None:
    accounts.require_confirmed(ANN, "deploy", "dev", MOTO)


@pytest.mark.parametrize(
    ("confirmed", "cause"),
    [(None, "CONFIRM names none"), ("", "CONFIRM names none"), (OTHER, f"CONFIRM names {OTHER}")],
)
def test_no_other_is_and_the_error_names_both(confirmed: str | None, cause: str) -> None:
    with pytest.raises(StackError) as caught:
        accounts.require_confirmed(ANN, "deploy", "dev", confirmed)
    assert str(caught.value) == f"deploy dev: the credentials are of account {MOTO}, {cause}"
    assert caught.value.code == ExitCode.REFUSED


def test_the_bucket_of_the_state_is_named_by_environment_and_account(aws: None) -> None:
    with pytest.raises(StackError, match=f"there is no bucket laketop-dev-terraform-{MOTO}"):
        accounts.require_state_bucket(ANN, "dev")
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=f"laketop-dev-terraform-{MOTO}")
    assert accounts.require_state_bucket(ANN, "dev") == f"laketop-dev-terraform-{MOTO}"


class Forbidding:
    """An S3 that answers as AWS does for a bucket of another account."""

    def head_bucket(self, **_: str) -> None:
        status = {"ResponseMetadata": {"HTTPStatusCode": 403}, "Error": {"Code": "403", "Message": "Forbidden"}}
        raise ClientError(status, "HeadBucket")


def test_a_bucket_of_somebody_else_is_no_bucket_to_make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "client", lambda _: Forbidding())
    with pytest.raises(StackError, match=r"bucket theirs: .*Forbidden") as caught:
        accounts.has_bucket("theirs")
    assert "another account" in caught.value.hint
