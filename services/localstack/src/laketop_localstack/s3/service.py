"""The S3 and S3 Control services, as the plug-in offers them to LocalStack.

Starting: what the index says is loaded, the tree is made to show it, and files that no record names are deleted: what a
killed process was about to write, or to delete.
"""

import functools
import logging
import os
import threading
import time
from pathlib import Path

from localstack.aws.skeleton import create_dispatch_table
from localstack.config import INTERNAL_RESOURCE_ACCOUNT
from localstack.services.plugins import Service, aws_provider

from laketop.sqlite import Database
from laketop.storage import Collector, Journal, Layout, Tree, folds, index, open_index, orphans
from laketop_localstack.s3 import memory
from laketop_localstack.s3.files import stamps_after
from laketop_localstack.s3.operations import TOUCHED_BY_CONTROL
from laketop_localstack.s3.provider import Provider
from laketop_localstack.s3.saving import Saving
from laketop_localstack.s3.store import FileStore

LOG = logging.getLogger(__name__)

# LAKETOP_S3_FSYNC → SQLite's setting, and whether bytes are synced too
SYNC = {"none": ("NORMAL", False), "metadata": ("FULL", False), "all": ("FULL", True)}


_opening = threading.Lock()


def opened() -> tuple[FileStore, Saving, Database]:
    """The lake's object store, with LocalStack's records filled from it; one a process, whoever asks first."""
    with _opening:
        return _opened()


@functools.cache
def _opened() -> tuple[FileStore, Saving, Database]:
    began = time.monotonic()
    layout = Layout.of(Path(os.environ["LAKETOP_STATE"]).resolve())
    synchronous, sync_bytes = SYNC[os.environ.get("LAKETOP_S3_FSYNC") or "metadata"]
    layout.make()
    database = open_index(layout, synchronous)
    journal = Journal(database)

    def is_used(file: str) -> bool:
        # settled: a link in the tree whose file was deleted before the link was taken for a stranger's
        with journal.settled(), database.read() as tx:
            return index.is_used(tx, file)

    tree, collector = Tree(layout, folds(layout)), Collector(layout, is_used)
    with database.transaction() as tx:
        # LocalStack keeps functions' code in buckets of its own, and functions end with the process
        index.delete_buckets_of(tx, INTERNAL_RESOURCE_ACCOUNT)
    with database.read() as tx:
        stamps_after(index.last_position(tx))
        memory.load(tx)
        buckets, shown, used = index.buckets(tx), list(index.shown(tx)), index.used_files(tx)
    tree.repair(tree.differences(buckets, shown))
    collector.discard(orphans(layout, used))

    def close() -> None:
        collector.close()
        database.close()

    LOG.info("%d buckets, %d objects read in %.1f s", len(buckets), len(shown), time.monotonic() - began)
    return FileStore(layout, sync_bytes, close), Saving(journal, tree, collector), database


@aws_provider(api="s3", name="laketop")  # type: ignore[untyped-decorator]
def s3() -> Service:
    """S3 with LocalStack's provider over our store."""
    store, saving, database = opened()
    return Service.for_provider(
        Provider(store, database), dispatch_table_factory=lambda provider: saving.wrap(create_dispatch_table(provider))
    )


@aws_provider(api="s3control", name="laketop")  # type: ignore[untyped-decorator]
def s3control() -> Service:
    """S3 Control, whose tags are S3's."""
    from localstack.services.moto import MotoFallbackDispatcher
    from localstack.services.s3control.provider import S3ControlProvider

    _, saving, _ = opened()
    return Service.for_provider(
        S3ControlProvider(),
        dispatch_table_factory=lambda provider: saving.wrap(MotoFallbackDispatcher(provider), TOUCHED_BY_CONTROL),
    )
