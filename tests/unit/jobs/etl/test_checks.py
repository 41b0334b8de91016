"""Random rows of all types against the contract's checks written once more, in plain Python."""

import json
import math
import random
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from lakehouse import contracts
from lakehouse.contracts import Column
from lakehouse.etl.files import read_files
from lakehouse.etl.rows import transform
from tests.unit.jobs.etl.lake import Lake, document, property_

# PySpark leaves the sockets by which results come to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

ROWS = 6000
DOCUMENT = document(
    [
        property_("id", key=True, pattern="^ID-[0-9]{1,3}$"),
        property_("name", minLength=2, maxLength=5),
        property_("colour", allowed=["red", "green", "b|ue"], required=True),
        property_("tiny", "tinyint"),
        property_("count", "int", minimum=1, maximum=100, required=True),
        property_("big", "bigint", exclusiveMinimum=-5),
        property_("price", "decimal(6,2)", exclusiveMinimum=0, maximum=1000),
        property_("ratio", "decimal(3,3)"),
        property_("weight", "double", minimum=0, exclusiveMinimum=0),
        property_("active", "boolean", required=True),
        property_("day", "date"),
        property_("at", "timestamp", required=True),
        property_("month", required=True, partitioned=True, transformLogic="date_format(day, 'yyyy-MM')"),
    ]
)
THINGS = contracts.parse(DOCUMENT)

# Texts that are mostly right, then texts of which many are wrong.
RIGHT: dict[str, list[str]] = {
    "id": [f"ID-{number}" for number in range(400)],
    "name": ["ab", "äöü", "😀😀😀", "abcde"],
    "colour": ["red", "green", "b|ue"],
    "tiny": ["0", "-128", "127"],
    "count": ["1", "100", "+7", "007"],
    "big": ["-4", "9223372036854775807"],
    "price": ["0.01", "1000", "999.9", "12.50"],
    "ratio": ["0.125", "-0.999", "0"],
    "weight": ["0.5", "1e3", "1E-300", "5."],
    "active": ["true", "False"],
    "day": ["2026-01-31", "2024-02-29", "1582-10-10", "0001-01-01", "9999-12-31"],
    "at": ["2026-01-31 10:00:00", "2026-01-31T23:59:59.999999", "1900-01-01 00:00:00"],
}
WRONG = [
    *("", " ", "0", "-5", "1", "101", "128", "1.0", "1e3", "1.005", "1000.01", "10000.00", "2147483648"),
    *("9223372036854775808", "NaN", "Infinity", "1e999", "-0.0", "1,5", "0x1", "red ", "RED", "red\n", "ID-1\n", "ID-"),
    *(
        "xID-1",
        "a",
        "abcdef",
        "😀",
        "t",
        "yes",
        "TRUE",
        "2026-02-30",
        "2026-13-01",
        "31.01.2026",
        "2026-01-31 24:00:00",
    ),
    *("2026-01-31 10:00", "2026-01-31 10:00:00Z", "2026-01-31 10:00:60", "99999-01-01", "null", "٣", "\\", '"', "a\tb"),
]


def of_int(low: int, high: int) -> Callable[[str], Any]:
    def value(text: str) -> int | None:
        fits = re.fullmatch(r"[+-]?[0-9]+", text) and len(text.lstrip("+-")) <= len(str(high))
        return int(text) if fits and low <= int(text) <= high else None

    return value


def of_decimal(precision: int, scale: int) -> Callable[[str], Any]:
    def value(text: str) -> Decimal | None:
        if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) or len(text.partition(".")[2]) > scale:
            return None
        whole = max(precision - scale, 1)
        number = Decimal(text)
        digits = len(text.lstrip("+-").partition(".")[0])
        return number if digits <= whole and abs(number) < 10 ** (precision - scale) else None

    return value


def of_double(text: str) -> float | None:
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        return None
    return float(text) if math.isfinite(float(text)) else None


def of_date(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date() if re.fullmatch("[0-9-]{10}", text) else None
    except ValueError:
        return None


def of_timestamp(text: str) -> datetime | None:
    day, clock = text[:10], text[11:]
    known = text[10:11] in (" ", "T") and re.fullmatch(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?", clock)
    try:
        found = datetime.strptime(f"{day} {clock[:8]}", "%Y-%m-%d %H:%M:%S") if known else None
    except ValueError:
        return None
    return found.replace(microsecond=int(clock[9:].ljust(6, "0"))) if found else None


VALUES: dict[str, Callable[[str], Any]] = {
    "string": str,
    "tinyint": of_int(-(2**7), 2**7 - 1),
    "int": of_int(-(2**31), 2**31 - 1),
    "bigint": of_int(-(2**63), 2**63 - 1),
    "decimal(6,2)": of_decimal(6, 2),
    "decimal(3,3)": of_decimal(3, 3),
    "double": of_double,
    "boolean": lambda text: {"true": True, "false": False}.get(text.lower()),
    "date": of_date,
    "timestamp": of_timestamp,
}


def fault(column: Column, text: str) -> str | None:
    """The first fault of a text, by the words of the contract."""
    if text == "":
        return "MISSING_VALUE" if column.required else None
    value = VALUES[column.type](text)
    checks = [
        ("BAD_TYPE", lambda: value is None),
        ("BAD_LENGTH", lambda: column.min_length is not None and len(text) < column.min_length),
        ("BAD_LENGTH", lambda: column.max_length is not None and len(text) > column.max_length),
        ("BAD_PATTERN", lambda: column.pattern is not None and not re.fullmatch(column.pattern.strip("^$"), text)),
        ("NOT_ALLOWED", lambda: bool(column.allowed) and text not in column.allowed),
        ("OUT_OF_RANGE", lambda: column.minimum is not None and value < column.minimum),
        ("OUT_OF_RANGE", lambda: column.maximum is not None and value > column.maximum),
        ("OUT_OF_RANGE", lambda: column.above is not None and value <= column.above),
    ]
    return next((reason for reason, wrong in checks if wrong()), None)


def expected(row: dict[str, str]) -> tuple[str | None, str | None]:
    for column in THINGS.landing:
        if reason := fault(column, row[column.name]):
            return reason, column.name
    return ("MISSING_VALUE", "month") if row["day"] == "" else (None, None)


def random_rows(seed: int) -> list[dict[str, str]]:
    chance = random.Random(seed)

    def text(name: str) -> str:
        return chance.choice(WRONG if chance.random() < 0.06 else RIGHT[name])

    return [{name: text(name) for name in THINGS.header} for _ in range(ROWS)]


def test_there_is_a_case_of_each_fault() -> None:
    found = {(reason, column.name) for column in THINGS.landing for text in WRONG if (reason := fault(column, text))}
    assert len(found) >= 20
    assert {reason for reason, _ in found} == {
        *("MISSING_VALUE", "BAD_TYPE", "BAD_LENGTH", "BAD_PATTERN", "NOT_ALLOWED", "OUT_OF_RANGE")
    }


def test_each_row_has_the_reason_that_the_contract_gives(spark: SparkSession, lake: Lake) -> None:
    rows = random_rows(seed=11)
    note = lake.jsonl(
        THINGS, "a.jsonl", [json.dumps(row, ensure_ascii=number % 2 == 0) for number, row in enumerate(rows)]
    )
    result = transform(read_files(spark, THINGS, [note]), THINGS)
    result = result.selectExpr("as_read", "reason", "reason_column", "id", "cast(at as string) at").collect()
    texts = [tuple(value or "" for value in row["as_read"]) for row in result]
    assert sorted(texts) == sorted(tuple(row.values()) for row in rows)

    wanted = [expected(dict(zip(THINGS.header, row, strict=True))) for row in texts]
    found = [(row["reason"], row["reason_column"]) for row in result]
    judged = [(None, None) if reason == ("DUPLICATE", None) else reason for reason in found]
    assert [item for item in zip(texts, judged, wanted, strict=True) if item[1] != item[2]] == []

    good = pd.DataFrame([row for row, reason in zip(texts, wanted, strict=True) if reason[0] is None])
    good.columns = list(THINGS.header)
    latest = good.assign(at=good["at"].str.replace("T", " ")).groupby("id")["at"].max().to_dict()
    written = [row for row in result if row["reason"] is None]
    assert {row["id"]: row["at"] for row in written} == latest
    rejected = sum(row["reason"] is not None for row in result)
    assert len(written) == len(latest)
    assert len(written) + rejected == ROWS
