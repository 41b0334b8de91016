"""Types, keys and rules inferred from files; and that no value is lost in the type inferred for it."""

import csv
import gzip
import importlib.resources
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.tools import inference, naming, reading
from contracts.tools.naming import NameRefusedError
from contracts.tools.profiles import Number, Profile
from contracts.tools.reading import FileRefusedError
from lakehouse import contracts


def of(*values: str | None, name: str = "a") -> Profile:
    profile = Profile(name)
    for value in values:
        profile.add(value)
    return profile


def looked_at(path: Path) -> dict[str, str]:
    return {item.name: item.type for item in reading.profile(path)[0]}


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@cache
def standard() -> Any:
    schema = json.loads((importlib.resources.files("open_data_contract_standard") / "schema.json").read_text())
    return jsonschema.validators.validator_for(schema)(schema)


def checked(profiles: Sequence[Profile], rows: int = 3) -> dict[str, Any]:
    """The contract of some columns, once the standard and the pipeline have taken it."""
    document = inference.document("flights", profiles, rows, "me@example.com", "flights.csv")
    assert [f"{error.json_path}: {error.message}" for error in standard().iter_errors(document)] == []
    contracts.parse(document)
    return document


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (["1", "-2147483648", "2147483647"], "int"),
        (["2147483648"], "bigint"),
        (["-9223372036854775808", "9223372036854775807"], "bigint"),
        (["9223372036854775808"], "decimal(38,0)"),
        (["1" * 39], "string"),
        (["0", "7", None], "int"),
        (["007"], "string"),  # a post code, say
        (["+7"], "string"),
        (["1 000"], "string"),
        (["1,5"], "string"),
        (["1.5", "20", "-0.25"], "decimal(10,2)"),
        (["12345678.90"], "decimal(10,2)"),
        (["123456789.90"], "decimal(18,2)"),
        (["1234567890123456789.5"], "decimal(38,1)"),
        (["0.123456789"], "decimal(10,9)"),
        (["52.5200065999"], "double"),
        (["0.1", "1e-7"], "double"),
        (["1e400"], "string"),
        (["0.1234567890123456789"], "decimal(38,19)"),  # more digits than a double has
        (["12345678901234567890123456789.1234567890"], "string"),
        (["NaN", "1.5"], "string"),
        (["true", "FALSE", "True"], "boolean"),
        (["true", "1"], "string"),
        (["yes", "no"], "string"),
        (["2026-01-31", "2024-02-29"], "date"),
        (["2026-02-30"], "string"),
        (["20260131"], "int"),
        (["2026-01-31 18:04:21", "2026-01-31T18:04:21.123456"], "timestamp"),
        (["2026-01-31 24:00:00"], "string"),
        (["2026-01-31T18:04:21Z"], "string"),
        (["2026-01-31 18:04:21.1234567"], "string"),
        (["2026-01-31", "2026-01-31 18:04:21"], "string"),
        ([None, None], "string"),
        (["a"], "string"),
        (["٣"], "string"),
    ],
)
def test_types(values: list[str | None], type_: str) -> None:
    assert of(*values).type == type_


def test_strings_of_json_are_no_numbers() -> None:
    def json_of(*values: str | None) -> str:
        profile = Profile("a")
        for value in values:
            profile.add_json(value)
        return profile.type

    assert json_of(Number("1"), None) == "int"
    assert json_of("1") == "string"
    assert json_of(Number("1"), "2") == "string"
    assert json_of("2026-01-31") == "date"


def fits(type_: str, text: str, value: Any) -> bool:
    """Whether a value is the same after it was read from a text as a type of Hive."""
    if type_.startswith("decimal"):
        precision, scale = map(int, type_.removeprefix("decimal(").rstrip(")").split(","))
        found = pa.array([Decimal(text)], pa.decimal128(precision, scale))[0].as_py()
        return bool(type(value)(found) == value)
    arrow = {"int": pa.int32(), "bigint": pa.int64(), "double": pa.float64(), "boolean": pa.bool_()}
    arrow |= {"date": pa.date32(), "timestamp": pa.timestamp("us"), "string": pa.string()}
    found = pa.array([text], pa.string()).cast(arrow[type_])[0].as_py()
    return bool(found == (text if type_ == "string" else value))


known = st.one_of(
    st.tuples(st.just(pa.int64()), st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=5)),
    st.tuples(st.just(pa.float64()), st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1)),
    st.tuples(st.just(pa.bool_()), st.lists(st.booleans(), min_size=1)),
    st.tuples(st.just(pa.date32()), st.lists(st.dates(date(1900, 1, 1)), min_size=1)),
    st.tuples(
        st.just(pa.timestamp("us")),
        st.lists(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), min_size=1),
    ),
    st.tuples(
        st.just(pa.decimal128(20, 6)),
        st.lists(st.decimals(-(10**13), 10**13, places=6, allow_nan=False), min_size=1),
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(known)
def test_what_pyarrow_writes_is_held_exactly(column: tuple[Any, list[Any]]) -> None:
    type_, values = column
    sink = io.BytesIO()
    pyarrow.csv.write_csv(pa.table({"a": pa.array(values, type_)}), sink)
    texts = [row[0] for row in csv.reader(sink.getvalue().decode().splitlines()[1:])]
    found = of(*texts).type
    assert found != "string"
    for text, value in zip(texts, values, strict=True):
        assert fits(found, text, value), (found, text)


SAME: dict[str, Callable[[str], bool]] = {
    "int": lambda text: str(int(text)) == text,
    "bigint": lambda text: str(int(text)) == text,
    "decimal": lambda text: Decimal(text) == Decimal(text).normalize() and text.isascii(),
    "double": lambda text: Decimal(repr(float(text))) == Decimal(text),
    "boolean": lambda text: text.lower() in ("true", "false"),
    "date": lambda text: date.fromisoformat(text).isoformat() == text,
    "timestamp": lambda text: datetime.fromisoformat(text).isoformat(sep=text[10])[:19] == text[:19],
    "string": lambda text: True,
}


@given(st.lists(st.text("0123456789-+.eE :Ttrue", min_size=1, max_size=20), min_size=1, max_size=3))
def test_no_text_changes_by_its_type(values: list[str]) -> None:
    found = of(*values).type.partition("(")[0]
    assert all(SAME[found](text) for text in values), found


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ({"code": "ab", "flight_id": "12"}, ["flight_id"]),
        ({"code": "ab", "flight_id": "11"}, ["code"]),
        ({"x": "aa", "y": "11"}, ["x", "y"]),
        ({"at": ("2026-01-01", "2026-01-02"), "x": "aa"}, ["at", "x"]),  # a date is no name of a thing
        ({"x": ("a", None), "id": ("1", "2")}, ["id"]),
        ({"x": ("a", None)}, ["x"]),
    ],
)
def test_keys(columns: dict[str, Any], key: list[str]) -> None:
    assert inference.key_of([of(*values, name=name) for name, values in columns.items()]) == key


DAY, SECOND = "2026-01-31", "2026-01-31 18:04:21"


@pytest.mark.parametrize(
    ("columns", "latest", "month"),
    [
        ({"id": ["1"], "at": [SECOND], "updated_at": [SECOND]}, "updated_at", "at"),
        ({"id": ["1"], "last_modified": [DAY]}, "last_modified", "last_modified"),
        ({"id": ["1"], "day": [DAY], "at": [SECOND]}, "at", "at"),
        ({"id": ["1", "2"], "day": [DAY, DAY], "at": [SECOND, None]}, "day", "day"),
        ({"id": ["1", "2"], "at": [SECOND, None]}, "at", None),
        ({"id": ["1"], "n": ["2"]}, "id", None),
    ],
)
def test_times(columns: dict[str, list[str | None]], latest: str, month: str | None) -> None:
    profiles = [of(*values, name=name) for name, values in columns.items()]
    contract = contracts.parse(checked(profiles))
    assert contract.latest_by == latest
    derived = [(column.name, column.derived) for column in contract.partitions]
    assert derived == ([(f"{month}_month", f"date_format({month}, 'yyyy-MM')")] if month else [])


def test_a_month_that_the_file_has_already() -> None:
    profiles = [of(SECOND, name="at"), of("x", name="at_month")]
    assert [column.name for column in contracts.parse(checked(profiles)).columns] == ["at", "at_month", "at_month_part"]


@pytest.mark.parametrize(
    ("values", "allowed"),
    [
        (["no", "yes"] * 20, ("no", "yes")),
        (["no", "yes"] * 19, ()),  # twenty rows for each value are needed
        ([str(number) for number in (1, 2)] * 20, ()),  # whole numbers are counted, not listed
        ([f"v{number}" for number in range(13)] * 20, ()),
        (["x" * 51] * 40, ()),
        (["a", None] * 20, ("a",)),
    ],
)
def test_allowed_values(values: list[str | None], allowed: tuple[str, ...]) -> None:
    profiles = [of(*map(str, range(len(values))), name="id"), of(*values, name="state")]
    assert contracts.parse(checked(profiles)).columns[1].allowed == allowed


def test_a_whole_contract() -> None:
    profiles = [
        of("F-1", "F-2", "F-3", name="flight_id"),
        of("10.5", "20", None, name="price"),
        of(SECOND, SECOND, SECOND, name="departed_at"),
    ]
    contract = contracts.parse(checked(profiles))
    assert (contract.dataset, contract.job, contract.owner) == ("flights", "flights_etl", "me@example.com")
    assert (contract.key, contract.latest_by) == (("flight_id",), "departed_at")
    assert contract.header == ("flight_id", "price", "departed_at")
    assert [(column.name, column.type, column.required) for column in contract.columns] == [
        ("flight_id", "string", True),
        ("price", "decimal(10,1)", False),
        ("departed_at", "timestamp", True),
        ("departed_at_month", "string", True),
    ]
    properties = {item["name"]: item for item in checked(profiles)["schema"][0]["properties"]}
    assert properties["flight_id"]["examples"] == ["F-1", "F-2"]
    assert properties["departed_at_month"]["examples"] == ["2026-01"]
    assert (contract.max_object_bytes, contract.max_content_bytes) == (536870912, 4294967296)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), st.lists(st.text(max_size=5))))
def test_any_columns_make_a_contract(columns: dict[str, list[str]]) -> None:
    profiles = [of(*values, name=name) for name, values in columns.items()] or [of("1")]
    checked(profiles)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_csv(tmp_path: Path, suffix: str) -> None:
    content = '\ufeffid,name,born\r\n1,"a, ""b""",2026-01-31\r\n\r\n2,,2026-02-01\r\n'.encode()
    path = write(tmp_path / f"a{suffix}", gzip.compress(content) if suffix.endswith("gz") else content)
    profiles, rows, whole = reading.profile(path)
    assert [(item.name, item.type, item.missing) for item in profiles] == [
        ("id", "int", 0),
        ("name", "string", 1),
        ("born", "date", 0),
    ]
    assert profiles[1].examples == ['a, "b"']
    assert (rows, whole) == (2, True)


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_jsonl(tmp_path: Path, suffix: str) -> None:
    lines = ['{"id": 1, "price": 10.50, "ok": true, "zip": "01"}', "", '{"id": 2, "late": "2026-01-31", "ok": null}']
    content = "\n".join(lines).encode()
    path = write(tmp_path / f"a{suffix}", gzip.compress(content) if suffix.endswith("gz") else content)
    profiles, rows, _ = reading.profile(path)
    assert [(item.name, item.type, item.missing) for item in profiles] == [
        ("id", "int", 0),
        ("price", "decimal(10,2)", 1),
        ("ok", "boolean", 1),
        ("zip", "string", 1),
        ("late", "date", 1),
    ]
    assert rows == 2


def test_parquet(tmp_path: Path) -> None:
    table = pa.table(
        {
            "small": pa.array([1, 2], pa.int16()),
            "big": pa.array([1, None], pa.int64()),
            "unsigned": pa.array([1, 2], pa.uint64()),
            "half": pa.array([0.5, 1.5], pa.float32()),
            "money": pa.array([Decimal("1.20"), None], pa.decimal128(12, 2)),
            "ok": pa.array([True, False]),
            "born": pa.array([date(2026, 1, 31)] * 2),
            "seen_at": pa.array([datetime(2026, 1, 31, 18, 4, 21)] * 2, pa.timestamp("ns")),
            "zoned_at": pa.array([datetime(2026, 1, 31, 18, 4, 21, tzinfo=UTC)] * 2, pa.timestamp("ms", "UTC")),
            "word": pa.array(["a", ""]).dictionary_encode(),
            "nothing": pa.nulls(2),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    profiles, rows, whole = reading.profile(tmp_path / "a.parquet")
    assert {item.name: (item.type, item.missing) for item in profiles} == {
        "small": ("int", 0),
        "big": ("bigint", 1),
        "unsigned": ("decimal(20,0)", 0),
        "half": ("double", 0),
        "money": ("decimal(12,2)", 1),
        "ok": ("boolean", 0),
        "born": ("date", 0),
        "seen_at": ("timestamp", 0),
        "zoned_at": ("timestamp", 0),
        "word": ("string", 1),
        "nothing": ("string", 2),
    }
    assert {item.name: item.examples for item in profiles}["seen_at"] == ["2026-01-31 18:04:21"]
    assert {item.name: item.examples for item in profiles}["ok"] == ["true", "false"]
    assert (rows, whole) == (2, True)
    checked(profiles)


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (pa.array([[1]]), "column a: a contract has no type for list"),
        (pa.array([{"x": 1}]), "column a: a contract has no type for struct"),
        (pa.array([b"x"]), "column a: a contract has no type for binary"),
        (pa.array([1], pa.timestamp("ns")), "cannot be read as Parquet: .*lose data"),
    ],
)
def test_parquet_columns_without_a_type(tmp_path: Path, column: Any, says: str) -> None:
    pq.write_table(pa.table({"a": column}), tmp_path / "a.parquet")
    with pytest.raises(FileRefusedError, match=says):
        reading.profile(tmp_path / "a.parquet")


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_only_some_rows_are_looked_at(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    if suffix == "parquet":
        pq.write_table(pa.table({"n": list(range(10))}), path)
    else:
        lines = [f'{{"n": {n}}}' if suffix == "jsonl" else str(n) for n in range(10)]
        write(path, "\n".join(["n", *lines] if suffix == "csv" else lines))
    profiles, rows, whole = reading.profile(path, rows=4)
    assert (profiles[0].present, rows, whole) == (4, 4, False)
    assert reading.profile(path, rows=10)[1:] == (10, True)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "", "a.csv is empty"),
        ("a.csv", "\n \n", "has blank lines only; a header and rows are needed"),
        ("a.csv", "id,name\n", "has no rows"),
        ("a.csv", "1,2026-01-31\n", "the first line has to be a header"),
        ("a.csv", "id,id\n1,2\n", "the header has 'id' more than once"),
        ("a.csv", "id,\n1,2\n", "A header that would do: id,column_2"),
        ("a.csv", "Flight No,fromCity,order\n1,2,3\n", "A header that would do: flight_no,from_city,order_value"),
        ("a.csv", "id,name\n1,2\n3\n", "row 2: 1 values, but the header has 2 names"),
        ("a.csv", 'id,name\n1,"a\nb"\n', "row 1: a quoted value goes over more than one line"),
        ("a.csv", 'id,name\n1,"a" b\n', "line 2: no CSV"),
        ("a.csv", b"id\n\xff\n", "is not UTF-8"),
        ("a.csv", "id\n1\n".encode("utf-16"), "is not UTF-8"),
        ("a.csv.gz", b"no gzip at all", "cannot be decompressed"),
        ("a.csv.gz", gzip.compress(b"id\n1\n" * 99, mtime=0)[:-9], "cannot be decompressed to its end"),
        ("a.txt", "id\n1\n", "the name says no format; it has to end with .csv, "),
        ("a.parquet.gz", "x", "the name says no format"),
        ("a.parquet", "PAR1", "cannot be read as Parquet"),
        ("a.jsonl", "\n\n", "has no rows"),
        ("a.jsonl", "{", "line 1: no JSON"),
        ("a.jsonl", "[1]", "line 1: a JSON object with members is needed"),
        ("a.jsonl", '{"a": 1}\n{"a": 1, "a": 2}', "line 2: an object has a member twice"),
        ("a.jsonl", '{"a": NaN}', "line 1: NaN is no JSON"),
        ("a.jsonl", '{"a": {"b": 1}}', "line 1, a: a nested value"),
        ("a.jsonl", '{"A": 1}', "A header that would do: a"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, name: str, content: str | bytes, says: str) -> None:
    with pytest.raises((FileRefusedError, NameRefusedError), match=says) as caught:
        reading.profile(write(tmp_path / name, content))
    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["flights", "a", "a1_b", "x" * 61])
def test_names_that_do(name: str) -> None:
    naming.check_dataset(name)


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("Flights", "flights"),
        ("my-data", "my_data"),
        ("1st", "c_1st"),
        ("table", "table_value"),
        ("../x", "x"),
        ("x" * 62, "x" * 61),
        ("größe", "gr_e"),
    ],
)
def test_names_that_do_not(name: str, better: str) -> None:
    with pytest.raises(NameRefusedError, match=f"try '{better}'"):
        naming.check_dataset(name)
    naming.check_dataset(better)


def test_a_name_of_which_nothing_is_left() -> None:
    with pytest.raises(NameRefusedError, match="choose another name"):
        naming.check_dataset("!")
