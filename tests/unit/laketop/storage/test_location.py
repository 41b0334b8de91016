"""Where an object's bytes are."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from laketop.sqlite import Database
from laketop.storage import Layout, Located, NoSuchBucketError, Reader, index, leases, locate, open_index, reading, url
from laketop.storage.index import BucketRow, ObjectRow


@pytest.fixture(autouse=True)
def lake_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAKETOP_STATE", str(tmp_path))
    monkeypatch.delenv("LAKETOP_LOCALSTACK_URL", raising=False)
    monkeypatch.setenv("LAKETOP_PORT", "15000")


def test_url_on_the_endpoint() -> None:
    url = locate("lake", "a/year=2024/part 0.parquet")
    assert url == "http://127.0.0.1:15000/lake/a/year%3D2024/part%200.parquet"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_key_survives(key: str) -> None:
    url = urlsplit(locate("lake", key))
    assert (url.query, url.fragment) == ("", "")
    assert unquote(url.path) == f"/lake/{key}"
    assert not set("*?[]#&") & set(url.path)


def put(database: Database, *keys: str, **more: object) -> None:
    with database.transaction() as tx:
        index.put_bucket(tx, BucketRow("lake", "0", "us-east-1", False, "{}", "{}"))
        for key in keys:
            row = ObjectRow("lake", key, "null", 1, True, key.encode().hex(), len(key), "", 5, True, "{}", "{}")
            index.put_object(tx, row._replace(**more))


def listed(reader: Reader, prefix: str) -> list[str]:
    return [found.key for found in reader.list("lake", prefix)]


def test_an_object_is_its_file(database: Database, layout: Layout) -> None:
    put(database, "a b")
    assert locate("lake", "a b") == layout.file("612062")
    for missing in ("a", "a b/", "A B"):
        assert locate("lake", missing) == url("lake", missing)
    assert locate("other", "a b") == url("other", "a b")


@pytest.mark.parametrize(
    ("more", "there"),
    [
        ({"file": None}, False),
        ({"current": False, "version": "v1"}, False),
        ({"readable": False}, True),
    ],
)
def test_what_a_plain_read_may_not_have_is_a_url(database: Database, more: dict[str, object], there: bool) -> None:
    put(database, "a/b", **more)
    with reading() as reader:
        assert reader
        assert reader.locate("lake", "a/b") == (url("lake", "a/b") if there else None)
        places = [(found.key, found.place) for found in reader.list("lake", "")]
    assert places == ([("a/b", url("lake", "a/b"))] if there else [])
    assert locate("lake", "a/b") == url("lake", "a/b")


@pytest.mark.parametrize("sign", "*?[")
def test_a_folder_that_reads_like_a_pattern_has_urls(
    sign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKETOP_STATE", str(tmp_path / f"x{sign}y"))
    layout = Layout.of(tmp_path / f"x{sign}y")
    layout.make()
    with closing(open_index(layout)) as database:
        put(database, "a")
        assert locate("lake", "a") == url("lake", "a")


def test_a_listing(database: Database, layout: Layout) -> None:
    put(database, "data/b", "data/a", "data", "date/c", "dat", "data/")
    put(database, "data/old", current=False, version="v1")
    put(database, "data/deleted", file=None)
    with reading() as reader:
        assert reader
        assert listed(reader, "data/") == ["data/", "data/a", "data/b"]
        assert listed(reader, "data/c") == []
        assert listed(reader, "") == ["dat", "data", "data/", "data/a", "data/b", "date/c"]
        assert next(reader.list("lake", "data/a")) == Located("data/a", 6, 5, layout.file(b"data/a".hex()))
        with pytest.raises(NoSuchBucketError, match="The specified bucket does not exist: pond"):
            next(reader.list("pond", ""))


borders = st.text(
    st.sampled_from("\x00\x01/a\x7f\x80é\ud7ff\ue000\uffff\U00010000\U0010fffe\U0010ffff"), min_size=1, max_size=4
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    layout = Layout.of(tmp_path_factory.mktemp("shared"))
    layout.make()
    with closing(open_index(layout)) as database:
        yield database


def read_keys(layout: Layout, keys: Iterable[str], database: Database, prefix: str) -> list[str]:
    with database.transaction() as tx:
        index.delete_bucket(tx, "lake")
    put(database, *keys)
    with database.read() as tx:
        return listed(Reader(layout, tx), prefix)


@settings(max_examples=150, deadline=None)
@given(keys=st.sets(borders, max_size=8), prefix=st.just("") | borders)
@example(keys={"a\ud7ff", "a\ud7ffb", "a\ue000", "a"}, prefix="a\ud7ff")
@example(keys={"\U0010ffff", "\U0010ffff\U0010ffff", "a"}, prefix="\U0010ffff")
@example(keys={"a\U0010ffff", "a\U0010ffff\U0010ffff", "b"}, prefix="a\U0010ffff")
@example(keys={"\uffff", "\U00010000"}, prefix="")
def test_listings_are_in_the_order_of_bytes(shared: Database, keys: set[str], prefix: str) -> None:
    expected = sorted((key for key in keys if key.startswith(prefix)), key=str.encode)
    assert read_keys(Layout(Path("/store")), keys, shared, prefix) == expected


def test_no_store_no_reader(tmp_path: Path) -> None:
    with reading() as reader:
        assert reader is None
    assert list(tmp_path.iterdir()) == []


def test_reading_holds_a_lease_and_cannot_write(database: Database, layout: Layout) -> None:
    put(database, "a")
    with reading() as reader:
        assert reader
        assert leases.oldest(layout.readers)
        put(database, "b")
        assert listed(reader, "") == ["a", "b"]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._connection.execute("DELETE FROM objects")
    assert list(layout.readers.iterdir()) == []
