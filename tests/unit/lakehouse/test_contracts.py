import json
from decimal import Decimal
from typing import Any

import pytest

from lakehouse import contracts
from lakehouse.contracts import ContractError


def document(**changes: Any) -> dict[str, Any]:
    properties = [
        {"name": "b", "physicalType": "string", "primaryKey": True, "primaryKeyPosition": 2},
        {"name": "a", "physicalType": "int", "required": True, "primaryKey": True, "primaryKeyPosition": 1},
        {
            "name": "state",
            "physicalType": "string",
            "quality": [{"metric": "invalidValues", "arguments": {"validValues": ["on", "off"]}, "mustBe": 0}],
        },
        {"name": "price", "physicalType": "decimal(5,2)", "logicalTypeOptions": {"minimum": 0, "maximum": 9.5}},
        {"name": "day", "physicalType": "date", "partitioned": True, "transformLogic": "cast(x as date)"},
    ]
    custom = {"maxObjectBytes": 10, "maxContentBytes": 20, "latestBy": "a"}
    schema = {
        "name": "things",
        "properties": properties,
        "customProperties": [{"property": name, "value": value} for name, value in custom.items()],
    }
    return {"id": "things", "schema": [schema | changes]}


def test_columns_by_their_use() -> None:
    contract = contracts.parse(document())
    assert contract.header == ("b", "a", "state", "price")
    assert [column.name for column in contract.stored] == ["b", "a", "state", "price"]
    assert [column.name for column in contract.partitions] == ["day"]
    assert contract.key == ("a", "b")
    assert (contract.max_object_bytes, contract.max_content_bytes, contract.latest_by) == (10, 20, "a")


def test_rules_of_columns() -> None:
    columns = {column.name: column for column in contracts.parse(document()).columns}
    assert columns["a"].required
    assert not columns["b"].required
    assert columns["state"].allowed == ("on", "off")
    assert (columns["price"].minimum, columns["price"].maximum) == (Decimal(0), Decimal("9.5"))
    assert columns["day"].derived == "cast(x as date)"


def test_a_tolerated_share_of_invalid_values_is_no_rule_for_a_row() -> None:
    rule = {"metric": "invalidValues", "arguments": {"validValues": ["x"]}, "mustBeLessThan": 5}
    column = {"name": "a", "physicalType": "string", "primaryKey": True, "quality": [rule]}
    assert contracts.parse(document(properties=[column])).columns[0].allowed == ()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"properties": [{"name": "a", "physicalType": "int"}]}, "no property is a primaryKey"),
        ({"properties": [{"name": "a", "primaryKey": True}]}, "physicalType is missing"),
        ({"properties": [{"physicalType": "int", "primaryKey": True}]}, "name is missing"),
        ({"properties": [{"name": "z", "physicalType": "int", "primaryKey": True}]}, "latestBy names 'a'"),
        ({"customProperties": []}, "latestBy is missing"),
        ({"name": ""}, "name is missing"),
    ],
)
def test_what_is_missing_is_named(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(ContractError, match=says):
        contracts.parse(document(**changed))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"id": "x"}', '{"id": "x", "schema": []}'])
def test_text_that_is_no_contract(text: str) -> None:
    with pytest.raises(ContractError):
        contracts.loads(text)


def test_loads_is_parse_of_json() -> None:
    assert contracts.loads(json.dumps(document())) == contracts.parse(document())
