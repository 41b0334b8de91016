"""A lake in a folder: pyiceberg writes tables there under s3:// addresses, our reader finds them by the same ones.

What a query must answer is what pyiceberg itself reads (`to_arrow`).
"""

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow.fs import LocalFileSystem
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO
from pyiceberg.schema import Schema
from pyiceberg.table import Table as IcebergTable

from laketop.athena.catalog_client import GlueCatalog
from laketop.athena.engine.instance import instance
from laketop.athena.engine.worker import prepare
from laketop.athena.results.values import writer
from laketop.athena.scan.objects import Located
from laketop.athena.scan.plan import ScanPlan, plan
from laketop.athena.scan.relation import create_views
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Table, Version
from laketop.athena.sql.translate import Translation, translate

PREFIX = "s3://lake/"


class FolderIO(PyArrowFileIO):
    """`s3://lake/a/b` is `a/b` in the folder that the property `root` names."""

    def _file(self, location: str) -> PyArrowFile:
        assert location.startswith(PREFIX)
        path = f"{self.properties['root']}/{location.removeprefix(PREFIX)}"
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return PyArrowFile(location=location, path=path, fs=LocalFileSystem())

    new_input = _file
    new_output = _file

    def delete(self, location: Any) -> None:
        Path(self._file(location if isinstance(location, str) else location.location)._path).unlink()


class FolderObjects:
    """The same folder as `Objects`; notes which keys were asked for."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked = root, list[str]()

    def list(self, folders: Sequence[tuple[str, str]]) -> Sequence[Sequence[Located]]:
        raise AssertionError(f"nothing of an Iceberg table is listed, but {folders} were")

    def locate(self, bucket: str, key: str) -> str | None:
        self.asked.append(key)
        path = self.root / key
        return str(path) if bucket == "lake" and path.exists() else None


class Lake:
    """Iceberg tables and queries over them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.objects = FolderObjects(root / "objects")
        (root / "objects").mkdir()
        properties = {
            "uri": f"sqlite:///{root}/catalog.db",
            "warehouse": "s3://lake/warehouse",
            "py-io-impl": f"{FolderIO.__module__}.FolderIO",
            "root": str(root / "objects"),
        }
        self.catalog = SqlCatalog("lake", **properties)
        self.catalog.create_namespace("shop")

    def close(self) -> None:
        self.catalog.close()

    def create(self, schema: Schema, name: str = "t", version: int = 2, **more: Any) -> IcebergTable:
        properties = {"format-version": str(version)} | more.pop("properties", {})
        return self.catalog.create_table(f"shop.{name}", schema, properties=properties, **more)

    def append(self, name: str = "t", *rows: dict[str, Any]) -> None:
        table = self.catalog.load_table(f"shop.{name}")
        table.append(pa.Table.from_pylist(list(rows), schema=table.schema().as_arrow()))

    def table(self, database: str | None, name: str, version: Version | None = None) -> Table:
        return GlueCatalog(self, "shop").table(database, name, version)

    def get_table(self, *, DatabaseName: str, Name: str) -> dict[str, Any]:  # noqa: N803 - as boto3 has them
        """As Glue answers."""
        location = self.catalog.load_table(f"{DatabaseName}.{Name}").metadata_location
        return {"Table": {"Parameters": {"table_type": "ICEBERG", "metadata_location": location}}}

    def plans(self, sql: str) -> tuple[Translation, list[ScanPlan]]:
        found = translate(sql, self)
        parts = zip(found.scans, found.used, found.hidden, strict=True)
        return found, [plan(scan, None, self.objects, used, hidden) for scan, used, hidden in parts]  # type: ignore[arg-type]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query, as DuckDB has them."""
        return self.run(sql)[0]

    def texts(self, sql: str) -> list[tuple[str | None, ...]]:
        """The rows of a query, as Athena writes them."""
        rows, found = self.run(sql)
        writers = [writer(column.type) for column in found.columns]
        return [
            tuple(None if value is None else write(value) for write, value in zip(writers, row, strict=True))
            for row in rows
        ]

    def run(self, sql: str) -> tuple[list[tuple[Any, ...]], Translation]:
        found, plans = self.plans(sql)
        scratch = self.root / "scratch"
        scratch.mkdir(exist_ok=True)
        with instance([place for each in plans for place in each.places], scratch) as connection:
            self.scanned = create_views(connection, plans)
            prepare(connection, found.udfs, found.macros)
            return connection.execute(found.sql).fetchall(), found

    def plain(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query as pyiceberg would have them, in an order of their own."""
        rows, found = self.run(sql)
        types = [column.type for column in found.columns]
        return in_order(tuple(map(plain, row, types)) for row in rows)

    def expected(self, name: str = "t", **scan: Any) -> list[tuple[Any, ...]]:
        """All rows of a table as pyiceberg reads them, in an order of their own."""
        rows = self.catalog.load_table(f"shop.{name}").scan(**scan).to_arrow().to_pylist()
        return in_order(tuple(row.values()) for row in rows)


def in_order(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


def plain(value: Any, type_: t.Type) -> Any:
    """A value of the engine's as pyarrow has it."""
    match type_:
        case _ if value is None:
            return None
        case t.Row(fields):
            return {name: plain(part, kind) for (name, kind), part in zip(fields, value.values(), strict=True)}
        case t.Array(element):
            return [plain(part, element) for part in value]
        case t.Map(key, item):
            return [(plain(one, key), plain(other, item)) for one, other in value.items()]
        case t.TimestampTz():
            assert value["z"] == "UTC"
            return value["t"].replace(tzinfo=datetime.UTC)
    return value
