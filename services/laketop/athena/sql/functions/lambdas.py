"""Trino's page "Lambda expressions": x -> … as an argument of a function.

A lambda has no type before the function says what its arguments are, so it is compiled by the function's rule, not with
the other arguments. It becomes a lambda of DuckDB, which sees the columns around it as Trino's does.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, Field, Scope, compile_expression, fail, parts, rule
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.functions.call import Call
from laketop.athena.sql.functions.elements import carried
from laketop.athena.sql.parse import place

PAGE = "Lambda expressions"

# What looks like a function and is syntax of its own.
_NO_FUNCTIONS = ("coalesce", "nullif", "try", "if")


@dataclass(frozen=True)
class Lambda:
    """A compiled lambda.

    Attributes:
        names: its arguments' names in DuckDB.
        body: what it returns.
    """

    names: tuple[str, ...]
    body: Expr

    @property
    def sql(self) -> str:
        """The body in exactly the type that carries it."""
        return carried(self.body)


def values(call: Call, count: int, given: int) -> list[Expr]:
    """The first `given` arguments, which are no lambdas, of a function that takes `count`.

    Raises:
        SqlError: FUNCTION_NOT_FOUND where there are more or fewer, or a lambda is missing.
    """
    if len(call.nodes) != count or not all(isinstance(node, exp.Lambda) for node in call.nodes[given:]):
        raise unexpected(call)
    if any(isinstance(node, exp.Lambda) for node in call.nodes[:given]):
        raise unexpected(call)
    return [compile_expression(node, call.context) for node in call.nodes[:given]]


def unexpected(call: Call) -> SqlError:
    """The error of a call that fits none of the function's forms, where one of its arguments may be a lambda."""
    shown = ["<function>" if isinstance(node, exp.Lambda) else _type(node, call.context) for node in call.nodes]
    return fail("FUNCTION_NOT_FOUND", f"Unexpected parameters ({', '.join(shown)}) for function {call.name}", call.node)


def _type(node: exp.Expr, context: Context) -> str:
    return str(compile_expression(node, context).type)


def bind(
    call: Call, position: int, types: tuple[t.Type, ...], taken: Callable[[str], tuple[str, ...]] | None = None
) -> Lambda:
    """Compile a lambda for arguments of the given types.

    Args:
        position: which argument of the call it is.
        taken: DuckDB SQL of each argument from the first one's DuckDB name, where they are parts of one value.

    Raises:
        SqlError: INVALID_PARAMETER_USAGE for a wrong number of arguments, and what is wrong with the body.
    """
    node = call.nodes[position]
    body_node, arguments = parts(node, "this", "expressions")
    if len(arguments) != len(types):
        problem = f"Expected a lambda that takes {len(types)} argument(s) but got {len(arguments)}"
        raise fail("INVALID_PARAMETER_USAGE", problem, node)
    for part in body_node.walk():
        if isinstance(part, exp.Subquery | exp.Exists | exp.Select):
            raise not_supported("Lambda expression cannot contain subqueries", *place(part))
    # the same expression must get the same text wherever it stands, so the names count the scopes, not the lambdas
    depth = _depth(call.context.scope)
    names = tuple(f"x{depth}_{number}" for number in range(len(types)))
    operands = taken(names[0]) if taken else names
    fields = tuple(
        Field(argument.name, None, sql, type_) for argument, sql, type_ in zip(arguments, operands, types, strict=True)
    )
    inner = replace(
        call.context,
        scope=Scope(fields, call.context.scope),
        aggregates=None,
        windows=False,
        clause="Lambda expression",
    )
    return Lambda(names, compile_expression(body_node, inner))


def _depth(scope: Scope | None) -> int:
    return 0 if scope is None else 1 + _depth(scope.parent)


def condition(
    call: Call, position: int, types: tuple[t.Type, ...], taken: Callable[[str], tuple[str, ...]] | None = None
) -> Lambda:
    """A lambda that must return a boolean.

    Raises:
        SqlError: FUNCTION_NOT_FOUND where it returns anything else, even a bare NULL.
    """
    found = bind(call, position, types, taken)
    if found.body.type != t.BOOLEAN:
        raise unexpected(call)
    return found


@rule(exp.JSONExtract)
def _arrow(node: exp.JSONExtract, _: Context) -> Expr:
    """An arrow that does not stand in a call, which the parser takes for another system's access to JSON."""
    left = node.this.unnest()
    if (isinstance(left, exp.Column) and not left.table) or isinstance(left, exp.Tuple | exp.Identifier):
        raise fail("TYPE_MISMATCH", "Lambda expression should always be used inside a function", node)
    raise fail("SYNTAX_ERROR", "mismatched input '->'", node)


@rule(exp.Lambda)
def _misplaced(node: exp.Lambda, context: Context) -> Expr:
    """A lambda that no rule of a function asked for."""
    parent = node.parent
    name = str(parent.this).lower().strip('"') if isinstance(parent, exp.Anonymous) else ""
    if not isinstance(parent, exp.Anonymous) or name in _NO_FUNCTIONS:
        raise fail("TYPE_MISMATCH", "Lambda expression should always be used inside a function", node)
    raise unexpected(Call(name, parent, context, tuple(parent.expressions)))
