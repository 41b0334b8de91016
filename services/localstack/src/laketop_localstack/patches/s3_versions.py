"""S3: which version of a key is the current one.

LocalStack 4.14.0 keeps a key's versions in a dictionary and takes the last for the current one. Where versioning is
suspended, a new `null` version keeps the place of the one that it replaces, so that an older version stays current; on
AWS the new one is. Versions also get the number here that orders them after a restart.

AWS: "Working with objects in a versioning-suspended bucket" of the S3 user guide.
"""

import threading
from typing import Any

from localstack.services.s3.models import VersionedKeyStore

from laketop_localstack.patches.replace import Patched
from laketop_localstack.s3.context import current
from laketop_localstack.s3.files import stamp

MODELS = "localstack.services.s3.models"
PATCHED = (
    Patched(MODELS, "VersionedKeyStore.set", "aa281c35406cb42452c16963135b880f724391739e7a9ef62e27185c36c0c4c4"),
    Patched(MODELS, "VersionedKeyStore.pop", "62f2210295aa4a567b1b36c0ea4718d3f35a5bc651486ee46ffaa33272c1019a"),
)

# one change of versions at a time: the order of numbers is theirs, and what one deletes no other brings back
_changing = threading.Lock()
_pop = VersionedKeyStore.pop


def set_version(self: Any, object_key: str, s3_object: Any) -> None:
    """Make an object or delete marker the current version of a key, in the place of one with its id."""
    with _changing:
        if existing := self.get(object_key):
            existing.is_current = False
        s3_object.position, s3_object.is_current = stamp(), True
        # in one step: who reads meanwhile finds the one or the other
        others = {name: found for name, found in self._store[object_key].items() if name != s3_object.version_id}
        self._store[object_key] = {**others, s3_object.version_id: s3_object}
    current.made(object_key, s3_object.version_id)


def pop_version(self: Any, object_key: str, version_id: str | None = None, default: Any = None) -> Any:
    """Take a version of a key away, as LocalStack does it."""
    with _changing:
        return _pop(self, object_key, version_id, default)


def apply() -> None:
    """Have every store of versions do that."""
    VersionedKeyStore.set, VersionedKeyStore.pop = set_version, pop_version
