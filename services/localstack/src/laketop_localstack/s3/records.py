"""LocalStack's buckets, objects, uploads and parts ↔ text that SQLite keeps.

JSON, so that people can read it and nothing in it is ever executed. Moments are `{"$moment": "<ISO 8601>"}`; names of
dictionaries that begin with `$` get another one, for users choose them too. What has a column of its own in the index
is left out. A value of a kind that is not expected here is an error: it would come back as something else.
"""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from localstack.services.s3.constants import DEFAULT_BUCKET_ENCRYPTION, DEFAULT_PUBLIC_BLOCK_ACCESS
from localstack.services.s3.models import (
    KeyStore,
    S3Bucket,
    S3DeleteMarker,
    S3Multipart,
    S3Object,
    S3Part,
    VersionedKeyStore,
)

_MOMENT = "$moment"
_GMT = ZoneInfo("GMT")
# LocalStack asks whether a bucket has the very object
_DEFAULTS = {"encryption_rule": DEFAULT_BUCKET_ENCRYPTION, "public_access_block": DEFAULT_PUBLIC_BLOCK_ACCESS}
# attributes that the index has in columns or rows of their own, or that follow from them
_OWN_COLUMNS = frozenset({"objects", "multiparts", "parts", "object", "file", "position", "is_current", "version_id"})


def dump(thing: object) -> str:
    """The record of a bucket, object, delete marker, upload or part.

    Raises:
        TypeError: an attribute is of a kind that JSON would not bring back.
    """
    values = {name: value for name, value in vars(thing).items() if name not in _OWN_COLUMNS}
    if isinstance(thing, S3Object):
        values["parts"] = thing.parts
    if isinstance(thing, S3Multipart):
        values["object"] = dump(thing.object)
    return dump_plain(values)


def dump_plain(values: object) -> str:
    """Dictionaries (their names texts), lists, texts, numbers and moments as text.

    Raises:
        TypeError: there is something else in it.
    """
    return json.dumps(_encoded(values), ensure_ascii=False, separators=(",", ":"))


def load_plain(text: str) -> Any:
    """What `dump_plain` wrote."""
    return _DECODER.decode(text)


def bucket(text: str, versioned: bool) -> S3Bucket:
    """A bucket without its objects."""
    found: S3Bucket = _made(S3Bucket, load_plain(text))
    found.objects, found.multiparts = VersionedKeyStore() if versioned else KeyStore(), {}
    for name, default in _DEFAULTS.items():
        if getattr(found, name) == default:
            setattr(found, name, default)
    return found


def version(text: str, file: str | None, position: int, version_id: str | None) -> S3Object | S3DeleteMarker:
    """A version of an object; a delete marker where it has no file."""
    found = _made(S3DeleteMarker if file is None else S3Object, load_plain(text))
    found.version_id, found.position = version_id, position
    if file is not None:
        found.file = file
    return found


def upload(text: str) -> S3Multipart:
    """An upload without its parts."""
    values = load_plain(text)
    found: S3Multipart = _made(S3Multipart, values)
    found.object = _made(S3Object, load_plain(values["object"]))
    found.object.version_id, found.object.is_current = None, True
    found.parts = {}
    return found


def part(text: str, file: str) -> S3Part:
    """A part of an upload."""
    found: S3Part = _made(S3Part, load_plain(text))
    found.file = file
    return found


def _made(kind: type, values: dict[str, Any]) -> Any:
    found = kind.__new__(kind)
    vars(found).update(values)
    return found


def _encoded(value: object) -> object:
    match value:
        case None | str() | int() | float():
            return value
        case list():
            return [_encoded(one) for one in value]
        case dict():
            return {_escaped(name): _encoded(one) for name, one in value.items()}
        case datetime():
            return {_MOMENT: value.isoformat()}
    raise TypeError(f"{type(value).__name__} in a record of S3: it would not come back as it was")


def _escaped(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"a name of kind {type(name).__name__} in a record of S3: it would not come back as it was")
    return f"${name}" if name.startswith("$") else name


def _decoded(values: dict[str, Any]) -> Any:
    if _MOMENT in values:
        moment = datetime.fromisoformat(values[_MOMENT])
        return moment if moment.tzinfo is None else moment.astimezone(_GMT)
    return {name.removeprefix("$"): value for name, value in values.items()}


_DECODER = json.JSONDecoder(object_hook=_decoded)
