"""A dataset's contract, as the pipeline's code sees it.

The contract file (Open Data Contract Standard 3.1.0, YAML) is the one place that says what a dataset is. Terraform
publishes it as JSON, because the Lambda runtime has no YAML parser; this module reads that document.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


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
        allowed: the allowed values; empty where any is allowed.
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
    allowed: tuple[str, ...]
    partition: bool
    derived: str | None
    description: str


@dataclass(frozen=True)
class Contract:
    """A dataset: its columns in order, its key, and the limits of its landing files.

    Attributes:
        dataset: the dataset's name, e.g. `transactions`.
        columns: all columns in the contract's order.
        key: names of the primary key's columns.
        latest_by: the column whose greatest value holds among rows with one key.
        max_object_bytes: largest landing object as stored.
        max_content_bytes: largest landing file after decompression.
    """

    dataset: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    latest_by: str
    max_object_bytes: int
    max_content_bytes: int

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
    columns = tuple(_column(item, name) for item in schema.get("properties", ()))
    keys = [item for item in schema.get("properties", ()) if item.get("primaryKey")]
    custom = {item["property"]: item["value"] for item in schema.get("customProperties", ())}
    contract = Contract(
        dataset=_need(schema, "name", name),
        columns=columns,
        key=tuple(item["name"] for item in sorted(keys, key=lambda item: int(item.get("primaryKeyPosition", 1)))),
        latest_by=_need(custom, "latestBy", name),
        max_object_bytes=int(_need(custom, "maxObjectBytes", name)),
        max_content_bytes=int(_need(custom, "maxContentBytes", name)),
    )
    if not contract.key:
        raise ContractError(f"contract {name}: no property is a primaryKey")
    if contract.latest_by not in contract.header:
        raise ContractError(
            f"contract {name}: latestBy names {contract.latest_by!r}, which is no column of a landing file"
        )
    return contract


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
        allowed=_allowed(item.get("quality") or ()),
        partition=bool(item.get("partitioned", False)),
        derived=item.get("transformLogic"),
        description=str(item.get("description", "")),
    )


def _allowed(rules: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    # Only "no invalid value at all" is a rule for each row; a tolerance is a rule for the whole table.
    for rule in rules:
        if rule.get("metric") == "invalidValues" and rule.get("mustBe") == 0:
            return tuple(str(value) for value in rule["arguments"]["validValues"])
    return ()


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
