"""The cases of `athena_helper` on the lake's own services, and what a mock has not: failures and parameters."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lakehouse.athena_helper import QueryFailedError
from tests.contract.lakehouse.athena_cases import *  # noqa: F403
from tests.contract.lakehouse.athena_cases import run
from tests.contract.lakehouse.clients import Clients


def test_a_query_that_fails(clients: Clients) -> None:
    with pytest.raises(QueryFailedError, match=r"FAILED: .*nothing_there") as caught:
        run(clients, "SELECT * FROM nothing_there")
    assert caught.value.state == "FAILED"
    assert caught.value.category == 2  # the user's: "Athena error catalog"


def test_a_statement_without_a_header(clients: Clients) -> None:
    rows = run(clients, "SHOW DATABASES").rows()
    assert "default" in [next(iter(row.values())) for row in rows]


@pytest.mark.parametrize(
    "value",
    [
        True,
        -7,
        9007199254740993,
        0.5,
        Decimal("12.30"),
        date(2026, 1, 31),
        datetime(2026, 1, 31, 18, 4, 21, 125000),
        datetime(2026, 1, 31, 18, 4, 21, 125000, UTC),
        "it's; -- \n?",
        "",
    ],
)
def test_a_parameter_comes_back(clients: Clients, value: Any) -> None:
    (row,) = run(clients, "SELECT ? AS value, 'a?' AS other", parameters=[value]).rows()
    assert row == {"value": value, "other": "a?"}
    assert type(row["value"]) is type(value)
