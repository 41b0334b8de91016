"""LocalStack is killed under six writers: what was acknowledged is there, whole, and nothing else is."""

import itertools
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from laketop.storage import Layout, Tree, folds, index, inspection
from tests.contract.localstack_process import LocalStack, wait_for
from tests.ports import free_ports

WRITERS, KEYS, LARGEST = 6, 6, 300_000
SECONDS = 0.8  # of writing before each kill
PLAIN, VERSIONED = "plain", "versioned"
CONFIG = {"retries": {"total_max_attempts": 1}, "s3": {"addressing_style": "path"}, "read_timeout": 30}

type Content = bytes | None  # None: there is no object


@dataclass
class Writer:
    """Writes keys of its own until the server is gone, and remembers what it was told.

    Attributes:
        known: key → what was acknowledged last.
        versions: key → version id → bytes, of what was acknowledged in the bucket with versions.
        under_way: the key, what it had and what it was about to have, when the server went.
    """

    number: int
    known: dict[tuple[str, str], Content] = field(default_factory=dict)
    versions: dict[str, dict[str, bytes]] = field(default_factory=dict)
    under_way: tuple[tuple[str, str], Content, Content] | None = None
    counter: Iterator[int] = field(default_factory=itertools.count)
    done: int = 0

    def write(self, s3: Any, stop: threading.Event) -> None:
        chance = random.Random(f"{self.number} {self.done}")
        while not stop.is_set():
            place = (chance.choice((PLAIN, VERSIONED)), f"writer={self.number}/key-{chance.randrange(KEYS)}")
            operation = chance.choice((self.put, self.put, self.put, self.delete, self.in_parts, self.copy))
            body = random.Random(f"{self.number} {next(self.counter)}").randbytes(chance.choice((10, 5_000, LARGEST)))
            try:
                operation(s3, place, body)
            except (BotoCoreError, ClientError, KeyError):
                return  # the server is gone; it may have gone in the middle of an answer, which then lacks members
            self.done += 1

    def acknowledged(self, place: tuple[str, str], content: Content, answer: dict[str, Any]) -> None:
        self.known[place], self.under_way = content, None
        if place[0] == VERSIONED and content is not None:
            self.versions.setdefault(place[1], {})[answer["VersionId"]] = content

    def begin(self, place: tuple[str, str], content: Content) -> dict[str, str]:
        self.under_way = (place, self.known.get(place), content)
        return {"Bucket": place[0], "Key": place[1]}

    def put(self, s3: Any, place: tuple[str, str], body: bytes) -> None:
        self.acknowledged(place, body, s3.put_object(**self.begin(place, body), Body=body))

    def delete(self, s3: Any, place: tuple[str, str], _: bytes) -> None:
        self.acknowledged(place, None, s3.delete_object(**self.begin(place, None)))

    def copy(self, s3: Any, place: tuple[str, str], _: bytes) -> None:
        for source, content in self.known.items():
            if content is not None and source != place:
                answer = s3.copy_object(**self.begin(place, content), CopySource="/".join(source))
                self.acknowledged(place, content, answer)
                return

    def in_parts(self, s3: Any, place: tuple[str, str], body: bytes) -> None:
        named = self.begin(place, body)
        upload = {**named, "UploadId": s3.create_multipart_upload(**named)["UploadId"]}
        tag = s3.upload_part(**upload, PartNumber=1, Body=body)["ETag"]
        parts = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
        self.acknowledged(place, body, s3.complete_multipart_upload(**upload, MultipartUpload=parts))

    def check(self, s3: Any, versions: int) -> None:
        """What is there is what was acknowledged; of what was under way the old or the new, never a part.

        Of old versions the last so many are read.
        """
        if self.under_way is not None:
            place, before, after = self.under_way
            found = content(s3, *place)
            assert found in (before, after), f"{place}: neither what it was nor what it was to be"
            self.known[place], self.under_way = found, None
        for place, expected in self.known.items():
            assert content(s3, *place) == expected, f"{place} is not what was acknowledged"
        for key, written in self.versions.items():
            for version, expected in list(written.items())[-versions:]:
                answer = s3.get_object(Bucket=VERSIONED, Key=key, VersionId=version)
                assert answer["Body"].read() == expected, f"{key} {version} is not what was acknowledged"


def content(s3: Any, bucket: str, key: str) -> Content:
    try:
        return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return None


def files(layout: Layout) -> set[str]:
    return {name for folder in os.listdir(layout.objects) for name in os.listdir(layout.objects / folder)}


def check_store(layout: Layout) -> None:
    """Every file is an object's or a part's, every object has its file, and the tree shows them."""
    with closing(sqlite3.connect(layout.index)) as tx:
        tx.row_factory = sqlite3.Row
        used, shown, buckets = index.used_files(tx), list(index.shown(tx)), index.buckets(tx)
    wait_for(lambda: files(layout) == used)
    found = inspection.inspect(layout)
    assert found is not None
    assert (found.damaged, found.strange) == ([], [])
    differences = Tree(layout, folds(layout)).differences(buckets, shown)
    assert (differences.missing, differences.stale) == ([], [])
    for bucket, key, file in shown:
        assert Path(layout.bucket(bucket), key).samefile(layout.file(file))


def killed(store: LocalStack, writers: list[Writer], chance: random.Random) -> None:
    """Let the writers write, and kill the server in the middle."""
    stop = threading.Event()
    clients = [store.client("s3", **CONFIG, max_pool_connections=2) for _ in writers]
    threads = [
        threading.Thread(target=writer.write, args=(s3, stop)) for writer, s3 in zip(writers, clients, strict=True)
    ]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS * chance.uniform(0.5, 1.5))
    store.end(signal.SIGKILL)
    stop.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture
def crashing(tmp_path: Path) -> Iterator[LocalStack]:
    nowhere = f"http://127.0.0.1:{free_ports()}"
    store = LocalStack(free_ports(), tmp_path, nowhere, nowhere)
    try:
        store.start()
        yield store
    finally:
        store.close()


@pytest.mark.parametrize("rounds", [20, pytest.param(150, marks=pytest.mark.long)])
def test_killed_under_six_writers(crashing: LocalStack, rounds: int) -> None:
    layout, chance = Layout.of(crashing.state), random.Random(rounds)
    writers = [Writer(number) for number in range(WRITERS)]
    s3 = crashing.client("s3", **CONFIG)
    for bucket in (PLAIN, VERSIONED):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=VERSIONED, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(rounds):
        killed(crashing, writers, chance)
        crashing.start()
        for writer in writers:
            writer.check(s3, versions=3)
        check_store(layout)
    for writer in writers:
        writer.check(s3, versions=1000)
    assert sum(writer.done for writer in writers) > rounds * WRITERS
    assert files(layout)
    for bucket in (PLAIN, VERSIONED):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            listed = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            named = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed]
            s3.delete_objects(Bucket=bucket, Delete={"Objects": named})
        for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        s3.delete_bucket(Bucket=bucket)
    check_store(layout)
    assert files(layout) == set()
