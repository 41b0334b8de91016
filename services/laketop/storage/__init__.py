"""The object store's folders and its index of objects: where the bytes of S3 objects are.

Standard library only: LocalStack's environment uses it as well as the services'. Writing is the plug-in's
(`laketop_localstack.s3`); readers of other processes use `reading` and `locate`.
"""

from laketop.storage.collector import Collector, orphans
from laketop.storage.index import behind, open_index
from laketop.storage.journal import Journal
from laketop.storage.layout import Layout
from laketop.storage.location import Located, NoSuchBucketError, Reader, locate, reading, url
from laketop.storage.tree import Differences, Tree, folds

__all__ = [
    "Collector",
    "Differences",
    "Journal",
    "Layout",
    "Located",
    "NoSuchBucketError",
    "Reader",
    "Tree",
    "behind",
    "folds",
    "locate",
    "open_index",
    "orphans",
    "reading",
    "url",
]
