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
from laketop.athena.sql.grammar.lexer import BYTES
from laketop.athena.sql.grammar.queries import Queries, check
from laketop.athena.sql.match_recognize import rewrite

LITERAL = "$literal"  # the function name that a typed literal (DATE '2024-01-01') is parsed to
PLUS = "$plus"  # the function name of a sign that changes nothing, and that only some types can have
MAX_QUERY_BYTES = 262144  # Athena's "Service Quotas": the length of a query string
MAX_DEPTH = 200  # nested parentheses: a stranger's text must not exhaust the interpreter's stack

_KEPT_PARSERS = ("CAST", "TRY_CAST", "EXTRACT", "POSITION", "TRIM", "SUBSTRING", "LISTAGG")
_PARENTHESES = re.compile(r"[()\[\]]")
# What a node remembers of its place: its first token's number, where that stands, and where its operator stands.
_FIRST, _STARTS, _OPERATOR, _RELATION = "first", "starts", "operator", "relation"
_OPERATIONS = (exp.Binary, exp.Between)
_PLAIN_NAMES = (TokenType.VAR, TokenType.IDENTIFIER)
# what stands before VALUES where sqlglot takes it for a query anyway
_BEFORE_VALUES = ("FROM", "JOIN", "AS")


def _typed_literal(_parser: Any, literal: exp.Expr, to: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=LITERAL, expressions=[literal, to])


def _plus(parser: Any) -> exp.Expr:
    return exp.Anonymous(this=PLUS, expressions=[parser._parse_unary()])


class _Parser(TrinoParser):
    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
        name: parser for name, parser in TrinoParser.FUNCTION_PARSERS.items() if name in _KEPT_PARSERS
    } | json_syntax.PARSERS
    TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = dict.fromkeys(exp.DType, _typed_literal)
    ARRAY_CONSTRUCTORS: ClassVar[dict[str, Any]] = {"ARRAY": exp.Array}
    UNARY_PARSERS: ClassVar[dict[Any, Any]] = {**TrinoParser.UNARY_PARSERS, TokenType.PLUS: _plus}

    def _parse_table(self, *arguments: Any, **keywords: Any) -> Any:
        """A relation keeps the place where it starts."""
        first = self._index
        node = super()._parse_table(*arguments, **keywords)
        if node is not None:
            _keep(node, _RELATION, _start(self._tokens[first]))
        return node

    def _parse_bracket(self, this: Any = None) -> Any:
        """A subscript of a column that is called array, which is no constructor after a point or in quotes."""
        word, before = (self._tokens[max(self._index - back, 0)] for back in (1, 2))
        plain = word.token_type != TokenType.IDENTIFIER and before.token_type != TokenType.DOT
        if this is None or plain or this.name.upper() != "ARRAY" or not self._match(TokenType.L_BRACKET):
            return super()._parse_bracket(this)
        indices = self._parse_csv(self._parse_disjunction)
        self._match(TokenType.R_BRACKET)
        return self._parse_bracket(self.expression(exp.Bracket(this=this, expressions=indices)))

    def _parse_function_call(self, functions: Any = None, anonymous: bool = False, *rest: Any, **more: Any) -> Any:
        """A call; a name in quotes is never syntax."""
        quoted = self._curr is not None and self._curr.token_type == TokenType.IDENTIFIER
        return super()._parse_function_call(functions, anonymous or quoted, *rest, **more)

    def _parse_in(self, this: Any, alias: bool = False) -> Any:
        word = self._index - (2 if self._tokens[self._index - 2].token_type == TokenType.NOT else 1)
        node = super()._parse_in(this, alias)
        _keep(node, _OPERATOR, _start(self._tokens[word]))
        return node

    def _parse_escape(self, this: Any) -> Any:
        if not self._match(TokenType.ESCAPE):
            return this
        return self.expression(exp.Escape(this=this, expression=self._parse_bitwise()))

    def _parse_table_sample(self, as_modifier: bool = False) -> Any:  # noqa: ARG002 - the parser's signature
        if not self._match(TokenType.TABLE_SAMPLE):
            return None
        method = self._parse_var(upper=True)
        self._match_l_paren()
        percent = self._parse_disjunction()
        self._match_r_paren()
        return self.expression(exp.TableSample(method=method, percent=percent))

    def _parse_unary(self) -> Any:
        """Every operand begins here: it keeps the place where it starts."""
        first = self._index
        node = super()._parse_unary()
        if (
            isinstance(node, exp.Interval)
            and not node.args.get("unit")
            and self._tokens[first].text.upper() == "INTERVAL"
        ):
            node = exp.Anonymous(this="interval", expressions=[node.this.unnest()])
        if node is not None:
            _keep(_leftmost(node), _FIRST, first)
            # a query stands behind its parenthesis
            inside = 1 if isinstance(node, exp.Subquery) else 0
            _keep(_leftmost(node), _STARTS, _start(self._tokens[first + inside]))
        return node

    def expression(self, instance: Any, token: Token | None = None, comments: list[str] | None = None) -> Any:
        """Every node is made here: one with an operator keeps the place of that."""
        if isinstance(instance, _OPERATIONS):
            right = instance.args.get("expression") or instance.args.get("low")
            first = _leftmost(right).meta.get(_FIRST) if right is not None else None
            if first:
                word = first - 2 if self._tokens[first - 2].token_type == TokenType.NOT else first - 1
                _keep(instance, _OPERATOR, _start(self._tokens[word]))
        return super().expression(instance, token, comments)


def _keep(node: exp.Expr, name: str, value: Any) -> None:
    node.meta.setdefault(name, value)


def _leftmost(node: exp.Expr) -> exp.Expr:
    """The operand with which an operation begins."""
    while isinstance(node, exp.Binary | exp.Between | exp.In | exp.Escape) and isinstance(node.this, exp.Expr):
        node = node.this
    return node


def _start(token: Token) -> tuple[int, int]:
    """The line and the column where a token begins; sqlglot says where it ends."""
    return token.line, token.col - (token.end - token.start)


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
    check_limits(text)
    try:
        found = check(text)
        plain = _without_blanks(rewrite.blanked(text, found), found)
        tokens = rewrite.rewritten(_rewritten(tokenize(plain), found), found)
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


def _without_blanks(text: str, found: Queries) -> str:
    """The text with the blanks in X'…' behind the closing quote."""
    for token in found.tokens:
        if token.kind == BYTES and re.search(r"\s", token.text):
            digits = "".join(token.text.split())
            blanks = "".join(re.findall(r"\s", token.text))
            text = text[: token.start] + digits + blanks + text[token.start + len(token.text) :]
    return text


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
    """Where Trino says that a node stands: (line, column); (None, None) if it is not known.

    An operation stands at its operator, anything else at its first token: sqlglot's names know theirs by its end.
    """
    while isinstance(node, exp.Paren):
        node = node.this
    for known in (node.meta.get(_OPERATOR), node.meta.get(_STARTS)):
        if known:
            line, column = known
            return line, column
    best: tuple[int, int] | None = None
    for part in node.walk():
        line, column = part.meta.get("line"), part.meta.get("col")
        if line is None or column is None:
            continue
        width = part.meta["end"] - part.meta["start"]
        here = (line, column - width)
        best = min(best, here) if best else here
    return best or (None, None)


def relation_place(node: exp.Expr) -> tuple[int | None, int | None]:
    """Where a relation of FROM starts, as `place`."""
    found = node.meta.get(_RELATION)
    return (found[0], found[1]) if found else place(node)


def check_limits(text: str) -> None:
    """Not too long a text, nor too many parentheses in each other; those in strings count as well: it does no harm.

    Raises:
        SqlError: QUERY_TEXT_TOO_LARGE, STACK_OVERFLOW.
    """
    if len(text.encode()) > MAX_QUERY_BYTES:
        raise SqlError("QUERY_TEXT_TOO_LARGE", f"Query text length exceeds {MAX_QUERY_BYTES} bytes")
    depth = 0
    for sign in _PARENTHESES.findall(text):
        depth += 1 if sign in "([" else -1
        if depth > MAX_DEPTH:
            raise SqlError("STACK_OVERFLOW", "statement is too large (stack overflow during analysis)")


def _rewritten(tokens: list[Token], found: Queries) -> list[Token]:
    """The tokens in a form that sqlglot reads as Trino does.

    Words that are names become plain names, whatever they mean to sqlglot (`SELECT 1 limit`), and GROUPS that begins a
    frame is no name; an interval loses its plus; TABLE x, and VALUES where sqlglot expects an expression, become
    SELECT * FROM.
    """
    names = set(found.names)
    tokens = [
        _of_kind(TokenType.VAR, token)
        if token.start in names and token.token_type not in _PLAIN_NAMES
        else _of_kind(TokenType.ROWS, token)
        if token.start not in names and _begins_groups(token, behind)
        else token
        for token, behind in zip(tokens, [*tokens[1:], None], strict=True)
    ]
    tokens = [token for place, token in enumerate(tokens) if not _is_plus(tokens[max(place - 1, 0) : place + 2], names)]
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


def _of_kind(kind: TokenType, token: Token) -> Token:
    return Token(kind, token.text, token.line, token.col, token.start, token.end, token.comments)


def _begins_groups(token: Token, behind: Token | None) -> bool:
    """Whether a word that is no name is a frame's GROUPS, not a function's name."""
    called = behind is not None and behind.token_type == TokenType.L_PAREN
    return token.token_type == TokenType.VAR and token.text.upper() == "GROUPS" and not called


def _is_plus(around: list[Token], names: set[int]) -> bool:
    """Whether the second of three tokens is the sign of INTERVAL +'1' DAY."""
    kinds = [token.token_type for token in around]
    return kinds == [TokenType.INTERVAL, TokenType.PLUS, TokenType.STRING] and around[0].start not in names


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
