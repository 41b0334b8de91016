"""Which texts may be values of which type."""

import re

import pytest

from lakehouse.contracts import ContractError
from lakehouse.etl.hive_types import base, precision_and_scale, text_pattern

CASES = [
    ("boolean", ["true", "FALSE", "True"], ["t", "yes", "1", "", " true", "true "]),
    ("int", ["0", "-1", "+7", "2147483647"], ["1.0", "1e3", "1_000", "", " 1", "12345678901", "٣"]),
    ("bigint", ["9223372036854775807"], ["12345678901234567890", "0x1"]),
    ("smallint", ["-32768"], ["123456"]),
    ("tinyint", ["-128"], ["1000"]),
    ("double", ["1", "1.5", ".5", "5.", "-1e-3", "1E+10"], ["NaN", "inf", "Infinity", "1,5", ".", "1e", "1d", "1f"]),
    ("float", ["0.1"], ["nan"]),
    ("decimal(5,2)", ["1", "123.45", "-0.5", "+1.50"], ["1234", "1.234", ".5", "1.", "1e1", ""]),
    ("decimal(5, 0)", ["12345"], ["1.0", "123456"]),
    ("decimal(2,2)", ["0.12"], ["0.123", "12.1"]),
    ("date", ["2026-01-31"], ["2026-1-31", "20260131", "31.01.2026", "2026-01-31 00:00:00"]),
    ("timestamp", ["2026-01-31 10:00:00", "2026-01-31T10:00:00.123456"], ["2026-01-31", "2026-01-31 10:00:00Z"]),
    ("timestamp", ["0001-01-01 00:00:00.1"], ["2026-01-31 10:00:00.1234567", "2026-01-31 10:00"]),
]


@pytest.mark.parametrize(("kind", "right", "wrong"), CASES, ids=[f"{kind}-{right[0]}" for kind, right, _ in CASES])
def test_texts(kind: str, right: list[str], wrong: list[str]) -> None:
    pattern = re.compile(text_pattern(kind) or "missing", re.ASCII)
    assert [text for text in right if not pattern.fullmatch(text)] == []
    assert [text for text in wrong if pattern.fullmatch(text)] == []


@pytest.mark.parametrize("kind", ["string", "varchar(10)", "char(3)"])
def test_any_text_is_a_string(kind: str) -> None:
    assert text_pattern(kind) is None


@pytest.mark.parametrize("kind", ["array<string>", "struct<a:int>", "binary", "decimal", "money"])
def test_other_types_are_refused(kind: str) -> None:
    with pytest.raises(
        ContractError, match=r"a landing file has no values of it; use one of boolean, .*decimal\(p,s\)"
    ):
        text_pattern(kind)


def test_parts_of_a_type() -> None:
    assert (base("decimal(12,2)"), base("int")) == ("decimal", "int")
    assert (precision_and_scale("decimal(12, 2)"), precision_and_scale("double")) == ((12, 2), None)
