"""Expressions, as Trino's grammar has them. What an expression means is none of this module's business."""

from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.grammar.forms import Forms
from laketop.athena.sql.grammar.lexer import BYTES, INTEGER, NUMBER, SIGN, TEXT, WORD, place
from laketop.athena.sql.grammar.types import FIELDS, LITERALS

_COMPARISONS = ("=", "<>", "!=", "<", "<=", ">", ">=")
_NAVIGATION = ("FIRST", "LAST", "PREV", "NEXT")
_ROW_PATTERN = ("AFTER", "INITIAL", "SEEK", "PATTERN", "SUBSET", "DEFINE")

# functions whose number of arguments is a matter of grammar: (least, most, message)
_COUNTS: dict[str, tuple[int, int, str]] = {
    "IF": (2, 3, "Invalid number of arguments for 'if' function"),
    "NULLIF": (2, 2, "Invalid number of arguments for 'nullif' function"),
    "COALESCE": (2, 1 << 30, "The 'coalesce' function must have at least two arguments"),
    "TRY": (1, 1, "The 'try' function must have exactly one argument"),
    "FORMAT": (2, 1 << 30, "The 'format' function must have at least two arguments"),
}


class Expressions(Forms):
    """Readers of expressions; each steps over what it is called after, or fails.

    Attributes:
        recognizing: how many MATCH_RECOGNIZE clauses are around.
    """

    recognizing: int = 0

    def expression(self) -> None:
        """A condition or a value."""
        while True:
            while self.take("NOT"):
                pass
            self.value()
            self._predicate()
            if not self.take("AND", "OR"):
                return

    def _predicate(self) -> None:
        if self.take(*_COMPARISONS):
            if self.sees("ALL", "ANY", "SOME") and self.sees("(", ahead=1) and self._is_query(2):
                self.at += 1
                self._query_in_parentheses()
            else:
                self.value()
        elif self.take("IS"):
            self.take("NOT")
            if self.take("DISTINCT"):
                self.need("FROM")
                self.value()
            elif not self.take("NULL"):
                self.fail("'DISTINCT', 'NOT', 'NULL'")
        elif self.sees("NOT") and self.sees("BETWEEN", "IN", "LIKE", ahead=1):
            self.at += 1
            self._range()
        else:
            self._range()

    def _range(self) -> None:
        if self.take("BETWEEN"):
            self.value()
            self.need("AND")
            self.value()
        elif self.take("IN"):
            if self.sees("(") and self._is_query(1):
                self.either(self._query_in_parentheses, lambda: self.parenthesised(self.expression))
            else:
                self.parenthesised(self.expression)
        elif self.take("LIKE"):
            self.value()
            if self.take("ESCAPE"):
                self.value()

    def value(self) -> None:
        """A value without comparisons."""
        while True:
            while self.take("-", "+"):
                pass
            self.primary()
            while self.sees("AT") and self.sees("TIME", ahead=1):
                self.at += 1
                self.need("TIME", "ZONE")
                if self.sees("INTERVAL"):
                    self._interval()
                else:
                    self.need_kind(TEXT, "'INTERVAL', <string>")
            if not self.take("+", "-", "*", "/", "%", "||"):
                return

    def primary(self) -> None:
        """An operand with its subscripts and parts."""
        self._base()
        while True:
            if self.take("["):
                self.value()
                self.need("]")
            elif self.sees(".") and not self.sees("*", ahead=1):
                self.at += 1
                self.name()
            else:
                return

    def _base(self) -> None:
        token = self.peek()
        if token.kind in (INTEGER, NUMBER, BYTES):
            self.at += 1
        elif token.kind == TEXT:
            self._string()
        elif token.kind == SIGN:
            self._sign(token.text)
        elif token.kind == WORD and token.text in self._WORDS:
            self._WORDS[token.text](self)
        elif self.is_name():
            self._named()
        else:
            self.fail("<expression>")

    def _string(self) -> None:
        unicode = self.peek().text[0] in "Uu"
        self.at += 1
        if unicode and self.take("UESCAPE"):
            self.need_kind(TEXT, "<string>")

    def _sign(self, text: str) -> None:
        if text == "?":
            self.at += 1
        elif text == "(":
            self._parentheses()
        else:
            self.fail("<expression>")

    def _parentheses(self) -> None:
        if self._is_lambda():
            self.need("(")
            if not self.take(")"):
                self.listed(self.name)
                self.need(")")
            self.need("->")
            self.expression()
        elif self._is_query(1):
            self.either(self._query_in_parentheses, lambda: self.parenthesised(self.expression))
        elif self.sees(")", ahead=1):
            self.at += 2
            self.fail("'->'")
        else:
            self.parenthesised(self.expression)

    def _is_lambda(self) -> bool:
        ahead = 1
        while self.is_name(ahead) or self.sees(",", ahead=ahead):
            ahead += 1
        return self.sees(")", ahead=ahead) and self.sees("->", ahead=ahead + 1)

    def _interval(self) -> None:
        self.need("INTERVAL")
        self.take("+", "-")
        self.need_kind(TEXT, "<string>")
        if not self.take(*FIELDS):
            self.fail("'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND', 'YEAR'")
        if self.take("TO") and not self.take(*FIELDS):
            self.fail("'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND', 'YEAR'")

    def _is_interval(self) -> bool:
        ahead = 2 if self.sees("+", "-", ahead=1) else 1
        return self.peek(ahead).kind == TEXT and (ahead == 2 or self.sees(*FIELDS, ahead=2))

    def _named(self) -> None:
        """A column, a call, a typed literal, or a lambda of one argument."""
        if self.sees("->", ahead=1):
            self.name()
            self.need("->")
            self.expression()
            return
        if self.sees("INTERVAL") and self._is_interval():
            self._interval()
            return
        if self.sees("DOUBLE") and self.sees("PRECISION", ahead=1) and self.peek(2).kind == TEXT:
            self.at += 3
            return
        if self.peek(1).kind == TEXT and self.peek(1).text[0] == "'":
            self._typed()
            return
        if self.sees("ARRAY") and self.sees("[", ahead=1):
            self.at += 2
            if not self.take("]"):
                self.listed(self.expression)
                self.need("]")
            return
        if self.sees("RUNNING", "FINAL") and self.is_name(1) and self.sees("(", ahead=1 + self._path(1)):
            self._mode()
        size = self._path()
        if self.sees("(", ahead=size):
            self._call(size)
            return
        self.name()
        if self.sees("OVER") and (self.sees("(", ahead=1) or self._is_window_name()):
            raise not_supported("A row pattern's measure over a window", *place(self.sql, self.peek().start))

    def _mode(self) -> None:
        """RUNNING or FINAL in front of a call."""
        if not self.recognizing:
            problem = f"{self.peek().text} semantics is not supported out of pattern recognition context"
            self.problem("INVALID_PROCESSING_MODE", problem, self.peek().start)
        self.modes.append(self.peek().start)
        self.at += 1

    def _typed(self) -> None:
        token = self.peek()
        if token.text not in LITERALS:
            self._unknown_literal(token)
        self.at += 2

    def _path(self, start: int = 0) -> int:
        """How many tokens a name with points takes, if a call follows it."""
        ahead = start + 1
        while self.sees(".", ahead=ahead) and self.is_name(ahead + 1):
            ahead += 2
        return ahead - start if self.sees("(", ahead=ahead) else 1

    def _call(self, size: int) -> None:
        name, start = self.peek().text, self.peek().start
        if self.recognizing and name in _NAVIGATION:
            self.names.append(start)
        special = self._SPECIAL.get(name) if size == 1 and self.peek().kind == WORD else None
        self.at += size
        if special is not None and special(self):
            return
        self.need("(")
        count = self._arguments()
        self.need(")")
        self._tail()
        least, most, problem = _COUNTS.get(name, (0, 1 << 30, ""))
        if size == 1 and not least <= count <= most:
            self.problem("SYNTAX_ERROR", problem, start)

    def _arguments(self) -> int:
        if self.sees(")"):
            return 0
        if self.take("*"):
            return 1
        if self.is_name() and self.sees(".", ahead=1) and self.sees("*", ahead=2):
            self.at += 3
            return 1
        count = 0
        if not self.sees("ORDER"):
            if self.sees("DISTINCT") or (self.sees("ALL") and not self.sees(",", ")", ahead=1)):
                self.at += 1
            self.expression()
            count = 1
            while self.take(","):
                self.expression()
                count += 1
        if self.take("ORDER"):
            self.need("BY")
            self.sort_items()
        return count

    def _tail(self) -> None:
        """FILTER, IGNORE NULLS and OVER."""
        self._filter()
        if self.sees("IGNORE", "RESPECT") and self.sees("NULLS", ahead=1) and self.sees("OVER", ahead=2):
            self.at += 2
        if self.sees("OVER") and (self.sees("(", ahead=1) or self._is_window_name()):
            self.at += 1
            if self.take("("):
                self.window()
                self.need(")")
            else:
                self.name()

    def _is_window_name(self) -> bool:
        """`sum(x) over` may also be an alias."""
        return self.is_name(1)

    def window(self) -> None:
        """What stands in the parentheses of OVER."""
        if self.is_name() and not self.sees("PARTITION", "ORDER", "ROWS", "RANGE", "GROUPS", "MEASURES"):
            self.name()
        if self.take("PARTITION"):
            self.need("BY")
            self.listed(self.expression)
        if self.take("ORDER"):
            self.need("BY")
            self.sort_items()
        start = self.peek().start
        measured = self.take("MEASURES")
        if measured:
            self.listed(self._measure)
        if self.take("ROWS", "RANGE", "GROUPS"):
            if self.take("BETWEEN"):
                self._bound()
                self.need("AND")
                self._bound()
            else:
                self._bound()
            if measured or self.sees(*_ROW_PATTERN):
                raise not_supported("A row pattern in a window", *place(self.sql, start))
        elif measured:
            self.fail("'GROUPS', 'RANGE', 'ROWS'")

    def _measure(self) -> None:
        self.expression()
        self.need("AS")
        self.name()

    def _bound(self) -> None:
        if self.take("CURRENT"):
            self.need("ROW")
            return
        if not self.take("UNBOUNDED"):
            # a bound has no condition in it: the AND is that of BETWEEN
            self.value()
        if not self.take("PRECEDING", "FOLLOWING"):
            self.fail("'FOLLOWING', 'PRECEDING'")
