"""Runs the validator's readers over bytes, without S3."""

import io
from typing import Any

from lakehouse import contracts
from lakehouse.contracts import Contract
from lambdas.file_validator import formats
from lambdas.file_validator import handler as validator
from lambdas.file_validator.columns import Schemas
from lambdas.file_validator.pieces import Pieces
from tests.fixtures.bad_files.lake import document

TRANSACTIONS = contracts.parse(document("transactions"))


class Stored:
    """A landing object in memory, as the readers see one; the pieces may be small, to have their seams everywhere."""

    def __init__(self, content: bytes, piece: int = 256 * 1024) -> None:
        self.size, self.content = len(content), content
        self.pieces = Pieces(io.BytesIO(content), piece)
        self.ranges: list[tuple[int, int]] = []

    def read_range(self, start: int, length: int) -> bytes:
        self.ranges.append((start, length))
        return self.content[start : start + length]


def count(
    content: bytes, suffix: str, contract: Contract = TRANSACTIONS, piece: int = 256 * 1024, others: Any = tuple
) -> int:
    """The number of rows that the validator finds."""
    stored: Any = Stored(content, piece)
    return validator.check(stored, formats.of_key(f"x{suffix}"), Schemas(contract, others))


def contract_of(**columns: str) -> Contract:
    """A contract with columns of these Hive types, none of them required but the first."""
    properties = [
        {"name": name, "physicalType": kind, "required": number == 0, "primaryKey": number == 0}
        for number, (name, kind) in enumerate(columns.items())
    ]
    custom = {"latestBy": next(iter(columns)), "maxObjectBytes": 10**12, "maxContentBytes": 10**12, "job": "x"}
    listed = [{"property": name, "value": value} for name, value in custom.items()]
    return contracts.parse({"id": "x", "schema": [{"name": "x", "customProperties": listed, "properties": properties}]})
