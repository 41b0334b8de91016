"""A function call, and the forms in which a function can be called.

A `Form` says what types a function takes, what it gives and how DuckDB says it. A function whose meaning needs more
than a template is a rule: a Python function from `Call` to `Expr`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, converts
from laketop.athena.sql.core import Context, Expr, compile_expression, costly, fail, let
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.parse import place

ANY = "any"
TEXT = "varchar"  # of any length; a bare NULL is a varchar(0)
CHAR = "char"
INTEGER = "integer"
DECIMAL = "decimal"
FLOAT = "floating"
TIME = "timestamp"  # timestamp of any precision, with or without zone
LIST = "array"

_KINDS: dict[str, Callable[[t.Type], bool]] = {
    ANY: lambda _: True,
    TEXT: lambda type_: isinstance(type_, t.Varchar),
    CHAR: lambda type_: isinstance(type_, t.Char),
    INTEGER: t.is_integer,
    DECIMAL: lambda type_: isinstance(type_, t.Decimal),
    FLOAT: t.is_float,
    TIME: lambda type_: isinstance(type_, t.Timestamp | t.TimestampTz),
    LIST: lambda type_: isinstance(type_, t.Array),
}


@dataclass(frozen=True)
class Call:
    """A call as it was written.

    Attributes:
        name: the function's name in lower case.
        node: the call in the tree.
        context: where it stands.
        nodes: its arguments.
        condition: the condition of an aggregate's FILTER, in DuckDB SQL.
        over: the OVER clause in DuckDB SQL, for aggregates and window functions.
        distinct: whether the call says DISTINCT.
        order: ORDER BY inside of the call, in DuckDB SQL.
        window: whether it has OVER.
        ignore_nulls: whether it says IGNORE NULLS.
    """

    name: str
    node: exp.Expr
    context: Context
    nodes: tuple[exp.Expr, ...]
    condition: str = ""
    over: str = ""
    distinct: bool = False
    order: str = ""
    window: bool = False
    ignore_nulls: bool = False

    @cached_property
    def args(self) -> list[Expr]:
        """The compiled arguments."""
        return [compile_expression(node, self.context) for node in self.nodes]

    @property
    def computed(self) -> list[Expr]:
        """The compiled arguments, none where the function's rule did not ask for them: it looks at a NULL itself."""
        found: list[Expr] = self.__dict__.get("args", [])
        return found

    def unexpected(self) -> SqlError:
        """The error of a call that fits none of the function's forms."""
        given = ", ".join(str(value.type) for value in self.args)
        return fail("FUNCTION_NOT_FOUND", f"Unexpected parameters ({given}) for function {self.name}", self.node)

    def refuse(self, what: str) -> SqlError:
        """The refusal of a use of the function that is not supported."""
        return not_supported(f"{self.name}: {what}", *place(self.node))

    def invalid(self, message: str) -> SqlError:
        """Trino's error for a wrong argument, which it finds when the query runs: it has no place."""
        return SqlError("INVALID_FUNCTION_ARGUMENT", message)

    def text_literal(self, position: int, what: str) -> str:
        """The string literal at a position.

        Raises:
            SqlError: NOT_SUPPORTED where it is anything else.
        """
        value = self.args[position]
        if not isinstance(value.literal, str):
            raise self.refuse(f"{what} must be a literal")
        return value.literal


type Gives = t.Type | Callable[[list[Expr]], t.Type]
type Rule = Callable[[Call], Expr]


@dataclass(frozen=True)
class Form:
    """One way to call a function.

    Attributes:
        takes: for each argument a type that it must convert to, or a kind of types that it must be of.
        gives: the result's type, or a function from the arguments to it.
        sql: DuckDB SQL with {0}, {1}, … for the arguments.
    """

    takes: tuple[t.Type | str, ...]
    gives: Gives
    sql: str


def fit(call: Call, forms: tuple[Form, ...]) -> tuple[Form, list[Expr]] | None:
    """The first form that the arguments fit, and the arguments in its types."""
    for exact in (True, False):
        for form in forms:
            if len(form.takes) == len(call.args) and all(
                _accepts(take, value.type, exact=exact) for take, value in zip(form.takes, call.args, strict=True)
            ):
                return form, [_taken(take, value) for take, value in zip(form.takes, call.args, strict=True)]
    return None


def _accepts(take: t.Type | str, type_: t.Type, *, exact: bool) -> bool:
    if isinstance(take, str):
        return _KINDS[take](type_) or (take == TEXT and type_ == t.UNKNOWN and not exact)
    if exact:
        return type_ == take or (isinstance(take, t.Varchar) and isinstance(type_, t.Varchar))
    return converts(type_, take)


def _taken(take: t.Type | str, value: Expr) -> Expr:
    if take == TEXT and value.type == t.UNKNOWN:
        return coerce(value, t.Varchar(0))
    return value if isinstance(take, str) else coerce(value, take)


def apply(call: Call, forms: tuple[Form, ...]) -> Expr:
    """Compile a call by the forms of its function.

    Raises:
        SqlError: FUNCTION_NOT_FOUND where no form fits, in Trino's words.
    """
    found = fit(call, forms)
    if found is None:
        raise call.unexpected()
    form, values = found
    gives = form.gives(values) if callable(form.gives) else form.gives
    return Expr(_filled(form.sql, [value.sql for value in values]), gives)


def _filled(template: str, operands: list[str]) -> str:
    """The template with its operands; one that is used more than once is computed once."""
    for number, operand in enumerate(operands):
        # a macro may use its arguments more than once
        if (template.count(f"{{{number}}}") > 1 or "tr_" in template) and costly(operand):
            return _named(template, operands, number)
    return template.format(*operands)


def _named(template: str, operands: list[str], number: int) -> str:
    """The template with its operands, where the one of that number is computed once and used by a name."""
    before, after = operands[:number], operands[number + 1 :]
    return let(operands[number], lambda name: _filled(template, [*before, name, *after]))


def same(values: list[Expr]) -> t.Type:
    """The type of the first argument."""
    return values[0].type


def aggregated(call: Call, function: str, operands: str, type_: t.Type, where: str = "") -> Expr:
    """An aggregate or window function in DuckDB SQL, with its DISTINCT, ORDER BY, FILTER and OVER.

    Args:
        function: DuckDB's name.
        operands: its arguments in DuckDB SQL.
        where: a condition beside the call's own FILTER.
    """
    distinct = "DISTINCT " if call.distinct else ""
    conditions = " AND ".join(f"({condition})" for condition in (call.condition, where) if condition)
    filtered = f" FILTER (WHERE {conditions})" if conditions else ""
    return Expr(f"{function}({distinct}{operands}{call.order}){filtered}{call.over}", type_)


def bare(call: Call, template: str, type_: t.Type) -> Expr:
    """An aggregate or window function in DuckDB SQL, with its DISTINCT, ORDER BY, FILTER and OVER."""
    distinct = "DISTINCT " if call.distinct else ""
    where = f" FILTER (WHERE {call.condition})" if call.condition else ""
    # replaced, not formatted: what a user wrote may have braces
    filled = template.replace("{distinct}", distinct).replace("{order}", call.order)
    return Expr(filled + where + call.over, type_)


def with_args(call: Call, args: list[Expr]) -> Call:
    """The same call with other arguments."""
    copy = replace(call)
    copy.__dict__["args"] = args
    return copy


def ambiguous(call: Call) -> SqlError:
    """The error of a call whose bare NULL may be of more than one type."""
    message = "Could not choose a best candidate operator. Explicit type casts must be added."
    return fail("AMBIGUOUS_FUNCTION_CALL", message, call.node)
