"""Jars are fetched here by a Java that only copies files: what is tested is what is done with them."""

import hashlib
import json

import pytest

from laketop.spark import jars, java

FILES = {
    "org/example/one/1.0/one-1.0.jar": b"first",
    "org/apache/iceberg/runtime/2/runtime-2.jar": b"second",
}


def _line(path, data):
    return f"{path} {hashlib.sha256(data).hexdigest()} {len(data)}\n"


@pytest.fixture
def lock(tmp_path):
    file = tmp_path / "jars.lock"
    file.write_text("".join(_line(path, data) for path, data in FILES.items()))
    return file


@pytest.fixture
def setup(tmp_path, monkeypatch, lock):
    """Calls `ensure`; returns what it reported. `served` is what the repository answers, by file name."""
    home, pyspark, served = tmp_path / "java", tmp_path / "pyspark", tmp_path / "served"
    served.mkdir()
    for path, data in FILES.items():
        (served / path.rpartition("/")[2]).write_bytes(data)
    (home / "bin").mkdir(parents=True)
    (pyspark / "jars").mkdir(parents=True)
    (pyspark / "jars" / "ivy-2.5.3.jar").touch()
    # The last argument is Ivy's pattern, whose folder is where the files go.
    (home / "bin" / "java").write_text(
        f'#!/bin/sh\nfor last; do :; done\ntarget=$(dirname "$last")\nmkdir -p "$target"\n'
        f"echo run >> {tmp_path}/calls\n"
        f'[ -e {tmp_path}/offline ] && echo ":: UNRESOLVED DEPENDENCIES" && exit 1\ncp {served}/* "$target"\n'
    )
    (home / "bin" / "java").chmod(0o755)
    monkeypatch.setattr(java, "find", lambda: java.Java(home, "17"))
    monkeypatch.setattr(jars, "pyspark_folder", lambda _python: pyspark)

    def ensure():
        said = []
        jars.ensure(tmp_path / "tools", tmp_path / "python", said.append, lock)
        return said

    return ensure


def _placed(tmp_path):
    folder = tmp_path / "tools" / "jars"
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.jar")}


def test_the_committed_lock_has_37_jars_and_only_icebergs_lies_apart():
    all_jars = jars.read_lock(jars.LOCK.read_text())
    assert len(all_jars) == 37
    assert [jar.name for jar in all_jars if jar.folder == "iceberg"] == ["iceberg-spark-runtime-4.1_2.13-1.11.0.jar"]
    assert 67_000_000 < sum(jar.size for jar in all_jars) < 68_500_000


def test_places_each_jar_once_and_stays_silent_then(setup, tmp_path):
    assert "2 fetched and checked" in setup()[-1]
    assert _placed(tmp_path) == {"spark/one-1.0.jar": b"first", "iceberg/runtime-2.jar": b"second"}
    assert setup() == []
    assert (tmp_path / "calls").read_text() == "run\n"


@pytest.mark.parametrize("damage", ["missing", "short", "extra"])
def test_repairs_what_was_touched(setup, tmp_path, damage):
    setup()
    folder = tmp_path / "tools" / "jars" / "spark"
    match damage:
        case "missing":
            (folder / "one-1.0.jar").unlink()
        case "short":
            (folder / "one-1.0.jar").write_bytes(b"x")
        case "extra":
            (folder / "stranger.jar").touch()
    assert setup() != []
    assert _placed(tmp_path) == {"spark/one-1.0.jar": b"first", "iceberg/runtime-2.jar": b"second"}


def test_a_wrong_hash_is_an_error_and_nothing_is_kept(setup, tmp_path):
    (tmp_path / "served" / "one-1.0.jar").write_bytes(b"wrong")
    with pytest.raises(jars.JarsError, match=r"one-1\.0\.jar is not the file that jars\.lock names"):
        setup()
    assert _placed(tmp_path) == {}
    assert jars.fingerprint(tmp_path / "tools") == ""


def test_a_failed_fetch_keeps_what_was_there(setup, tmp_path, lock):
    setup()
    lock.write_text(lock.read_text() + "\n")
    (tmp_path / "offline").touch()
    with pytest.raises(jars.JarsError, match=r"UNRESOLVED DEPENDENCIES.*try again"):
        setup()
    assert _placed(tmp_path) == {"spark/one-1.0.jar": b"first", "iceberg/runtime-2.jar": b"second"}


def test_a_jar_that_does_not_come_is_named(setup, tmp_path):
    (tmp_path / "served" / "one-1.0.jar").unlink()
    with pytest.raises(jars.JarsError, match=r"org\.example:one:1\.0 was not downloaded"):
        setup()


def test_the_stamp_is_the_hash_of_the_lock(setup, tmp_path, lock):
    setup()
    stamp = json.loads((tmp_path / "tools" / "jars" / "stamp.json").read_text())
    assert stamp["lock"] == hashlib.sha256(lock.read_bytes()).hexdigest() == jars.fingerprint(tmp_path / "tools")


@pytest.mark.parametrize(
    "line",
    [
        "one.jar abc",
        "a/b/1/b-1.jar short 5",
        f"a/b/1/c-1.jar {'0' * 64} 5",
        f"b-1.jar {'0' * 64} 5",
        "a/b/1/b-1.jar x y",
    ],
)
def test_a_malformed_lock_is_refused(line):
    with pytest.raises(jars.JarsError, match=r"jars\.lock"):
        jars.read_lock(line)


def test_two_jars_of_one_name_are_refused():
    text = _line("a/b/1/b-1.jar", b"x") + _line("c/b/1/b-1.jar", b"y")
    with pytest.raises(jars.JarsError, match="two jars"):
        jars.read_lock(text)
