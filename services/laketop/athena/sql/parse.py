"""Reading a statement: sqlglot's Trino dialect, narrowed to what Trino itself accepts.

sqlglot translates function names while it parses (`now()` becomes a CurrentTimestamp, `date_diff` turns its arguments
round), which loses what the user wrote. Here its function table is emptied, so that every call arrives by its own name
with its own arguments, and our tables decide. sqlglot also accepts syntax of other systems (`a::int`, `==`,
back-ticks): the text is first checked by Trino's own grammar.
"""

import re
from bisect import bisect_left
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.trino import TrinoParser
from sqlglot.tokenizer_core import Token, TokenType

from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.functions import json_syntax
from laketop.athena.sql.grammar.queries import Queries, check

LITERAL = "$literal"  # the function name that a typed literal (DATE '2024-01-01') is parsed to
MAX_QUERY_BYTES = 262144  # Athena's "Service Quotas": the length of a query string
MAX_DEPTH = 200  # nested parentheses: a stranger's text must not exhaust the interpreter's stack

_KEPT_PARSERS = ("CAST", "TRY_CAST", "EXTRACT", "POSITION", "TRIM", "SUBSTRING", "LISTAGG")
_PARENTHESES = re.compile(r"[()\[\]]")
_PLAIN_NAMES = (TokenType.VAR, TokenType.IDENTIFIER)
# what stands before VALUES where sqlglot takes it for a query anyway
_BEFORE_VALUES = ("FROM", "JOIN", "AS")


def _typed_literal(_parser: Any, literal: exp.Expr, to: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=LITERAL, expressions=[literal, to])


class _Parser(TrinoParser):
    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
        name: parser for name, parser in TrinoParser.FUNCTION_PARSERS.items() if name in _KEPT_PARSERS
    } | json_syntax.PARSERS
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
    _check_depth(text)
    try:
        found = check(text)
        tokens = _rewritten(tokenize(text), found)
        trees = _DIALECT.parser().parse(tokens, text)
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        shown = str(first.get("highlight") or "the end")
        raise not_supported(f"The syntax at '{shown}'", first.get("line") or 1, first.get("col") or 1) from error
    except RecursionError as error:
        raise SqlError("STACK_OVERFLOW", "statement is too large (stack overflow during analysis)") from error
    statement = next((tree for tree in trees if tree is not None), None)
    if statement is None:
        raise SqlError("SYNTAX_ERROR", "mismatched input '<EOF>'. Expecting: <query>", 1, 1)
    return statement


def tokenize(text: str) -> list[Token]:
    """The tokens of a statement that Trino's grammar has accepted.

    Raises:
        SqlError: NOT_SUPPORTED for a literal that sqlglot cannot read.
    """
    try:
        return list(_DIALECT.tokenize(text))
    except TokenError as error:
        raise not_supported("A literal in this form (blanks in X'…')", 1, 1) from error


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


def _check_depth(text: str) -> None:
    """Not too many parentheses in each other; those in strings count as well, which does no harm."""
    depth = 0
    for sign in _PARENTHESES.findall(text):
        depth += 1 if sign in "([" else -1
        if depth > MAX_DEPTH:
            raise SqlError("STACK_OVERFLOW", "statement is too large (stack overflow during analysis)")


def _rewritten(tokens: list[Token], found: Queries) -> list[Token]:
    """The tokens in a form that sqlglot reads as Trino does.

    Words that are names become plain names, whatever they mean to sqlglot (`SELECT 1 limit`); TABLE x, and VALUES where
    sqlglot expects an expression, become SELECT * FROM.
    """
    names = set(found.names)
    tokens = [
        Token(TokenType.VAR, token.text, token.line, token.col, token.start, token.end, token.comments)
        if token.start in names and token.token_type not in _PLAIN_NAMES
        else token
        for token in tokens
    ]
    starts = [token.start for token in tokens]
    for first, behind in sorted(found.queries, reverse=True):
        begin = bisect_left(starts, found.tokens[first].start)
        end = bisect_left(starts, found.tokens[behind].start)
        if found.tokens[first].text == "TABLE":
            tokens[begin : begin + 1] = _select_from(tokens[begin])
        elif _is_hidden(found, first):
            tokens.insert(end, _sign(TokenType.R_PAREN, ")", tokens[end - 1]))
            tokens[begin:begin] = [*_select_from(tokens[begin]), _sign(TokenType.L_PAREN, "(", tokens[begin])]
        starts = [token.start for token in tokens]
    return tokens


def _is_hidden(found: Queries, first: int) -> bool:
    """Whether sqlglot would not see a query in this VALUES."""
    before = [token.text for token in found.tokens[max(first - 2, 0) : first]]
    if not before or before[-1] != "(":
        return before[-1:] != [] and before[-1] != ")"
    return len(before) > 1 and before[0] not in _BEFORE_VALUES


def _select_from(at: Token) -> list[Token]:
    return [
        _sign(TokenType.SELECT, "SELECT", at),
        _sign(TokenType.STAR, "*", at),
        _sign(TokenType.FROM, "FROM", at),
    ]


def _sign(kind: TokenType, text: str, at: Token) -> Token:
    """A token of our own at the place of another."""
    return Token(kind, text, at.line, at.col, at.start, at.end, [])
