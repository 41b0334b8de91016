"""The command line that makes a new dataset: what it writes, and that it never replaces anything unasked."""

import ast
import subprocess
from pathlib import Path

import pytest
import yaml

from contracts.tools import new_dataset
from lakehouse import contracts

FLIGHTS = "flight_id,departed_at,price\nF-1,2026-01-31 18:04:21,10.50\nF-2,2026-02-01 00:00:00,\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "config", "user.email", "git@example.com"], cwd=tmp_path, check=True)
    (tmp_path / "flights.csv").write_text(FLIGHTS)
    return tmp_path


def run(root: Path, *more: str) -> int:
    return new_dataset.main(["--name", "flights", "--file", str(root / "flights.csv"), *more], root)


def test_a_contract_and_a_job(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root) == 0
    text = (root / "contracts" / "flights.odcs.yaml").read_text()
    contract = contracts.parse(yaml.safe_load(text))
    assert (contract.owner, contract.job, contract.key) == ("git@example.com", "flights_etl", ("flight_id",))
    assert [(column.name, column.type) for column in contract.columns] == [
        ("flight_id", "string"),
        ("departed_at", "timestamp"),
        ("price", "decimal(10,2)"),
        ("departed_at_month", "string"),
    ]
    assert text.startswith("# flights, inferred from flights.csv (all 2 rows).")
    job = (root / "jobs" / "flights_etl.py").read_text()
    assert "{dataset}" not in job
    assert "flights" in (ast.get_docstring(ast.parse(job)) or "")
    assert "from lakehouse.etl import run" in job
    said = capsys.readouterr().out
    assert "written: contracts/flights.odcs.yaml and jobs/flights_etl.py" in said
    assert "make deploy" in said
    assert "landing/flights/" in said


def test_the_owner_that_is_said(root: Path) -> None:
    assert run(root, "--owner", "me@example.com") == 0
    document = yaml.safe_load((root / "contracts" / "flights.odcs.yaml").read_text())
    assert contracts.parse(document).owner == "me@example.com"


@pytest.mark.parametrize("there", ["contracts/flights.odcs.yaml", "jobs/flights_etl.py"])
def test_nothing_is_replaced_unasked(root: Path, capsys: pytest.CaptureFixture[str], there: str) -> None:
    path = root / there
    path.parent.mkdir()
    path.write_text("mine")
    assert run(root) == 1
    assert f"{there}: already there; take another name, or --force" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert sorted(path.name for path in root.iterdir() if path.is_dir() and path.name != ".git") == [path.parent.name]
    assert run(root, "--force") == 0
    assert path.read_text() != "mine"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--name", "Flights"], "dataset 'Flights'"),
        (["--file", "/no/such/file.csv"], "No such file or directory"),
    ],
)
def test_refusals_are_one_line(root: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    assert run(root, *arguments) == 1
    said = capsys.readouterr().err
    assert says in said
    assert said.startswith("new-dataset: ")
    assert said.count("\n") == 1
    assert not (root / "contracts").exists()


def test_no_owner(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["git", "config", "user.email", ""], cwd=root, check=True)
    assert run(root) == 1
    assert "say --owner you@example.com" in capsys.readouterr().err
    monkeypatch.setenv("PATH", "")
    assert run(root) == 1
    assert "say --owner you@example.com" in capsys.readouterr().err


def test_numbers_and_words_survive_yaml() -> None:
    document = {"a": ["no", "1", "2026-01", "1e3", "null", "ü", "a: b"], "b": 1}
    text = new_dataset.dump(document)
    assert yaml.safe_load(text) == document
    assert "- '1e3'" in text  # a number to YAML 1.2, which Terraform reads


def test_from_json(root: Path) -> None:
    (root / "a.jsonl").write_text('{"id": 1, "ratio": 1e3}\n{"id": 2, "ratio": 0.5}\n')
    assert new_dataset.main(["--name", "ratios", "--file", str(root / "a.jsonl")], root) == 0
    document = yaml.safe_load((root / "contracts" / "ratios.odcs.yaml").read_text())
    assert [(item["physicalType"], item["examples"]) for item in document["schema"][0]["properties"]] == [
        ("int", ["1", "2"]),
        ("double", ["1e3", "0.5"]),
    ]
