"""The AWS clients of the athena server: Glue for the catalog, S3 for listings and results."""

import os
from typing import Any

import boto3
from botocore.config import Config

from laketop.settings import REGION, Settings

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"max_attempts": 3, "mode": "standard"},
    max_pool_connections=16,
    s3={"addressing_style": "path"},
)


def client(service: str, url: str) -> Any:
    """A boto3 client that signs as the lake's services do.

    Args:
        service: botocore's name, e.g. `s3`.
        url: the endpoint to call.
    """
    session: Any = boto3.session.Session(
        aws_access_key_id=os.environ.get("LAKETOP_SERVICE_KEY_ID") or "laketop",
        aws_secret_access_key="laketop",  # noqa: S106 - the endpoint checks no signatures
        region_name=REGION,
    )
    return session.client(service, endpoint_url=url, config=_CONFIG)


def glue(settings: Settings) -> Any:
    """The Glue API of the lake."""
    return client("glue", settings.url("glue"))


def s3(settings: Settings) -> Any:
    """The S3 API of the lake."""
    return client("s3", settings.endpoint)
