"""Text files: lines, CSV, JSON lines and gzip, against the standard library and pandas."""

import csv
import gzip
import io
import json
import string
import zlib
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse import contracts
from lambdas.file_validator import csv_file, text_lines, unpacking
from lambdas.file_validator.bad_file import BadFileError
from lambdas.file_validator.columns import Schemas
from tests.fixtures.bad_files.lake import document
from tests.fixtures.bad_files.rows import as_csv, as_jsonl, good, packed
from tests.unit.lambdas.file_validator.reading import TRANSACTIONS, contract_of, count

THREE = contract_of(a="string", b="string", c="string")
GOOD = as_csv(good("text"))
# Values that CSV and JSON have to write with care; no line ends, which no row may have.
VALUES = st.text(st.characters(blacklist_characters="\n\r\0", blacklist_categories=["Cs"]), max_size=12)
ROWS = st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=20)
PIECES = st.integers(1, 40)


def code_of(content: bytes, suffix: str = ".csv", **more: Any) -> tuple[str, dict[str, Any]]:
    with pytest.raises(BadFileError) as caught:
        count(content, suffix, **more)
    json.dumps(caught.value.reason(), ensure_ascii=False).encode()
    return caught.value.code, caught.value.details


def outcome(content: bytes, suffix: str, piece: int) -> int | str:
    """The number of rows or the code; any other end is an error."""
    try:
        return count(content, suffix, THREE, piece)
    except BadFileError as bad:
        return bad.code if len(json.dumps(bad.reason(), ensure_ascii=False).encode()) < 50_000 else ""


@settings(deadline=None)
@given(ROWS, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), PIECES)
def test_csv_has_as_many_rows_as_were_written(rows: list[Any], end: str, mark: bool, piece: int) -> None:
    target = io.StringIO()
    csv.writer(target, lineterminator=end).writerows([("a", "b", "c"), *rows])
    content = (b"\xef\xbb\xbf" if mark else b"") + target.getvalue().encode()
    assert count(content, ".csv", THREE, piece) == len(rows)
    assert count(packed(content), ".csv.gz", THREE, piece) == len(rows)
    # pandas as a second opinion: it has no trouble with what the csv module writes
    assert len(pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)) == len(rows)


@settings(deadline=None)
@given(ROWS, st.sampled_from(["\n", "\r\n", "\r", "\n \n"]), st.booleans(), PIECES)
def test_jsonl_has_as_many_rows_as_were_written(rows: list[Any], end: str, mark: bool, piece: int) -> None:
    lines = [json.dumps(dict(zip("abc", row, strict=True)), ensure_ascii=mark) for row in rows]
    content = (b"\xef\xbb\xbf" if mark else b"") + end.join(lines).encode()
    assert count(content, ".jsonl", THREE, piece) == len(rows)
    assert count(packed(content), ".jsonl.gz", THREE, piece) == len(rows)
    # pandas as a second opinion; it takes no line end but LF
    assert len(pd.read_json(io.StringIO("\n".join(lines)), lines=True, dtype=False)) == len(rows)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab\n\r \t\x0b\x85\u2028é€🛒"), max_size=60), PIECES)
def test_lines_are_those_of_universal_newlines(text: str, piece: int) -> None:
    data = text.encode()
    pieces = [data[start : start + piece] for start in range(0, len(data), piece)]
    expected = io.StringIO(text, newline=None).read().split("\n")
    found = list(text_lines.lines(pieces, 10**6))
    assert found == [(number, line) for number, line in enumerate(expected, 1) if line.strip(" \t\x0b")]


@settings(deadline=None)
@given(st.binary(max_size=300), PIECES)
def test_no_bytes_crash_it(content: bytes, piece: int) -> None:
    for suffix in (".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet"):
        for data in (content, packed(content), b"a,b,c\n" + content, b'{"a": ' + content):
            assert outcome(data, suffix, piece)


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=3000), PIECES, st.integers(0, 3))
def test_gzip_is_unpacked_as_python_does(content: bytes, piece: int, cuts: int) -> None:
    size = len(content) // (cuts + 1) + 1
    data = b"".join(gzip.compress(content[at : at + size]) for at in range(0, len(content), size))
    pieces = [data[start : start + piece] for start in range(0, len(data), piece)]
    assert b"".join(unpacking.gunzip(pieces, 10**6)) == content == gzip.decompress(data)


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=300), st.data())
def test_gzip_that_is_cut_off_or_has_more_is_refused(content: bytes, data: st.DataObject) -> None:
    whole = packed(content)
    cut = data.draw(st.integers(1, len(whole) - 1))
    more = data.draw(st.binary(min_size=1, max_size=20).filter(lambda tail: not tail.startswith(b"\x1f")))
    for broken in (whole[:cut], whole + more, whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:]):
        with pytest.raises(BadFileError, match="UNREADABLE_GZIP"):
            list(unpacking.gunzip([broken], 10**6))


def test_a_bomb_is_not_unpacked_to_its_end() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    line = b"a" * (1024 * 1024)
    data = b"".join(packer.compress(line) for _ in range(200)) + packer.flush()
    written = 0
    with pytest.raises(BadFileError, match="ZIP_BOMB"):  # noqa: PT012 - what came before it is counted
        for piece in unpacking.gunzip([data], 10**12):
            written += len(piece)
    assert written <= 17 * 1024 * 1024


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".jsonl", ".jsonl.gz"])
def test_the_contracts_limit_holds_for_the_content(suffix: str) -> None:
    raw = document("transactions")
    limits = {"maxObjectBytes": 10_000, "maxContentBytes": 9_000, "latestBy": "updated_at", "job": "x"}
    custom = [{"property": name, "value": value} for name, value in limits.items()]
    small = contracts.parse(raw | {"schema": [raw["schema"][0] | {"customProperties": custom}]})
    writer = as_csv if "csv" in suffix else as_jsonl
    for rows in (3, 90):
        content = writer(good("limits", rows))
        stored = packed(content) if suffix.endswith(".gz") else content
        if len(content) <= 9_000:
            assert count(stored, suffix, small) == rows
        else:
            code, details = code_of(stored, suffix, contract=small)
            assert code == "TOO_LARGE"
            assert details["limit"] in (9_000, 10_000)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({b",order_id": b", order_id"}, "upper case or spaces"),
        ({b"order_id": b"ORDER_ID"}, "upper case or spaces"),
        ({b"order_id,customer_id": b"customer_id,order_id"}, "in another order"),
        ({b"order_id": b"customer_id"}, "'customer_id' occurs twice"),
        ({b"quantity": b"amount"}, "missing: quantity; unexpected: amount"),
        ({b",": b";"}, "separated by semicolons"),
        ({b",": b"\t"}, "separated by tabs"),
    ],
)
def test_a_wrong_header_is_explained(change: dict[bytes, bytes], said: str) -> None:
    header, rest = GOOD.split(b"\n", 1)
    for old, new in change.items():
        header = header.replace(old, new)
    with pytest.raises(BadFileError, match="WRONG_HEADER") as caught:
        count(header + b"\n" + rest, ".csv")
    assert said in caught.value.message
    assert caught.value.details["expected"] == list(TRANSACTIONS.header)


def test_a_file_without_a_header_is_told() -> None:
    with pytest.raises(BadFileError, match="the header may be missing"):
        count(GOOD.split(b"\n", 1)[1], ".csv")


@pytest.mark.parametrize(
    ("content", "details"),
    [
        (GOOD.decode().encode("utf-16"), {"encoding": "UTF-16LE", "line": 1}),
        (GOOD.decode().encode("utf-16-be"), {"encoding": "UTF-16BE", "line": 1}),
        (GOOD.decode().encode("utf-32"), {"encoding": "UTF-32LE", "line": 1}),
        (GOOD.replace(b"DE", b"\xd6"), {"encoding": "ISO-8859-1 (Latin-1)", "line": 2, "position": GOOD.index(b"DE")}),
        (GOOD.replace(b"\n", b"\r\n") + b"\r\r\n\x93", {"encoding": "Windows-1252", "line": 6}),
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_another_encoding_is_named(content: bytes, details: dict[str, Any], piece: int) -> None:
    code, found = code_of(content, piece=piece)
    assert (code, {name: found[name] for name in details}) == ("NOT_UTF8", details)


@pytest.mark.parametrize("piece", [1, 7, 10_000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_the_line_of_a_fault_is_named(end: bytes, piece: int) -> None:
    blank = end + b" " + end
    for tail, code in ((b"a\0b", "NUL_CHARACTER"), (b'"a' + end + b'b"', "EMBEDDED_NEWLINE")):
        content = GOOD.replace(b"\n", end) + blank + tail + end + b"x"
        found, details = code_of(content, piece=piece)
        assert (found, details["line"]) == (code, 6)
    lines = as_jsonl(good("lines")).replace(b"\n", end) + blank
    for line, code in ((b"[]", "MALFORMED_JSON"), (b"{}", "MISSING_FIELD"), (b'{"x": 1}', "UNKNOWN_FIELD")):
        found, details = code_of(lines + line + end + lines, ".jsonl", piece=piece)
        assert (found, details["line"]) == (code, 5)


def test_an_open_quote_does_not_collect_the_rest_of_the_file() -> None:
    def pieces() -> Any:
        yield b'a,b,c\n"'
        yield b'x","y\n' * 100
        raise AssertionError("it read on")

    with pytest.raises(BadFileError, match="EMBEDDED_NEWLINE"):
        csv_file.count_rows(text_lines.lines(pieces(), 10**6), Schemas(THREE))


def test_other_contracts_are_asked_only_where_the_columns_are_wrong() -> None:
    def others() -> Any:
        raise AssertionError("asked")

    assert count(GOOD, ".csv", others=others) == 2
    with pytest.raises(AssertionError, match="asked"):
        count(GOOD.replace(b"quantity", b"x"), ".csv", others=others)


@pytest.mark.parametrize("name", ["products", "transactions"])
def test_the_other_dataset_is_named(name: str) -> None:
    mine = {"products": "transactions", "transactions": "products"}[name]
    every = [contracts.parse(document(other)) for other in ("clickstream", "reviews", name)]
    for suffix, content in ((".csv", as_csv(good("o", dataset=name))), (".jsonl", as_jsonl(good("o", dataset=name)))):
        contract = contracts.parse(document(mine))
        code, details = code_of(content, suffix, contract=contract, others=lambda: every)
        assert (code, details) == ("OTHER_DATASET", {"expected": mine, "found": name})


@pytest.mark.parametrize("pieces", [[b"a\n" + b"x" * (1024 * 1024 + 1) + b"\nb"], [b"a\nx", b"x" * 1024 * 1024]])
def test_a_line_may_be_as_long_as_a_mebibyte(pieces: list[bytes]) -> None:
    with pytest.raises(BadFileError, match="line 2 has more than 1048576 characters"):
        list(text_lines.lines(pieces, 10**9))
    assert list(text_lines.lines([b"x" * 1024 * 1024], 10**9)) == [(1, "x" * 1024 * 1024)]


def test_a_text_may_be_as_long_as_its_limit() -> None:
    assert list(text_lines.lines([b"ab", b"c"], 3)) == [(1, "abc")]
    with pytest.raises(BadFileError, match="TOO_LARGE"):
        list(text_lines.lines([b"ab", b"cd"], 3))


def test_a_reason_is_small_whatever_the_file_is() -> None:
    header = ",".join(string.ascii_letters * 300) + "," + "y" * 100_000
    _, details = code_of(header.encode())
    assert len(json.dumps(details)) < 50_000


def test_a_reason_can_be_written_as_utf8() -> None:
    line = b'{"a": "1", "\\ud800": 1}\n'
    code, details = code_of(line, ".jsonl", contract=THREE)
    assert (code, details["unexpected"]) == ("UNKNOWN_FIELD", ["?"])


def test_a_code_that_nobody_explains_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="'ODD' is no reason"):
        BadFileError("ODD", "message")
