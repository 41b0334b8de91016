"""A query's rows as Parquet files, one a partition, in the types that Athena writes and that Athena and Spark read.

Timestamps are INT96 and decimals are fixed bytes, as Athena's own. Follows "INSERT INTO" and "Use CTAS and INSERT INTO
to work around the 100 partition limit" of the Athena user guide.
"""

import datetime
import decimal
import shutil
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from laketop.athena.engine.job import Output, Written
from laketop.athena.scan.paths import HIVE_NULL
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column
from laketop.athena.sql.errors import SqlError

MOST_PARTITIONS = 100
_FETCHED, _GROUP_ROWS, _GROUP_BYTES = 65536, 1_000_000, 128 << 20

_ARROW: dict[t.Type, Any] = {
    t.BOOLEAN: pa.bool_(),
    t.TINYINT: pa.int8(),
    t.SMALLINT: pa.int16(),
    t.INTEGER: pa.int32(),
    t.BIGINT: pa.int64(),
    t.REAL: pa.float32(),
    t.DOUBLE: pa.float64(),
    t.VARBINARY: pa.binary(),
    t.DATE: pa.date32(),
}


def write(connection: duckdb.DuckDBPyConnection, sql: str, output: Output) -> tuple[int, tuple[Written, ...]]:
    """Run a query and write its rows; a file has at least one row.

    Args:
        sql: DuckDB SQL with columns c0, c1, …: the data columns, then the partition columns.

    Returns:
        How many rows there are, and the files.

    Raises:
        SqlError: HIVE_TOO_MANY_OPEN_PARTITIONS, HIVE_INVALID_PARTITION_VALUE.
    """
    folder = Path(output.folder)
    # a query may be run again in another form
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    count, written, values = 0, list[Written](), set[tuple[str, ...]]()
    rows = connection.execute(_sorted(sql, output)).to_arrow_reader(_FETCHED)
    writer: _File | None = None
    try:
        for partition, piece in _pieces(rows, output):
            if writer is None or writer.partition != partition:
                if writer is not None:
                    writer.close()
                values.add(partition)
                if len(values) > MOST_PARTITIONS:
                    problem = f"Exceeded limit of {MOST_PARTITIONS} open writers for partitions/buckets"
                    raise SqlError("HIVE_TOO_MANY_OPEN_PARTITIONS", problem)
                path = folder / f"{len(written)}.parquet"
                writer = _File(path, partition, output)
                written.append(Written(str(path), partition))
            count += piece.num_rows
            writer.add(piece)
    finally:
        if writer is not None:
            writer.close()
    return count, tuple(written)


class _File:
    """A file that is being written: small pieces are gathered into row groups."""

    def __init__(self, path: Path, partition: tuple[str, ...], output: Output) -> None:
        self.partition = partition
        self._schema = pa.schema([(column.name, arrow_type(column.type)) for column in output.columns])
        self._pieces: list[Any] = []
        self._rows = self._bytes = 0
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            compression=output.compression,
            compression_level=output.level,
            use_deprecated_int96_timestamps=True,
            store_schema=False,
        )

    def add(self, piece: Any) -> None:
        """Rows in DuckDB's own types."""
        pairs = zip(piece.columns, self._schema, strict=True)
        named = pa.RecordBatch.from_arrays([array.view(field.type) for array, field in pairs], schema=self._schema)
        self._pieces.append(named)
        self._rows, self._bytes = self._rows + piece.num_rows, self._bytes + piece.nbytes
        if self._rows >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._pieces:
            self._writer.write_table(pa.Table.from_batches(self._pieces, self._schema), row_group_size=_GROUP_ROWS)
        self._pieces, self._rows, self._bytes = [], 0, 0

    def close(self) -> None:
        """Write what is left."""
        try:
            self._flush()
        finally:
            self._writer.close()


def arrow_type(type_: t.Type) -> Any:
    """The Arrow type with which a column's values are written.

    Raises:
        KeyError: a Hive table has no such column.
    """
    match type_:
        case t.Decimal(precision, scale):
            return pa.decimal128(precision, scale)
        case t.Varchar() | t.Char():
            return pa.string()
        case t.Timestamp():
            return pa.timestamp("us")
        case t.Array(element):
            return pa.list_(pa.field("element", arrow_type(element)))
        case t.Map(key, value):
            return pa.map_(arrow_type(key), arrow_type(value))
        case t.Row(fields):
            return pa.struct([(name or f"f{number}", arrow_type(field)) for number, (name, field) in enumerate(fields)])
    return _ARROW[type_]


def _sorted(sql: str, output: Output) -> str:
    """The query with the rows of each partition together."""
    if not output.keys:
        return sql
    first = len(output.columns)
    items = [f"c{number}" for number in range(first)]
    keys = [f"c{first + number}" for number in range(len(output.keys))]
    values = [_key(name, key) for name, key in zip(keys, output.keys, strict=True)]
    shown = ", ".join([*items, *(f"{value} AS {name}" for value, name in zip(values, keys, strict=True))])
    return f"SELECT {shown} FROM ({sql}) AS p ORDER BY {', '.join(values)}"  # noqa: S608 - parts are compiled


def _key(name: str, key: Column) -> str:
    """A partition column: a text of nothing, and Hive's word for NULL, make the same folder as NULL."""
    return f"nullif(nullif({name}, ''), '{HIVE_NULL}')" if isinstance(key.type, t.Varchar) else name


def _pieces(rows: Any, output: Output) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The rows in order, cut where the partition changes: its values, and the data columns."""
    first = len(output.columns)
    for batch in rows:
        if batch.num_rows == 0:
            continue
        data = batch.select(range(first))
        keys = [batch.column(first + number) for number in range(len(output.keys))]
        for start, end in pairwise(_cuts(keys, batch.num_rows)):
            values = tuple(_text(key[start].as_py()) for key in keys)
            yield values, data.slice(start, end - start)


def _cuts(keys: Iterable[Any], size: int) -> list[int]:
    """Where runs of the same values begin, and the end."""
    cuts = {0, size}
    for key in keys:
        # of the same length, each value beside the one before it
        before, here = key.slice(0, size - 1), key.slice(1)
        nulls = pc.not_equal(pc.is_null(before), pc.is_null(here))
        changed = pc.or_kleene(nulls, pc.fill_null(pc.not_equal(before, here), False))
        cuts.update(number + 1 for number in pc.indices_nonzero(changed).to_pylist())
    return sorted(cuts)


def _text(value: Any) -> str:
    """A partition's value as the catalog keeps it.

    Raises:
        SqlError: HIVE_INVALID_PARTITION_VALUE for signs that a path cannot have.
    """
    match value:
        case None:
            return HIVE_NULL
        case bool():
            return str(value).lower()
        case decimal.Decimal():
            return f"{value.normalize():f}"
        case datetime.date():
            return value.isoformat()
    found = str(value)
    if not all(" " <= sign <= "~" for sign in found):
        shown = " ".join(f"{byte:02X}" for byte in found.encode())
        problem = (
            f"Hive partition keys can only contain printable ASCII characters (0x20 - 0x7E). Invalid value: {shown}"
        )
        raise SqlError("HIVE_INVALID_PARTITION_VALUE", problem)
    return found
