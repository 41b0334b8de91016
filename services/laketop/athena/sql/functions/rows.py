"""Trino's page "Data types: ROW": how rows are made and taken apart."""

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts, rule
from laketop.athena.sql.functions.call import Call, Rule

PAGE = "Data types: ROW"


def construct(values: list[Expr]) -> Expr:
    """ROW(…) of values; its fields have no names."""
    packed = []
    for number, value in enumerate(values):
        # a bare NULL needs a type to be carried
        sql = f"CAST({value.sql} AS INTEGER)" if value.type == t.UNKNOWN else value.sql
        packed.append(f'"f{number}" := {sql}')
    return Expr(f"struct_pack({', '.join(packed)})", t.Row(tuple((None, value.type) for value in values)))


@rule(exp.Tuple)
def _tuple(node: exp.Tuple, context: Context) -> Expr:
    return construct([compile_expression(item, context) for item in parts(node, "expressions")[0]])


def _row(call: Call) -> Expr:
    if not call.args:
        raise fail("FUNCTION_NOT_FOUND", "Function 'row' not registered", call.node)
    return construct(call.args)


def field(value: Expr, number: int) -> Expr:
    """The field of a row at a position, from 0."""
    assert isinstance(value.type, t.Row)  # noqa: S101 - the caller's promise
    return Expr(f"struct_extract({value.sql}, 'f{number}')", value.type.fields[number][1])


def subscript(value: Expr, index: exp.Expr) -> Expr:
    """`row[1]`: a field by its position, which must be a number as it stands.

    Raises:
        SqlError: EXPRESSION_NOT_CONSTANT for anything but a literal, INVALID_FUNCTION_ARGUMENT for no field's number.
    """
    assert isinstance(value.type, t.Row)  # noqa: S101 - the caller's promise
    number = index.this if isinstance(index, exp.Neg) else index
    if not isinstance(number, exp.Literal) or number.is_string or not number.this.isdigit():
        raise fail("EXPRESSION_NOT_CONSTANT", "Subscript expression on ROW requires a constant index", index)
    position, size = int(number.this) * (1 if number is index else -1), len(value.type.fields)
    if position < 1:
        problem = f"Invalid subscript index: {position}. ROW indices start at 1"
        raise fail("INVALID_FUNCTION_ARGUMENT", problem, index)
    if position > size:
        problem = f"Subscript index out of bounds: {position}, max value is {size}"
        raise fail("INVALID_FUNCTION_ARGUMENT", problem, index)
    return field(value, position - 1)


def spread(value: Expr, node: exp.Expr) -> list[tuple[str | None, Expr]]:
    """`row.*`: its fields with their names.

    Raises:
        SqlError: TYPE_MISMATCH for anything but a row.
    """
    if not isinstance(value.type, t.Row):
        raise fail("TYPE_MISMATCH", "expected expression of type Row", node)
    return [(name, field(value, number)) for number, (name, _) in enumerate(value.type.fields)]


LOWERED: dict[str, Rule] = {"row": _row}
