"""A contract document made of what a file shows: a beginning that its owner goes over."""

from collections.abc import Sequence
from typing import Any

from contracts.tools.profiles import FEW, Profile

_LOGICAL = {"int": "integer", "bigint": "integer", "decimal": "number", "double": "number"}
_TIMES = ("timestamp", "date")
_CHANGED = ("updated", "modified")
_KEY_TYPES = ("string", "int", "bigint")
_ROWS_A_VALUE = 20  # rows for each different value, before the values are taken for all that there are
_LONGEST_VALUE = 50  # characters of an allowed value
MAX_OBJECT_BYTES = 536_870_912
MAX_CONTENT_BYTES = 4_294_967_296


def document(dataset: str, profiles: Sequence[Profile], rows: int, owner: str, source: str) -> dict[str, Any]:
    """The contract of a dataset, in the form of the Open Data Contract Standard 3.1.0.

    Args:
        dataset: its name.
        profiles: the columns of the example file, in its order.
        rows: how many rows were looked at.
        owner: who answers for it.
        source: the example file's name, for the descriptions.
    """
    key = key_of(profiles)
    latest = latest_of(profiles, key)
    properties = [_property(item, source, key) for item in profiles]
    if month := month_of(profiles):
        properties.append(_month(month, [item.name for item in profiles]))
    custom = {
        "job": f"{dataset}_etl",
        "maxObjectBytes": MAX_OBJECT_BYTES,
        "maxContentBytes": MAX_CONTENT_BYTES,
        "latestBy": latest,
    }
    schema = {
        "name": dataset,
        "logicalType": "object",
        "physicalType": "table",
        "description": f"One row per {' and '.join(key) if len(key) <= 3 else 'distinct row'}, as in {source}.",
        "dataGranularityDescription": f"one row per {', '.join(key)}",
        "customProperties": [{"property": name, "value": value} for name, value in custom.items()],
        "quality": [_volume()],
        "properties": properties,
    }
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": dataset,
        "name": dataset,
        "version": "1.0.0",
        "status": "draft",
        "domain": dataset,
        "dataProduct": "lakehouse",
        "description": {
            "purpose": f"Inferred from {source}; say here what the data are for.",
            "limitations": f"Types and rules are those of the {rows} rows that were looked at. Times are UTC.",
            "usage": f"One row per {', '.join(key)}.",
        },
        "team": {"name": owner.partition("@")[0], "members": [{"username": owner, "role": "owner"}]},
        "schema": [schema],
    }


def key_of(profiles: Sequence[Profile]) -> list[str]:
    """The primary key: a column of texts or whole numbers that never repeats, an id rather than another; else all."""
    unique = [item for item in profiles if item.unique and item.type in _KEY_TYPES]
    ids = [item for item in unique if item.name == "id" or item.name.endswith("_id")]
    return [(ids or unique)[0].name] if unique else [item.name for item in profiles]


def latest_of(profiles: Sequence[Profile], key: Sequence[str]) -> str:
    """The column whose greatest value holds: a time (of the last change rather than another), else the key's first."""
    times = [item for item in profiles if item.type in _TIMES]
    ranked = sorted(times, key=lambda item: (not _is_change(item), item.missing > 0, item.type != "timestamp"))
    return ranked[0].name if ranked else key[0]


def month_of(profiles: Sequence[Profile]) -> Profile | None:
    """The column whose month is the partition: a time that every row has, of what happened rather than of the report.

    A time of change moves with each report, and would leave a row's former report in another partition.
    """
    times = [item for item in profiles if item.type in _TIMES and not item.missing]
    ranked = sorted(times, key=lambda item: (_is_change(item), item.type != "timestamp"))
    return ranked[0] if ranked else None


def _is_change(item: Profile) -> bool:
    return item.name.startswith(_CHANGED) or item.name.endswith(_CHANGED)


def _property(item: Profile, source: str, key: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": item.name,
        "description": f"{item.name.replace('_', ' ').capitalize()}, as {source} has it.",
        "logicalType": _LOGICAL.get(item.type.partition("(")[0], item.type),
        "physicalType": item.type,
        "required": item.missing == 0,
    }
    if item.name in key:
        found |= {"unique": True} if len(key) == 1 else {}
        found |= {"primaryKey": True, "primaryKeyPosition": key.index(item.name) + 1}
    elif allowed := _allowed(item):
        rule = {"type": "library", "metric": "invalidValues", "arguments": {"validValues": allowed}, "mustBe": 0}
        found["quality"] = [rule]
    if item.examples:
        found["examples"] = item.examples
    return found


def _allowed(item: Profile) -> list[str]:
    values = sorted(item.distinct)
    few = 0 < len(values) <= FEW and item.present >= _ROWS_A_VALUE * len(values)
    short = all(len(value) <= _LONGEST_VALUE for value in values)
    return values if item.type == "string" and few and short else []


def _month(item: Profile, taken: Sequence[str]) -> dict[str, Any]:
    name = f"{item.name}_month"[:61]
    while name in taken:
        name = f"{name[:56]}_part"
    return {
        "name": name,
        "description": f"The month of {item.name} in UTC; the table's partitions.",
        "logicalType": "string",
        "physicalType": "string",
        "required": True,
        "logicalTypeOptions": {"pattern": "^[0-9]{4}-[0-9]{2}$"},
        "partitioned": True,
        "partitionKeyPosition": 1,
        "transformSourceObjects": [item.name],
        "transformLogic": f"date_format({item.name}, 'yyyy-MM')",
        "examples": [value[:7] for value in item.examples[:1]],
    }


def _volume() -> dict[str, Any]:
    return {
        "name": "volume",
        "description": "As many rows as usual, against the mean of the runs before.",
        "type": "library",
        "metric": "rowCount",
        "unit": "percent",
        "mustBeGreaterOrEqualTo": 50,
        "dimension": "completeness",
        "severity": "warning",
    }
