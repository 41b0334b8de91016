"""What `s3_helper` does on any S3: run on a mock by tests/unit, on the lake's own store by tests/contract."""

import gzip
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lakehouse import s3_helper
from tests.contract.lakehouse.clients import Clients

PART = 5 * 1024 * 1024  # the smallest that S3 takes
BIG = bytes(range(256)) * (4 * 1024 * 11 + 3)  # 11 MiB and a little: three parts


def test_bytes_come_back(clients: Clients) -> None:
    etag = s3_helper.write_bytes(clients.s3, clients.uri("a/ä b+c.bin"), b"\x00\xff")
    assert s3_helper.read_bytes(clients.s3, clients.uri("a/ä b+c.bin")) == b"\x00\xff"
    assert etag == f'"{hashlib.md5(b"\x00\xff").hexdigest()}"'


def test_json_comes_back(clients: Clients) -> None:
    s3_helper.write_json(clients.s3, clients.uri("a.json"), {"größe": 1})
    assert s3_helper.read_json(clients.s3, clients.uri("a.json")) == {"größe": 1}
    assert json.loads(s3_helper.read_bytes(clients.s3, clients.uri("a.json"))) == {"größe": 1}
    assert clients.s3.head_object(Bucket=clients.bucket, Key="a.json")["ContentType"] == "application/json"


def test_what_is_no_json_is_named(clients: Clients) -> None:
    s3_helper.write_bytes(clients.s3, clients.uri("a.json"), b"{")
    with pytest.raises(ValueError, match=f"{clients.uri('a.json')} is no JSON: Expecting"):
        s3_helper.read_json(clients.s3, clients.uri("a.json"))


def test_a_missing_object_is_named(clients: Clients, tmp_path: Path) -> None:
    missing = clients.uri("none/x")
    for call in (
        lambda: s3_helper.read_bytes(clients.s3, missing),
        lambda: s3_helper.read_json(clients.s3, missing),
        lambda: list(s3_helper.stream_lines(clients.s3, missing)),
        lambda: s3_helper.download(clients.s3, missing, tmp_path / "x"),
        lambda: s3_helper.copy(clients.s3, missing, clients.uri("y")),
        lambda: s3_helper.move(clients.s3, missing, clients.uri("y")),
    ):
        with pytest.raises(s3_helper.ObjectNotFoundError, match=missing) as caught:
            call()
        assert caught.value.uri == missing
        assert caught.value.code in ("NoSuchKey", "404")
    assert list(tmp_path.iterdir()) == []
    assert s3_helper.find(clients.s3, missing) is None


def test_a_missing_bucket_is_another_error(clients: Clients) -> None:
    with pytest.raises(s3_helper.S3Error, match=r"write s3://no-such-bucket-here-17/x: .*NoSuchBucket") as caught:
        s3_helper.put_if_absent(clients.s3, "s3://no-such-bucket-here-17/x", b"")
    assert caught.value.code == "NoSuchBucket"
    with pytest.raises(s3_helper.S3Error, match="list s3://no-such-bucket-here-17/"):
        list(s3_helper.list_keys(clients.s3, "s3://no-such-bucket-here-17/"))


def test_a_listing_says_what_is_there(clients: Clients) -> None:
    began = datetime.now(UTC) - timedelta(seconds=2)
    for key, body in (("in/b", b"12"), ("in/a/c", b""), ("inner", b"1")):
        s3_helper.write_bytes(clients.s3, clients.uri(key), body)
    found = list(s3_helper.list_objects(clients.s3, clients.uri("in/")))
    assert [(item.uri, item.key, item.size) for item in found] == [
        (clients.uri("in/a/c"), "in/a/c", 0),
        (clients.uri("in/b"), "in/b", 2),
    ]
    assert found[1].etag == f'"{hashlib.md5(b"12").hexdigest()}"'
    assert began <= found[1].modified <= datetime.now(UTC) + timedelta(seconds=2)
    assert s3_helper.find(clients.s3, clients.uri("in/b")) == found[1]


def test_lines_of_any_length_and_end(clients: Clients) -> None:
    long = "ü" * 100_000
    s3_helper.write_bytes(clients.s3, clients.uri("a.txt"), f"one\r\ntwo\rthree\n\n{long}".encode())
    assert list(s3_helper.stream_lines(clients.s3, clients.uri("a.txt"))) == ["one", "two", "three", "", long]


def test_lines_of_a_compressed_object(clients: Clients) -> None:
    lines = [f"line {number}" for number in range(50_000)]
    s3_helper.write_bytes(clients.s3, clients.uri("a.txt.gz"), gzip.compress("\n".join(lines).encode()))
    assert list(s3_helper.stream_lines(clients.s3, clients.uri("a.txt.gz"))) == lines
    s3_helper.write_bytes(clients.s3, clients.uri("b.txt.gz"), gzip.compress(b"x" * 99)[:-9])
    with pytest.raises(EOFError):
        list(s3_helper.stream_lines(clients.s3, clients.uri("b.txt.gz")))


def test_the_first_writer_wins(clients: Clients) -> None:
    uri = clients.uri("locks/one")
    etag = s3_helper.put_if_absent(clients.s3, uri, b"first")
    assert etag == f'"{hashlib.md5(b"first").hexdigest()}"'
    assert s3_helper.put_if_absent(clients.s3, uri, b"second") is None
    assert s3_helper.read_bytes(clients.s3, uri) == b"first"


def test_of_many_writers_one_wins(clients: Clients) -> None:
    uri = clients.uri("locks/many")
    with ThreadPoolExecutor(8) as pool:
        etags = list(pool.map(lambda n: s3_helper.put_if_absent(clients.s3, uri, b"%d" % n), range(8)))
    (winner,) = [number for number, etag in enumerate(etags) if etag]
    assert s3_helper.read_bytes(clients.s3, uri) == b"%d" % winner


def test_replaced_only_as_it_was_read(clients: Clients) -> None:
    uri = clients.uri("state")
    old = s3_helper.write_bytes(clients.s3, uri, b"1")
    new = s3_helper.put_if_match(clients.s3, uri, b"2", old)
    assert new == f'"{hashlib.md5(b"2").hexdigest()}"'
    assert s3_helper.put_if_match(clients.s3, uri, b"3", old) is None
    assert s3_helper.read_bytes(clients.s3, uri) == b"2"
    clients.s3.delete_object(Bucket=clients.bucket, Key="state")
    assert s3_helper.put_if_match(clients.s3, uri, b"4", new) is None
    assert s3_helper.find(clients.s3, uri) is None


def test_files_in_parts_with_progress(clients: Clients, tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(BIG)
    sent: list[tuple[int, int]] = []
    uri = s3_helper.upload(
        clients.s3, tmp_path / "big.bin", clients.uri("in/"), progress=lambda *step: sent.append(step), part=PART
    )
    assert uri == clients.uri("in/big.bin")
    assert sent[-1] == (len(BIG), len(BIG))
    assert [done for done, _ in sent] == sorted(done for done, _ in sent)
    found = s3_helper.find(clients.s3, uri)
    assert found is not None
    assert found.size == len(BIG)
    assert found.etag.endswith('-3"')  # three parts
    got: list[tuple[int, int]] = []
    copied = clients.uri("copy.bin")
    s3_helper.copy(clients.s3, uri, copied, progress=lambda *step: got.append(step), part=PART)
    assert got[-1] == (len(BIG), len(BIG))
    got.clear()
    (tmp_path / "out").mkdir()
    path = s3_helper.download(clients.s3, copied, tmp_path / "out", progress=lambda *step: got.append(step), part=PART)
    assert path == tmp_path / "out" / "copy.bin"
    assert path.read_bytes() == BIG
    assert got[-1] == (len(BIG), len(BIG))
    assert [item.name for item in (tmp_path / "out").iterdir()] == ["copy.bin"]


def test_an_empty_file(clients: Clients, tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    s3_helper.upload(clients.s3, tmp_path / "a", clients.uri("empty"))
    assert s3_helper.download(clients.s3, clients.uri("empty"), tmp_path / "b" / "c").read_bytes() == b""


def test_folders_there_and_back(clients: Clients, tmp_path: Path) -> None:
    files = {"a.txt": b"1", "deep/er/b.txt": b"22", "deep/ü.txt": b""}
    for name, body in files.items():
        (tmp_path / "from" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "from" / name).write_bytes(body)
    told: list[tuple[int, int]] = []
    sent = s3_helper.upload_folder(
        clients.s3, tmp_path / "from", clients.uri("up"), progress=lambda *step: told.append(step)
    )
    assert sent == [clients.uri(f"up/{name}") for name in sorted(files)]
    assert told[-1] == (3, 3)
    s3_helper.write_bytes(clients.s3, clients.uri("up/marker/"), b"")
    s3_helper.write_bytes(clients.s3, clients.uri("upper"), b"not below")
    paths = s3_helper.download_folder(clients.s3, clients.uri("up"), tmp_path / "to")
    assert {path.relative_to(tmp_path / "to").as_posix(): path.read_bytes() for path in paths} == files


@pytest.mark.parametrize("keys", [["up/../../out"], ["up/a//b"], ["up/a", "up/a/b"], ["up/x/"]])
def test_keys_that_are_no_files(clients: Clients, tmp_path: Path, keys: list[str]) -> None:
    for key in ("up/0", *keys):
        s3_helper.write_bytes(clients.s3, clients.uri(key), b"content")
    with pytest.raises(ValueError, match=clients.uri("up/")):
        s3_helper.download_folder(clients.s3, clients.uri("up"), tmp_path / "to")
    assert list(tmp_path.iterdir()) == []


def test_moved(clients: Clients) -> None:
    s3_helper.write_bytes(clients.s3, clients.uri("old"), b"x")
    s3_helper.move(clients.s3, clients.uri("old"), clients.uri("new"))
    assert list(s3_helper.list_keys(clients.s3, clients.uri())) == ["new"]
    with pytest.raises(ValueError, match="is source and target; nothing was done"):
        s3_helper.move(clients.s3, clients.uri("new"), clients.uri("new"))
    assert s3_helper.read_bytes(clients.s3, clients.uri("new")) == b"x"


def test_delete_prefix_deletes_all_pages_and_nothing_else(clients: Clients) -> None:
    def put(number: int) -> None:
        clients.s3.put_object(Bucket=clients.bucket, Key=f"day=1/{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(1001)))
    s3_helper.write_bytes(clients.s3, clients.uri("day=10/0"), b"")
    assert s3_helper.delete_prefix(clients.s3, clients.uri("day=1/")) == 1001
    assert list(s3_helper.list_keys(clients.s3, clients.uri())) == ["day=10/0"]
    assert s3_helper.delete_prefix(clients.s3, clients.uri("day=1/")) == 0
