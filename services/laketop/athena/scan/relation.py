"""A DuckDB view over a table's Parquet files: columns by name, with the catalog's types.

A column that a file lacks is NULL; a column whose type in the file is not the catalog's is HIVE_BAD_DATA as on Athena,
never a silent conversion. Runs in the engine's worker, on the files that the plan named. Follows "Handle schema
updates" (Parquet is read by name) of the Athena user guide.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC

import duckdb

from laketop.athena.scan.iceberg import relation as iceberg
from laketop.athena.scan.parquet import listed, of_file, reader
from laketop.athena.scan.plan import File, ScanPlan
from laketop.athena.sql import hidden, text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column
from laketop.athena.sql.errors import SqlError

type Connection = duckdb.DuckDBPyConnection

# What may stand in the file for a type of the catalog; a wider type reads a narrower one.
_ACCEPTED: dict[t.Type, tuple[str, ...]] = {
    t.BOOLEAN: ("BOOLEAN",),
    t.TINYINT: ("TINYINT",),
    t.SMALLINT: ("SMALLINT", "TINYINT"),
    t.INTEGER: ("INTEGER", "SMALLINT", "TINYINT", "UTINYINT", "USMALLINT"),
    t.BIGINT: ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UTINYINT", "USMALLINT", "UINTEGER"),
    t.REAL: ("FLOAT",),
    t.DOUBLE: ("DOUBLE", "FLOAT"),
    t.VARBINARY: ("BLOB",),
    t.DATE: ("DATE",),
}
_TIMES = ("TIMESTAMP", "TIMESTAMP_MS", "TIMESTAMP_S", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE")
_NOT_PARQUET = ("No magic bytes", "too small to be a Parquet file", "Invalid footer")


@dataclass(frozen=True)
class _Footers:
    """What the footers of a query's files say, read once for all its tables.

    Attributes:
        schemas: file → its schema as a text, the same for files that can be read together.
        sizes: (file, a column's name in small letters) → its compressed bytes.
        described: schema → the columns as DuckDB reads them: name in small letters → (name, type); filled when asked.
    """

    schemas: Mapping[str, str]
    sizes: Mapping[tuple[str, str], int]
    described: dict[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)


def create_views(connection: Connection, plans: Sequence[ScanPlan]) -> int:
    """Define the views of a query's plans in a connection that may read their files.

    Returns:
        The bytes that the query's columns take up in the files (compressed), the measure of what it scans.

    Raises:
        SqlError: HIVE_BAD_DATA for a file that is no Parquet, or whose types are not the catalog's.
    """
    files = list({file.url: file for plan in plans for file in plan.files}.values())
    footers = _footers(connection, files) if files else _Footers({}, {})
    scanned = 0
    for plan in plans:
        query, size = _rows(connection, plan, footers)
        connection.execute(f"CREATE TEMP VIEW {plan.view} AS {query}")
        scanned += size
    return scanned


def _rows(connection: Connection, plan: ScanPlan, footers: _Footers) -> tuple[str, int]:
    """The query that a plan's view is, and the bytes that it scans."""
    if not plan.files or plan.iceberg is None:
        return _plain_rows(connection, plan, footers), _scanned(plan, footers)
    trees = iceberg.trees(connection, plan, plan.iceberg, footers.schemas)
    query = iceberg.rows(plan, plan.iceberg, footers.schemas, trees)
    return query, iceberg.scanned(plan, plan.iceberg, trees, footers.sizes)


def _plain_rows(connection: Connection, plan: ScanPlan, footers: _Footers) -> str:
    if plan.rows:
        kinds = [t.duckdb_type(column.type) for column in plan.columns]
        return " UNION ALL ".join(f"SELECT {_literals(row, kinds)}" for row in plan.rows)
    if not plan.files:
        items = [
            f"CAST(NULL AS {t.duckdb_type(column.type)}) AS c{number}"
            for number, column in enumerate([*plan.columns, *plan.keys])
        ]
        items += [f"CAST(NULL AS {_HIDDEN[name][0]}) AS {name}" for name in sorted(plan.hidden)]
        return f"SELECT {', '.join(items) or '1'} WHERE FALSE"
    groups: dict[str, list[File]] = defaultdict(list)
    for file in plan.files:
        groups[footers.schemas[file.url]].append(file)
    return " UNION ALL ".join(
        _select(plan, files, _described(connection, schema, files[0], footers)) for schema, files in groups.items()
    )


def _literals(row: Sequence[str], kinds: Sequence[str]) -> str:
    pairs = enumerate(zip(row, kinds, strict=True))
    return ", ".join(f"CAST({value} AS {kind}) AS c{number}" for number, (value, kind) in pairs)


def _footers(connection: Connection, files: Sequence[File]) -> _Footers:
    names = listed(file.url for file in files)
    schemas = f"""
        SELECT file_name, string_agg(concat_ws('/', name, type, repetition_type, num_children, converted_type, scale,
               precision, 'id' || field_id, CAST(logical_type AS VARCHAR)), ';' ORDER BY position)
        FROM (SELECT *, row_number() OVER () AS position FROM parquet_schema({names}))
        GROUP BY file_name"""  # noqa: S608 - parts are compiled or quoted
    sizes = f"""
        SELECT file_name, lower(string_split(path_in_schema, ', ')[1]), sum(total_compressed_size)
        FROM parquet_metadata({names}) GROUP BY ALL"""  # noqa: S608 - parts are compiled or quoted
    try:
        found = dict(connection.execute(schemas).fetchall())
        columns = {(file, name): int(size) for file, name, size in connection.execute(sizes).fetchall()}
    except duckdb.Error as error:
        raise _unreadable(error, files) from error
    return _Footers(found, columns)


def _described(connection: Connection, schema: str, file: File, footers: _Footers) -> Mapping[str, tuple[str, str]]:
    if schema not in footers.described:
        rows = connection.execute(f"DESCRIBE SELECT * FROM {reader([file.url])}").fetchall()  # noqa: S608 - parts are compiled or quoted
        footers.described[schema] = {name.lower(): (name, type_) for name, type_, *_ in rows}
    return footers.described[schema]


def _scanned(plan: ScanPlan, footers: _Footers) -> int:
    names = {column.name for number, column in enumerate(plan.columns) if number in plan.used}
    return sum(footers.sizes.get((file.url, name), 0) for file in plan.files for name in names)


def _unreadable(error: duckdb.Error, files: Sequence[File]) -> SqlError:
    message = str(error)
    named = next((file.name for file in files if file.url in message), files[0].name)
    if any(sign in message for sign in _NOT_PARQUET):
        return SqlError("HIVE_BAD_DATA", f"Not valid Parquet file: {named}")
    return SqlError("HIVE_CANNOT_OPEN_SPLIT", f"Error opening Hive split {named}: {message.splitlines()[0]}")


def _select(plan: ScanPlan, files: Sequence[File], have: Mapping[str, tuple[str, str]]) -> str:
    items = [
        f"{_column(column, have.get(column.name), files[0])} AS c{number}" for number, column in enumerate(plan.columns)
    ]
    for position, key in enumerate(plan.keys):
        values = [plan.partitions[file.partition][position] for file in files]
        items.append(f"{of_file(values, t.duckdb_type(key.type))} AS c{len(plan.columns) + position}")
    for name in sorted(plan.hidden):
        kind, said = _HIDDEN[name]
        items.append(f"{of_file([said(plan, file) for file in files], kind)} AS {name}")
    return f"SELECT {', '.join(items)} FROM {reader(file.url for file in files)}"  # noqa: S608 - parts are compiled or quoted


def _modified(_: ScanPlan, file: File) -> str:
    if file.modified is None:
        return "NULL"
    moment = file.modified.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")
    return f"{{'t': TIMESTAMP '{moment}', 'z': 'UTC'}}"


# the hidden columns by their names in the view: DuckDB's type, and a file's value as a DuckDB literal
_HIDDEN: dict[str, tuple[str, Callable[[ScanPlan, File], str]]] = {
    hidden.NAMES[hidden.PATH]: ("VARCHAR", lambda _, file: text.string(file.name)),
    hidden.NAMES[hidden.SIZE]: ("BIGINT", lambda _, file: str(file.size)),
    hidden.NAMES[hidden.MODIFIED]: (t.duckdb_type(t.TimestampTz(3)), _modified),
    hidden.NAMES[hidden.PARTITION]: ("VARCHAR", lambda plan, file: text.string(plan.names[file.partition])),
}


def _column(column: Column, have: tuple[str, str] | None, file: File) -> str:
    if have is None:
        return f"CAST(NULL AS {t.duckdb_type(column.type)})"
    name, kind = have
    converted = convert(text.name(name), kind, column.type)
    if converted is None:
        problem = (
            f"Field {column.name}'s type {kind} in parquet file {file.name} "
            f"is incompatible with type {column.type} defined in table schema"
        )
        raise SqlError("HIVE_BAD_DATA", problem)
    return converted


def convert(sql: str, kind: str, type_: t.Type) -> str | None:
    """A value of a file as its catalog type.

    Args:
        sql: the column.
        kind: its type in the file, as DuckDB calls it.

    Returns:
        DuckDB SQL; None where the types are not compatible.
    """
    match type_:
        case t.Simple() if type_ in _ACCEPTED:
            return f"CAST({sql} AS {t.duckdb_type(type_)})" if kind in _ACCEPTED[type_] else None
        case t.Varchar(length):
            return {"VARCHAR": _cut(sql, length), "BLOB": _cut(f"decode({sql})", length)}.get(kind)
        case t.Decimal(precision, scale):
            return _decimal(sql, kind, precision, scale)
        case t.Timestamp():
            return _timestamp(sql, kind)
    wanted = _file_type(type_)
    # DuckDB puts the names that are words of its own in quotes
    same = wanted is not None and kind.replace('"', "") == wanted.replace('"', "")
    return _nested(sql, type_) if same else None


def _cut(sql: str, length: int | None) -> str:
    return sql if length is None else f"left({sql}, {length})"


def _decimal(sql: str, kind: str, precision: int, scale: int) -> str | None:
    if not kind.startswith("DECIMAL("):
        return None
    have_precision, have_scale = (int(part) for part in kind[8:-1].split(","))
    if have_scale != scale or have_precision > precision:
        return None
    return f"CAST({sql} AS DECIMAL({precision},{scale}))"


def _timestamp(sql: str, kind: str) -> str | None:
    """In UTC and rounded to milliseconds, the precision of Athena's timestamp columns."""
    if kind not in _TIMES:
        return None
    if kind in ("TIMESTAMP_MS", "TIMESTAMP_S"):
        return f"CAST({sql} AS TIMESTAMP)"
    moved = f"(epoch_us({sql}) + 500)"
    # half up, before 1970 too
    return f"make_timestamp({moved} - (({moved} % 1000 + 1000) % 1000))"


def _file_type(type_: t.Type) -> str | None:
    """What DuckDB calls a nested type in a file, None where a part of it would have to be converted."""
    match type_:
        case t.Array(element):
            inner = _file_type(element)
            return inner and f"{inner}[]"
        case t.Map(key, value):
            a, b = _file_type(key), _file_type(value)
            return f"MAP({a}, {b})" if a and b else None
        case t.Row(fields):
            parts = [(name or "", _file_type(field)) for name, field in fields]
            if not all(inner for _, inner in parts):
                return None
            return "STRUCT(" + ", ".join(f"{name} {inner}" for name, inner in parts) + ")"
    return t.duckdb_type(type_)


def _nested(sql: str, type_: t.Type) -> str:
    """A value with its parts as a query has them: rows by position, texts and times in the catalog's precision."""
    if not _altered(type_):
        return sql
    match type_:
        case t.Array(element):
            return f"list_transform({sql}, lambda e: {_nested('e', element)})"
        case t.Map(key, value):
            keys = _nested(f"map_keys({sql})", t.Array(key))
            values = _nested(f"map_values({sql})", t.Array(value))
            return f"CASE WHEN {sql} IS NULL THEN NULL ELSE map({keys}, {values}) END"
        case t.Row(fields):
            parts = ", ".join(
                f"f{number} := {_nested(f'struct_extract({sql}, {text.string(name or str())})', field)}"
                for number, (name, field) in enumerate(fields)
            )
            return f"CASE WHEN {sql} IS NULL THEN NULL ELSE struct_pack({parts}) END"
        case t.Varchar(length):
            return _cut(sql, length)
    return str(_timestamp(sql, "TIMESTAMP"))


def _altered(type_: t.Type) -> bool:
    match type_:
        case t.Array(element):
            return _altered(element)
        case t.Map(key, value):
            return _altered(key) or _altered(value)
        case t.Varchar(length):
            return length is not None
    return isinstance(type_, t.Row | t.Timestamp)
