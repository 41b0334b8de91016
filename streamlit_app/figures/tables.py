"""A table of the catalogue: what it is, and what its columns are."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from streamlit_app.figures.identifiers import quoted

HIVE, ICEBERG, VIEW = "Hive", "Iceberg", "View"
HIDDEN = "see its files"  # the catalogue does not say how an Iceberg table is partitioned
# the end of a SerDe's name → the format; what Glue calls `classification` counts more
_FORMATS = {
    "ParquetHiveSerDe": "parquet",
    "OrcSerde": "orc",
    "JsonSerDe": "json",
    "OpenCSVSerde": "csv",
    "LazySimpleSerDe": "text",
    "AvroSerDe": "avro",
}
_VIEW = re.compile(r"/\* Presto View: (\S+) \*/")


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in Hive's words, and what it means."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class Table:
    """A table or view.

    Attributes:
        database: its database.
        name: its name.
        kind: `HIVE`, `ICEBERG` or `VIEW`.
        format: of its files, e.g. `parquet`; empty where the catalogue does not say.
        description: what it is, in words; may be empty.
        location: where its files are; empty for a view.
        columns: all, those of the partitions last.
        keys: the columns by which it is partitioned, as the catalogue knows them.
        version: another one for each commit of an Iceberg table; empty for others.
        projected: whether its partitions are worked out, not registered ("Partition projection").
        sql: the text of a view; empty for a table.
    """

    database: str
    name: str
    kind: str
    format: str
    description: str
    location: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    version: str
    projected: bool
    sql: str

    @property
    def label(self) -> str:
        """Database and name, as people write them."""
        return f"{self.database}.{self.name}"

    @property
    def qualified(self) -> str:
        """Database and name for a statement."""
        return f"{quoted(self.database)}.{quoted(self.name)}"


def table_of(entry: Mapping[str, Any]) -> Table:
    """A table of Glue's GetTables."""
    storage, parameters = entry.get("StorageDescriptor", {}), entry.get("Parameters", {})
    keys = entry.get("PartitionKeys", ())
    columns = [
        Column(item["Name"], item.get("Type", ""), item.get("Comment", ""))
        for item in [*storage.get("Columns", ()), *keys]
    ]
    iceberg = parameters.get("table_type", "").upper() == "ICEBERG"
    view = entry.get("TableType") == "VIRTUAL_VIEW"
    serde = storage.get("SerdeInfo", {}).get("SerializationLibrary", "").rpartition(".")[2]
    return Table(
        database=entry["DatabaseName"],
        name=entry["Name"],
        kind=VIEW if view else ICEBERG if iceberg else HIVE,
        format="" if view else parameters.get("classification", _FORMATS.get(serde, "")).lower(),
        description=entry.get("Description", ""),
        location="" if view else storage.get("Location", ""),
        columns=tuple(columns),
        keys=tuple(item["Name"] for item in keys),
        version=parameters.get("metadata_location", "") if iceberg else "",
        projected=parameters.get("projection.enabled", "").lower() == "true",
        sql=view_text(entry.get("ViewOriginalText", "")) if view else "",
    )


def view_text(text: str) -> str:
    """The SQL of a view: Athena keeps it as JSON in Base64; what is none stands as it is."""
    found = _VIEW.fullmatch(text.strip())
    if not found:
        return text
    try:
        return str(json.loads(base64.b64decode(found[1], validate=True))["originalSql"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return text


def overview(tables: Sequence[Table]) -> pd.DataFrame:
    """A row for each table, labelled for people."""
    return pd.DataFrame(
        [
            {
                "Database": table.database,
                "Table": table.name,
                "Type": table.kind,
                "Format": table.format,
                "Columns": len(table.columns),
                "Partitioned by": HIDDEN if table.kind == ICEBERG else ", ".join(table.keys),
                "What it is": table.description,
                "Location": table.location,
            }
            for table in tables
        ]
    )


def columns(table: Table) -> pd.DataFrame:
    """A row for each column, labelled for people."""
    return pd.DataFrame(
        [
            {
                "Column": item.name,
                "Type": item.type,
                "What it means": item.comment,
                "Partition key": item.name in table.keys,
            }
            for item in table.columns
        ],
        columns=["Column", "Type", "What it means", "Partition key"],
    )


def split(location: str) -> tuple[str, str]:
    """Bucket and prefix of an `s3://` address, the prefix with a slash at its end; two empty texts for any other."""
    found = re.fullmatch(r"s3[an]?://([^/]+)/?(.*)", location)
    if not found:
        return "", ""
    prefix = found[2].rstrip("/")
    return found[1], f"{prefix}/" if prefix else ""


def preview_sql(table: Table, count: int) -> str:
    """The statement that asks for a table's first rows."""
    return f"SELECT * FROM {table.qualified} LIMIT {count:d}"  # noqa: S608 - names are quoted
