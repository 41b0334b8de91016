"""The AWS account that a person's credentials lead to, and whether it is the one that they meant.

Everything here uses the person's own environment: profile, credentials, proxies, and `AWS_ENDPOINT_URL`, by which an
environment of AWS is rehearsed on an emulator.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from laketop.settings import REGION
from laketop.stack.messages import ExitCode, StackError

SIGN_IN = "sign in (`aws sso login`, AWS_PROFILE, or the credentials' variables), see `aws sts get-caller-identity`"


@dataclass(frozen=True)
class Account:
    """An AWS account, and who we are in it.

    Attributes:
        id: the account's 12 digits.
        principal: ARN of the caller.
        endpoint: `AWS_ENDPOINT_URL`, where it is not AWS itself that answers; else "".
    """

    id: str
    principal: str
    endpoint: str

    def __str__(self) -> str:
        return f"account {self.id} as {self.principal}" + (f", at {self.endpoint}" if self.endpoint else "")

    def state_bucket(self, environment: str) -> str:
        """The bucket that holds an environment's Terraform state."""
        return f"laketop-{environment}-terraform-{self.id}"


def client(service: str) -> Any:
    """A boto3 client with the person's credentials; an emulator's bucket names are no host names."""
    session: Any = boto3.Session(region_name=REGION)
    emulated = Config(s3={"addressing_style": "path"}) if os.environ.get("AWS_ENDPOINT_URL") else None
    return session.client(service, config=emulated)


def current(environment: Mapping[str, str] = os.environ) -> Account:
    """The account of the person's credentials.

    Raises:
        StackError: there are none, or they are not accepted.
    """
    try:
        answer = client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise StackError("AWS credentials", " ".join(str(error).split()), SIGN_IN) from error
    return Account(answer["Account"], answer["Arn"], environment.get("AWS_ENDPOINT_URL", ""))


def require_confirmed(account: Account, doing: str, environment: str, confirmed: str | None) -> None:
    """Check that a person named the account that they are about to change.

    Args:
        account: that of the credentials.
        doing: the command, e.g. `deploy`.
        environment: e.g. `dev`.
        confirmed: the account that the person named.

    Raises:
        StackError: they named none, or another one.
    """
    if confirmed == account.id:
        return
    meant = f"CONFIRM names {confirmed}" if confirmed else "CONFIRM names none"
    raise StackError(
        f"{doing} {environment}",
        f"the credentials are of account {account.id}, {meant}",
        f"where {account.id} is meant: CONFIRM={account.id}; else take the other account's credentials",
        ExitCode.REFUSED,
    )


def has_bucket(bucket: str) -> bool:
    """Whether a bucket exists and is ours to use.

    Raises:
        StackError: it is somebody else's, or S3 does not answer.
    """
    try:
        client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return False
        hint = "it belongs to another account, or the credentials may not read it"
        raise StackError(f"bucket {bucket}", " ".join(str(error).split()), hint) from error
    except BotoCoreError as error:
        raise StackError(f"bucket {bucket}", " ".join(str(error).split()), SIGN_IN) from error
    return True


def holds(bucket: str, prefix: str) -> bool:
    """Whether a bucket that is there has an object below a prefix."""
    return bool(client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)["KeyCount"])


def require_state_bucket(account: Account, environment: str) -> str:
    """The name of the bucket with an environment's Terraform state.

    Raises:
        StackError: nobody made it yet.
    """
    bucket = account.state_bucket(environment)
    if not has_bucket(bucket):
        hint = f"make bootstrap ENV={environment} CONFIRM={account.id}"
        raise StackError(f"environment {environment}", f"there is no bucket {bucket} for its state", hint)
    return bucket
