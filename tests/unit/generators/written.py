"""Reads what generators wrote, and checks it against the contracts: by pandas and the contract's YAML alone."""

import gzip
import json
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import yaml

from lakehouse import contracts
from lakehouse.contracts import Column, Contract

ROOT = Path(__file__).resolve().parents[3]
DATASETS = ("transactions", "products", "clickstream", "reviews")
SUFFIXES = ("csv", "csv.gz", "jsonl", "jsonl.gz", "parquet")


@cache
def contract(dataset: str) -> Contract:
    return contracts.parse(yaml.safe_load((ROOT / "contracts" / f"{dataset}.odcs.yaml").read_text()))


def generate(dataset: str, path: Path, *arguments: Any) -> Path:
    """Run a generator's command line in this process; returns the path of its file."""
    module = import_module(f"generators.generate_{dataset}")
    module.main(["--output", str(path), *map(str, arguments)])
    return path


def text(path: Path) -> pd.DataFrame:
    """The rows of a file as text, None for no value."""
    frame = _read(path).astype(object)
    return frame.where(frame.notna(), None)


def _read(path: Path) -> pd.DataFrame:
    if path.name.endswith(".parquet"):
        return pd.DataFrame(pq.read_table(path).to_pylist(), dtype=object).map(_as_text)
    if ".jsonl" in path.name:
        content = gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()
        lines = content.decode().split("\n")
        assert lines.pop() == ""
        rows = [json.loads(line, parse_float=str, parse_int=str) for line in lines]
        return pd.DataFrame(rows, dtype=object).map(_as_text)
    return pd.read_csv(path, dtype=object, keep_default_na=False, na_values=[""])


def _as_text(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def typed(path: Path, dataset: str) -> pd.DataFrame:
    """The rows of a file without defects: numbers as Decimal or int, moments as datetime."""
    frame = text(path)
    readers: dict[str, Callable[[str], Any]] = {
        "int": int,
        "timestamp": datetime.fromisoformat,
        "boolean": lambda value: {"true": True, "false": False}[value],
    }
    for column in contract(dataset).landing:
        reader = readers.get(column.type, Decimal if column.type.startswith("decimal") else None)
        if reader:
            frame[column.name] = frame[column.name].map(reader, na_action="ignore")
    return frame


def faults(frame: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """What is wrong with rows of text: columns `row`, `column`, `reason`; uniqueness apart."""
    found = []
    for column in contract(dataset).landing:
        reasons = {value: _reason(value, column) for value in frame[column.name].unique()}
        wrong = frame[column.name].map(reasons, na_action=None)
        found += [(row, column.name, reason) for row, reason in wrong.items() if isinstance(reason, str)]
    return pd.DataFrame(found, columns=["row", "column", "reason"])


def _reason(value: str | None, column: Column) -> str | None:
    if value is None:
        return "MISSING_VALUE" if column.required else None
    if not _has_type(value, column.type):
        return "BAD_TYPE"
    if column.pattern and not re.fullmatch(column.pattern, value):
        return "BAD_PATTERN"
    if column.allowed and value not in column.allowed:
        return "NOT_ALLOWED"
    if not (column.min_length or 0) <= len(value) <= (column.max_length or 10**9):
        return "BAD_LENGTH"
    limits = (column.minimum, column.maximum, column.above)
    if any(limit is not None for limit in limits):
        number = Decimal(value)
        low, high, above = limits
        inside = (low is None or number >= low) and (high is None or number <= high)
        if not inside or (above is not None and number <= above):
            return "OUT_OF_RANGE"
    return None


def _has_type(value: str, kind: str) -> bool:
    if kind == "string":
        return True
    if kind == "boolean":
        return value in ("true", "false")
    if kind == "int":
        return bool(re.fullmatch(r"-?\d+", value)) and abs(int(value)) < 2**31
    if kind == "timestamp":
        try:
            return len(value) == 19 and datetime.strptime(value, "%Y-%m-%d %H:%M:%S").year > 1970
        except ValueError:
            return False
    precision, scale = (int(part) for part in kind.removeprefix("decimal(").rstrip(")").split(","))
    whole, _, fraction = value.removeprefix("-").partition(".")
    return (whole + (fraction or "0")).isdigit() and len(whole) <= precision - scale and len(fraction) <= scale
