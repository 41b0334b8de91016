"""Trino's tokens, and a cursor over them.

Follows the lexical rules of Trino's page "SQL statement syntax" (reserved keywords) and "Data types" (literals).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from laketop.athena.sql.errors import SqlError, not_supported

WORD, NAME, TEXT, BYTES, INTEGER, NUMBER, SIGN, ODD, END = (
    "word", "name", "text", "bytes", "integer", "number", "sign", "odd", "end",
)  # fmt: skip

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|--[^\r\n]*(?:\r\n?|\n|\Z)|/\*.*?\*/)
  | (?P<unicode>[Uu]&'(?:[^']|'')*')
  | (?P<bytes>[Xx]'(?:[^']|'')*')
  | (?P<text>'(?:[^']|'')*')
  | (?P<name>"(?:[^"]|"")*")
  | (?P<back>`(?:[^`]|``)*`)
  | (?P<digits>[0-9]+[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<integer>[0-9]+)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<sign><>|!=|<=|>=|\|\||->|=>|\{-|-\}|[-=<>+*/%?;()\[\].,{}|^$])
  | (?P<odd>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_EXPONENT = re.compile(r"[0-9]+[eE][+-]?[0-9]+")
# numbers of releases after the one that Athena started from: 0x1F, 0b101, 0o17, 1_000
_LATER = re.compile(r"0[xX][0-9A-Fa-f_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9]+(_[0-9]+)+")
_HEX = re.compile(r"[0-9A-Fa-f\s]*")
_KINDS = {"unicode": TEXT, "digits": ODD, "back": ODD}

RESERVED = frozenset(
    [
        "ALTER", "AND", "AS", "BETWEEN", "BY", "CASE", "CAST", "CONSTRAINT", "CREATE", "CROSS", "CUBE",
        "CURRENT_CATALOG", "CURRENT_DATE", "CURRENT_PATH", "CURRENT_ROLE", "CURRENT_SCHEMA", "CURRENT_TIME",
        "CURRENT_TIMESTAMP", "CURRENT_USER", "DEALLOCATE", "DELETE", "DESCRIBE", "DISTINCT", "DROP", "ELSE", "END",
        "ESCAPE", "EXCEPT", "EXECUTE", "EXISTS", "EXTRACT", "FALSE", "FOR", "FROM", "FULL", "GROUP", "GROUPING",
        "HAVING", "IN", "INNER", "INSERT", "INTERSECT", "INTO", "IS", "JOIN", "JSON_ARRAY", "JSON_EXISTS",
        "JSON_OBJECT", "JSON_QUERY", "JSON_TABLE", "JSON_VALUE", "LEFT", "LIKE", "LISTAGG", "LOCALTIME",
        "LOCALTIMESTAMP", "NATURAL", "NORMALIZE", "NOT", "NULL", "ON", "OR", "ORDER", "OUTER", "PREPARE", "RECURSIVE",
        "RIGHT", "ROLLUP", "SELECT", "SKIP", "TABLE", "THEN", "TRIM", "TRUE", "UESCAPE", "UNION", "UNNEST", "USING",
        "VALUES", "WHEN", "WHERE", "WITH",
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its kind, its text (words in capitals, the rest as written) and its first character's position."""

    kind: str
    text: str
    start: int


def tokens(sql: str, *, backquoted: bool = False) -> list[Token]:
    """The tokens of a text; the last is the end.

    Args:
        backquoted: whether names may stand in back-ticks, as in Hive's statements.

    Raises:
        SqlError: SYNTAX_ERROR for a number that becomes a name, a name in back-ticks, an empty name, odd bytes.
    """
    found: list[Token] = []
    position, size = 0, len(sql)
    while position < size:
        # a number with an exponent would be a name that begins with digits
        exponent = _EXPONENT.match(sql, position) if sql[position].isdigit() else None
        match = exponent or _TOKEN.match(sql, position)
        assert match is not None  # noqa: S101 - the last choice takes any character
        kind, text = (NUMBER, match.group()) if exponent else (str(match.lastgroup), match.group())
        if kind == "back" and backquoted and len(text) > 2:
            found.append(Token(NAME, text, position))
        elif kind != "space":
            found.append(Token(_KINDS.get(kind, kind), text.upper() if kind == "word" else text, position))
            _check(sql, kind, found)
        position = match.end()
    found.append(Token(END, "<EOF>", size))
    return found


def _check(sql: str, kind: str, found: list[Token]) -> None:
    token, problem = found[-1], ""
    if kind == "digits" and _LATER.fullmatch(token.text):
        raise not_supported(f"The literal {token.text}", *place(sql, token.start))
    if kind == "digits":
        problem = "identifiers must not start with a digit; surround the identifier with double quotes"
    elif kind == "back":
        problem = "backquoted identifiers are not supported; use double quotes to quote identifiers"
    elif token.text == '""':
        problem = "Zero-length delimited identifier not allowed"
    elif kind == "bytes":
        digits = re.sub(r"\s", "", token.text[2:-1])
        if not _HEX.fullmatch(digits):
            problem = "Binary literal can only contain hexadecimal digits"
        elif len(digits) % 2:
            problem = "Binary literal must contain an even number of digits"
    elif kind == "integer" and int(token.text) >= 2**63 + _negated(found):
        raise SqlError("SYNTAX_ERROR", f"Invalid numeric literal: {token.text}", 1, 1)
    if problem:
        raise SqlError("SYNTAX_ERROR", problem, *place(sql, token.start))


def _negated(found: list[Token]) -> bool:
    return len(found) > 1 and found[-2].text == "-"


def place(sql: str, position: int) -> tuple[int, int]:
    """Line and column of a position, both from 1."""
    before = sql[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


class Failed(Exception):  # noqa: N818 - it is caught where another reading of the text is tried
    """No reading of the text gets beyond this token."""

    def __init__(self, index: int, expected: str) -> None:
        super().__init__(expected)
        self.index, self.expected = index, expected


type Span = tuple[int, int]  # the first token, and the one behind the last


@dataclass
class Match:
    """A MATCH_RECOGNIZE clause, its expressions as spans of tokens.

    Attributes:
        start: the first token of the relation that it reads.
        word: the token MATCH_RECOGNIZE.
        end: the token behind its closing parenthesis.
        pattern_span: what stands between the parentheses of PATTERN.
        order: what stands behind ORDER BY.
        measures: each with its name as it was written.
        rows: ONE, SHOW, OMIT or UNMATCHED: which rows come out.
        skip: PAST or NEXT, or FIRST or LAST and a label.
        mode: INITIAL or SEEK.
        pattern: the pattern as nested lists, see `recognition`.
        subsets: each with its labels.
        defines: each label with its condition.
    """

    start: int
    word: int
    end: int = 0
    pattern_span: Span = (0, 0)
    partition: list[Span] = field(default_factory=list)
    order: Span | None = None
    measures: list[tuple[str, Span]] = field(default_factory=list)
    rows: str = "ONE"
    skip: tuple[str, str] = ("PAST", "")
    mode: str = ""
    pattern: list[Any] = field(default_factory=list)
    subsets: list[tuple[str, list[str]]] = field(default_factory=list)
    defines: list[tuple[str, Span]] = field(default_factory=list)


@dataclass
class Cursor:
    """A place in the tokens, and the simplest steps.

    Attributes:
        names: the first positions of words that stand as names, whatever else they may mean elsewhere.
        queries: (first token, token behind the last) of each VALUES and TABLE that is a query.
        matches: each MATCH_RECOGNIZE.
        modes: the first positions of RUNNING and FINAL in front of calls.
        problems: what is wrong with a text that the grammar allows.
    """

    sql: str
    tokens: list[Token]
    at: int = 0
    names: list[int] = field(default_factory=list)
    queries: list[tuple[int, int]] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    modes: list[int] = field(default_factory=list)
    problems: list[SqlError] = field(default_factory=list)

    def peek(self, ahead: int = 0) -> Token:
        """The token some steps ahead; the end stays the end."""
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def sees(self, *texts: str, ahead: int = 0) -> bool:
        """Whether a word or a sign is one of these."""
        token = self.peek(ahead)
        return token.text in texts and token.kind in (WORD, SIGN)

    def take(self, *texts: str) -> bool:
        """Step over the next word or sign if it is one of these."""
        if self.sees(*texts):
            self.at += 1
            return True
        return False

    def need(self, *texts: str) -> None:
        """Step over these words or signs, one after the other."""
        for text in texts:
            if not self.take(text):
                self.fail(f"'{text}'")

    def fail(self, expected: str) -> NoReturn:
        """The text cannot be read from here."""
        raise Failed(self.at, expected)

    def problem(self, name: str, message: str, start: int) -> None:
        """Note what is wrong at a position, for the case that the rest of the text can be read."""
        self.problems.append(SqlError(name, message, *place(self.sql, start)))

    def kind(self, *kinds: str) -> bool:
        """Whether the next token is of one of these kinds."""
        return self.peek().kind in kinds

    def need_kind(self, kind: str, expected: str) -> None:
        """Step over a token of this kind."""
        if not self.kind(kind):
            self.fail(expected)
        self.at += 1

    def is_name(self, ahead: int = 0) -> bool:
        """Whether a token can be a name."""
        token = self.peek(ahead)
        return token.kind == NAME or (token.kind == WORD and token.text not in RESERVED)

    def name(self) -> None:
        """Step over a name."""
        if not self.is_name():
            self.fail("<identifier>")
        if self.peek().kind == WORD:
            self.names.append(self.peek().start)
        self.at += 1

    def listed(self, item: Callable[[], None]) -> None:
        """One or more of something, with commas between."""
        item()
        while self.take(","):
            item()

    def parenthesised(self, item: Callable[[], None]) -> None:
        """One or more of something in parentheses."""
        self.need("(")
        self.listed(item)
        self.need(")")

    def either(self, *readings: Callable[[], None]) -> None:
        """The first reading that succeeds; if none does, the failure that got farthest."""
        start, farthest = self.at, None
        lists: tuple[list[Any], ...] = (self.names, self.queries, self.matches, self.modes, self.problems)
        kept = [len(found) for found in lists]
        for reading in readings:
            self.at = start
            for found, size in zip(lists, kept, strict=True):
                del found[size:]
            try:
                reading()
            except Failed as failure:
                farthest = failure if farthest is None or failure.index > farthest.index else farthest
            else:
                return
        assert farthest is not None  # noqa: S101 - there is at least one reading
        raise farthest

    def skip_parentheses(self) -> None:
        """Step over parentheses with whatever is in them."""
        self.need("(")
        depth = 1
        while depth:
            if self.kind(END):
                self.fail("')'")
            depth += {"(": 1, ")": -1}.get(self.peek().text, 0) if self.kind(SIGN) else 0
            self.at += 1
