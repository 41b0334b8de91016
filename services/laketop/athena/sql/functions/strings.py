"""Trino's page "String functions and operators".

Lengths of results are types: `substr` of a varchar(6) is a varchar(6), `concat` a varchar without limit.
"""

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts, rule
from laketop.athena.sql.functions.call import LIST, TEXT, Call, Form, Rule, same

# What Trino's trim takes away: Java's Character.isWhitespace.
_SPACES = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"  # noqa: E501
_WHITE = text.string(_SPACES)

# From position 1, or from the end; position 0 and positions outside give ''.
_SUBSTRING = (
    "CASE WHEN {0} IS NULL THEN NULL WHEN {1} = 0 OR -{1} > length({0}) THEN '' ELSE substring({0}, {1}{2}) END"
)


def _replaced(values: list[Expr]) -> t.Type:
    """Trino's bound for the length of replace(): every character, and every gap, may become the new text."""
    lengths = [value.type.length if isinstance(value.type, t.Varchar) else None for value in values]
    if any(length is None for length in lengths):
        return t.VARCHAR
    source, _, new = (length or 0 for length in lengths)
    return t.Varchar(source + (source + 1) * new)


FORMS: dict[str, tuple[Form, ...]] = {
    "length": (
        Form((TEXT,), t.BIGINT, "length({0})"),
        Form((t.VARBINARY,), t.BIGINT, "octet_length({0})"),
    ),
    "lower": (Form((TEXT,), same, "tr_lower({0})"),),
    "upper": (Form((TEXT,), same, "tr_upper({0})"),),
    **{
        name: (Form((TEXT,), same, f"{name}({{0}}, {_WHITE})"), Form((TEXT, TEXT), same, f"{name}({{0}}, {{1}})"))
        for name in ("trim", "ltrim", "rtrim")
    },
    "substr": (
        Form((TEXT, t.BIGINT), same, _SUBSTRING.format("{0}", "{1}", "")),
        Form((TEXT, t.BIGINT, t.BIGINT), same, _SUBSTRING.format("{0}", "{1}", ", greatest({2}, 0)")),
    ),
    "reverse": (Form((TEXT,), same, "tr_reverse({0})"), Form((LIST,), same, "list_reverse({0})")),
    "strpos": (Form((TEXT, TEXT), t.BIGINT, "CAST(instr({0}, {1}) AS BIGINT)"),),
    "starts_with": (Form((TEXT, TEXT), t.BOOLEAN, "starts_with({0}, {1})"),),
    "to_utf8": (Form((TEXT,), t.VARBINARY, "encode({0})"),),
    "md5": (Form((t.VARBINARY,), t.VARBINARY, "unhex(md5({0}))"),),
    "sha256": (Form((t.VARBINARY,), t.VARBINARY, "unhex(sha256({0}))"),),
    "to_hex": (Form((t.VARBINARY,), t.VARCHAR, "hex({0})"),),
    "to_base64": (Form((t.VARBINARY,), t.VARCHAR, "base64({0})"),),
    "replace": (
        Form((TEXT, TEXT, TEXT), _replaced, "replace({0}, {1}, {2})"),
        Form((TEXT, TEXT), same, "replace({0}, {1}, '')"),
    ),
}


def _concat(call: Call) -> Expr:
    if len(call.args) < 2:
        raise fail("INVALID_FUNCTION_ARGUMENT", "There must be two or more concatenation arguments", call.node)
    return joined(call.args, call)


def joined(values: list[Expr], call: Call) -> Expr:
    """Text put together; NULL where a part is NULL (DuckDB's concat() would skip it)."""
    if not all(isinstance(value.type, t.Varchar) for value in values):
        if all(isinstance(value.type, t.Array) for value in values):
            raise call.refuse("arrays")
        known = [value for value in values if value.type != t.UNKNOWN]
        if not known or not all(isinstance(value.type, t.Varchar) for value in known):
            raise call.unexpected()
    return Expr("(" + " || ".join(coerce(value, t.VARCHAR).sql for value in values) + ")", t.VARCHAR)


def _concat_ws(call: Call) -> Expr:
    if len(call.args) < 2 or not all(isinstance(v.type, t.Varchar) or v.type == t.UNKNOWN for v in call.args):
        raise call.unexpected()
    values = ", ".join(coerce(value, t.VARCHAR).sql for value in call.args)
    return Expr(f"CASE WHEN {call.args[0].sql} IS NULL THEN NULL ELSE concat_ws({values}) END", t.VARCHAR)


def _split_part(call: Call) -> Expr:
    if len(call.args) != 3 or not isinstance(call.args[0].type, t.Varchar) or not t.is_integer(call.args[2].type):
        raise call.unexpected()
    if not call.text_literal(1, "the delimiter"):
        raise call.refuse("an empty delimiter")
    index = call.args[2].literal
    if not isinstance(index, int):
        raise call.refuse("an index that is no literal")
    if index < 1:
        raise call.invalid("Index must be greater than zero")
    value, delimiter = call.args[0], call.args[1].sql
    return Expr(f"list_extract(string_split({value.sql}, {delimiter}), {index})", value.type)


def _pad(side: str) -> Rule:
    def compiled(call: Call) -> Expr:
        if len(call.args) != 3 or not isinstance(call.args[0].type, t.Varchar) or not t.is_integer(call.args[1].type):
            raise call.unexpected()
        size = call.args[1].literal
        if not call.text_literal(2, "the padding"):
            raise call.invalid("Padding string must not be empty")
        if not isinstance(size, int):
            raise call.refuse("a target length that is no literal")
        if not 0 <= size <= 2**31 - 1:
            raise call.invalid(f"Target length must be in the range [0..2147483647], but was {size}")
        return Expr(f"{side}({call.args[0].sql}, {size}, {call.args[2].sql})", t.VARCHAR)

    return compiled


def _split(call: Call) -> Expr:
    if len(call.args) != 2 or not isinstance(call.args[0].type, t.Varchar):
        raise call.unexpected()
    if not call.text_literal(1, "the delimiter"):
        raise call.invalid("The delimiter may not be the empty string")
    return Expr(f"string_split({call.args[0].sql}, {call.args[1].sql})", t.Array(call.args[0].type))


LOWERED: dict[str, Rule] = {
    "concat": _concat,
    "concat_ws": _concat_ws,
    "split_part": _split_part,
    "lpad": _pad("lpad"),
    "rpad": _pad("rpad"),
    "split": _split,
}


@rule(exp.DPipe)
def _pipe(node: exp.DPipe, context: Context) -> Expr:
    left, right, _ = parts(node, "this", "expression", "safe")
    call = Call("concat", node, context, (left, right))
    if t.UNKNOWN in [value.type for value in call.args]:
        # Trino takes a bare NULL here for an array
        raise call.refuse("a bare NULL as operand of ||")
    return joined(call.args, call)


@rule(exp.Substring)
def _substring(node: exp.Substring, context: Context) -> Expr:
    from laketop.athena.sql.functions.registry import compile_call

    value, start, length = parts(node, "this", "start", "length")
    arguments = tuple(part for part in (value, start, length) if part is not None)
    return compile_call(Call("substr", node, context, arguments))


@rule(exp.StrPosition)
def _position(node: exp.StrPosition, context: Context) -> Expr:
    from laketop.athena.sql.functions.registry import compile_call

    value, needle = parts(node, "this", "substr")
    return compile_call(Call("strpos", node, context, (value, needle)))


@rule(exp.Trim)
def _trim(node: exp.Trim, context: Context) -> Expr:
    value_node, side, characters = parts(node, "this", "position", "expression")
    function = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side or "BOTH", "trim")
    value = compile_expression(value_node, context)
    if not isinstance(value.type, t.Varchar):
        raise fail("FUNCTION_NOT_FOUND", f"Unexpected parameters ({value.type}) for function {function}", node)
    if characters is None:
        return Expr(f"{function}({value.sql}, {_WHITE})", value.type)
    taken = compile_expression(characters, context)
    if not isinstance(taken.type, t.Varchar):
        raise fail("FUNCTION_NOT_FOUND", f"Unexpected parameters ({taken.type}) for function {function}", node)
    return Expr(f"{function}({value.sql}, {taken.sql})", value.type)
