"""The grammar of the SQL/JSON functions, whose arguments are clauses.

A call arrives as an ordinary one: the document, the path, then one pseudo-call for each clause (`$returning(type)`,
`$on_error('DEFAULT', value)`). Follows Trino's page "JSON functions and operators".
"""

from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from laketop.athena.sql.errors import SqlError

FORMAT, PASSING, RETURNING = "$format", "$passing", "$returning"
ON_EMPTY, ON_ERROR = "$on_empty", "$on_error"
WRAPPER, QUOTES, NULLS, UNIQUE, MEMBER = "$wrapper", "$quotes", "$nulls", "$unique", "$member"
CLAUSES = frozenset((PASSING, RETURNING, ON_EMPTY, ON_ERROR, WRAPPER, QUOTES, NULLS, UNIQUE))  # what is no argument

_ENCODINGS = ("UTF8", "UTF16", "UTF32")


def _clause(name: str, *arguments: exp.Expr | str) -> exp.Anonymous:
    given = [exp.Literal.string(value) if isinstance(value, str) else value for value in arguments]
    return exp.Anonymous(this=name, expressions=given)


def _unexpected(parser: Any, wanted: str) -> SqlError:
    """The error of a token that does not fit."""
    token = parser._curr or parser._prev
    shown = parser._curr.text if parser._curr is not None else "<EOF>"
    column = token.col - (token.end - token.start)
    return SqlError("SYNTAX_ERROR", f"mismatched input '{shown}'. Expecting: {wanted}", token.line, column)


def _finished(parser: Any, name: str, start: Any, arguments: list[exp.Expr]) -> exp.Expr:
    if parser._curr is None or parser._curr.token_type != TokenType.R_PAREN:
        raise _unexpected(parser, ")")
    node = exp.Anonymous(this=name, expressions=arguments)
    node.update_positions(start)
    return node


def _name_token(parser: Any) -> Any:
    """The token of the function's name: the parser stands behind the parenthesis."""
    return parser._tokens[parser._index - 2]


def _expression(parser: Any) -> exp.Expr:
    found: exp.Expr | None = parser._parse_disjunction()
    if found is None:
        raise _unexpected(parser, "an expression")
    return found


def _format(parser: Any) -> str | None:
    """FORMAT JSON [ENCODING …]: its encoding, or an empty text; None where it is not there."""
    if not parser._match_text_seq("FORMAT"):
        return None
    if not parser._match_text_seq("JSON"):
        raise _unexpected(parser, "JSON")
    if not parser._match_text_seq("ENCODING"):
        return ""
    for encoding in _ENCODINGS:
        if parser._match_text_seq(encoding):
            return encoding
    raise _unexpected(parser, "UTF8, UTF16 or UTF32")


def _value(parser: Any) -> exp.Expr:
    value = _expression(parser)
    encoding = _format(parser)
    return value if encoding is None else _clause(FORMAT, value, encoding)


def _path(parser: Any) -> list[exp.Expr]:
    """A document, a path, and PASSING."""
    document = _value(parser)
    if not parser._match(TokenType.COMMA):
        raise _unexpected(parser, ",")
    path = parser._parse_string()
    if path is None:
        raise _unexpected(parser, "<string>")
    found = [document, path]
    if parser._match_text_seq("PASSING"):
        found.append(_clause(PASSING, *_csv(parser, _parameter)))
    return found


def _csv(parser: Any, item: Callable[[Any], exp.Expr]) -> list[exp.Expr]:
    found = [item(parser)]
    while parser._match(TokenType.COMMA):
        found.append(item(parser))
    return found


def _parameter(parser: Any) -> exp.Expr:
    value = _value(parser)
    if not parser._match(TokenType.ALIAS):
        raise _unexpected(parser, "AS")
    quoted = parser._curr is not None and parser._curr.token_type == TokenType.IDENTIFIER
    name = parser._parse_id_var(any_token=False)
    if name is None:
        raise _unexpected(parser, "an identifier")
    return _clause(MEMBER, name.name if quoted else name.name.upper(), value)


def _returning(parser: Any, *, formatted: bool) -> list[exp.Expr]:
    if not parser._match_text_seq("RETURNING"):
        return []
    type_ = parser._parse_types()
    if type_ is None:
        raise _unexpected(parser, "a type")
    encoding = (_format(parser) or "") if formatted else ""
    return [_clause(RETURNING, type_, encoding)]


def _behaviours(parser: Any, *choices: tuple[str, ...]) -> list[exp.Expr]:
    """`… ON EMPTY` and `… ON ERROR`, each at most once and in this order."""
    found: list[exp.Expr] = []
    while True:
        behaviour = _behaviour(parser, choices)
        if behaviour is None:
            return found
        if not parser._match_text_seq("ON"):
            raise _unexpected(parser, "ON")
        if not found and parser._match_text_seq("EMPTY"):
            found.append(_clause(ON_EMPTY, *behaviour))
        elif parser._match_text_seq("ERROR"):
            return [*found, _clause(ON_ERROR, *behaviour)]
        else:
            raise _unexpected(parser, "EMPTY or ERROR")


def _behaviour(parser: Any, choices: tuple[tuple[str, ...], ...]) -> list[exp.Expr | str] | None:
    for words in choices:
        if parser._match_text_seq(*words):
            return [words[-1], _expression(parser)] if words == ("DEFAULT",) else [words[-1]]
    return None


def _json_exists(parser: Any) -> exp.Expr:
    start = _name_token(parser)
    arguments = _path(parser)
    behaviour = _behaviour(parser, (("TRUE",), ("FALSE",), ("UNKNOWN",), ("ERROR",)))
    if behaviour is not None:
        if not parser._match_text_seq("ON", "ERROR"):
            raise _unexpected(parser, "ON ERROR")
        arguments.append(_clause(ON_ERROR, *behaviour))
    return _finished(parser, "json_exists", start, arguments)


def _json_value(parser: Any) -> exp.Expr:
    start = _name_token(parser)
    arguments = [*_path(parser), *_returning(parser, formatted=False)]
    arguments += _behaviours(parser, ("NULL",), ("ERROR",), ("DEFAULT",))
    return _finished(parser, "json_value", start, arguments)


def _json_query(parser: Any) -> exp.Expr:
    start = _name_token(parser)
    arguments = [*_path(parser), *_returning(parser, formatted=True)]
    wrapper = _wrapper(parser)
    if wrapper:
        arguments.append(_clause(WRAPPER, wrapper))
    for word in ("KEEP", "OMIT"):
        if parser._match_text_seq(word, "QUOTES"):
            if parser._match_text_seq("ON") and not parser._match_text_seq("SCALAR", "STRING"):
                raise _unexpected(parser, "SCALAR")
            arguments.append(_clause(QUOTES, word))
            break
    arguments += _behaviours(parser, ("NULL",), ("ERROR",), ("EMPTY", "ARRAY"), ("EMPTY", "OBJECT"))
    return _finished(parser, "json_query", start, arguments)


def _wrapper(parser: Any) -> str:
    kind = ""
    if parser._match_text_seq("WITHOUT"):
        kind = "WITHOUT"
    elif parser._match_text_seq("WITH"):
        conditional = parser._match_text_seq("CONDITIONAL")
        if not conditional:
            parser._match_text_seq("UNCONDITIONAL")
        kind = "CONDITIONAL" if conditional else "UNCONDITIONAL"
    if kind:
        parser._match_text_seq("ARRAY")
        if not parser._match_text_seq("WRAPPER"):
            raise _unexpected(parser, "WRAPPER")
    return kind


def _at_end(parser: Any) -> bool:
    return parser._curr is not None and (
        parser._curr.token_type == TokenType.R_PAREN or parser._curr.text.upper() == "RETURNING"
    )


def _nulls(parser: Any) -> list[exp.Expr]:
    for word in ("NULL", "ABSENT"):
        if parser._match_text_seq(word, "ON", "NULL"):
            return [_clause(NULLS, word)]
    return []


def _json_object(parser: Any) -> exp.Expr:
    start = _name_token(parser)
    arguments: list[exp.Expr] = []
    if not _at_end(parser):
        arguments = [*_csv(parser, _member), *_nulls(parser)]
        for word in ("WITH", "WITHOUT"):
            if parser._match_text_seq(word, "UNIQUE"):
                parser._match_text_seq("KEYS")
                arguments.append(_clause(UNIQUE, word))
                break
    return _finished(parser, "json_object", start, [*arguments, *_returning(parser, formatted=True)])


def _member(parser: Any) -> exp.Expr:
    following = parser._next.text.upper() if parser._next is not None else ""
    said = following not in (":", "VALUE", ".", "(") and parser._match_text_seq("KEY")
    name = _expression(parser)
    if not parser._match_text_seq("VALUE") and (said or not parser._match(TokenType.COLON)):
        raise _unexpected(parser, "VALUE or :")
    return _clause(MEMBER, name, _value(parser))


def _json_array(parser: Any) -> exp.Expr:
    start = _name_token(parser)
    arguments: list[exp.Expr] = []
    if not _at_end(parser):
        arguments = [*_csv(parser, _value), *_nulls(parser)]
    return _finished(parser, "json_array", start, [*arguments, *_returning(parser, formatted=True)])


PARSERS: dict[str, Callable[[Any], Any]] = {
    "JSON_EXISTS": _json_exists,
    "JSON_VALUE": _json_value,
    "JSON_QUERY": _json_query,
    "JSON_OBJECT": _json_object,
    "JSON_ARRAY": _json_array,
}
