"""Putting texts together: concat, || and concat_ws of Trino's page "String functions and operators"."""

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce
from laketop.athena.sql.core import Context, Expr, fail, let, parts, rule
from laketop.athena.sql.functions.call import Call, Rule, ambiguous, with_args
from laketop.athena.sql.functions.planned import alone
from laketop.athena.sql.strict import strict

_LONGEST_CHAR = 65536
_UNLIMITED = _LONGEST_CHAR + 3  # what a varchar without limit counts for in the length of a char


def _concat(call: Call) -> Expr:
    if not call.args:
        raise ambiguous(call)
    if len(call.args) == 1 and (isinstance(call.args[0].type, t.Varchar) or call.args[0].type == t.VARBINARY):
        type_ = t.VARBINARY if call.args[0].type == t.VARBINARY else t.VARCHAR
        value = with_args(call, [coerce(call.args[0], type_)])
        return alone(value, "There must be two or more concatenation arguments")
    return joined(call)


def joined(call: Call) -> Expr:
    """Values put together; NULL where one of them is NULL (DuckDB's concat() would skip it).

    Raises:
        SqlError: FUNCTION_NOT_FOUND where the types do not go together, AMBIGUOUS_FUNCTION_CALL for some bare NULLs.
    """
    if any(isinstance(value.type, t.Array) for value in call.args):
        from laketop.athena.sql.functions import arrays

        return arrays.concatenated(call)
    known = [value.type for value in call.args if value.type != t.UNKNOWN]
    if not known:
        raise ambiguous(call)
    if len(call.args) == 2 and len(known) == 1:
        return _with_null(call, known[0])
    if all(type_ == t.VARBINARY for type_ in known):
        return _all(call, t.VARBINARY)
    if all(isinstance(type_, t.Varchar) for type_ in known):
        return _all(call, t.VARCHAR)
    if len(known) == 2 and all(isinstance(type_, t.Varchar | t.Char) for type_ in known):
        return _chars(call)
    raise call.unexpected()


def _all(call: Call, type_: t.Type) -> Expr:
    return Expr("(" + " || ".join(coerce(value, type_).sql for value in call.args) + ")", type_)


def _with_null(call: Call, type_: t.Type) -> Expr:
    """A bare NULL beside a value is taken for an array of such values, unless another reading is as good."""
    if type_ in (t.VARCHAR, t.VARBINARY) or isinstance(type_, t.Char):
        raise ambiguous(call)
    array = t.Array(type_)
    return Expr(f"CAST(NULL AS {t.duckdb_type(array)})", array)


def _chars(call: Call) -> Expr:
    left, right = call.args
    lengths = [value.type.length if isinstance(value.type, t.Varchar | t.Char) else 0 for value in call.args]
    size = sum(_UNLIMITED if length is None else length for length in lengths)
    if size > _LONGEST_CHAR:
        raise fail("TYPE_NOT_FOUND", f"Unknown type: char({size})", call.node)
    return Expr(f"rtrim(rpad({left.sql}, {lengths[0]}, ' ') || {right.sql}, ' ')", t.Char(size))


def _concat_ws(call: Call) -> Expr:
    types = [value.type for value in call.args]
    if len(types) == 2 and isinstance(types[1], t.Array):
        return _elements(call, types[1])
    if not types or not all(isinstance(type_, t.Varchar) or type_ == t.UNKNOWN for type_ in types):
        raise call.unexpected()
    if len(types) == 2 and types[1] == t.UNKNOWN != types[0]:
        raise ambiguous(call)
    if len(types) == 1:
        return alone(with_args(call, [coerce(call.args[0], t.VARCHAR)]), "There must be two or more arguments")
    separator, *values = (coerce(value, t.VARCHAR).sql for value in call.args)
    return Expr(f"CASE WHEN {separator} IS NOT NULL THEN concat_ws({', '.join([separator, *values])}) END", t.VARCHAR)


def _elements(call: Call, type_: t.Array) -> Expr:
    separator, values = call.args
    texts = isinstance(type_.element, t.Varchar) or type_.element == t.UNKNOWN
    if not texts or not (isinstance(separator.type, t.Varchar) or separator.type == t.UNKNOWN):
        raise call.unexpected()
    listed = f"CAST({values.sql} AS VARCHAR[])"
    by = coerce(separator, t.VARCHAR).sql
    return Expr(let(listed, lambda name: f"tr_str_joined({name}, {by})"), t.VARCHAR)


@rule(exp.DPipe)
def _pipe(node: exp.DPipe, context: Context) -> Expr:
    left, right, _ = parts(node, "this", "expression", "safe")
    call = Call("concat", node, context, (left, right))
    return strict(call.args, joined(call))


LOWERED: dict[str, Rule] = {"concat": _concat, "concat_ws": _concat_ws}
