"""Queries, as Trino's grammar has them: WITH, SELECT, VALUES, TABLE, set operations, FROM and its joins.

Follows Trino's page "SELECT".
"""

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.grammar.lexer import END, INTEGER, Failed, place, tokens
from laketop.athena.sql.grammar.recognition import Recognitions

_SETS = ("UNION", "INTERSECT", "EXCEPT")


class Queries(Recognitions):
    """Readers of queries; each steps over what it is called after, or fails."""

    def statement(self) -> None:
        """A query and nothing more."""
        if not self._is_query(0):
            self.fail("<query>")
        self.query()
        self.take(";")
        if not self.kind(END):
            self.fail("<EOF>")

    def query(self) -> None:
        """A query with its WITH."""
        if self.take("WITH"):
            self.take("RECURSIVE")
            self.listed(self._named_query)
        self._body()

    def _named_query(self) -> None:
        self.name()
        if self.sees("("):
            self.parenthesised(self.name)
        self.need("AS", "(")
        if not self._is_query(0):
            self.fail("<query>")
        self.query()
        self.need(")")

    def _body(self) -> None:
        self._term()
        while self.take(*_SETS):
            self.take("ALL", "DISTINCT")
            self._term()
        if self.take("ORDER"):
            self.need("BY")
            self.sort_items()
        if self.take("OFFSET"):
            self._count()
            self.take("ROW", "ROWS")
        if self.take("LIMIT"):
            if not self.take("ALL"):
                self._count()
        elif self.take("FETCH"):
            self._fetch()

    def _fetch(self) -> None:
        if not self.take("FIRST", "NEXT"):
            self.fail("'FIRST', 'NEXT'")
        if not self.sees("ROW", "ROWS"):
            self._count()
        if not self.take("ROW", "ROWS"):
            self.fail("'ROW', 'ROWS'")
        if not self.take("ONLY"):
            self.need("WITH", "TIES")

    def _count(self) -> None:
        if not self.take("?"):
            self.need_kind(INTEGER, "'?', <integer>")

    def sort_items(self) -> None:
        """What follows ORDER BY."""
        self.listed(self._sort_item)

    def _sort_item(self) -> None:
        self.expression()
        self.take("ASC", "DESC")
        if self.take("NULLS") and not self.take("FIRST", "LAST"):
            self.fail("'FIRST', 'LAST'")

    def _term(self) -> None:
        start = self.at
        if self.take("SELECT"):
            self._select()
        elif self.take("VALUES"):
            self.listed(self.expression)
            self.queries.append((start, self.at))
        elif self.take("TABLE"):
            self._qualified()
            self.queries.append((start, self.at))
        elif self.take("("):
            self._body()
            self.need(")")
        else:
            self.fail("'(', 'SELECT', 'TABLE', 'VALUES'")

    def _select(self) -> None:
        # ALL may also be a column
        if not self.take("DISTINCT") and self.sees("ALL") and not self.sees(",", "FROM", ".", "(", ahead=1):
            self.at += 1
            if self.sees("DISTINCT"):
                self.fail("<expression>")
        self.listed(self._select_item)
        if self.take("FROM"):
            self.listed(self.relation)
        if self.take("WHERE"):
            self.expression()
        if self.take("GROUP"):
            self.need("BY")
            if not self.take("DISTINCT") and self.sees("ALL") and self._is_quantifier():
                self.at += 1
            self.listed(self._group)
        if self.take("HAVING"):
            self.expression()
        if self.sees("WINDOW") and self.is_name(1) and self.sees("AS", ahead=2):
            self.at += 1
            self.listed(self._named_window)

    def _is_quantifier(self) -> bool:
        """Whether GROUP BY ALL is followed by what it is grouped by; else ALL is a column."""
        following = self.peek(1)
        return following.kind != END and not self.sees(",", ")", "HAVING", "ORDER", "LIMIT", ";", *_SETS, ahead=1)

    def _select_item(self) -> None:
        if self.take("*"):
            return
        self.expression()
        if self.sees(".") and self.sees("*", ahead=1):
            self.at += 2
            if self.take("AS"):
                self.parenthesised(self.name)
        elif self.take("AS") or self._is_alias():
            self.name()

    def _is_alias(self) -> bool:
        """Whether a name follows that is no beginning of the next clause."""
        if not self.is_name():
            return False
        if self.sees("OFFSET", "LIMIT", "FETCH"):
            # an alias where no number follows
            return self.peek(1).kind != INTEGER and not self.sees("?", "ALL", "FIRST", "NEXT", ahead=1)
        return not (self.sees("WINDOW") and self.is_name(1) and self.sees("AS", ahead=2))

    def _group(self) -> None:
        if self.take("GROUPING"):
            if self.sees("("):
                self.at -= 1
                self.expression()
                return
            self.need("SETS")
            self.parenthesised(self._grouping_set)
        elif self.take("ROLLUP", "CUBE"):
            self.need("(")
            if not self.take(")"):
                self.listed(self._grouping_set)
                self.need(")")
        else:
            self._grouping_set()

    def _grouping_set(self) -> None:
        if self.sees("(") and self.sees(")", ahead=1) and not self.sees("->", ahead=2):
            self.at += 2
        elif self.sees("ROLLUP", "CUBE"):
            self.fail("'(', <expression>")
        else:
            self.expression()

    def _named_window(self) -> None:
        self.name()
        self.need("AS", "(")
        self.window()
        self.need(")")

    def relation(self) -> None:
        """A relation of FROM with what is joined to it."""
        self._sampled()
        while True:
            if self.sees("CROSS"):
                self.need("CROSS", "JOIN")
                self._sampled()
            elif self.take("NATURAL"):
                self._join_type()
                self.need("JOIN")
                self._sampled()
            elif self.sees("JOIN", "INNER", "LEFT", "RIGHT", "FULL"):
                self._join_type()
                self.need("JOIN")
                self.relation()
                if self.take("ON"):
                    self.expression()
                elif self.take("USING"):
                    self.parenthesised(self.name)
                else:
                    self.fail("'ON', 'USING'")
            else:
                return

    def _join_type(self) -> None:
        if not self.take("INNER") and self.take("LEFT", "RIGHT", "FULL"):
            self.take("OUTER")

    def _sampled(self) -> None:
        start = self.at
        self._relation_primary()
        if not self.is_recognition():
            self._relation_alias()
        if self.is_recognition():
            self.recognition(start)
            self._relation_alias()
        if self.take("TABLESAMPLE"):
            if not self.take("BERNOULLI", "SYSTEM"):
                self.fail("'BERNOULLI', 'SYSTEM'")
            self.parenthesised(self.expression)

    def _relation_alias(self) -> None:
        if self.take("AS") or (self.is_name() and self._is_relation_alias()):
            self.name()
            if self.sees("("):
                self.parenthesised(self.name)

    def _is_relation_alias(self) -> bool:
        if self.sees("TABLESAMPLE"):
            return not self.sees("BERNOULLI", "SYSTEM", ahead=1)
        return self._is_alias()

    def _relation_primary(self) -> None:
        if self.take("UNNEST"):
            self.parenthesised(self.expression)
            if self.take("WITH"):
                self.need("ORDINALITY")
        elif self.sees("LATERAL") and self.sees("(", ahead=1):
            self.at += 1
            self._query_in_parentheses()
        elif self.take("TABLE", "JSON_TABLE"):
            self.skip_parentheses()
        elif self.sees("("):
            if self._is_query(1):
                self.either(self._query_in_parentheses, self._relation_in_parentheses)
            else:
                self._relation_in_parentheses()
        elif self.is_name():
            self._qualified()
            if self.sees("FOR") and self.sees("VERSION", "TIMESTAMP", ahead=1):
                self.at += 2
                self.need("AS", "OF")
                self.value()
        else:
            self.fail("'(', 'JSON_TABLE', 'LATERAL', 'TABLE', 'UNNEST', <identifier>")

    def _relation_in_parentheses(self) -> None:
        self.need("(")
        self.relation()
        self.need(")")


def check(sql: str) -> Queries:
    """Read a text as a query.

    Returns:
        The cursor behind it, with what was found on the way.

    Raises:
        SqlError: SYNTAX_ERROR with the place of the first token that no query can have there.
    """
    found = Queries(sql, tokens(sql))
    try:
        found.statement()
    except Failed as failure:
        token = found.tokens[failure.index]
        shown = sql[token.start :][: len(token.text)] if token.kind != END else token.text
        shown = shown[:1] if shown[:1] in "'\"" and token.kind == "odd" else shown
        problem = f"mismatched input '{shown}'. Expecting: {failure.expected}"
        raise SqlError("SYNTAX_ERROR", problem, *place(sql, token.start)) from failure
    if found.problems:
        raise found.problems[0]
    return found
