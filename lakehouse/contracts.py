"""A dataset's contract, as the pipeline's code sees it.

The contract file (Open Data Contract Standard 3.1.0, YAML) is the one place that says what a dataset is. Terraform
publishes it as JSON, because the Lambda runtime has no YAML parser; this module reads that document.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

OPERATORS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
)
SEVERITIES = ("error", "warning")
_HOURS = {"h": 1, "d": 24}


class ContractError(ValueError):
    """A contract cannot be used; the message names the contract, the place in it and what is missing."""


@dataclass(frozen=True)
class Column:
    """A property of the contract.

    Attributes:
        name: column name, lower case.
        type: Hive type text, e.g. `decimal(12,2)`; the type of the Glue table's column.
        required: whether a value must be there.
        pattern: regular expression that the whole value matches, or None.
        minimum: smallest allowed number, or None.
        maximum: largest allowed number, or None.
        above: number that a value must be greater than, or None.
        min_length: least number of characters, or None.
        max_length: greatest number of characters, or None.
        allowed: the allowed values; empty where any is allowed.
        references: `dataset.column` where the value is to be found, or None.
        partition: whether it is a partition key of the table.
        derived: the SQL expression that makes it from other columns; None for a column of the landing file.
        description: what it means, one sentence.
    """

    name: str
    type: str
    required: bool
    pattern: str | None
    minimum: Decimal | None
    maximum: Decimal | None
    above: Decimal | None
    min_length: int | None
    max_length: int | None
    allowed: tuple[str, ...]
    references: str | None
    partition: bool
    derived: str | None
    description: str


@dataclass(frozen=True)
class Rule:
    """A quality rule of a whole table, or of a column with a tolerance.

    Attributes:
        name: the rule's name, e.g. `product_is_known`.
        column: the column that it is about, or None.
        metric: the standard's metric (`rowCount`, `invalidValues`, …), or None for a rule by SQL.
        query: `SELECT count(*) …` that counts the bad rows, with `{object}` for the table; None for a metric.
        unit: `rows` or `percent`.
        operator: the standard's word for the comparison, e.g. `mustBeLessOrEqualTo`.
        threshold: what the figure is compared with.
        dimension: completeness, uniqueness, accuracy, consistency, …
        severity: `error` stops the pipeline, `warning` is told.
        description: what it means, one sentence.
    """

    name: str
    column: str | None
    metric: str | None
    query: str | None
    unit: str
    operator: str
    threshold: Decimal
    dimension: str
    severity: str
    description: str


@dataclass(frozen=True)
class Contract:
    """A dataset: its columns in order, its key, its rules, and the limits of its landing files.

    Attributes:
        dataset: the dataset's name, e.g. `transactions`.
        description: what a row is, one sentence.
        owner: who answers for it: the team's member of the role `owner`.
        job: the name of the Glue script, below `jobs/` and without `.py`, that fills the processed table.
        columns: all columns in the contract's order.
        key: names of the primary key's columns.
        latest_by: the column whose greatest value holds among rows with one key.
        max_object_bytes: largest landing object as stored.
        max_content_bytes: largest landing file after decompression.
        rules: the quality rules that do not follow from the columns.
        fresh_within: hours that the greatest value of `fresh_by` may be old, or None.
        fresh_by: the column by which freshness is told, or None.
    """

    dataset: str
    description: str
    owner: str
    job: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    latest_by: str
    max_object_bytes: int
    max_content_bytes: int
    rules: tuple[Rule, ...]
    fresh_within: Decimal | None
    fresh_by: str | None

    @property
    def landing(self) -> tuple[Column, ...]:
        """The columns of a landing file, in its order."""
        return tuple(column for column in self.columns if column.derived is None)

    @property
    def header(self) -> tuple[str, ...]:
        """The header of a landing file."""
        return tuple(column.name for column in self.landing)

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns inside the table's files, without the partition keys."""
        return tuple(column for column in self.columns if not column.partition)

    @property
    def partitions(self) -> tuple[Column, ...]:
        """The partition keys."""
        return tuple(column for column in self.columns if column.partition)


def parse(document: Mapping[str, Any]) -> Contract:
    """Read a contract document.

    Args:
        document: the contract as JSON or YAML gives it; its first schema object is the dataset.

    Raises:
        ContractError: something that the pipeline needs is missing, or a primary key or `latestBy` names no column.
    """
    name = str(document.get("id", "?"))
    schema = _first(document.get("schema"), name, "schema")
    properties = schema.get("properties", ())
    custom = {item["property"]: item["value"] for item in schema.get("customProperties", ())}
    latency = next((item for item in document.get("slaProperties", ()) if item.get("property") == "latency"), None)
    contract = Contract(
        dataset=_need(schema, "name", name),
        description=str(schema.get("description", "")),
        owner=_owner(document),
        job=_need(custom, "job", name),
        columns=tuple(_column(item, name) for item in properties),
        key=_key(properties),
        latest_by=_need(custom, "latestBy", name),
        max_object_bytes=int(_need(custom, "maxObjectBytes", name)),
        max_content_bytes=int(_need(custom, "maxContentBytes", name)),
        rules=tuple(_rules(schema, name)),
        fresh_within=_hours(latency, name) if latency else None,
        fresh_by=str(_need(latency, "element", name)).rpartition(".")[2] if latency else None,
    )
    _check(contract)
    return contract


def _check(contract: Contract) -> None:
    name, columns = contract.dataset, [column.name for column in contract.columns]
    if not contract.key:
        raise ContractError(f"contract {name}: no property is a primaryKey")
    if contract.latest_by not in contract.header:
        problem = f"latestBy names {contract.latest_by!r}, which is no column of a landing file"
        raise ContractError(f"contract {name}: {problem}")
    if contract.fresh_by is not None and contract.fresh_by not in columns:
        raise ContractError(f"contract {name}: the latency's element names {contract.fresh_by!r}, which is no column")


def loads(text: str | bytes) -> Contract:
    """Read a contract from JSON text, the form in which Terraform publishes it.

    Raises:
        ContractError: as for `parse`, or the text is no JSON object.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ContractError(f"contract: not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ContractError("contract: a JSON object is needed")
    return parse(document)


def _column(item: Mapping[str, Any], contract: str) -> Column:
    options = item.get("logicalTypeOptions") or {}
    return Column(
        name=_need(item, "name", contract),
        type=_need(item, "physicalType", f"{contract}.{item.get('name')}"),
        required=bool(item.get("required", False)),
        pattern=options.get("pattern"),
        minimum=_number(options.get("minimum")),
        maximum=_number(options.get("maximum")),
        above=_number(options.get("exclusiveMinimum")),
        min_length=options.get("minLength"),
        max_length=options.get("maxLength"),
        allowed=_allowed(item.get("quality") or ()),
        references=next((str(link["to"]) for link in item.get("relationships") or ()), None),
        partition=bool(item.get("partitioned", False)),
        derived=item.get("transformLogic"),
        description=str(item.get("description", "")),
    )


def _key(properties: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    keys = [item for item in properties if item.get("primaryKey")]
    return tuple(item["name"] for item in sorted(keys, key=lambda item: int(item.get("primaryKeyPosition", 1))))


def _owner(document: Mapping[str, Any]) -> str:
    members = (document.get("team") or {}).get("members") or ()
    return next((str(member["username"]) for member in members if member.get("role") == "owner"), "")


def _hours(latency: Mapping[str, Any], contract: str) -> Decimal:
    unit = _need(latency, "unit", contract)
    if unit not in _HOURS:
        raise ContractError(f"contract {contract}: the latency's unit is {unit!r}, not one of {', '.join(_HOURS)}")
    return Decimal(str(_need(latency, "value", contract))) * _HOURS[unit]


def _is_of_each_row(rule: Mapping[str, Any]) -> bool:
    # Only "no invalid value at all" is a rule for each row; a tolerance is a rule for the whole table.
    return rule.get("metric") == "invalidValues" and rule.get("mustBe") == 0 and "validValues" in _arguments(rule)


def _arguments(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    return rule.get("arguments") or {}


def _allowed(rules: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return next((tuple(map(str, _arguments(rule)["validValues"])) for rule in rules if _is_of_each_row(rule)), ())


def _rules(schema: Mapping[str, Any], contract: str) -> Iterator[Rule]:
    for rule in schema.get("quality") or ():
        yield _rule(rule, None, contract)
    for item in schema.get("properties", ()):
        for rule in item.get("quality") or ():
            if not _is_of_each_row(rule):
                yield _rule(rule, item["name"], contract)


def _rule(item: Mapping[str, Any], column: str | None, contract: str) -> Rule:
    where = f"{contract}, rule {item.get('name', '?')}"
    operator = next((word for word in OPERATORS if word in item), None)
    if operator is None:
        raise ContractError(f"contract {where}: one of {', '.join(OPERATORS)} is needed")
    if item.get("severity") not in SEVERITIES:
        raise ContractError(f"contract {where}: severity is one of {', '.join(SEVERITIES)}")
    query = _need(item, "query", where) if item.get("type") == "sql" else None
    return Rule(
        name=_need(item, "name", where),
        column=column,
        metric=None if query else _need(item, "metric", where),
        query=query,
        unit=str(item.get("unit", "rows")),
        operator=operator,
        threshold=Decimal(str(item[operator])),
        dimension=_need(item, "dimension", where),
        severity=item["severity"],
        description=str(item.get("description", "")),
    )


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _first(items: Any, contract: str, what: str) -> Mapping[str, Any]:
    if not isinstance(items, list) or not items or not isinstance(items[0], dict):
        raise ContractError(f"contract {contract}: {what} is missing or empty")
    return items[0]


def _need(item: Mapping[str, Any], key: str, where: str) -> Any:
    if item.get(key) in (None, ""):
        raise ContractError(f"contract {where}: {key} is missing")
    return item[key]
