"""How one event or data point reaches the endpoint.

Sorts what can go wrong into three: nobody can take it now (wait for as long as it takes), somebody fails on it (try
again, but not for ever), the endpoint will not have it (never again). The outbox decides by nothing else.
"""

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore import exceptions as aws
from botocore.config import Config
from botocore.session import Session

from laketop.settings import REGION

_BUSY_CODES = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"})
_BUSY_STATUSES = frozenset({429, 503})
# What PutEvents says of an entry that it failed on, in an answer of status 200.
_ENTRY_FAILURES = frozenset({"InternalException", "InternalFailure", "InternalServiceException"})
# The user's own AWS profile is for AWS; where it is broken, it must not stop our events.
_NO_USER_SETTINGS = dict.fromkeys(("profile", "config_file", "credentials_file"), (None, None, None, None))


class UnreachableError(Exception):
    """Nobody answers, or only to say that it is busy."""


class FailedError(UnreachableError):
    """Somebody answered, and failed."""


class RefusedError(Exception):
    """The endpoint will not take this, however often it is sent."""


class Sender:
    """Clients of EventBridge and CloudWatch at one endpoint, for one thread.

    Args:
        endpoint: base URL that takes PutEvents and PutMetricData.
        access_key_id: the key to sign with; default `LAKETOP_SERVICE_KEY_ID`, by which the endpoint lets `aws.*`
            sources pass.
    """

    def __init__(self, endpoint: str, access_key_id: str | None = None) -> None:
        self.endpoint = endpoint
        self.access_key_id = access_key_id or os.environ.get("LAKETOP_SERVICE_KEY_ID") or ""
        self._clients: dict[str, Any] = {}

    def send(self, kind: str, payload: dict[str, Any], moment: datetime) -> None:
        """Send one row of the outbox, once.

        Args:
            kind: `event` or `metric`.
            payload: an entry of PutEvents, or the members of PutMetricData, without their time.
            moment: when it happened.

        Raises:
            UnreachableError, FailedError, RefusedError: see there.

        Source: Amazon EventBridge API reference, "PutEvents"; Amazon CloudWatch API reference, "PutMetricData".
        """
        _SENDERS[kind](self, payload, moment)

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            client.close()

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = Session(session_vars=_NO_USER_SETTINGS).create_client(
                service,
                region_name=REGION,
                endpoint_url=self.endpoint,
                aws_access_key_id=self.access_key_id or "unset",
                aws_secret_access_key="laketop",  # noqa: S106 - the endpoint looks at the key id only
                # The outbox waits and tries again itself, and must be able to stop in between.
                config=Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1}, proxies={}),
            )
        return self._clients[service]

    def _event(self, payload: dict[str, Any], moment: datetime) -> None:
        answer = _sent(self._client("events").put_events, Entries=[payload | {"Time": moment}])
        if answer["FailedEntryCount"]:
            entry = answer["Entries"][0]
            code = str(entry.get("ErrorCode"))
            raise _kind(code, 500 if code in _ENTRY_FAILURES else 400)(f"{code}: {entry.get('ErrorMessage')}")

    def _metric(self, payload: dict[str, Any], moment: datetime) -> None:
        data = [datum | {"Timestamp": moment} for datum in payload["MetricData"]]
        _sent(self._client("cloudwatch").put_metric_data, Namespace=payload["Namespace"], MetricData=data)


_SENDERS = {"event": Sender._event, "metric": Sender._metric}


def _kind(code: str, status: int) -> type[UnreachableError | RefusedError]:
    if code in _BUSY_CODES or status in _BUSY_STATUSES:
        return UnreachableError
    # 501: not implemented, which no waiting mends.
    return FailedError if status >= 500 and status != 501 else RefusedError


def _sent(call: Callable[..., Any], **members: Any) -> Any:
    try:
        return call(**members)
    except aws.ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        raise _kind(error.response["Error"]["Code"], status)(str(error)) from error
    except (aws.HTTPClientError, aws.ConnectionError) as error:
        raise UnreachableError(str(error)) from error
    except aws.BotoCoreError as error:
        raise RefusedError(str(error)) from error
