"""`python -m lakehouse.cost --prefix laketop-dev [--days 1]`: an environment's bill as JSON, from its AWS account."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from lakehouse.cost.document import document
from lakehouse.cost.meters import measure
from lakehouse.cost.model import bill
from lakehouse.cost.work import NoRunError, Work, last_days, last_run

# CloudWatch keeps metrics by the minute for 15 days.
MOST_DAYS = 14
# So long the program waits by itself for what is still to come.
PATIENCE = timedelta(seconds=15)


def main(arguments: Sequence[str]) -> None:
    """Print the bill.

    Raises:
        SystemExit: the arguments are wrong, nothing has run, or AWS refuses; the message says which.
    """
    parser = argparse.ArgumentParser(prog="python -m lakehouse.cost", description="What the pipeline costs on AWS")
    parser.add_argument("--prefix", required=True, help="what the names of the environment's resources begin with")
    parser.add_argument(
        "--days", type=int, choices=range(1, MOST_DAYS + 1), metavar="N", help="the last N days, not the last run"
    )
    parser.add_argument(
        "--late", type=int, default=900, help="seconds until CloudWatch has all of S3's request metrics (900)"
    )
    options = parser.parse_args(arguments)
    try:
        work = _work(options.prefix, options.days)
        notes = _settle(work, timedelta(seconds=options.late), options.days is None)
        total = bill(measure(_client, options.prefix, work))
    except NoRunError as error:
        raise SystemExit(str(error)) from error
    except (ClientError, BotoCoreError) as error:
        raise SystemExit(" ".join(str(error).split())) from error
    print(json.dumps(document(work, total, notes), indent=2))


@cache
def _client(service: str) -> Any:
    session: Any = boto3.Session()
    return session.client(service)


def _work(prefix: str, days: int | None) -> Work:
    states = _client("stepfunctions")
    return last_run(states, prefix) if days is None else last_days(states, prefix, days, datetime.now(UTC))


def _settle(work: Work, late: timedelta, ended: bool) -> list[str]:
    """Wait for the last metrics where that takes moments; else say that they may be missing."""
    left = work.spans[-1].end + late - datetime.now(UTC)
    if left <= timedelta(0):
        return []
    if ended and left <= PATIENCE:
        time.sleep(left.total_seconds())
        return []
    return [f"S3's counts of the last {late.total_seconds():.0f} seconds may still grow: ask again later"]


if __name__ == "__main__":
    main(sys.argv[1:])
