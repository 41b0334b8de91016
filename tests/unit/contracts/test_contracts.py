"""Contracts are valid by the standard's own schema, and say what the pipeline needs, in Hive's types."""

import importlib.resources
import json
import re
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
import yaml

from lakehouse import contracts

FOLDER = Path(__file__).resolve().parents[3] / "contracts"
FILES = sorted(FOLDER.glob("*.odcs.yaml"))
HIVE = re.compile(r"(string|int|bigint|double|boolean|date|timestamp|decimal\(\d+,\d+\))$")


def document(path: Path) -> dict:
    return yaml.safe_load(path.read_text())


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_there_are_contracts() -> None:
    names = {path.name.removesuffix(".odcs.yaml") for path in FILES}
    assert {"clickstream", "products", "reviews", "transactions"} <= names


def test_valid_by_the_standard(path: Path) -> None:
    schema = json.loads((importlib.resources.files("open_data_contract_standard") / "schema.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document(path))] == []


def test_the_standards_schema_refuses_what_is_no_contract(path: Path) -> None:
    schema = json.loads((importlib.resources.files("open_data_contract_standard") / "schema.json").read_text())
    broken = document(path) | {"apiVersion": "v1"}
    assert list(jsonschema.validators.validator_for(schema)(schema).iter_errors(broken))


def test_dataset_is_named_as_its_file(path: Path) -> None:
    assert contracts.parse(document(path)).dataset == path.name.removesuffix(".odcs.yaml") == document(path)["id"]


def test_columns_are_lower_case_and_of_hive_types(path: Path) -> None:
    for column in contracts.parse(document(path)).columns:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert HIVE.match(column.type), column
        # The comment of a Glue column has at most 255 characters.
        assert 0 < len(column.description) <= 255


def test_examples_follow_their_own_rules(path: Path) -> None:
    properties = {item["name"]: item for item in document(path)["schema"][0]["properties"]}
    for column in contracts.parse(document(path)).columns:
        for example in properties[column.name]["examples"]:
            if column.pattern:
                assert re.fullmatch(column.pattern, str(example)), column.name
            assert not column.allowed or str(example) in column.allowed
            assert column.minimum is None or Decimal(str(example)) >= column.minimum
            assert column.maximum is None or Decimal(str(example)) <= column.maximum


def test_transactions_are_what_readers_count_on() -> None:
    contract = contracts.parse(document(FOLDER / "transactions.odcs.yaml"))
    assert contract.key == ("transaction_id",)
    assert [column.name for column in contract.partitions] == ["transaction_month"]
    derived = {column.name: (column.type, column.derived) for column in contract.columns if column.derived}
    assert derived == {
        "transaction_date": ("date", "cast(transaction_ts as date)"),
        "transaction_month": ("string", "date_format(transaction_ts, 'yyyy-MM')"),
    }
    assert (*contract.header, "transaction_date") == tuple(column.name for column in contract.stored)
    assert {column.name: column.type for column in contract.columns if "decimal" in column.type} == {
        "unit_price": "decimal(10,2)",
        "discount": "decimal(10,2)",
        "total_amount": "decimal(12,2)",
    }
