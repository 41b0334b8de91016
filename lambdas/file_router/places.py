"""Where a landing file goes: keys in the raw zone, in the batch, and in quarantine. Pure functions of the upload."""

import hashlib
import re
from collections.abc import Mapping

_TAG = 8  # digits in a name: enough to tell two files of one second and one name apart
_LONGEST = 150  # characters of the old name that are kept, of its end: a key has at most 1,024 bytes
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_DATASET = re.compile(r"[a-z][a-z0-9_]{0,63}")


def kept_name(upload: Mapping[str, str], prefix: str) -> str:
    """The name of a landing file in its new place, e.g. `180500-1a2b3c4d-shop.csv`: arrival, upload, old name.

    Only letters, digits, dots, dashes and underscores stay: a path with `*` or `{` in it would be a pattern to Spark.
    The suffix stays, by which the job chooses its reader.

    Args:
        upload: `bucket`, `key` and `version` of the landing object, and its `time`, ISO 8601 in UTC.
        prefix: the prefix of the landing zone and the dataset, which the new place has of its own.
    """
    clock = upload["time"][11:19].replace(":", "")
    identity = "\n".join(upload[name] for name in ("bucket", "key", "version"))
    tag = hashlib.sha256(identity.encode()).hexdigest()[:_TAG]
    return f"{clock}-{tag}-{_UNSAFE.sub('-', upload['key'].removeprefix(prefix))[-_LONGEST:]}"


def raw_key(dataset: str, time: str, name: str) -> str:
    """The key of an accepted file in the raw zone."""
    return f"{dataset}/ingest_date={time[:10]}/{name}"


def note_key(dataset: str, time: str, name: str) -> str:
    """The key of the note that adds an accepted file to the next batch."""
    return f"batches/{dataset}/open/{time[:10]}-{name}.json"


def quarantine_key(dataset: str, time: str, name: str) -> str:
    """The key of a refused file in the quarantine bucket; a folder that can't be a dataset's name is `unknown`."""
    return f"files/{dataset if _DATASET.fullmatch(dataset) else 'unknown'}/ingest_date={time[:10]}/{name}"
