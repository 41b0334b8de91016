"""The Parquet reader against Arrow, which writes the files and reads their metadata by code that is not ours."""

import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.file_validator import parquet_file
from lambdas.file_validator import thrift_compact as thrift
from lambdas.file_validator.bad_file import BadFileError
from lambdas.file_validator.columns import Schemas
from lambdas.file_validator.parquet_footer import Footer
from lambdas.file_validator.parquet_types import fits, stored
from lambdas.file_validator.thrift_compact import Reader, ThriftError
from tests.fixtures.bad_files.rows import parquet
from tests.unit.lambdas.file_validator.reading import TRANSACTIONS, Stored, contract_of

# Arrow type → Hive types that such a column can be, all of those that contracts have being tried.
HIVE = ("string", "int", "bigint", "double", "boolean", "date", "timestamp", "decimal(10,2)", "decimal(38,10)")
FITTING: dict[pa.DataType, set[str]] = {
    pa.string(): {"string"},
    pa.large_string(): {"string"},
    pa.binary(): set(),
    pa.binary(8): set(),
    pa.int8(): {"int", "bigint"},
    pa.int16(): {"int", "bigint"},
    pa.int32(): {"int", "bigint"},
    pa.int64(): {"bigint"},
    pa.uint8(): {"int", "bigint"},
    pa.uint16(): {"int", "bigint"},
    pa.uint32(): {"bigint"},
    pa.uint64(): set(),
    pa.float16(): set(),
    pa.float32(): {"double"},
    pa.float64(): {"double"},
    pa.bool_(): {"boolean"},
    pa.date32(): {"date"},
    pa.date64(): {"date"},
    pa.timestamp("s"): {"timestamp"},
    pa.timestamp("ms"): {"timestamp"},
    pa.timestamp("us", "UTC"): {"timestamp"},
    pa.timestamp("ns"): set(),
    pa.time32("ms"): set(),
    pa.time64("us"): set(),
    pa.decimal128(10, 2): {"decimal(10,2)", "decimal(38,10)"},
    pa.decimal128(8, 0): {"decimal(10,2)", "decimal(38,10)"},
    pa.decimal128(10, 0): {"decimal(38,10)"},
    pa.decimal128(10, 3): {"decimal(38,10)"},
    pa.decimal128(38, 2): set(),
    pa.decimal256(50, 2): set(),
    pa.null(): set(),
}
NESTED = (pa.list_(pa.int32()), pa.struct([("x", pa.int32())]), pa.map_(pa.string(), pa.int32()))
SCHEMAS = st.lists(st.sampled_from([*FITTING, *NESTED]), min_size=1, max_size=8)
CODECS = st.sampled_from(["none", "snappy", "gzip", "zstd", "lz4"])


def write(table: pa.Table, **options: Any) -> bytes:
    target = io.BytesIO()
    pq.write_table(table, target, **options)
    return target.getvalue()


def footer_of(content: bytes) -> bytes:
    return content[-8 - int.from_bytes(content[-8:-4], "little") : -8]


def count(content: bytes, **columns: str) -> int:
    return parquet_file.count_rows(Stored(content).read_range, len(content), Schemas(contract_of(**columns)))


def refused(content: bytes, **columns: str) -> BadFileError:
    with pytest.raises(BadFileError) as caught:
        count(content, **columns or {"a": "bigint"})
    return caught.value


@settings(deadline=None)
@given(SCHEMAS, st.integers(0, 30), st.integers(1, 12), CODECS, st.sampled_from(["1.0", "2.4", "2.6"]), st.booleans())
def test_a_footer_is_read_as_arrow_reads_it(
    kinds: list[pa.DataType], rows: int, group: int, codec: str, version: str, integers: bool
) -> None:
    table = pa.table({f"c{number}": pa.nulls(rows, kind) for number, kind in enumerate(kinds)})
    content = write(table, row_group_size=group, compression=codec, version=version, store_decimal_as_integer=integers)
    expected, found = pq.read_metadata(io.BytesIO(content)), Footer(footer_of(content))
    assert found.rows == expected.num_rows == rows
    assert [column.name for column in found.columns] == table.column_names
    flat = [not pa.types.is_nested(kind) for kind in kinds]
    assert [column.type is not None for column in found.columns] == flat
    groups = list(found.row_groups())
    assert len(groups) == expected.num_row_groups
    for number, one in enumerate(groups):
        theirs = expected.row_group(number)
        assert (one["rows"], len(one["chunks"])) == (theirs.num_rows, theirs.num_columns)
        for place, chunk in enumerate(one["chunks"]):
            column, data = theirs.column(place), chunk["data"]
            assert ".".join(data["path"]) == column.path_in_schema
            assert (data["values"], data["packed"], data["unpacked"], data["data_page"]) == (
                column.num_values,
                column.total_compressed_size,
                column.total_uncompressed_size,
                column.data_page_offset,
            )
            assert data.get("dictionary_page") == column.dictionary_page_offset
            assert parquet_file._CODECS[data["codec"]].replace("LZ4_RAW", "LZ4") == column.compression
    if all(flat):
        physical = [expected.schema.column(place).physical_type for place in range(len(kinds))]
        assert [column.type.physical for column in found.columns if column.type] == physical


@pytest.mark.parametrize("kind", FITTING, ids=str)
@pytest.mark.parametrize("rows", [0, 2])
def test_which_types_fit(kind: pa.DataType, rows: int) -> None:
    content = write(pa.table({"a": pa.nulls(rows, kind)}))
    for hive in HIVE:
        if hive not in FITTING[kind]:
            assert refused(content, a=hive).code == "WRONG_TYPE"
        elif rows:
            assert count(content, a=hive) == rows
        else:
            assert refused(content, a=hive).code == "NO_ROWS"


@pytest.mark.parametrize("version", ["1.0", "2.6"])
@pytest.mark.parametrize("integers", [True, False])
def test_decimals_of_every_storage_fit(version: str, integers: bool) -> None:
    for precision in (1, 9, 10, 18, 19, 38):
        table = pa.table({"a": pa.nulls(1, pa.decimal128(precision, 0))})
        content = write(table, version=version, store_decimal_as_integer=integers)
        assert count(content, a=f"decimal({precision},0)") == 1
        assert count(content, a="decimal(38)") == 1


@pytest.mark.parametrize(
    ("element", "hive", "fitting"),
    [
        # Converted types alone, as writers before logical types have them (parquet.thrift, ConvertedType).
        ({"type": 6, "converted_type": 0}, "string", True),
        ({"type": 6, "converted_type": 4}, "string", True),
        ({"type": 6}, "string", False),
        ({"type": 1, "converted_type": 17}, "int", True),
        ({"type": 1, "converted_type": 13}, "int", False),
        ({"type": 2, "converted_type": 18}, "bigint", True),
        ({"type": 2, "converted_type": 14}, "bigint", False),
        ({"type": 2, "converted_type": 9}, "timestamp", True),
        ({"type": 2, "converted_type": 10}, "timestamp", True),
        ({"type": 2}, "timestamp", False),
        ({"type": 3}, "timestamp", True),
        ({"type": 1, "converted_type": 6}, "date", True),
        ({"type": 1, "converted_type": 7}, "int", False),
        ({"type": 1, "converted_type": 99}, "int", False),
        ({"type": 1, "converted_type": 5, "precision": 9, "scale": 2}, "decimal(10,2)", True),
        ({"type": 1, "converted_type": 5, "precision": 10, "scale": 2}, "decimal(10,2)", False),
        ({"type": 2, "converted_type": 5, "precision": 10, "scale": 2}, "decimal(10,2)", True),
        ({"type": 6, "converted_type": 5, "precision": 10, "scale": 2}, "decimal(10,2)", True),
        ({"type": 7, "type_length": 4, "converted_type": 5, "precision": 9, "scale": 2}, "decimal(10,2)", True),
        ({"type": 7, "type_length": 4, "converted_type": 5, "precision": 10, "scale": 2}, "decimal(10,2)", False),
        ({"type": 7, "type_length": -4, "converted_type": 5, "precision": 1, "scale": 0}, "decimal(10,2)", False),
        ({"type": 7, "converted_type": 5, "precision": 1, "scale": 0}, "decimal(10,2)", False),
        ({"type": 1, "converted_type": 5}, "decimal(10,2)", False),
        ({"type": 1, "converted_type": 5, "precision": 2, "scale": 3}, "decimal(10,2)", False),
        ({"type": 2, "logical": {"timestamp": {"unit": {}}}}, "timestamp", False),
        ({"type": 2, "logical": {"timestamp": {}}}, "timestamp", False),
        ({"type": 7, "logical": {"uuid": True}}, "string", False),
    ],
)
def test_older_annotations(element: dict[str, Any], hive: str, fitting: bool) -> None:
    assert fits(hive, stored(element)) is fitting
    assert str(stored(element))


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_as_a_footer_are_read_or_refused(noise: bytes) -> None:
    content = b"PAR1" + noise + len(noise).to_bytes(4, "little") + b"PAR1"
    assert refused(content).code in ("UNREADABLE_PARQUET", "WRONG_HEADER", "ENCRYPTED_PARQUET")


@settings(deadline=None)
@given(st.data())
def test_a_changed_footer_never_crashes_it(data: st.DataObject) -> None:
    content = bytearray(parquet("fuzz"))
    start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(start, len(content) - 9))] = data.draw(st.integers(0, 255))
    stored_file = Stored(bytes(content))
    try:
        rows = parquet_file.count_rows(stored_file.read_range, stored_file.size, Schemas(TRANSACTIONS))
    except BadFileError as bad:
        rows = len(json.dumps(bad.reason()))
    assert 0 < rows < 50_000
    assert all(start >= 0 and start + length <= stored_file.size for start, length in stored_file.ranges)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_skipped_or_refused(noise: bytes) -> None:
    for kind in range(16):
        reader = Reader(noise)
        try:
            reader.skip(kind)
        except ThriftError:
            continue
        assert 0 <= reader.position <= len(noise)


def test_nesting_and_sizes_are_bounded() -> None:
    deep = {thrift.STRUCT: b"\x1c", thrift.LIST: b"\x19", thrift.MAP: b"\x01\xbb"}
    for kind, noise in deep.items():
        with pytest.raises(ThriftError, match="nested more than 32 deep"):
            Reader(noise * 10_000).skip(kind)
    for kind, noise in ((thrift.LIST, b"\xf9\xff\xff\xff\xff\x07"), (thrift.MAP, b"\xff\xff\xff\x07\x55")):
        with pytest.raises(ThriftError, match="is announced, more than there are bytes"):
            Reader(noise).skip(kind)
    with pytest.raises(ThriftError, match="has no end"):
        Reader(b"\xff" * 20).varint()


# Values by hand from the specification: zigzag 0 → 0, 1 → -1, 2 → 1; 300 is 0xAC 0x02 as ULEB128.
@pytest.mark.parametrize(
    ("data", "value"), [(b"\0", 0), (b"\1", -1), (b"\2", 1), (b"\xac\x02", 150), (b"\xfe\xff\xff\xff\x0f", 2**31 - 1)]
)
def test_numbers(data: bytes, value: int) -> None:
    assert Reader(data).zigzag() == value


def test_values_that_nobody_wants_are_passed_over() -> None:
    # 1: true, 2: byte 5, 3: double, 4: list of two booleans, 5: map {i32: binary}, 6: struct {}, 7: uuid, 8: i32 = 1
    data = (
        (b"\x11\x13\x05\x17" + b"\0" * 8 + b"\x19\x21\x01\x02\x1b\x01\x58\x02\x01x\x1c\x00\x1d")
        + b"\0" * 16
        + b"\x15\x02\x00"
    )
    assert thrift.read_struct(Reader(data), {8: thrift.integer("it")}) == {"it": 1}
    everything = {number: thrift.present(f"f{number}") for number in range(1, 7)}
    assert set(thrift.read_struct(Reader(data), everything)) == {f"f{number}" for number in range(1, 7)}
    with pytest.raises(ThriftError, match="is of type 5, or comes twice"):
        thrift.read_struct(Reader(data), {8: thrift.text("it")})
    with pytest.raises(ThriftError, match="is of type 5, or comes twice"):
        thrift.read_struct(Reader(b"\x15\x02\x05\x02\x02\x00"), {1: thrift.integer("it")})
    assert thrift.read_struct(Reader(b"\x13\xff\x00"), {1: thrift.integer("it")}) == {"it": -1}


def test_only_the_footer_is_asked_for() -> None:
    table = pa.table({"a": pa.array(range(200_000), pa.int64())})
    content = write(table, row_group_size=100_000, use_dictionary=False, compression="none")
    kept = Stored(content)
    assert parquet_file.count_rows(kept.read_range, kept.size, Schemas(contract_of(a="bigint"))) == 200_000
    assert sum(length for _, length in kept.ranges) <= 64 * 1024 + 4
    many = write(pa.table({"a": pa.array(range(3000), pa.int64())}), row_group_size=1)
    kept = Stored(many)
    assert parquet_file.count_rows(kept.read_range, kept.size, Schemas(contract_of(a="bigint"))) == 3000
    assert kept.ranges[-1] == (len(many) - 8 - len(footer_of(many)), len(footer_of(many)))


def test_a_row_group_that_lacks_is_noticed() -> None:
    content = write(pa.table({"a": pa.array([1, 2, 3], pa.int64())}))
    short = write(pa.table({"a": pa.array([1, 2], pa.int64())}))
    # The number of rows is the third field of the footer: 3 in zigzag is 6, 2 is 4; both files have one row group.
    broken = content[: -8 - len(footer_of(content))] + footer_of(content).replace(b"\x16\x06\x19", b"\x16\x04\x19", 1)
    broken += content[-8:]
    assert "says that it has 2 rows, and its row groups have 3" in refused(broken).message
    assert count(short, a="bigint") == 2


def test_wherever_it_is_cut_off() -> None:
    content = write(pa.table({"a": pa.array(range(100), pa.int64())}))
    assert count(content, a="bigint") == 100
    assert {refused(content[:size]).code for size in range(len(content))} == {"UNREADABLE_PARQUET"}


def _set(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda chunk: chunk | {"data": chunk["data"] | changes}


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (_set(values=7), "UNREADABLE_PARQUET", "it has 7 values for 3 rows"),
        (_set(path=["b"]), "UNREADABLE_PARQUET", "another column"),
        (_set(type=1), "UNREADABLE_PARQUET", "another column"),
        (_set(packed=-1), "UNREADABLE_PARQUET", "outside of the file's data"),
        (_set(packed=10**6), "UNREADABLE_PARQUET", "outside of the file's data"),
        (_set(unpacked=-5), "UNREADABLE_PARQUET", "outside of the file's data"),
        (_set(data_page=3, dictionary_page=0), "UNREADABLE_PARQUET", "outside of the file's data"),
        (_set(dictionary_page=-8), "UNREADABLE_PARQUET", "outside of the file's data"),
        (_set(unpacked=10**13), "TOO_LARGE", "split the file"),
        (_set(codec=3), "UNSUPPORTED_COMPRESSION", "LZO"),
        (_set(codec=99), "UNSUPPORTED_COMPRESSION", "number 99"),
        (lambda chunk: chunk | {"file": "other.parquet"}, "UNREADABLE_PARQUET", "in another file"),
        (lambda chunk: chunk | {"encryption": True}, "ENCRYPTED_PARQUET", "without encryption"),
        (lambda chunk: {}, "UNREADABLE_PARQUET", "it does not say type, path"),
    ],
)
def test_what_a_row_group_may_not_say(
    monkeypatch: pytest.MonkeyPatch, change: Callable[..., Any], code: str, said: str
) -> None:
    content = write(pa.table({"a": pa.array([1, 2, 3], pa.int64())}))
    read = Footer.row_groups

    def changed(footer: Footer) -> Any:
        return ({**group, "chunks": [change(chunk) for chunk in group["chunks"]]} for group in read(footer))

    monkeypatch.setattr(Footer, "row_groups", changed)
    bad = refused(content)
    assert bad.code == code
    assert said in bad.message


def test_encrypted_columns_under_a_plain_footer_are_refused() -> None:
    # Field 8 of the footer, an (empty) union, after the last one of a footer that Arrow wrote: 7, the columns' orders.
    content = write(pa.table({"a": pa.array([1], pa.int64())}))
    footer = footer_of(content)
    assert footer.endswith(b"\0")
    longer = footer[:-1] + b"\x1c\x00" + b"\0"
    broken = content[: -8 - len(footer)] + longer + len(longer).to_bytes(4, "little") + b"PAR1"
    assert refused(broken).code == "ENCRYPTED_PARQUET"


@pytest.mark.parametrize("kind", NESTED, ids=str)
def test_nested_columns_are_refused(kind: pa.DataType) -> None:
    content = write(pa.table({"a": pa.nulls(1, kind), "b": pa.nulls(1, pa.int64())}))
    bad = refused(content, a="string", b="bigint")
    assert (bad.code, bad.details) == ("NESTED_COLUMN", {"column": "a"})


def test_a_column_twice_is_refused() -> None:
    content = write(pa.Table.from_arrays([pa.array([1]), pa.array([1])], names=["a", "a"]))
    assert "one occurs twice" in refused(content).message
