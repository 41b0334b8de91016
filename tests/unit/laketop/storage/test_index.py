import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from laketop.sqlite import Database
from laketop.storage import Layout, index, open_index
from laketop.storage.index import BucketRow, ObjectRow, PartRow

LAKE = BucketRow("lake", "000000000000", "us-east-1", True, '{"a":"ä"}', "{}")


def version(key: str = "k", version: str = "null", file: str | None = "f1", **more: object) -> ObjectRow:
    row = ObjectRow("lake", key, version, 1, True, file, 3, "etag", 1_700_000_000_000_001_000, True, "{}", "{}")
    return row._replace(**more)


def rows(tx: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in tx.execute(f"SELECT * FROM {table}")]


def currents(tx: sqlite3.Connection, key: str = "k") -> list[str]:
    return [row["version"] for row in tx.execute("SELECT version FROM objects WHERE key = ? AND current", (key,))]


def test_rows_come_back(database: Database) -> None:
    marker = version("\x00 \U0010ffff", "v2", None, position=7, current=False, size=0, readable=False, tags='{"t":"1"}')
    with database.transaction() as tx:
        index.put_bucket(tx, LAKE)
        assert index.put_object(tx, version()) == set()
        assert index.put_object(tx, marker) == set()
        index.put_upload(tx, "lake", "up", '{"u":1}')
        assert index.put_part(tx, PartRow("lake", "up", 10_000, "p1", "{}")) == set()
    with database.read() as tx:
        assert rows(tx, "buckets") == [LAKE]
        assert {ObjectRow._make(row) for row in rows(tx, "objects")} == {version(), marker}
        assert rows(tx, "uploads") == [("lake", "up", '{"u":1}')]
        assert rows(tx, "parts") == [("lake", "up", 10_000, "p1", "{}")]
        assert index.has_bucket(tx, "lake")
        assert not index.has_bucket(tx, "Lake")
        assert index.buckets(tx) == ["lake"]
        assert index.used_files(tx) == {"f1", "p1"}
        assert [index.is_used(tx, file) for file in ("f1", "p1", "f2")] == [True, True, False]
        assert index.last_position(tx) == 7


def test_an_empty_index(database: Database) -> None:
    with database.read() as tx:
        assert index.last_position(tx) == 0
        assert (index.buckets(tx), index.used_files(tx), list(index.shown(tx))) == ([], set(), [])
        assert index.current_file(tx, "lake", "k") is None


def test_what_replaces_an_object_names_the_file_that_it_replaces(database: Database) -> None:
    with database.transaction() as tx:
        index.put_object(tx, version(file="f1"))
        assert index.put_object(tx, version(file="f1", etag="other")) == set()
        assert index.put_object(tx, version(file="f2")) == {"f1"}
        assert index.put_object(tx, version(version="v2", file="f3")) == set()
        assert index.put_object(tx, version(key="K", file="f4")) == set()
        assert index.put_object(tx, version(file=None)) == {"f2"}
        assert index.put_object(tx, version(file="f5")) == set()
        assert index.delete_object(tx, "lake", "k", "v2") == {"f3"}
        assert index.delete_object(tx, "lake", "k", "v2") == set()
        assert index.delete_object(tx, "other", "k", "null") == set()
        index.put_object(tx, version(version="marker", file=None))
        assert index.delete_object(tx, "lake", "k", "marker") == set()
        assert index.used_files(tx) == {"f4", "f5"}


def test_what_replaces_or_ends_an_upload_names_its_files(database: Database) -> None:
    with database.transaction() as tx:
        for upload in ("one", "two"):
            index.put_upload(tx, "lake", upload, "{}")
        assert index.put_part(tx, PartRow("lake", "one", 1, "p1", "{}")) == set()
        assert index.put_part(tx, PartRow("lake", "one", 1, "p1", "{ }")) == set()
        assert index.put_part(tx, PartRow("lake", "one", 1, "p2", "{}")) == {"p1"}
        index.put_part(tx, PartRow("lake", "one", 2, "p3", "{}"))
        index.put_part(tx, PartRow("lake", "two", 1, "p4", "{}"))
        assert index.delete_upload(tx, "lake", "one") == {"p2", "p3"}
        assert index.delete_upload(tx, "lake", "one") == set()
        assert [row[1] for row in rows(tx, "uploads")] == ["two"]
        assert index.used_files(tx) == {"p4"}


def fill_two_buckets(tx: sqlite3.Connection) -> None:
    for name, account in (("lake", "1"), ("other", "2")):
        index.put_bucket(tx, LAKE._replace(name=name, account=account))
        index.put_object(tx, version(version="v1", file=f"{name}-1", bucket=name, current=False))
        index.put_object(tx, version(version="v2", file=None, bucket=name))
        index.put_upload(tx, name, "up", "{}")
        index.put_part(tx, PartRow(name, "up", 1, f"{name}-2", "{}"))


def counts(tx: sqlite3.Connection) -> dict[str, list[object]]:
    return {table: [row[0] for row in rows(tx, table)] for table in ("buckets", "objects", "uploads", "parts")}


def test_a_bucket_goes_with_all_that_is_in_it(database: Database) -> None:
    with database.transaction() as tx:
        fill_two_buckets(tx)
        assert index.delete_bucket(tx, "lake") == {"lake-1", "lake-2"}
        assert index.delete_bucket(tx, "lake") == set()
        assert counts(tx) == {
            "buckets": ["other"],
            "objects": ["other", "other"],
            "uploads": ["other"],
            "parts": ["other"],
        }


def test_an_accounts_buckets_go(database: Database) -> None:
    with database.transaction() as tx:
        fill_two_buckets(tx)
        index.delete_buckets_of(tx, "2")
        assert set(counts(tx)["buckets"] + counts(tx)["parts"] + counts(tx)["objects"]) == {"lake"}


def test_one_version_is_current(database: Database) -> None:
    with database.transaction() as tx:
        for position, name in enumerate(("v1", "v2", "v3")):
            index.put_object(tx, version(version=name, file=name, position=position, current=True))
        index.put_object(tx, version("other", "v1"))
        index.make_current(tx, "lake", "k", "v2")
        assert currents(tx) == ["v2"]
        assert index.current_file(tx, "lake", "k") == "v2"
        index.make_current(tx, "lake", "k", "v3")
        assert currents(tx) == ["v3"]
        assert currents(tx, "other") == ["v1"]
        index.put_object(tx, version(version="v3", file=None))
        assert index.current_file(tx, "lake", "k") is None
        index.make_current(tx, "lake", "k", "gone")
        assert currents(tx) == []


def test_the_tree_shows_current_objects_in_order(database: Database) -> None:
    with database.transaction() as tx:
        for key in ("b", "a/b", "a", "\U0001f600", "\uffff", "é", "z"):
            index.put_object(tx, version(key, file=f"file of {key}"))
        index.put_object(tx, version("a", "old", "f", current=False))
        index.put_object(tx, version("gone", file=None))
        keys = sorted(("b", "a/b", "a", "\U0001f600", "\uffff", "é", "z"), key=str.encode)
        assert list(index.shown(tx)) == [("lake", key, f"file of {key}") for key in keys]


def test_another_process_sees_what_is_committed(database: Database, layout: Layout) -> None:
    seen = """
import sqlite3, sys
connection = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
for _ in sys.stdin:
    print(connection.execute("SELECT count(*) FROM objects").fetchone()[0], flush=True)
try:
    connection.execute("DELETE FROM objects")
except sqlite3.OperationalError as error:
    print(error)
"""
    with subprocess.Popen(
        [sys.executable, "-c", seen, str(layout.index)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin
        assert reader.stdout

        def count() -> int:
            assert reader.stdin
            assert reader.stdout
            print(file=reader.stdin, flush=True)
            return int(reader.stdout.readline())

        assert count() == 0
        with database.transaction() as tx:
            index.put_object(tx, version())
            assert count() == 0
        assert count() == 1
        reader.stdin.close()
        assert "readonly" in reader.stdout.read()


@pytest.mark.parametrize(("setting", "number"), [("NORMAL", 1), ("FULL", 2)])
def test_how_durable_a_commit_is(layout: Layout, setting: str, number: int) -> None:
    with closing(open_index(layout, setting)) as database, database.read() as tx:
        assert tx.execute("PRAGMA synchronous").fetchone()[0] == number
    with closing(open_index(layout)) as again, again.read() as tx:
        assert tx.execute("PRAGMA synchronous").fetchone()[0] == 1


def test_the_index_is_kept(layout: Layout) -> None:
    with closing(open_index(layout)) as database, database.transaction() as tx:
        index.put_object(tx, version())
    with closing(open_index(layout)) as again, again.read() as tx:
        assert index.current_file(tx, "lake", "k") == "f1"
    assert layout.index == Path(layout.root, ".laketop", "index.db")
