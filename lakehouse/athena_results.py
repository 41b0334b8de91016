"""What a query gave: its figures, and its rows as dictionaries, as a pandas frame or as an Arrow table."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lakehouse import athena_types
from lakehouse.waiting import patiently

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from mypy_boto3_athena.client import AthenaClient

# pandas has NULL in its own types of integers and booleans only; NumPy's would become floats and lose digits.
_PANDAS = {
    "int8": "Int8Dtype",
    "int16": "Int16Dtype",
    "int32": "Int32Dtype",
    "int64": "Int64Dtype",
    "bool_": "BooleanDtype",
}


@dataclass(frozen=True)
class ResultColumn:
    """A column of a result: its name, its type in Athena's words, and the digits of a decimal."""

    name: str
    type: str
    precision: int = 0
    scale: int = 0


@dataclass(frozen=True)
class QueryResult:
    """A query that succeeded. Rows are asked for when they are wanted, 1000 a request.

    Attributes:
        athena: the client that asks.
        id: the query execution's id.
        state: SUCCEEDED.
        kind: DDL, DML or UTILITY.
        output: address of the result file, or None where there is none.
        scanned_bytes: what the query read.
        engine_ms: milliseconds that it ran.
        total_ms: milliseconds from its start, waiting in the queue included.
    """

    athena: "AthenaClient" = field(repr=False, compare=False)
    id: str
    state: str
    kind: str
    output: str | None
    scanned_bytes: int
    engine_ms: int
    total_ms: int

    @classmethod
    def of(cls, athena: "AthenaClient", execution: Any) -> "QueryResult":
        """Read a `QueryExecution` of GetQueryExecution."""
        figures = execution.get("Statistics", {})
        return cls(
            athena=athena,
            id=execution["QueryExecutionId"],
            state=execution["Status"]["State"],
            kind=execution.get("StatementType", ""),
            output=execution.get("ResultConfiguration", {}).get("OutputLocation") or None,
            scanned_bytes=int(figures.get("DataScannedInBytes", 0)),
            engine_ms=int(figures.get("EngineExecutionTimeInMillis", 0)),
            total_ms=int(figures.get("TotalExecutionTimeInMillis", 0)),
        )

    @cached_property
    def columns(self) -> tuple[ResultColumn, ...]:
        """The result's columns in order."""
        answer = patiently(lambda: self.athena.get_query_results(QueryExecutionId=self.id, MaxResults=1))
        return _columns(answer)

    def iter_rows(self) -> Iterator[dict[str, Any]]:
        """The rows one after the other, a page in memory at a time: column name → value as `athena_types.read` says.

        NULL is None and the empty string is "".

        Raises:
            ValueError: two columns have one name, so that a dictionary would lose one.
        """
        columns = self.columns
        twice = [name for name, count in Counter(column.name for column in columns).items() if count > 1]
        if twice:
            raise ValueError(f"query {self.id}: two columns are named {twice[0]!r}; give one an alias, or use to_arrow")
        for page in self._pages():
            for row in page:
                yield {
                    column.name: athena_types.read(column.type, text) for column, text in zip(columns, row, strict=True)
                }

    def rows(self) -> list[dict[str, Any]]:
        """All rows, as `iter_rows` gives them."""
        return list(self.iter_rows())

    def to_arrow(self, limit: int | None = None) -> "pa.Table":
        """The rows as an Arrow table typed as the result is; timestamps have microseconds, time zones become UTC.

        Args:
            limit: so many rows at most, the first ones; None for all. What is behind them is not asked for.

        Raises:
            ModuleNotFoundError: pyarrow is not installed here.
            pyarrow.ArrowInvalid, pyarrow.ArrowTypeError: the column's Arrow type cannot hold a value.
        """
        pa = _need("pyarrow")
        columns = self.columns
        types = [athena_types.arrow_type(pa, item.type, item.precision, item.scale) for item in columns]
        schema = pa.schema([pa.field(item.name, type_) for item, type_ in zip(columns, types, strict=True)])
        batches: list[Any] = []
        left = limit
        for whole in self._pages():
            page = whole[:left]
            values = [
                pa.array([athena_types.read(column.type, row[number]) for row in page], type_)
                for number, (column, type_) in enumerate(zip(columns, types, strict=True))
            ]
            batches.append(pa.record_batch(values, schema=schema))
            if left is not None:
                left -= len(page)
                if left <= 0:
                    break
        return pa.Table.from_batches(batches, schema)

    def to_pandas(self) -> "pd.DataFrame":
        """All rows as a pandas frame: integers and booleans in pandas' types with NA, decimals and dates as objects.

        Raises:
            ModuleNotFoundError: pandas or pyarrow is not installed here.
            pyarrow.ArrowInvalid, pyarrow.ArrowTypeError: as for `to_arrow`.
        """
        pandas, pa = _need("pandas"), _need("pyarrow")
        kinds = {getattr(pa, name)(): getattr(pandas, kind)() for name, kind in _PANDAS.items()}
        frame: pd.DataFrame = self.to_arrow().to_pandas(types_mapper=kinds.get)
        return frame

    def _pages(self) -> Iterator[list[list[str | None]]]:
        """The rows as text, without the header that the first page of a CSV result begins with."""
        names = [column.name for column in self.columns]
        token: dict[str, Any] = {}
        first = True
        while first or token:
            answer = patiently(lambda: self.athena.get_query_results(QueryExecutionId=self.id, **token))  # noqa: B023
            rows = [[cell.get("VarCharValue") for cell in row.get("Data", ())] for row in answer["ResultSet"]["Rows"]]
            # Results of DDL and utility statements are text files, which have no header.
            text = (self.output or "").endswith(".txt")
            headed = first and not text and rows[:1] == [names]
            rows = [_cells(row, len(names)) for row in rows] if text else rows
            yield rows[1:] if headed else rows
            token = {"NextToken": answer["NextToken"]} if answer.get("NextToken") else {}
            first = False


def _cells(row: list[str | None], count: int) -> list[str | None]:
    """A line of a text file as cells: of a DESCRIBE's, all are in the first one, padded and between tabs."""
    if len(row) == count or len(row) != 1:
        return row
    cells: list[str | None] = [cell.rstrip(" ") for cell in (row[0] or "").split("\t", count - 1)]
    return cells + [None] * (count - len(cells))


def _columns(answer: Any) -> tuple[ResultColumn, ...]:
    return tuple(
        ResultColumn(item["Name"], item["Type"].lower(), item.get("Precision", 0), item.get("Scale", 0))
        for item in answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    )


def _need(package: str) -> Any:
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{package} is not installed here, and this result was asked for in its form; "
            f"use rows() or iter_rows(), or install {package}",
            name=package,
        ) from error
