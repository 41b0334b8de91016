"""Expressions, as Trino's grammar has them. What an expression means is none of this module's business."""

from collections.abc import Callable
from typing import ClassVar

from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.grammar.lexer import BYTES, END, INTEGER, NUMBER, SIGN, TEXT, WORD, Cursor, Token, place

_COMPARISONS = ("=", "<>", "!=", "<", "<=", ">", ">=")
_FIELDS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_EXTRACTED = frozenset(
    [
        "YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DAY_OF_MONTH", "DAY_OF_WEEK", "DOW", "DAY_OF_YEAR", "DOY",
        "YEAR_OF_WEEK", "YOW", "HOUR", "MINUTE", "SECOND", "TIMEZONE_MINUTE", "TIMEZONE_HOUR",
    ]
)  # fmt: skip
# the types that can stand in front of a string
_LITERALS = frozenset(
    [
        "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "REAL", "DOUBLE", "DECIMAL", "VARCHAR", "CHAR",
        "VARBINARY", "DATE", "TIME", "TIMESTAMP", "JSON", "UUID", "IPADDRESS", "HYPERLOGLOG", "P4HYPERLOGLOG",
        "TDIGEST", "SETDIGEST", "GEOMETRY", "SPHERICALGEOGRAPHY", "BINGTILE", "COLOR", "CODEPOINTS", "JONIREGEXP",
        "RE2JREGEXP", "LIKEPATTERN", "JSONPATH", "JSON2016", "KDBTREE", "UNKNOWN",
    ]
)  # fmt: skip
_TYPES = _LITERALS | {"ARRAY", "MAP", "ROW", "QDIGEST", "FUNCTION"}
_PLAIN = ("NULL", "TRUE", "FALSE", "CURRENT_DATE", "CURRENT_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA", "CURRENT_PATH")
_TIMES = ("CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP")
_JSON = ("JSON_EXISTS", "JSON_VALUE", "JSON_QUERY", "JSON_OBJECT", "JSON_ARRAY")
_NAVIGATION = ("FIRST", "LAST", "PREV", "NEXT")
_ROW_PATTERN = ("AFTER", "INITIAL", "SEEK", "PATTERN", "SUBSET", "DEFINE")
QUERY_WORDS = ("SELECT", "VALUES", "TABLE", "WITH")

# functions whose number of arguments is a matter of grammar: (least, most, message)
_COUNTS: dict[str, tuple[int, int, str]] = {
    "IF": (2, 3, "Invalid number of arguments for 'if' function"),
    "NULLIF": (2, 2, "Invalid number of arguments for 'nullif' function"),
    "COALESCE": (2, 1 << 30, "The 'coalesce' function must have at least two arguments"),
    "TRY": (1, 1, "The 'try' function must have exactly one argument"),
    "FORMAT": (2, 1 << 30, "The 'format' function must have at least two arguments"),
}


class Expressions(Cursor):
    """Readers of expressions; each steps over what it is called after, or fails.

    Attributes:
        recognizing: how many MATCH_RECOGNIZE clauses are around.
    """

    recognizing: int = 0

    def query(self) -> None:
        """A query; what that is, is said where queries are."""
        raise NotImplementedError

    def sort_items(self) -> None:
        """What follows ORDER BY."""
        raise NotImplementedError

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

    def _is_query(self, ahead: int) -> bool:
        """Whether a query may begin there, after any number of parentheses."""
        while self.sees("(", ahead=ahead):
            ahead += 1
        return self.sees(*QUERY_WORDS, ahead=ahead)

    def _query_in_parentheses(self) -> None:
        self.need("(")
        self.query()
        self.need(")")

    def _interval(self) -> None:
        self.need("INTERVAL")
        self.take("+", "-")
        self.need_kind(TEXT, "<string>")
        if not self.take(*_FIELDS):
            self.fail("'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND', 'YEAR'")
        if self.take("TO") and not self.take(*_FIELDS):
            self.fail("'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND', 'YEAR'")

    def _is_interval(self) -> bool:
        ahead = 2 if self.sees("+", "-", ahead=1) else 1
        return self.peek(ahead).kind == TEXT and (ahead == 2 or self.sees(*_FIELDS, ahead=2))

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
        if token.text not in _LITERALS:
            self._unknown_literal(token)
        self.at += 2

    def _unknown_literal(self, token: Token) -> None:
        shown = self.sql[token.start :][: len(token.text)]
        self.problem("TYPE_NOT_FOUND", f"Unknown resolvedType: {shown}", token.start)

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

    def _filter(self) -> None:
        if self.sees("FILTER") and self.sees("(", ahead=1):
            self.need("FILTER", "(", "WHERE")
            self.expression()
            self.need(")")

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

    def _plain(self) -> None:
        self.at += 1

    def _time(self) -> None:
        self.at += 1
        if self.take("("):
            self.need_kind(INTEGER, "<integer>")
            self.need(")")

    def _exists(self) -> None:
        self.at += 1
        if not self._is_query(1):
            self.need("(")
            self.fail("<query>")
        self._query_in_parentheses()

    def _case(self) -> None:
        self.at += 1
        if not self.sees("WHEN"):
            self.expression()
        if not self.sees("WHEN"):
            self.fail("'WHEN'")
        while self.take("WHEN"):
            self.expression()
            self.need("THEN")
            self.expression()
        if self.take("ELSE"):
            self.expression()
        self.need("END")

    def _cast(self) -> bool:
        start = self.peek(-1).start
        self.need("(")
        self.expression()
        self.need("AS")
        kept = len(self.problems)
        self.type()
        # an unknown type is a matter of the cast as a whole
        for found in self.problems[kept:]:
            found.line, found.column = place(self.sql, start)
        self.need(")")
        return True

    def _cast_word(self) -> None:
        self.at += 1
        self._cast()

    def _extract(self) -> None:
        start = self.peek().start
        self.need("EXTRACT", "(")
        written = self.peek()
        self.name()
        if self.sees("FROM") and written.text.upper() not in _EXTRACTED:
            problem = f"Invalid EXTRACT field: {self.sql[written.start :][: len(written.text)]}"
            self.problem("SYNTAX_ERROR", problem, start)
        self.need("FROM")
        self.value()
        self.need(")")

    def _trim(self) -> None:
        self.need("TRIM", "(")
        side = self.peek()
        if self.take("BOTH", "LEADING", "TRAILING"):
            if not self.take("FROM"):
                self.value()
                if not self.take("FROM"):
                    # without FROM it is a literal of an unknown type
                    self._unknown_literal(side)
                    self.take(",")
            if not self.sees(")"):
                self.value()
        elif not self.take("FROM"):
            self.value()
            if self.take("FROM", ","):
                self.value()
        else:
            self.value()
        self.need(")")

    def _normalize(self) -> None:
        self.need("NORMALIZE", "(")
        self.value()
        if self.take(",") and not self.take("NFD", "NFC", "NFKD", "NFKC"):
            self.fail("'NFC', 'NFD', 'NFKC', 'NFKD'")
        self.need(")")

    def _listagg(self) -> None:
        self.need("LISTAGG", "(")
        self.take("DISTINCT", "ALL")
        self.expression()
        if self.take(","):
            self.need_kind(TEXT, "<string>")
        if self.take("ON"):
            self.need("OVERFLOW")
            if not self.take("ERROR"):
                self.need("TRUNCATE")
                if self.kind(TEXT):
                    self.at += 1
                if not self.take("WITH", "WITHOUT"):
                    self.fail("'WITH', 'WITHOUT'")
                self.need("COUNT")
        self.need(")", "WITHIN", "GROUP", "(", "ORDER", "BY")
        self.sort_items()
        self.need(")")
        self._filter()

    def _grouping(self) -> None:
        self.need("GROUPING", "(")
        if not self.take(")"):
            self.listed(self._qualified)
            self.need(")")

    def _qualified(self) -> None:
        self.name()
        while self.take("."):
            self.name()

    def _skipped(self) -> None:
        """A call with a grammar of its own, which its parser checks."""
        self.at += 1
        self.skip_parentheses()

    def _substring(self) -> bool:
        """`SUBSTRING(x FROM n FOR m)`; False for a plain call."""
        return self._apart("FROM", "FOR")

    def _position(self) -> bool:
        if self._apart("IN"):
            return True
        self.problem("FUNCTION_NOT_FOUND", "Function 'position' not registered", self.peek(-1).start)
        return False

    def _apart(self, first: str, second: str = "") -> bool:
        start = self.at
        self.need("(")
        if not self.sees(")"):
            self.value()
            if self.take(first):
                self.value()
                if second and self.take(second):
                    self.value()
                self.need(")")
                return True
        self.at = start
        return False

    def _row(self) -> bool:
        """`ROW(…)`, which has at least one value."""
        if self.sees(")", ahead=1):
            return False
        self.need("(")
        self.listed(self.expression)
        self.need(")")
        return True

    def type(self) -> None:
        """A type after AS."""
        if self.kind(END) or not (self.is_name() or self.sees("INTERVAL")):
            self.fail("<type>")
        if self.sees("INTERVAL") and self.sees(*_FIELDS, ahead=1):
            self.at += 2
            if self.take("TO") and not self.take(*_FIELDS):
                self.fail("'SECOND'")
        elif self.sees("ARRAY", "MAP") and self.sees("<", ahead=1):
            self.at += 2
            self.listed(self.type)
            self.need(">")
        elif self.take("DOUBLE"):
            self.take("PRECISION")
        else:
            self._plain_type()
        while self.take("ARRAY"):
            if self.take("["):
                self.need_kind(INTEGER, "<integer>")
                self.need("]")

    def _plain_type(self) -> None:
        row, timed, first = self.sees("ROW"), self.sees("TIME", "TIMESTAMP"), self.peek()
        self.at += 1
        if self.take("("):
            self.listed(self._row_field if row else self._type_parameter)
            self.need(")")
        if first.text.strip('"').upper() not in _TYPES:
            shown = self.sql[first.start : self.peek(-1).start] + self.peek(-1).text
            self.problem("TYPE_MISMATCH", f"Unknown type: {shown.lower()}", first.start)
        if timed and self.sees("WITH", "WITHOUT") and self.sees("TIME", ahead=1):
            self.at += 2
            self.need("ZONE")

    def _row_field(self) -> None:
        self.either(self._named_field, self.type)

    def _named_field(self) -> None:
        self.name()
        self.type()
        if not self.sees(",", ")"):
            self.fail("')', ','")

    def _type_parameter(self) -> None:
        if self.kind(INTEGER):
            self.at += 1
        else:
            self.type()

    _WORDS: ClassVar[dict[str, Callable[["Expressions"], None]]] = {
        **dict.fromkeys(_PLAIN, _plain),
        **dict.fromkeys(_TIMES, _time),
        **dict.fromkeys(_JSON, _skipped),
        "EXISTS": _exists,
        "CASE": _case,
        "CAST": _cast_word,
        "EXTRACT": _extract,
        "TRIM": _trim,
        "NORMALIZE": _normalize,
        "LISTAGG": _listagg,
        "GROUPING": _grouping,
    }
    # names that begin a form of their own where a parenthesis follows; False: it is a plain call after all
    _SPECIAL: ClassVar[dict[str, Callable[["Expressions"], bool]]] = {
        "TRY_CAST": _cast,
        "SUBSTRING": _substring,
        "POSITION": _position,
        "ROW": _row,
    }
