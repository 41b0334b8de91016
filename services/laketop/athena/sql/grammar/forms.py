"""What looks like a function, or a name, and has a grammar of its own: CASE, CAST, EXTRACT, TRIM, LISTAGG, …"""

from collections.abc import Callable
from typing import ClassVar

from laketop.athena.sql.grammar.lexer import INTEGER, TEXT, Token, place
from laketop.athena.sql.grammar.types import Types

_EXTRACTED = frozenset(
    [
        "YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DAY_OF_MONTH", "DAY_OF_WEEK", "DOW", "DAY_OF_YEAR", "DOY",
        "YEAR_OF_WEEK", "YOW", "HOUR", "MINUTE", "SECOND", "TIMEZONE_MINUTE", "TIMEZONE_HOUR",
    ]
)  # fmt: skip
_PLAIN = ("NULL", "TRUE", "FALSE", "CURRENT_DATE", "CURRENT_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA", "CURRENT_PATH")
_TIMES = ("CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP")
_JSON = ("JSON_EXISTS", "JSON_VALUE", "JSON_QUERY", "JSON_OBJECT", "JSON_ARRAY")
_QUERY_WORDS = ("SELECT", "VALUES", "TABLE", "WITH")


class Forms(Types):
    """Readers of these forms; each steps over what it is called after, or fails."""

    def query(self) -> None:
        """A query; what that is, is said where queries are."""
        raise NotImplementedError

    def sort_items(self) -> None:
        """What follows ORDER BY."""
        raise NotImplementedError

    def expression(self) -> None:
        """A condition or a value; what these are, is said where expressions are."""
        raise NotImplementedError

    def value(self) -> None:
        """A value."""
        raise NotImplementedError

    def _is_query(self, ahead: int) -> bool:
        """Whether a query may begin there, after any number of parentheses."""
        while self.sees("(", ahead=ahead):
            ahead += 1
        return self.sees(*_QUERY_WORDS, ahead=ahead)

    def _query_in_parentheses(self) -> None:
        self.need("(")
        self.query()
        self.need(")")

    def _unknown_literal(self, token: Token) -> None:
        shown = self.sql[token.start :][: len(token.text)]
        self.problem("TYPE_NOT_FOUND", f"Unknown resolvedType: {shown}", token.start)

    def _filter(self) -> None:
        if self.sees("FILTER") and self.sees("(", ahead=1):
            self.need("FILTER", "(", "WHERE")
            self.expression()
            self.need(")")

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

    _WORDS: ClassVar[dict[str, Callable[["Forms"], None]]] = {
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
    _SPECIAL: ClassVar[dict[str, Callable[["Forms"], bool]]] = {
        "TRY_CAST": _cast,
        "SUBSTRING": _substring,
        "POSITION": _position,
        "ROW": _row,
    }
