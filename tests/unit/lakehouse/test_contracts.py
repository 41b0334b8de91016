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
    custom = {"maxObjectBytes": 10, "maxContentBytes": 20, "latestBy": "a", "job": "things_etl"}
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
    rule = {"metric": "invalidValues", "arguments": {"validValues": ["x"]}, "mustBeLessThan": 5, "unit": "percent"}
    named = {"name": "a_is_known", "severity": "warning", "dimension": "validity"}
    column = {"name": "a", "physicalType": "string", "primaryKey": True, "quality": [rule | named]}
    contract = contracts.parse(document(properties=[column]))
    assert contract.columns[0].allowed == ()
    (found,) = contract.rules
    assert (found.name, found.column, found.metric, found.query) == ("a_is_known", "a", "invalidValues", None)
    assert (found.operator, found.threshold, found.unit) == ("mustBeLessThan", Decimal(5), "percent")


def test_rules_of_the_table_and_the_sql_they_bring() -> None:
    rule = {"name": "r", "type": "sql", "query": "SELECT count(*) FROM {object}", "mustBe": 0, "severity": "error"}
    (found,) = contracts.parse(document(quality=[rule | {"dimension": "accuracy"}])).rules
    assert (found.column, found.metric, found.query) == (None, None, "SELECT count(*) FROM {object}")
    assert (found.operator, found.threshold, found.unit) == ("mustBe", Decimal(0), "rows")


@pytest.mark.parametrize(("value", "unit", "hours"), [(2, "d", 48), (36, "h", 36)])
def test_freshness_in_hours(value: int, unit: str, hours: int) -> None:
    latency = {"property": "latency", "value": value, "unit": unit, "element": "things.a"}
    contract = contracts.parse(document() | {"slaProperties": [latency]})
    assert (contract.fresh_by, contract.fresh_within) == ("a", Decimal(hours))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"unit": "weeks"}, "unit is 'weeks', not one of h, d"),
        ({"element": "things.z"}, "names 'z', which is no column"),
    ],
)
def test_a_latency_that_cannot_be_checked(changed: dict[str, Any], says: str) -> None:
    latency = {"property": "latency", "value": 1, "unit": "d", "element": "things.a"} | changed
    with pytest.raises(ContractError, match=says):
        contracts.parse(document() | {"slaProperties": [latency]})


def test_the_owner_is_the_teams() -> None:
    members = [{"username": "x@example.com", "role": "steward"}, {"username": "y@example.com", "role": "owner"}]
    assert contracts.parse(document() | {"team": {"members": members}}).owner == "y@example.com"
    assert contracts.parse(document()).owner == ""


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"properties": [{"name": "a", "physicalType": "int"}]}, "no property is a primaryKey"),
        ({"properties": [{"name": "a", "primaryKey": True}]}, "physicalType is missing"),
        ({"properties": [{"physicalType": "int", "primaryKey": True}]}, "name is missing"),
        ({"properties": [{"name": "z", "physicalType": "int", "primaryKey": True}]}, "latestBy names 'a'"),
        ({"customProperties": []}, "job is missing"),
        ({"customProperties": [{"property": "job", "value": "x"}]}, "latestBy is missing"),
        ({"quality": [{"name": "r", "metric": "rowCount", "severity": "error"}]}, "rule r: one of mustBe, "),
        ({"quality": [{"name": "r", "metric": "rowCount", "mustBe": 1}]}, "rule r: severity is one of error, warning"),
        ({"quality": [{"name": "r", "mustBe": 1, "severity": "error"}]}, "rule r: metric is missing"),
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
