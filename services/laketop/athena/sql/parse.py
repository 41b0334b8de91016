"""Reading a statement: sqlglot's Trino dialect, narrowed to what Trino itself accepts.

sqlglot translates function names while it parses (`now()` becomes a CurrentTimestamp, `date_diff` turns its arguments
round), which loses what the user wrote. Here its function table is emptied, so that every call arrives by its own name
with its own arguments, and our tables decide. sqlglot also accepts syntax of other systems (`a::int`, `==`,
back-ticks): the tokens are checked first.
"""

import re
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.trino import TrinoParser
from sqlglot.tokenizer_core import Token, TokenType

from laketop.athena.sql.errors import SqlError

LITERAL = "$literal"  # the function name that a typed literal (DATE '2024-01-01') is parsed to
MAX_QUERY_BYTES = 262144  # Athena's "Service Quotas": the length of a query string
MAX_DEPTH = 200  # nested parentheses: a stranger's text must not exhaust the interpreter's stack

_KEPT_PARSERS = ("CAST", "TRY_CAST", "EXTRACT", "POSITION", "TRIM", "SUBSTRING", "LISTAGG")
_FOREIGN_TOKENS = {
    TokenType.DCOLON,
    TokenType.NULLSAFE_EQ,
    TokenType.AMP,
    TokenType.PIPE,
    TokenType.CARET,
    TokenType.TILDE,
    TokenType.HASH,
    TokenType.DOLLAR,
    TokenType.QUALIFY,
    TokenType.ILIKE,
    TokenType.RLIKE,
    TokenType.GLOB,
    TokenType.DIV,
    TokenType.PIVOT,
    TokenType.UNPIVOT,
    TokenType.SEMI,
    TokenType.ANTI,
    TokenType.ASOF,
    TokenType.STRAIGHT_JOIN,
    TokenType.HINT,
}
_FOREIGN_TEXTS = {"==", "!", "!~", "//", "<=>", "**", ":=", "::"}
_INTERVAL_UNITS = {"SECOND", "MINUTE", "HOUR", "DAY", "MONTH", "YEAR", "WEEK"}
_NUMBER = re.compile(r"\d+|\d+\.\d*|\.\d+|(\d+\.?\d*|\.\d+)[eE][+-]?\d+")
_OPENING = (TokenType.L_PAREN, TokenType.L_BRACKET)
_LIMITS = (TokenType.LIMIT, TokenType.FETCH)
_SET_OPERATIONS = (TokenType.UNION, TokenType.INTERSECT, TokenType.EXCEPT)
_CLOSING = (TokenType.R_PAREN, TokenType.R_BRACKET)


def _typed_literal(_parser: Any, literal: exp.Expr, to: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=LITERAL, expressions=[literal, to])


class _Parser(TrinoParser):
    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
        name: parser for name, parser in TrinoParser.FUNCTION_PARSERS.items() if name in _KEPT_PARSERS
    }
    TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = dict.fromkeys(exp.DType, _typed_literal)


class _Dialect(Trino):
    Parser = _Parser
    parser_class = _Parser  # type: ignore[assignment]
    INDEX_OFFSET = 0  # a subscript arrives as it was written


_DIALECT = _Dialect()


def parse(text: str) -> exp.Expr:
    """Parse one query (SELECT, WITH, VALUES, TABLE or a query in parentheses).

    Args:
        text: the statement, without a closing semicolon or with one.

    Returns:
        sqlglot's tree; calls are `Anonymous`, typed literals are `Anonymous` named `$literal`.

    Raises:
        SqlError: SYNTAX_ERROR with the place, as Trino's parser would say it.
    """
    if len(text.encode()) > MAX_QUERY_BYTES:
        raise SqlError("QUERY_TEXT_TOO_LARGE", f"Query text length exceeds {MAX_QUERY_BYTES} bytes")
    tokens = tokenize(text)
    _check_tokens(tokens)
    try:
        trees = _DIALECT.parser().parse(tokens, text)
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        found = str(first.get("highlight") or "<EOF>")
        start = int(first.get("col") or 1) - len(found) + 1
        raise SqlError("SYNTAX_ERROR", f"mismatched input '{found}'", first.get("line") or 1, max(start, 1)) from error
    except RecursionError as error:
        raise SqlError("STACK_OVERFLOW", "statement is too large (stack overflow during analysis)") from error
    statements = [tree for tree in trees if tree is not None]
    if len(statements) != 1:
        raise SqlError("SYNTAX_ERROR", "Only one sql statement is allowed", 1, 1)
    statement = statements[0]
    if isinstance(statement, exp.Select) and not statement.expressions:
        raise SqlError("SYNTAX_ERROR", "mismatched input 'FROM'. Expecting: '*', 'ALL', 'DISTINCT', <expression>", 1, 8)
    return statement


def tokenize(text: str) -> list[Token]:
    """The tokens of a statement.

    Raises:
        SqlError: SYNTAX_ERROR for an unfinished string or comment.
    """
    try:
        return list(_DIALECT.tokenize(text))
    except TokenError as error:
        raise SqlError("SYNTAX_ERROR", f"unfinished string, identifier or comment: {error}", 1, 1) from error


def place(node: exp.Expr) -> tuple[int | None, int | None]:
    """Where a node starts: (line, column), from the first of its parts that knows; (None, None) if none does.

    sqlglot remembers where a name ends, Trino says where it starts.
    """
    best: tuple[int, int] | None = None
    for part in node.walk():
        line, column = part.meta.get("line"), part.meta.get("col")
        if line is None or column is None:
            continue
        width = part.meta["end"] - part.meta["start"]
        here = (line, column - width)
        best = min(best, here) if best else here
    return best or (None, None)


def _check_tokens(tokens: list[Token]) -> None:
    _check_nesting(tokens)
    for index, token in enumerate(tokens):
        if token.token_type in _FOREIGN_TOKENS or (token.text in _FOREIGN_TEXTS and not _quoted(token)):
            raise _unexpected(token)
        if token.token_type == TokenType.UNKNOWN or token.text == "`":
            problem = "backquoted identifiers are not supported; use double quotes"
            raise SqlError("SYNTAX_ERROR", problem, *_start(token))
        if token.token_type == TokenType.NUMBER:
            _check_number(tokens, index)
        elif token.token_type == TokenType.INTERVAL:
            _check_interval(tokens, index)
        elif token.text.upper() in ("CAST", "TRY_CAST") and not _quoted(token):
            _check_cast(tokens, index)


def _check_nesting(tokens: list[Token]) -> None:
    """Not too deep; and OFFSET before LIMIT, which sqlglot takes in any order."""
    depth, limited = 0, set[int]()
    for index, token in enumerate(tokens):
        if token.token_type in _OPENING:
            depth += 1
        elif token.token_type in _CLOSING:
            depth -= 1
        if depth > MAX_DEPTH:
            raise SqlError("STACK_OVERFLOW", "statement is too large (stack overflow during analysis)")
        if token.token_type in _LIMITS:
            limited.add(depth)
            _check_limit(tokens, index)
        elif token.token_type in _SET_OPERATIONS or token.token_type in _CLOSING:
            # what follows belongs to another query than the LIMIT before it
            limited = {level for level in limited if level <= depth}
            limited -= {depth} if token.token_type in _SET_OPERATIONS else set()
        elif token.token_type == TokenType.OFFSET and depth in limited:
            raise _unexpected(token)


def _check_limit(tokens: list[Token], index: int) -> None:
    """`LIMIT 2, 1` is another system's OFFSET."""
    following = tokens[index + 2 : index + 3]
    if following and following[0].token_type == TokenType.COMMA:
        raise _unexpected(following[0])


def _check_number(tokens: list[Token], index: int) -> None:
    """`1_000` and `1L` would be a number followed by an alias."""
    token, following = tokens[index], tokens[index + 1 : index + 2]
    glued = (
        following
        and following[0].start == token.end + 1
        and (following[0].text[:1].isalpha() or following[0].text[:1] == "_")
    )
    if glued or not _NUMBER.fullmatch(token.text):
        raise _unexpected(following[0] if glued else token)


def _check_interval(tokens: list[Token], index: int) -> None:
    """`INTERVAL '1' DAY`: sqlglot also takes the unit inside of the string."""
    rest = tokens[index + 1 : index + 4]
    if rest and rest[0].token_type in (TokenType.DASH, TokenType.PLUS):
        rest = rest[1:]
    if not rest or rest[0].token_type != TokenType.STRING:
        return  # a column called interval
    if len(rest) < 2 or rest[1].text.upper() not in _INTERVAL_UNITS:
        raise _unexpected(rest[1] if len(rest) > 1 else rest[0])
    if rest[1].text.upper() == "WEEK":
        raise SqlError("TYPE_NOT_FOUND", "Unknown resolvedType: interval", *_start(tokens[index]))


# Type names that sqlglot knows and Trino does not; FLOAT is Athena's name in DDL only ("Data types in Amazon Athena").
_FOREIGN_TYPES = {"FLOAT", "STRING", "TEXT", "DATETIME", "BOOL", "LONG", "BYTE", "SHORT", "BINARY", "NUMBER", "INT64"}


def _check_cast(tokens: list[Token], index: int) -> None:
    depth, after_as = 0, False
    for token in tokens[index + 1 :]:
        if token.token_type in _OPENING:
            depth += 1
        elif token.token_type in _CLOSING:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1 and token.token_type == TokenType.ALIAS:
            after_as = True
        elif after_as and token.text.upper() in _FOREIGN_TYPES:
            raise SqlError("TYPE_MISMATCH", f"Unknown type: {token.text}", *_start(tokens[index]))


def _quoted(token: Token) -> bool:
    return token.token_type in (TokenType.STRING, TokenType.IDENTIFIER)


def _start(token: Token) -> tuple[int, int]:
    return token.line, max(token.col - (token.end - token.start), 1)


def _unexpected(token: Token) -> SqlError:
    return SqlError("SYNTAX_ERROR", f"mismatched input '{token.text}'", *_start(token))
