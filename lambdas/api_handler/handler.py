"""The dashboard: its page, and the figures that it shows, behind one REST API.

The figures are those of the pipeline's named queries; whatever a caller says is bound as a parameter. Who may call is
API Gateway's business: the key, and where there is one the user pool.
"""

import json
import os
import time
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lakehouse.logger import lambda_scope, log
from lakehouse.named_queries import NamedQueries
from lakehouse.waiting import code_of

from .messages import ApiError, Request, error_response
from .page import Page
from .routes import Lake, answer

TIMEOUT = 24.0  # seconds; API Gateway waits for 29
MAX_AGE = 60.0  # seconds that an answer is used again


def data_version() -> str:
    """Which state the data is in: the ETag of what the pipeline writes down when a run begins and when it ends."""
    try:
        return str(_s3().head_object(Bucket=os.environ["RAW_BUCKET"], Key="control/transform.json")["ETag"])
    except ClientError as error:
        if code_of(error) not in ("404", "NoSuchKey"):
            raise
        return "before the first run"


@cache
def _s3() -> Any:
    return boto3.client("s3")


@cache
def _lake() -> Lake:
    queries = json.loads(os.environ["NAMED_QUERIES"])
    athena = NamedQueries(
        boto3.client("athena"), queries, os.environ["WORK_GROUP"], data_version, timeout=TIMEOUT, max_age=MAX_AGE
    )
    return Lake(athena, Page(_s3(), os.environ["PAGE_BUCKET"]))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request.

    Args:
        event: API Gateway's event of a REST API with proxy integration.
        context: Lambda's context; its request id is what a caller is told where something fails.

    Returns:
        `statusCode`, `headers`, `body`; an error is JSON with `error.code`, `error.message` and `error.request_id`.
    """
    began = time.monotonic()
    request = Request.of(event)
    with lambda_scope(context):
        try:
            response = answer(_lake(), request)
        except ApiError as error:
            response = error_response(error, getattr(context, "aws_request_id", None))
        except Exception as error:  # noqa: BLE001 - the edge: a caller is told nothing of the inside
            log("request failed", level="ERROR", path=request.path, error=error)
            told = ApiError(500, "InternalError", "something went wrong here; the log has more under the request_id")
            response = error_response(told, getattr(context, "aws_request_id", None))
        told_response = response.told(request)
        took = round(1000 * (time.monotonic() - began))
        log("request answered", method=request.method, path=request.path, status=told_response["statusCode"], ms=took)
        return told_response
