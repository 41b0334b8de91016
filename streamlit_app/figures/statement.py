"""A statement that Athena was asked to run: what became of it, and what it costs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from lakehouse.cost.prices import PRICES
from lakehouse.cost.rules import MEGABYTE, billed_bytes
from streamlit_app import formats
from streamlit_app.figures.tile import Tile

ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_FIRST_LINE = 80


@dataclass(frozen=True)
class Statement:
    """A statement.

    Attributes:
        id: the query execution's id.
        text: the statement as it was sent.
        database: the database of unqualified names; empty where none was said.
        state: QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED.
        reason: Athena's words on the state; empty where it has none.
        kind: DDL, DML or UTILITY.
        what: more exactly, e.g. SELECT; empty where Athena does not say.
        submitted: when it was sent.
        seconds: how long it took from then, or takes by now.
        scanned: bytes that it read.
        billed: bytes that it is billed for, None while it runs.
    """

    id: str
    text: str
    database: str
    state: str
    reason: str
    kind: str
    what: str
    submitted: datetime
    seconds: float
    scanned: int
    billed: int | None

    @property
    def ended(self) -> bool:
        """Whether nothing more becomes of it."""
        return self.state in ENDED

    @property
    def reads(self) -> bool:
        """Whether it changes nothing; in doubt it does."""
        return self.what == "SELECT" or self.kind == "UTILITY"

    @property
    def usd(self) -> Decimal | None:
        """What it costs at list price; None while it runs."""
        return None if self.billed is None else PRICES["athena.megabyte"].of(Decimal(self.billed) / MEGABYTE)


def statement_of(execution: Mapping[str, Any]) -> Statement:
    """A statement of a `QueryExecution` of Athena's API."""
    status, figures = execution["Status"], execution.get("Statistics", {})
    ended = status["State"] in ENDED
    return Statement(
        id=execution["QueryExecutionId"],
        text=execution.get("Query", ""),
        database=execution.get("QueryExecutionContext", {}).get("Database", ""),
        state=status["State"],
        reason=status.get("StateChangeReason") or status.get("AthenaError", {}).get("ErrorMessage") or "",
        kind=execution.get("StatementType", ""),
        what=execution.get("SubstatementType", ""),
        submitted=status["SubmissionDateTime"],
        seconds=int(figures.get("TotalExecutionTimeInMillis", 0)) / 1000,
        scanned=int(figures.get("DataScannedInBytes", 0)),
        billed=billed_bytes(execution) if ended else None,
    )


def sent(id_: str, text: str, database: str, now: datetime) -> Statement:
    """A statement of which nothing is known yet but that it was sent."""
    return Statement(id_, text, database, "QUEUED", "", "", "", now, 0, 0, None)


def blank(text: str) -> bool:
    """Whether there is nothing to run in a text: spaces, semicolons and comments at most."""
    return not _COMMENT.sub("", text).strip(" \t\r\n;")


def usd(amount: Decimal | None) -> str:
    """A small price, e.g. `$0.000050`; from a cent on with two digits less."""
    if amount is None:
        return formats.NONE
    if not amount:
        return "$0"
    return f"${amount:,.4f}" if amount >= Decimal("0.01") else f"${amount:.6f}"


def tiles(one: Statement) -> list[Tile]:
    """Run time, bytes scanned, and price."""
    least = "5 USD for a terabyte, 10 MB at least; DDL and what failed are free."
    return [
        Tile("Run time", formats.seconds(one.seconds), help="From the request to the end, the queue included."),
        Tile("Scanned", formats.size(one.scanned), help="What Athena read in S3."),
        Tile("Price", usd(one.usd), help=f"At AWS's list price: {least}"),
    ]


def first_line(text: str) -> str:
    """A statement in one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _FIRST_LINE else f"{line[: _FIRST_LINE - 1]}…"


def history(statements: Sequence[Statement]) -> pd.DataFrame:
    """A row for each statement, labelled for people; times are UTC."""
    return pd.DataFrame(
        [
            {
                "Started (UTC)": one.submitted.astimezone(UTC).replace(tzinfo=None, microsecond=0),
                "State": one.state.capitalize(),
                "Statement": first_line(one.text),
                "Run time": formats.seconds(one.seconds if one.ended else None),
                "Scanned": formats.size(one.scanned),
                "Price": usd(one.usd),
            }
            for one in statements
        ],
        columns=["Started (UTC)", "State", "Statement", "Run time", "Scanned", "Price"],
    )
