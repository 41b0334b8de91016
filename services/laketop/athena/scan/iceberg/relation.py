"""A DuckDB query over the data files of an Iceberg table: columns by field id, without the rows that were deleted.

Runs in the engine's worker, on the files that the plan named. Follows "Column Projection" and "Position Delete Files"
of the Iceberg table spec.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import duckdb

from laketop.athena.scan.iceberg.fields import Field, IcebergSchema
from laketop.athena.scan.iceberg.projection import Projection
from laketop.athena.scan.iceberg.tree import COLUMNS, Node, SchemaRow, build
from laketop.athena.scan.parquet import listed, of_file, reader
from laketop.athena.scan.plan import File, ScanPlan
from laketop.athena.sql import hidden, text
from laketop.athena.sql import types as t

type Connection = duckdb.DuckDBPyConnection
type Trees = Mapping[str, Mapping[int, Node]]  # file → its columns by field id

_PATH = hidden.NAMES[hidden.PATH]


def trees(connection: Connection, plan: ScanPlan, schema: IcebergSchema, footers: Mapping[str, str]) -> Trees:
    """The columns of a plan's files.

    Args:
        footers: file → its schema as a text, the same for files that can be read together.

    Raises:
        SqlError: ICEBERG_BAD_DATA or NOT_SUPPORTED, see `tree.build`.
    """
    known: dict[str, Mapping[int, Node]] = {}
    for file in plan.files:
        if footers[file.url] not in known:
            query = f"SELECT {COLUMNS} FROM parquet_schema({text.string(file.url)})"  # noqa: S608 - the name is quoted
            rows = [SchemaRow(*row) for row in connection.execute(query).fetchall()]
            known[footers[file.url]] = build(rows, file.name, schema.mapping)
    return {file.url: known[footers[file.url]] for file in plan.files}


def rows(plan: ScanPlan, schema: IcebergSchema, footers: Mapping[str, str], columns: Trees) -> str:
    """The query for a plan's rows; the plan has files.

    Raises:
        SqlError: ICEBERG_BAD_DATA for a file whose types do not fit.
    """
    groups: dict[tuple[str, tuple[str, ...]], list[File]] = defaultdict(list)
    for file in plan.files:
        groups[footers[file.url], tuple(url for url, _ in file.deletes)].append(file)
    return " UNION ALL ".join(
        _select(plan, schema, files, deletes, columns[files[0].url]) for (_, deletes), files in groups.items()
    )


def scanned(plan: ScanPlan, schema: IcebergSchema, columns: Trees, sizes: Mapping[tuple[str, str], int]) -> int:
    """The bytes of the columns that the query names, and of the files that say what is deleted.

    Args:
        sizes: (file, a column's name in small letters) → its compressed bytes.
    """
    used = [field.id for number, field in enumerate(schema.fields) if number in plan.used]
    nodes = [(file.url, columns[file.url].get(number)) for file in plan.files for number in used]
    data = sum(sizes.get((url, node.name.lower()), 0) for url, node in nodes if node is not None)
    return data + sum({url: size for file in plan.files for url, size in file.deletes}.values())


def _select(
    plan: ScanPlan, schema: IcebergSchema, files: Sequence[File], deletes: Sequence[str], have: Mapping[int, Node]
) -> str:
    constants = [dict(file.constants) for file in files]

    def constant(field: Field) -> str | None:
        values = [known.get(field.id, "NULL") for known in constants]
        return of_file(values, t.duckdb_type(field.type)) if set(values) != {"NULL"} else None

    projection = Projection(files[0].name, constant)
    nodes = [have.get(field.id) for field in schema.fields]
    items = [
        f"{projection.column(field, node, text.name(node.name) if node else '')} AS c{number}"
        for number, (field, node) in enumerate(zip(schema.fields, nodes, strict=True))
    ]
    if _PATH in plan.hidden:
        items.append(f"{of_file([text.string(file.name) for file in files], 'VARCHAR')} AS {_PATH}")
    source = reader(file.url for file in files)
    return f"SELECT {', '.join(items)} FROM {source} AS data{_without(files, deletes)}"  # noqa: S608 - parts are quoted


def _without(files: Sequence[File], deletes: Sequence[str]) -> str:
    """The join that leaves out the rows whose file and position a delete file names."""
    if not deletes:
        return ""
    position = f"list_position({listed(file.name for file in files)}, file_path) - 1"
    gone = f"SELECT {position} AS file, pos FROM {reader(deletes)}"  # noqa: S608 - parts are quoted
    return f" ANTI JOIN ({gone}) AS gone ON gone.file = data.file_index AND gone.pos = data.file_row_number"
