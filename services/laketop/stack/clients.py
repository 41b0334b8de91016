"""AWS clients and environments for the lake's endpoint, and for it alone.

A person's profile, credentials and region are taken away: nothing here may reach their AWS account by accident.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from laketop.settings import REGION, Settings
from laketop.stack.messages import StackError

# Also terraform-local's and the AWS provider's own variables, which would point somewhere else.
_FOREIGN = ("AWS_", "LOCALSTACK_", "S3_HOSTNAME", "EDGE_PORT", "TF_WORKSPACE", "TF_DATA_DIR")

# What botocore asks even where credentials are given: a profile that this machine does not have would be an error.
_ALONE = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}

# A harmless read of each service that the pipeline's Terraform writes to.
_READS = {
    "apigateway": "get_rest_apis",
    "cloudwatch": "describe_alarms",
    "events": "list_rules",
    "iam": "list_roles",
    "lambda": "list_functions",
    "logs": "describe_log_groups",
    "s3": "list_buckets",
    "sns": "list_topics",
    "stepfunctions": "list_state_machines",
    "sts": "get_caller_identity",
}


def aws_environment(settings: Settings, inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The person's environment, with the lake's endpoint and credentials in place of their own."""
    return {
        **{name: value for name, value in inherited.items() if not name.startswith(_FOREIGN)},
        "AWS_ENDPOINT_URL": settings.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def client(settings: Settings, service: str) -> Any:
    """A boto3 client on the lake's endpoint."""
    session: Any = boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        region_name=REGION,
        botocore_session=Session(session_vars=_ALONE),
    )
    config = Config(retries={"max_attempts": 2, "mode": "standard"}, s3={"addressing_style": "path"})
    return session.client(service, endpoint_url=settings.endpoint, config=config)


def wake(settings: Settings) -> None:
    """Have LocalStack load the services that Terraform is about to use.

    It loads a service at its first request. A create whose answer is lost meanwhile is sent again by its client, and
    then refused because it exists; a read may be sent twice.

    Raises:
        StackError: a service does not answer.
    """

    def read(service: str) -> None:
        try:
            getattr(client(settings, service), _READS[service])()
        except (BotoCoreError, ClientError) as error:
            raise StackError(service, " ".join(str(error).split()), "see `make logs PART=localstack`") from error

    with ThreadPoolExecutor(len(_READS)) as pool:
        list(pool.map(read, _READS))
