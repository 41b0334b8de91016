"""The claim on a file's content, from the router's side: whose it is, and that it is done.

The validator wrote it, see `claims.py` there. Every change is on the condition that nobody else changed it since it was
read (PutObject with If-Match), so that a claim is done by its owner or not at all.
"""

import json
from collections.abc import Mapping
from typing import Any

from lakehouse import s3_helper

DONE = "done"
_TRIES = 5
_OWNER = ("bucket", "key", "version")


class ClaimPendingError(RuntimeError):
    """The claim is another owner's by now, who is not done yet; later he will be, or his claim expires."""


class ClaimLostError(Exception):
    """Another owner has brought the content into the raw zone.

    Attributes:
        owner: `bucket`, `key` and `version` of his landing object.
    """

    def __init__(self, owner: dict[str, str]) -> None:
        super().__init__(owner)
        self.owner = owner


class Claim:
    """A claim as it was read.

    Attributes:
        address: where it lies, `s3://…`.
        owner: `bucket`, `key` and `version` of the landing object that has it.
        origin: `bucket`, `key`, `version` and `time` of the first upload of the content.
        done: whether the content is in the raw zone, and noted.
    """

    def __init__(self, address: str, etag: str, document: dict[str, Any]) -> None:
        self.address, self._etag, self._document = address, etag, document
        self.owner: dict[str, str] = document["owner"]
        self.origin: dict[str, str] = document["origin"]
        self.done: bool = document["state"] == DONE

    def finish(self, s3: Any) -> bool:
        """Write that it is done; False where it was changed since it was read."""
        body = json.dumps(self._document | {"state": DONE}, indent=2, ensure_ascii=False).encode()
        return s3_helper.put_if_match(s3, self.address, body, self._etag) is not None


def own(s3: Any, address: str, event: Mapping[str, Any]) -> Claim:
    """The claim, where it is that of the event's landing object.

    Args:
        s3: an S3 client.
        address: where the claim lies.
        event: `bucket`, `key` and `version` of the landing object.

    Raises:
        ClaimLostError: another owner has it, and is done.
        ClaimPendingError: another owner has it, and is not done; or there is none any more.
    """
    bucket, key = s3_helper.split_uri(address)
    try:
        found = s3.get_object(Bucket=bucket, Key=key)
    except s3.exceptions.NoSuchKey as error:
        message = f"{address} was deleted while its file was on its way; start the execution again from its beginning"
        raise ClaimPendingError(message) from error
    claim = Claim(address, found["ETag"], json.loads(found["Body"].read()))
    owner = claim.owner
    if owner == {name: event[name] for name in _OWNER}:
        return claim
    if claim.done:
        raise ClaimLostError(owner)
    message = f"{address} was taken over by s3://{owner['bucket']}/{owner['key']}, version {owner['version']}"
    raise ClaimPendingError(f"{message}, which is not done yet; try again in a while")


def finish(s3: Any, claim: Claim, event: Mapping[str, Any]) -> None:
    """Make a claim done, whoever of its owner's executions is the first.

    Raises:
        ClaimLostError, ClaimPendingError: another owner has taken it over.
    """
    for _ in range(_TRIES):
        if claim.done or claim.finish(s3):
            return
        claim = own(s3, claim.address, event)
    raise ClaimPendingError(f"{claim.address}: others changed the claim {_TRIES} times meanwhile; try again in a while")
