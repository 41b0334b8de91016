"""A query's conditions as pyiceberg's expressions, to leave out files by partition and by column bounds.

DuckDB applies the whole WHERE again, so a condition that is left out costs time, never rows.
"""

from collections.abc import Callable, Sequence
from typing import Any

from pyiceberg import expressions as ice
from pyiceberg.expressions.visitors import bind
from pyiceberg.schema import Schema

from laketop.athena.scan.iceberg.fields import IcebergSchema
from laketop.athena.sql.core import Condition

# pyiceberg's classes take a column's name and plain values, which their declarations don't say
_EXPRESSIONS: Any = ice
_MAKERS: dict[str, Callable[[str, Sequence[Any]], ice.BooleanExpression]] = {
    "=": lambda name, values: _EXPRESSIONS.EqualTo(name, values[0]),
    "<": lambda name, values: _EXPRESSIONS.LessThan(name, values[0]),
    "<=": lambda name, values: _EXPRESSIONS.LessThanOrEqual(name, values[0]),
    ">": lambda name, values: _EXPRESSIONS.GreaterThan(name, values[0]),
    ">=": lambda name, values: _EXPRESSIONS.GreaterThanOrEqual(name, values[0]),
    "BETWEEN": lambda name, values: ice.And(_MAKERS[">="](name, values[:1]), _MAKERS["<="](name, values[1:])),
    "IN": lambda name, values: _EXPRESSIONS.In(name, set(values)),
}


def row_filter(conditions: Sequence[Condition], schema: IcebergSchema, current: Schema) -> ice.BooleanExpression:
    """What every row of the answer meets, as far as files can be chosen by it.

    Args:
        conditions: all of them must hold; columns by their names in `schema`.
        schema: the columns that the query sees.
        current: the table's current schema, by whose names pyiceberg plans whatever snapshot is read.
    """
    ids = {field.name: field.id for field in schema.fields}
    found: ice.BooleanExpression = ice.AlwaysTrue()
    for condition in conditions:
        name = current.find_column_name(ids[condition.column])
        if name is None or "." in name:
            continue  # dropped since, or a name that pyiceberg takes for a path
        values = [value.isoformat() if hasattr(value, "isoformat") else value for value in condition.values]
        made = _MAKERS[condition.symbol](name, values)
        try:
            bind(current, made, case_sensitive=True)
        except (TypeError, ValueError):
            continue  # the column's type is another one since
        found = ice.And(found, made)
    return found
