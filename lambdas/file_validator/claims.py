"""Who may bring a content into the lake: the first file that claims it, by the checksum of its bytes.

A claim is a small object that is written on conditions (Amazon S3 User Guide, "How to prevent object overwrites with
conditional writes"), so that of two executions one wins. It stores its owner, a version of a landing object: a retry,
or a second delivery of the same event, finds its own claim and goes on. A claim that is not done when it expires,
because its execution died, is taken over by the next file of the same content. `origin` stays that of the first owner:
from it the router makes the places in the raw zone, so that two owners of one content can only write one object twice.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lakehouse import s3_helper

from .bad_file import BadFileError

CLAIMED, DONE = "claimed", "done"
_TRIES = 5
_OWNER = ("bucket", "key", "version")


class ClaimPendingError(RuntimeError):
    """Another execution has claimed the same content and is not done yet; later it will be, or its claim expires."""


@dataclass(frozen=True)
class Place:
    """Where the claim of a content lies.

    Attributes:
        bucket: the raw zone's bucket.
        key: `claims/<dataset>/<sha256>.json`.
    """

    bucket: str
    key: str

    @classmethod
    def of(cls, bucket: str, dataset: str, sha256: str) -> "Place":
        """The place by the dataset and the checksum: the same bytes in two datasets are two claims."""
        return cls(bucket, f"claims/{dataset}/{sha256}.json")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def claim(s3: Any, place: Place, event: Mapping[str, Any], seconds: int) -> None:
    """Claim a content for the landing object of an event, or find that it is claimed for it already.

    Args:
        s3: an S3 client.
        place: where the claim lies.
        event: `bucket`, `key`, `version` (the owner), `time` and `execution`.
        seconds: how long the claim holds when it is not done.

    Raises:
        BadFileError: DUPLICATE_FILE: another owner has brought the content into the raw zone.
        ClaimPendingError: another owner has claimed it, and may still be at work.
    """
    owner = {name: event[name] for name in _OWNER}
    for _ in range(_TRIES):
        if s3_helper.put_if_absent(s3, str(place), _claimed(event, owner, seconds, None)):
            return
        found = _read(s3, place)
        if found is None:
            continue  # an operator has just deleted it
        etag, held = found
        if held["owner"] == owner:
            if held["state"] == DONE:
                return
        elif held["state"] == DONE:
            raise _duplicate(place, held)
        elif datetime.fromisoformat(held["expires_at"]) > datetime.now(UTC):
            raise _pending(place, held["owner"], held["expires_at"])
        # Our own claim is renewed, one that has expired is taken over; unless somebody was faster.
        if s3_helper.put_if_match(s3, str(place), _claimed(event, owner, seconds, held), etag):
            return
    raise ClaimPendingError(f"{place}: others changed the claim {_TRIES} times meanwhile; try again in a while")


def _claimed(event: Mapping[str, Any], owner: dict[str, str], seconds: int, before: Mapping[str, Any] | None) -> bytes:
    now = datetime.now(UTC)
    document = {
        "owner": owner,
        "state": CLAIMED,
        "claimed_at": now.isoformat(timespec="milliseconds"),
        "expires_at": (now + timedelta(seconds=seconds)).isoformat(timespec="milliseconds"),
        "execution": event["execution"],
        "origin": before["origin"] if before else owner | {"time": event["time"]},
    }
    return json.dumps(document, indent=2, ensure_ascii=False).encode()


def _read(s3: Any, place: Place) -> tuple[str, dict[str, Any]] | None:
    """The ETag and the content of a claim, or None where there is none."""
    try:
        found = s3.get_object(Bucket=place.bucket, Key=place.key)
    except s3.exceptions.NoSuchKey:
        return None
    try:
        held = json.loads(found["Body"].read())
        return found["ETag"], {name: held[name] for name in ("owner", "state", "claimed_at", "expires_at", "origin")}
    except (ValueError, TypeError, KeyError) as error:
        message = f"{place} is no claim that can be read ({error!r}); if no file of it is on its way, delete it"
        raise RuntimeError(message) from error


def _address(owner: Mapping[str, str]) -> str:
    return f"s3://{owner['bucket']}/{owner['key']}"


def _duplicate(place: Place, held: Mapping[str, Any]) -> BadFileError:
    owner = held["owner"]
    message = f"the same bytes came before as {_address(owner)}, and are in the lake; nothing is to be done"
    fix = f"to load them again, delete {place} and upload the file anew"
    details = {"owner": owner, "claim": str(place), "claimed_at": held["claimed_at"]}
    return BadFileError("DUPLICATE_FILE", f"{message} ({fix})", details)


def _pending(place: Place, owner: Mapping[str, str], expires: str) -> ClaimPendingError:
    message = f"{place}: the same content is claimed by {_address(owner)}, version {owner['version']}"
    return ClaimPendingError(f"{message}, until {expires} at the latest; try again after that")
