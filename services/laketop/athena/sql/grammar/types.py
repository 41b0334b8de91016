"""Types, as Trino's grammar has them behind AS."""

from laketop.athena.sql.grammar.lexer import END, INTEGER, Cursor

FIELDS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
# the types that can stand in front of a string
LITERALS = frozenset(
    [
        "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "REAL", "DOUBLE", "DECIMAL", "VARCHAR", "CHAR",
        "VARBINARY", "DATE", "TIME", "TIMESTAMP", "JSON", "UUID", "IPADDRESS", "HYPERLOGLOG", "P4HYPERLOGLOG",
        "TDIGEST", "SETDIGEST", "GEOMETRY", "SPHERICALGEOGRAPHY", "BINGTILE", "COLOR", "CODEPOINTS", "JONIREGEXP",
        "RE2JREGEXP", "LIKEPATTERN", "JSONPATH", "JSON2016", "KDBTREE", "UNKNOWN",
    ]
)  # fmt: skip
_TYPES = LITERALS | {"ARRAY", "MAP", "ROW", "QDIGEST", "FUNCTION"}


class Types(Cursor):
    """Readers of types; each steps over what it is called after, or fails."""

    def type(self) -> None:
        """A type after AS."""
        if self.kind(END) or not (self.is_name() or self.sees("INTERVAL")):
            self.fail("<type>")
        if self.sees("INTERVAL") and self.sees(*FIELDS, ahead=1):
            self.at += 2
            if self.take("TO") and not self.take(*FIELDS):
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
