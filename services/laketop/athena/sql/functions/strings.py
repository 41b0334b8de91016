"""Trino's page "String functions and operators": what works on the characters of one text.

Lengths of results are types: `substr` of a varchar(6) is a varchar(6), `concat` a varchar without limit. A char(n) is
carried without the spaces at its end; functions that see them get it filled up.
"""

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts, rule
from laketop.athena.sql.functions import concats, distances, splits
from laketop.athena.sql.functions.call import CHAR, TEXT, Call, Form, Rule, ambiguous, apply, fit, same, with_args

PAGE = "String functions and operators"

# Functions of this page that Athena has and this server has not: name → why.
REFUSED: dict[str, str] = {"word_stem": "stemming of words is not built yet"}

# What Trino's trim takes away: Java's Character.isWhitespace.
_SPACES = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"  # noqa: E501
_WHITE = text.string(_SPACES)
_FORMS_OF_NORMALIZATION = ("NFC", "NFD", "NFKC", "NFKD")
_MOST = 2**31 - 1  # DuckDB cannot go further


def _invalid(message: str, duckdb_type: str = "VARCHAR", hung: str = "{0}") -> str:
    """The template of an error for a wrong argument; it hangs on a text of the row."""
    return text.raising("INVALID_FUNCTION_ARGUMENT", f"{text.string(message)} || left({hung}, 0)", duckdb_type)


def _substring(length: str, none: str, cut: str) -> str:
    """From position 1, or from the end; position 0 and positions outside give nothing."""
    unknown = "{0} IS NULL OR {2} IS NULL" if "{2}" in cut else "{0} IS NULL"
    return (
        f"CASE WHEN {unknown} THEN NULL "
        f"WHEN {{1}} = 0 OR {{1}} < -{length}({{0}}) OR {{1}} > {length}({{0}}) THEN {none} ELSE {cut} END"
    )


_COUNT = f"least(greatest({{2}}, 0), {_MOST})"
_BYTES = "unhex(substring(hex({0}), 2 * CASE WHEN {1} < 0 THEN octet_length({0}) + {1} + 1 ELSE {1} END - 1{count}))"
_NO_BYTES = "CAST('' AS BLOB)"
_SUBSTR = (
    Form((TEXT, t.BIGINT), same, _substring("length", "''", "substring({0}, {1})")),
    Form((TEXT, t.BIGINT, t.BIGINT), same, _substring("length", "''", f"substring({{0}}, {{1}}, {_COUNT})")),
    Form((t.VARBINARY, t.BIGINT), t.VARBINARY, _substring("octet_length", _NO_BYTES, _BYTES.replace("{count}", ""))),
    Form(
        (t.VARBINARY, t.BIGINT, t.BIGINT),
        t.VARBINARY,
        _substring("octet_length", _NO_BYTES, _BYTES.replace("{count}", f", 2 * {_COUNT}")),
    ),
)
_LENGTH = (Form((TEXT,), t.BIGINT, "length({0})"), Form((t.VARBINARY,), t.BIGINT, "octet_length({0})"))


def _pads(side: str) -> tuple[Form, ...]:
    """lpad and rpad, which must not get a size that DuckDB's own could not fill."""
    size = _invalid(f"Target length must be in the range [0..{_MOST}]")
    bytes_size = _invalid(f"Target length must be in the range [0..{_MOST}]", "BLOB", "hex({0})")
    return (
        Form(
            (TEXT, t.BIGINT, TEXT),
            t.VARCHAR,
            f"CASE WHEN {{1}} NOT BETWEEN 0 AND {_MOST} THEN {size} "
            f"WHEN {{2}} = '' THEN {_invalid('Padding string must not be empty')} "
            f"ELSE {side}({{0}}, CAST({{1}} AS INTEGER), {{2}}) END",
        ),
        Form(
            (t.VARBINARY, t.BIGINT, t.VARBINARY),
            t.VARBINARY,
            f"CASE WHEN {{1}} NOT BETWEEN 0 AND {_MOST} THEN {bytes_size} "
            f"WHEN octet_length({{2}}) = 0 THEN {_invalid('Padding bytes must not be empty', 'BLOB', 'hex({0})')} "
            f"ELSE unhex({side}(hex({{0}}), CAST(2 * {{1}} AS INTEGER), hex({{2}}))) END",
        ),
    )


_PADS = {"lpad": _pads("lpad"), "rpad": _pads("rpad")}


def _replaced(values: list[Expr]) -> t.Type:
    """Trino's bound for the length of replace(): every character, and every gap, may become the new text."""
    lengths = [value.type.length if isinstance(value.type, t.Varchar) else None for value in values]
    source, _, new = lengths
    if source is None or new is None:
        return t.VARCHAR
    length = source + (source + 1) * new
    return t.Varchar(length) if length < _MOST else t.VARCHAR


_REPLACE = (
    Form(
        (TEXT, TEXT, TEXT),
        _replaced,
        "CASE WHEN {1} = '' THEN tr_str_between({0}, {2}) ELSE replace({0}, {1}, {2}) END",
    ),
    Form((TEXT, TEXT), same, "replace({0}, {1}, '')"),
)
_STRPOS = (
    Form((TEXT, TEXT), t.BIGINT, "CAST(instr({0}, {1}) AS BIGINT)"),
    Form(
        (TEXT, TEXT, t.BIGINT),
        t.BIGINT,
        # the least number has no positive counterpart in 64 bits
        f"CASE WHEN {{2}} IN (0, -9223372036854775808) THEN {_invalid(chr(39) + 'instance' + chr(39) + ' must be a positive or negative number.', 'BIGINT')} "  # noqa: E501
        "ELSE tr_str_position({0}, {1}, {2}) END",
    ),
)
_REVERSE = (Form((TEXT,), same, "tr_reverse({0})"), Form((t.VARBINARY,), t.VARBINARY, "tr_str_reverse_bytes({0})"))
_UNICODE = "{0} BETWEEN 0 AND 55295 OR {0} BETWEEN 57344 AND 1114111"

FORMS: dict[str, tuple[Form, ...]] = {
    **splits.FORMS,
    **distances.FORMS,
    **_PADS,
    "lower": (Form((TEXT,), same, "tr_lower({0})"), Form((CHAR,), same, "tr_lower({0})")),
    "upper": (Form((TEXT,), same, "tr_upper({0})"), Form((CHAR,), same, "tr_upper({0})")),
    "strpos": _STRPOS,
    "starts_with": (Form((TEXT, TEXT), t.BOOLEAN, "starts_with({0}, {1})"),),
    "translate": (Form((TEXT, TEXT, TEXT), t.VARCHAR, "translate({0}, {1}, {2})"),),
    "to_utf8": (Form((TEXT,), t.VARBINARY, "encode({0})"),),
    "from_utf8": (
        # DuckDB's decode() takes only what is right anyway
        Form((t.VARBINARY,), t.VARCHAR, "coalesce(TRY(decode({0})), py_from_utf8({0}, '\ufffd'))"),
        Form((t.VARBINARY, TEXT), t.VARCHAR, "py_from_utf8({0}, {1})"),
        Form((t.VARBINARY, t.BIGINT), t.VARCHAR, "py_from_utf8_code({0}, {1})"),
    ),
    "chr": (
        Form(
            (t.BIGINT,),
            t.Varchar(1),
            f"CASE WHEN {_UNICODE} THEN chr(CAST({{0}} AS INTEGER)) WHEN {{0}} IS NOT NULL THEN "
            + text.raising("INVALID_FUNCTION_ARGUMENT", "'Not a valid Unicode code point: ' || {0}", "VARCHAR")
            + " END",
        ),
    ),
}


def padded(value: Expr) -> Expr:
    """A char(n) with the spaces at its end, as a varchar."""
    assert isinstance(value.type, t.Char)  # noqa: S101 - the caller's promise
    return Expr(f"rpad({value.sql}, {value.type.length}, ' ')", t.Varchar(value.type.length))


def _filled_up(forms: tuple[Form, ...], *, ambiguous_null: bool = False) -> Rule:
    """A function that takes char(n) as text with its spaces."""

    def compiled(call: Call) -> Expr:
        if call.args and isinstance(call.args[0].type, t.Char):
            return apply(with_args(call, [padded(call.args[0]), *call.args[1:]]), forms)
        if ambiguous_null and call.args and call.args[0].type == t.UNKNOWN and fit(call, forms):
            raise ambiguous(call)
        return apply(call, forms)

    return compiled


def _substr(call: Call) -> Expr:
    numbers = [value.literal for value in call.args[1:]]
    plain = all(isinstance(number, int) and 0 < number <= _MOST for number in numbers)
    if plain and len(numbers) in (1, 2) and isinstance(call.args[0].type, t.Varchar):
        # the common case needs no look at the length
        return Expr(f"substring({', '.join(value.sql for value in call.args)})", call.args[0].type)
    return _filled_up(_SUBSTR, ambiguous_null=True)(call)


def _replace(call: Call) -> Expr:
    if len(call.args) == 3 and call.args[1].literal and fit(call, _REPLACE):
        return Expr(f"replace({', '.join(value.sql for value in call.args)})", _replaced(_texts(call.args)))
    return apply(call, _REPLACE)


def _texts(values: list[Expr]) -> list[Expr]:
    return [Expr(value.sql, t.Varchar(0)) if value.type == t.UNKNOWN else value for value in values]


def _reverse(call: Call) -> Expr:
    if len(call.args) == 1 and isinstance(call.args[0].type, t.Array):
        return Expr(f"list_reverse({call.args[0].sql})", call.args[0].type)
    if len(call.args) == 1 and call.args[0].type == t.UNKNOWN:
        raise ambiguous(call)
    return apply(call, _REVERSE)


def _pad(call: Call) -> Expr:
    if len(call.args) == 3 and call.args[0].type == call.args[2].type == t.UNKNOWN:
        raise ambiguous(call)
    return apply(call, _PADS[call.name])


def _codepoint(call: Call) -> Expr:
    value = call.args[0] if len(call.args) == 1 else None
    if value is None or value.type not in (t.UNKNOWN, t.Varchar(0), t.Varchar(1)):
        raise call.unexpected()
    empty = _invalid("Input string must be a single character string", "INTEGER")
    return apply(call, (Form((TEXT,), t.INTEGER, f"CASE WHEN {{0}} = '' THEN {empty} ELSE unicode({{0}}) END"),))


def _normalize(call: Call) -> Expr:
    form = "NFC"
    if len(call.nodes) == 1 and str(call.node.this).startswith('"'):
        raise call.unexpected()
    if len(call.nodes) == 2:
        form = _form_of_normalization(call)
    value = apply(with_args(call, call_args(call, 1)), (Form((TEXT,), t.VARCHAR, "{0}"),))
    written = Form(
        (TEXT,), t.VARCHAR, f"CASE WHEN strlen({{0}}) = length({{0}}) THEN {{0}} ELSE py_normalize({{0}}, '{form}') END"
    )
    return apply(with_args(call, [value]), (written,))


def call_args(call: Call, count: int) -> list[Expr]:
    """The first arguments alone, where the others are keywords."""
    return [compile_expression(node, call.context) for node in call.nodes[:count]]


def _form_of_normalization(call: Call) -> str:
    node = call.nodes[1]
    if isinstance(call.node, exp.Anonymous) and str(call.node.this).startswith('"'):
        # in quotes it is a plain function of two texts
        name = call.text_literal(1, "the form")
        if name not in _FORMS_OF_NORMALIZATION:
            raise call.invalid("Normalization form must be one of [NFD, NFC, NFKD, NFKC]")
        return name
    name = node.name if isinstance(node, exp.Column) and not node.this.args.get("quoted") else ""
    if name.upper() not in _FORMS_OF_NORMALIZATION:
        raise fail(
            "SYNTAX_ERROR",
            f"mismatched input '{node.sql(dialect='trino')}'. Expecting: 'NFC', 'NFD', 'NFKC', 'NFKD'",
            node,
        )
    if name != name.upper():
        raise call.invalid("Normalization form must be one of [NFD, NFC, NFKD, NFKC]")
    return name


def _trimmed(call: Call) -> Expr:
    """trim, ltrim and rtrim; the spaces at the end of a char(n) are never there."""
    values = list(call.args)
    if len(values) not in (1, 2):
        raise call.unexpected()
    if isinstance(values[0].type, t.Char):
        values[0] = Expr(values[0].sql, t.Varchar(values[0].type.length))
    if len(values) == 2 and isinstance(values[1].type, t.Char):
        values[1] = padded(values[1])
    forms = (
        Form((TEXT,), same, f"{call.name}({{0}}, {_WHITE})"),
        Form((TEXT, TEXT), same, f"{call.name}({{0}}, {{1}})"),
    )
    if fit(with_args(call, values), forms) is None:
        raise call.unexpected()
    return apply(with_args(call, values), forms)


LOWERED: dict[str, Rule] = {
    **concats.LOWERED,
    **splits.LOWERED,
    "length": _filled_up(_LENGTH),
    "substr": _substr,
    "substring": _substr,
    "replace": _replace,
    "reverse": _reverse,
    "lpad": _pad,
    "rpad": _pad,
    "codepoint": _codepoint,
    "normalize": _normalize,
    "trim": _trimmed,
    "ltrim": _trimmed,
    "rtrim": _trimmed,
}
FORMS = {name: forms for name, forms in FORMS.items() if name not in LOWERED}


@rule(exp.Substring)
def _substring_from(node: exp.Substring, context: Context) -> Expr:
    value, start, length = parts(node, "this", "start", "length")
    return _substr(Call("substr", node, context, tuple(part for part in (value, start, length) if part is not None)))


@rule(exp.StrPosition)
def _position(node: exp.StrPosition, context: Context) -> Expr:
    value, needle = parts(node, "this", "substr")
    return apply(Call("strpos", node, context, (value, needle)), _STRPOS)


@rule(exp.Trim)
def _trim(node: exp.Trim, context: Context) -> Expr:
    value, side, characters = parts(node, "this", "position", "expression")
    function = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side or "BOTH", "trim")
    return _trimmed(Call(function, node, context, tuple(part for part in (value, characters) if part is not None)))
