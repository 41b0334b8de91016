"""Refused files, as people read them."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from streamlit_app import formats
from streamlit_app.figures import words

NO_REASON = "not written down"


@dataclass(frozen=True)
class File:
    """A file in quarantine.

    Attributes:
        key: in the quarantine bucket.
        dataset: that it was sent for; `unknown` where that can be none.
        name: that it came with.
        size: bytes.
        refused_at: when it was moved there.
        reason: what the router wrote of it: code, message, details, landing, …; {} where it wrote nothing.
        landing: the address that it came from, and goes back to.
    """

    key: str
    dataset: str
    name: str
    size: int
    refused_at: datetime
    reason: Mapping[str, Any]
    landing: str


@dataclass(frozen=True)
class Files:
    """What is in quarantine: how many files there are, and the latest of them, the last one first."""

    count: int
    latest: list[File]


def code(file: File) -> str:
    """Why a file was refused, in one word."""
    return str(file.reason.get("code") or NO_REASON)


def message(file: File) -> str:
    """Why a file was refused, as a sentence."""
    return str(file.reason.get("message") or "The router has written no reason that can be read.")


def details(file: File) -> str:
    """What else the reason says, as JSON; nothing where there is nothing else."""
    found = {name: value for name, value in file.reason.items() if name not in ("code", "message")}
    return json.dumps(found, indent=2, ensure_ascii=False) if found else ""


def label(file: File) -> str:
    """A file in one line, for a list to choose from."""
    return f"{file.dataset}/{file.name}, {words.moment(file.refused_at)} UTC, {code(file)}"


def table(files: Iterable[File]) -> pd.DataFrame:
    """Files as people read them."""
    rows = [
        (
            file.dataset,
            file.name,
            code(file),
            message(file),
            formats.size(file.size),
            words.moment(file.refused_at),
        )
        for file in files
    ]
    return pd.DataFrame(rows, columns=["Dataset", "File", "Reason", "Why, and what to do", "Size", "Refused (UTC)"])


def reasons(files: Iterable[File]) -> pd.DataFrame:
    """How many files have which reason, the most first: reason, files."""
    counts = Counter(code(file) for file in files)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return pd.DataFrame(ordered, columns=["reason", "files"])


def told(files: Files) -> str:
    """How many files there are, and how many of them are told of."""
    things = "file" if files.count == 1 else "files"
    seen = f"; below are the last {len(files.latest)}" if files.count > len(files.latest) else ""
    return f"{formats.number(files.count)} {things} in quarantine{seen}"


def datasets(files: Iterable[File]) -> list[str]:
    """The datasets that have refused files."""
    return sorted({file.dataset for file in files})
