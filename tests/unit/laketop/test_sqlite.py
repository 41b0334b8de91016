import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laketop.sqlite import Database, NestedTransactionError, SchemaError

PARENT = "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT) STRICT"
CHILD = "CREATE TABLE child (parent INTEGER NOT NULL REFERENCES parent (id)) STRICT"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "folder" / "x.db"


@pytest.fixture
def database(path):
    database = Database(path, [PARENT, CHILD])
    yield database
    database.close()


def names(database):
    with database.read() as tx:
        return [row["name"] for row in tx.execute("SELECT name FROM parent ORDER BY id")]


def add(database, name):
    with database.transaction() as tx:
        tx.execute("INSERT INTO parent (name) VALUES (?)", (name,))


def test_a_change_is_kept(database, path):
    add(database, "a")
    database.close()
    again = Database(path, [PARENT, CHILD])
    assert names(again) == ["a"]
    again.close()


def test_a_change_that_fails_is_undone(database):
    def fail():
        with database.transaction() as tx:
            tx.execute("INSERT INTO parent (name) VALUES ('a')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names(database) == []
    add(database, "b")
    assert names(database) == ["b"]


def test_the_pragmas_hold(database):
    with database.read() as tx:
        found = [
            tx.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 1, 30_000]
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as tx:
        tx.execute("INSERT INTO child VALUES (7)")


@pytest.mark.parametrize(("synchronous", "number"), [("OFF", 0), ("NORMAL", 1), ("FULL", 2), (None, 1)])
def test_how_durable_a_commit_is_in_every_connection(path, synchronous, number):
    database = Database(path, [PARENT], *filter(None, [synchronous]))

    def found(barrier):
        with database.read() as tx:
            barrier.wait(10)
            return tx.execute("PRAGMA synchronous").fetchone()[0]

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(found, [threading.Barrier(3)] * 3)) == [number] * 3
    with database.transaction() as tx:
        assert tx.execute("PRAGMA synchronous").fetchone()[0] == number
    database.close()


def test_writing_while_reading_fails(database):
    with pytest.raises(sqlite3.OperationalError, match="readonly"), database.read() as tx:
        tx.execute("INSERT INTO parent (name) VALUES ('a')")
    add(database, "b")
    assert names(database) == ["b"]


def test_a_read_sees_one_state(database):
    add(database, "a")
    with database.read() as tx:
        before = tx.execute("SELECT count(*) FROM parent").fetchone()[0]
        writer = threading.Thread(target=add, args=(database, "b"))
        writer.start()
        writer.join()
        assert tx.execute("SELECT count(*) FROM parent").fetchone()[0] == before == 1
    assert names(database) == ["a", "b"]


def test_a_read_inside_a_change_sees_the_change(database):
    with database.transaction() as tx:
        tx.execute("INSERT INTO parent (name) VALUES ('a')")
        assert names(database) == ["a"]


def test_a_change_inside_a_change_or_read_is_refused(database):
    for outer in (database.transaction, database.read):
        with pytest.raises(NestedTransactionError), outer(), database.transaction():
            pytest.fail("opened")
    add(database, "a")
    assert names(database) == ["a"]


def test_threads_count_together(database):
    def increase(_):
        with database.transaction() as tx:
            count = tx.execute("SELECT count(*) FROM parent").fetchone()[0]
            tx.execute("INSERT INTO parent (id, name) VALUES (?, 'x')", (count + 1,))
        return len(names(database))

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(increase, range(100)))
    assert len(names(database)) == 100
    assert max(seen) == 100


def test_listeners_hear_of_commits_only(database):
    heard = []
    database.after_commit(lambda: heard.append(names(database)))
    add(database, "a")
    with pytest.raises(ZeroDivisionError), database.transaction():
        raise ZeroDivisionError
    assert heard == [["a"]]


def test_a_closed_database_says_so(database):
    with database.read():
        database.close()
    with pytest.raises(sqlite3.ProgrammingError, match=r"x\.db: the database is closed"):
        names(database)


def test_new_tables_are_added_to_a_file_that_lacks_them(path):
    Database(path, [PARENT]).close()
    later = Database(path, ["CREATE TABLE earlier (x) ", PARENT, CHILD])
    with later.transaction() as tx:
        tx.execute("INSERT INTO parent (id) VALUES (1)")
        tx.execute("INSERT INTO child VALUES (1)")
        tx.execute("INSERT INTO earlier VALUES (1)")
    later.close()


def test_a_file_of_another_version_is_refused(path):
    Database(path, [PARENT, CHILD]).close()
    changed = PARENT.replace("name TEXT", "title TEXT")
    with pytest.raises(SchemaError, match=r"x\.db was made by another version of Laketop \('CREATE TABLE parent'"):
        Database(path, [changed, CHILD])
    kept = Database(path, [PARENT, CHILD])
    assert names(kept) == []
    kept.close()


def test_a_schema_is_applied_whole_or_not_at_all(path):
    with pytest.raises(sqlite3.OperationalError):
        Database(path, [PARENT, "CREATE TABLE broken ("])
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    raw.close()


def test_a_file_that_is_no_database_is_refused(path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        Database(path, [PARENT])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=5), st.booleans()), max_size=8))
def test_what_was_committed_is_there_and_nothing_else(tmp_path_factory, changes):
    database = Database(tmp_path_factory.mktemp("db") / "x.db", [PARENT])
    expected = []
    for name, fails in changes:
        try:
            with database.transaction() as tx:
                tx.execute("INSERT INTO parent (name) VALUES (?)", (name,))
                if fails:
                    raise ZeroDivisionError
            expected.append(name)
        except ZeroDivisionError:
            continue
    assert names(database) == expected
    database.close()
