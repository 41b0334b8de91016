"""The SQL/JSON path language: from a path's text to a tree of tuples.

Follows the SQL standard as Trino has it (page "JSON functions and operators", section "JSON path language").
"""

import re
from functools import lru_cache
from typing import Any

from laketop.athena.sql.errors import SqlError

# A node is (kind, …): ("member", base, name), ("filter", base, predicate), ("binary", "+", left, right), …
type Node = tuple[Any, ...]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)
    | (?P<string>"(?:[^"]|"")*")
    | (?P<variable>\$[A-Za-z_][A-Za-z0-9_]*)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>\.\.|&&|\|\||==|<>|!=|<=|>=|[.$@?()\[\],*/%+\-<>!])
    )""",
    re.VERBOSE | re.ASCII,
)
_COMPARISONS = {"==", "<>", "!=", "<", ">", "<=", ">="}
_METHODS = {"type", "size", "double", "ceiling", "floor", "abs", "keyvalue", "datetime"}
_WORDS = {"true": True, "false": False, "null": None}


class Path:
    """A path: whether it is strict, its tree, and the names of the parameters that it uses."""

    def __init__(self, text: str) -> None:
        """Parse a text.

        Raises:
            SqlError: SYNTAX_ERROR, or NOT_SUPPORTED for what Trino refuses too.
        """
        self._tokens = _tokens(text)
        self._at = 0
        self.variables: list[str] = []
        mode = self._next()
        if mode not in (("name", "lax"), ("name", "strict")):
            raise SqlError("SYNTAX_ERROR", f"mismatched input '{mode[1]}' expecting {{'lax', 'strict'}}")
        self.strict = mode[1] == "strict"
        self.tree = self._sum()
        if self._peek()[0] != "end":
            raise self._unexpected()

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _unexpected(self) -> SqlError:
        return SqlError("SYNTAX_ERROR", f"mismatched input '{self._peek()[1] or '<EOF>'}' in a JSON path")

    def _is(self, text: str, kind: str = "sign") -> bool:
        return self._peek() == (kind, text)

    def _take(self, text: str, kind: str = "sign") -> bool:
        found = self._is(text, kind)
        self._at += found
        return found

    def _expect(self, text: str, kind: str = "sign") -> None:
        if not self._take(text, kind):
            raise self._unexpected()

    def _sum(self) -> Node:
        return self._binary(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._binary(("*", "/", "%"), self._signed)

    def _binary(self, signs: tuple[str, ...], operand: Any) -> Node:
        left: Node = operand()
        while self._peek()[0] == "sign" and self._peek()[1] in signs:
            sign = self._next()[1]
            left = ("binary", sign, left, operand())
        return left

    def _signed(self) -> Node:
        for sign in ("+", "-"):
            if self._take(sign):
                return ("unary", sign, self._signed())
        return self._accessors()

    def _accessors(self) -> Node:
        node = self._primary()
        while True:
            if self._take(".."):
                node = ("descendant", node, self._name())
            elif self._take("."):
                node = self._after_dot(node)
            elif self._take("["):
                node = self._subscript(node)
            elif self._take("?"):
                self._expect("(")
                node = ("filter", node, self._disjunction())
                self._expect(")")
            else:
                return node

    def _name(self) -> str:
        kind, text = self._next()
        if kind == "string":
            return text[1:-1].replace('""', '"')
        if kind != "name":
            self._at -= 1
            raise self._unexpected()
        return text

    def _after_dot(self, base: Node) -> Node:
        if self._take("*"):
            return ("members", base)
        called = self._peek(1) == ("sign", "(")
        if called and self._peek()[0] == "name" and self._peek()[1] in _METHODS:
            method = self._next()[1]
            if method == "datetime":
                raise SqlError("NOT_SUPPORTED", "datetime method in JSON path is not yet supported")
            self._expect("(")
            self._expect(")")
            return ("method", base, method)
        return ("member", base, self._name())

    def _subscript(self, base: Node) -> Node:
        if self._take("*"):
            self._expect("]")
            return ("elements", base)
        ranges = []
        while True:
            start = self._sum()
            ranges.append((start, self._sum() if self._take("to", "name") else None))
            if not self._take(","):
                break
        self._expect("]")
        return ("subscript", base, tuple(ranges))

    def _primary(self) -> Node:
        kind, text = self._next()
        if kind == "number":
            return ("number", text)
        if kind == "string":
            return ("literal", text[1:-1].replace('""', '"'))
        if kind == "variable":
            self.variables.append(text[1:])
            return ("variable", text[1:])
        if kind == "name" and text in _WORDS:
            return ("literal", _WORDS[text])
        if kind == "name" and text == "last":
            return ("last",)
        if kind == "sign" and text in ("$", "@"):
            return ("context",) if text == "$" else ("current",)
        if kind == "sign" and text == "(":
            node = self._sum()
            self._expect(")")
            return node
        self._at -= 1
        raise self._unexpected()

    def _disjunction(self) -> Node:
        left = self._conjunction()
        while self._take("||"):
            left = ("or", left, self._conjunction())
        return left

    def _conjunction(self) -> Node:
        left = self._predicate()
        while self._take("&&"):
            left = ("and", left, self._predicate())
        return left

    def _predicate(self) -> Node:
        if self._take("!"):
            return ("not", self._delimited())
        if self._is("exists", "name") and self._peek(1) == ("sign", "("):
            return self._delimited()
        start = self._at
        try:
            return self._comparison()
        except SqlError as error:
            if error.name != "SYNTAX_ERROR" or self._tokens[start] != ("sign", "("):
                raise
            self._at = start
        inside = self._delimited()
        if self._take("is", "name"):
            self._expect("unknown", "name")
            return ("unknown", inside)
        return inside

    def _delimited(self) -> Node:
        if self._take("exists", "name"):
            self._expect("(")
            node: Node = ("exists", self._sum())
        else:
            self._expect("(")
            node = self._disjunction()
        self._expect(")")
        return node

    def _comparison(self) -> Node:
        left = self._sum()
        if self._take("starts", "name"):
            self._expect("with", "name")
            return ("starts", left, self._primary())
        if self._is("like_regex", "name"):
            raise SqlError("NOT_SUPPORTED", "like_regex predicate in JSON path is not yet supported")
        if self._peek()[0] != "sign" or self._peek()[1] not in _COMPARISONS:
            raise self._unexpected()
        sign = self._next()[1]
        return ("compare", "<>" if sign == "!=" else sign, left, self._sum())


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    end = len(text.rstrip(" \t\r\n"))
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise SqlError("SYNTAX_ERROR", f"no viable alternative at input '{text[position:]}' in a JSON path")
        found.append((match.lastgroup or "", match[match.lastgroup or 0]))
        position = match.end()
    return [*found, ("end", "")]


@lru_cache(maxsize=500)
def parse(text: str) -> Path:
    """A path by its text.

    Raises:
        SqlError: SYNTAX_ERROR, or NOT_SUPPORTED for what Trino refuses too.
    """
    return Path(text)
