"""`make new-dataset`, `make deploy`, and a dataset that nobody wrote code for flows through the lake."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.e2e import checkout
from tests.e2e.pipeline import ROOT, Pipeline

pytestmark = pytest.mark.local  # it deploys what is not in the release

NAME = "e2e_flights"
MADE = (ROOT / "contracts" / f"{NAME}.odcs.yaml", ROOT / "jobs" / f"{NAME}_etl.py")
ROWS = 60


def flights() -> pd.DataFrame:
    number = pd.Series(range(ROWS))
    times = pd.Timestamp("2026-03-30 06:00:00") + pd.to_timedelta(number * 97, unit="min")
    return pd.DataFrame(
        {
            "flight_id": number.map("F-{:05}".format),
            "carrier": number.map(lambda value: ["LH", "BA", "AF"][value % 3]),
            "seats": 100 + number,
            "price": number.map(lambda value: f"{value * 3}.{value % 100:02}"),
            "delayed": number.map(lambda value: "true" if value % 7 == 0 else "false"),
            "departs_at": times.dt.strftime("%Y-%m-%d %H:%M:%S"),
        }
    )


@pytest.fixture(scope="module")
def deployed(stack: Any, pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with checkout.held(alone=True):
        yield from _made(stack, tmp_path_factory.mktemp("flights"))


def _made(stack: Any, folder: Path) -> Iterator[None]:
    page = ROOT / "docs" / "DATA_DICTIONARY.md"
    before = page.read_text()
    file = folder / "flights.csv"
    flights().to_csv(file, index=False)
    try:
        stack.laketop("new-dataset", "--name", NAME, "--file", str(file), "--owner", "data@example.com")
        assert all(path.exists() for path in MADE)
        assert f"## {NAME}" in page.read_text()
        stack.laketop("deploy")
        yield
    finally:
        for path in MADE:
            path.unlink(missing_ok=True)
        page.write_text(before)
        stack.laketop("deploy")


def test_a_new_dataset_flows_through_without_code(deployed: None, pipeline: Pipeline) -> None:
    frame = flights()
    bad = frame.iloc[[3]].assign(seats="many", flight_id="F-99999")
    content = pd.concat([frame, bad]).to_csv(index=False).encode()
    (outcome,) = pipeline.ingest({f"landing/{NAME}/march.csv": content}).values()
    assert (outcome["outcome"], outcome["rows"]) == ("accepted", ROWS + 1)
    pipeline.transformed()
    rows = pipeline.query(
        "SELECT flight_id, seats, price, delayed, departs_at FROM e2e_flights", (), pipeline.processed_db
    )
    assert {row["flight_id"]: row["seats"] for row in rows} == dict(
        zip(frame.flight_id, frame.seats.astype(str), strict=True)
    )
    assert {row["delayed"] for row in rows} == {"true", "false"}
    assert [row["reason"] for row in pipeline.rejected(NAME)] == ["BAD_TYPE"]
    checked = pipeline.query(f"SELECT rule, passed FROM {pipeline.curated_db}.data_quality WHERE dataset = '{NAME}'")
    assert "key_is_unique" in {row["rule"] for row in checked}
    assert {row["passed"] for row in checked} == {"true"}
    months = pipeline.glue.get_partitions(DatabaseName=pipeline.processed_db, TableName=NAME)["Partitions"]
    assert {partition["Values"][0] for partition in months} == set(frame.departs_at.str[:7])


def test_it_refuses_to_overwrite_and_to_guess(stack: Any, deployed: None, tmp_path: Path) -> None:
    file = tmp_path / "again.csv"
    flights().to_csv(file, index=False)
    again = stack.laketop("new-dataset", "--name", NAME, "--file", str(file), "--owner", "x@example.com", check=False)
    assert again.returncode != 0
    assert NAME in again.stderr
    odd = tmp_path / "odd.csv"
    odd.write_text("Not A Name,b\n1,2\n")
    refused = stack.laketop(
        "new-dataset", "--name", "e2e_odd", "--file", str(odd), "--owner", "x@example.com", check=False
    )
    assert refused.returncode != 0
    assert "Not A Name" in refused.stderr
    status = subprocess.run(["git", "status", "--short", "contracts", "jobs"], cwd=ROOT, capture_output=True, text=True)
    assert "e2e_odd" not in status.stdout
