"""All rules of a contract become one query; its answers decide. What the query computes is tested end to end."""

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from sqlglot import exp

from lakehouse import contracts
from lakehouse.contracts import Contract
from lambdas.data_quality_check import handler as quality
from lambdas.data_quality_check.checks import checks, query, quoted, references

FOLDER = Path(__file__).resolve().parents[3] / "contracts"
DATASETS = sorted(path.name.removesuffix(".odcs.yaml") for path in FOLDER.glob("*.odcs.yaml"))


def contract(dataset: str) -> Contract:
    return contracts.parse(yaml.safe_load((FOLDER / f"{dataset}.odcs.yaml").read_text()))


def small(**changes: Any) -> Contract:
    columns = [
        {"name": "id", "physicalType": "string", "required": True, "primaryKey": True, "primaryKeyPosition": 1},
        {"name": "part", "physicalType": "int", "primaryKey": True, "primaryKeyPosition": 2},
        {
            "name": "it's",
            "physicalType": "string",
            "logicalTypeOptions": {"pattern": "^o'n$", "minLength": 1, "maxLength": 9},
            "relationships": [{"type": "foreignKey", "to": "things.thing"}],
            "quality": [
                {
                    "name": "known",
                    "type": "library",
                    "metric": "invalidValues",
                    "unit": "percent",
                    "mustBeLessOrEqualTo": 5,
                    "dimension": "consistency",
                    "severity": "warning",
                }
            ],
        },
    ]
    custom = {"job": "x_etl", "latestBy": "id", "maxObjectBytes": 1, "maxContentBytes": 1}
    schema = {
        "name": "small",
        "properties": columns,
        "customProperties": [{"property": name, "value": value} for name, value in custom.items()],
    }
    return contracts.parse({"id": "small", "schema": [schema | changes]})


@pytest.mark.parametrize("dataset", DATASETS)
def test_each_rule_has_one_name_and_the_query_one_row_for_it(dataset: str) -> None:
    found = checks(contract(dataset))
    assert [name for name, count in Counter(check.rule for check in found).items() if count > 1] == []
    tree = sqlglot.parse_one(query(contract(dataset), processed="p", results="c", run_id="r"), dialect="athena")
    rows = [row for row in tree.find_all(exp.Array) if isinstance(row.parent, exp.Unnest)]
    assert [len(array.expressions) for array in rows] == [len(found)]


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_dimension_that_the_standard_asks_for_is_there(dataset: str) -> None:
    dimensions = {check.dimension for check in checks(contract(dataset))}
    assert {"completeness", "uniqueness", "validity", "timeliness"} <= dimensions
    assert {column.name for column in contract(dataset).columns if column.required} == {
        check.column for check in checks(contract(dataset)) if check.rule.endswith("_is_there")
    }


def test_a_column_s_rules_are_one_condition() -> None:
    valid = next(check for check in checks(small()) if check.rule == "it's_is_valid")
    name = 't."it\'s"'
    pattern = f"NOT regexp_like({name}, '^(?:^o''n$)$')"
    wrong = f"{pattern} OR length({name}) < 1 OR length({name}) > 9"
    assert valid.observed == f"CAST(count_if({wrong}) AS double)"
    assert (valid.operator, valid.threshold, valid.unit, valid.severity) == ("mustBe", Decimal(0), "rows", "error")


def test_a_key_of_two_columns_is_unique_as_a_row() -> None:
    unique = next(check for check in checks(small()) if check.rule == "key_is_unique")
    assert 'count(DISTINCT ROW(t."id", t."part"))' in unique.observed


def test_a_reference_is_joined_once_and_counted() -> None:
    assert references(small()) == {"r1": ("it's", "things", "thing")}
    sql = query(small(), processed='p"x', results="c", run_id="r")
    assert 'LEFT JOIN (SELECT DISTINCT "thing" AS known FROM "p""x"."things") AS r1 ON r1.known = t."it\'s"' in sql
    assert 'count_if(t."it\'s" IS NOT NULL AND r1.known IS NULL)' in sql


def test_a_metric_that_is_not_known_is_named() -> None:
    rule = {"name": "odd", "metric": "entropy", "mustBe": 1, "severity": "error", "dimension": "accuracy"}
    with pytest.raises(ValueError, match="contract small: rule odd: the metric 'entropy'"):
        checks(small(quality=[rule]))


def test_names_are_quoted() -> None:
    assert quoted('a"b') == '"a""b"'
    assert "'r''; DROP'" in query(small(), processed="p", results="c", run_id="r'; DROP")


class Athena:
    """Answers what is kept; an INSERT keeps the answers that it is given."""

    def __init__(self, answers: list[dict[str, Any]]) -> None:
        self.answers, self.kept, self.asked = answers, [], []

    def __call__(self, sql: str) -> Any:
        self.asked.append(sql)
        if sql.startswith("INSERT"):
            self.kept = self.answers
        kept = list(self.kept)
        return type("Result", (), {"rows": lambda _: kept})()


def answer(rule: str, severity: str, passed: bool) -> dict[str, Any]:
    figures = {"column_name": "a", "observed": 3.0, "operator": "mustBe", "threshold": 0.0, "unit": "rows"}
    return {"rule": rule, "severity": severity, "passed": passed, "rows_checked": 7, **figures}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(*answers: dict[str, Any]) -> Athena:
        athena = Athena(list(answers))
        monkeypatch.setattr(quality, "_ask", athena)
        monkeypatch.setattr(quality, "_contract", lambda uri: {"s3://c/small.json": small()}[uri])
        return athena

    monkeypatch.setenv("CONTRACTS", "s3://c/")
    monkeypatch.setenv("PROCESSED_DATABASE", "p")
    monkeypatch.setenv("RESULTS_DATABASE", "c")
    return use


@pytest.mark.parametrize(("severity", "passes"), [("error", False), ("warning", True)])
def test_a_broken_rule_stops_where_it_is_an_error(asked: Any, severity: str, passes: bool) -> None:
    asked(answer("good", "error", True), answer("bad", severity, False))
    found = quality.handler({"dataset": "small", "run_id": "r"}, None)
    told = {"rule": "bad", "column_name": "a", "severity": severity, "observed": 3.0, "asked": "mustBe 0 rows"}
    assert found == {"dataset": "small", "run_id": "r", "rows": 7, "passed": passes, "broken": [told]}


def test_a_repeated_check_finds_its_answers_and_writes_nothing(asked: Any) -> None:
    athena = asked(answer("good", "error", True))
    first = quality.handler({"dataset": "small", "run_id": "r"}, None)
    assert quality.handler({"dataset": "small", "run_id": "r"}, None) == first
    assert [sql.split(maxsplit=1)[0] for sql in athena.asked] == ["SELECT", "INSERT", "SELECT", "SELECT"]
    assert "run_id = 'r' AND dataset = 'small'" in athena.asked[0]
