"""The statements around queries that write, as Trino's grammar has them: INSERT, CREATE VIEW, CREATE TABLE AS, …

Follows AWS's "INSERT INTO", "CREATE TABLE AS", "CREATE VIEW", "DROP VIEW" and "SHOW CREATE VIEW".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.grammar.lexer import END, INTEGER, NAME, TEXT, Failed, Token, place, tokens
from laketop.athena.sql.grammar.queries import Queries

_CATALOG = "awsdatacatalog"

type Property = str | int | bool | tuple[str, ...]


@dataclass(frozen=True)
class Target:
    """A table or view that a statement names, in small letters; without a database it is the context's."""

    database: str | None
    name: str


@dataclass(frozen=True)
class Insert:
    """INSERT INTO.

    Attributes:
        columns: the names of the column list, empty without one.
        query: what is inserted, with blanks in front so that places are those of the whole text.
    """

    target: Target
    columns: tuple[str, ...]
    query: str


@dataclass(frozen=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW; `query` as that of `Insert`, `start` is where the statement begins."""

    target: Target
    replace: bool
    query: str
    start: tuple[int, int]


@dataclass(frozen=True)
class CreateTableAs:
    """CREATE TABLE … AS; `query` and `start` as those of `CreateView`.

    Attributes:
        unless_exists: whether an existing table is left as it is.
        properties: those of WITH, by name in small letters.
        data: whether the rows are written.
    """

    target: Target
    unless_exists: bool
    properties: dict[str, Property] = field(hash=False)
    query: str
    data: bool
    start: tuple[int, int]


@dataclass(frozen=True)
class NamedView:
    """DROP VIEW (`if_exists`) and SHOW CREATE VIEW."""

    target: Target
    if_exists: bool
    start: tuple[int, int]


type Writing = Insert | CreateView | CreateTableAs | NamedView


class _Statements(Queries):
    """Readers of whole statements."""

    def insert(self) -> Insert:
        self.need("INSERT", "INTO")
        target = self._target()
        columns: list[str] = []
        listed = self.sees("(") and not self._is_query(1)
        if listed:
            self.parenthesised(lambda: columns.append(self._lowered()))
        first = self.at
        if not self._is_query(0):
            self.fail("'WITH', <query>" if listed else "'(', 'WITH', <query>")
        self.query()
        return Insert(target, tuple(columns), self._written(first))

    def create_view(self) -> CreateView:
        start = self._start()
        self.need("CREATE")
        replace = self.take("OR")
        if replace:
            self.need("REPLACE")
        self.need("VIEW")
        target = self._target()
        if self.sees("COMMENT", "SECURITY"):
            raise not_supported(f"CREATE VIEW with {self.peek().text}", *place(self.sql, self.peek().start))
        if not self.take("AS"):
            self.fail("'.', 'AS'")
        return CreateView(target, replace, self._query(), start)

    def create_table_as(self) -> CreateTableAs:
        start = self._start()
        self.need("CREATE", "TABLE")
        unless_exists = self.take("IF")
        if unless_exists:
            self.need("NOT", "EXISTS")
        target = self._target()
        if self.sees("(", "COMMENT"):
            what = "a list of columns" if self.sees("(") else "COMMENT"
            raise not_supported(f"CREATE TABLE AS with {what}", *place(self.sql, self.peek().start))
        properties: dict[str, Property] = {}
        if self.take("WITH"):
            self.parenthesised(lambda: self._property(properties))
        if not self.take("AS"):
            self.fail("'(', '.', 'AS', 'COMMENT', 'WITH'")
        query, data = self._query(), True
        if self.take("WITH"):
            data = not self.take("NO")
            self.need("DATA")
        return CreateTableAs(target, unless_exists, properties, query, data, start)

    def drop_view(self) -> NamedView:
        start = self._start()
        self.need("DROP", "VIEW")
        if_exists = self.take("IF")
        if if_exists:
            self.need("EXISTS")
        return NamedView(self._target(), if_exists, start)

    def show_create_view(self) -> NamedView:
        start = self._start()
        self.need("SHOW", "CREATE", "VIEW")
        return NamedView(self._target(), False, start)

    def _start(self) -> tuple[int, int]:
        return place(self.sql, self.peek().start)

    def _query(self) -> str:
        first = self.at
        if not self._is_query(0):
            self.fail("<query>")
        self.query()
        return self._written(first)

    def _written(self, first: int) -> str:
        """The text from a token up to here, behind blanks in the place of what was before it."""
        start, end = self.tokens[first].start, self.peek().start
        return re.sub(r"[^\r\n]", " ", self.sql[:start]) + self.sql[start:end].rstrip()

    def _lowered(self) -> str:
        token = self.peek()
        self.name()
        return name_of(token)

    def _target(self) -> Target:
        names = [self._lowered()]
        while self.take("."):
            names.append(self._lowered())
        return target_of(names)

    def _property(self, properties: dict[str, Property]) -> None:
        name, start = self._lowered(), self.peek(-1).start
        self.need("=")
        if name in properties:
            problem = f"Duplicate property: {name}"
            raise SqlError("DUPLICATE_PROPERTY", problem, *place(self.sql, start))
        properties[name] = self._value(name)

    def _value(self, name: str) -> Property:
        token = self.peek()
        if self.take("ARRAY"):
            texts: list[str] = []
            self.need("[")
            if not self.sees("]"):
                self.listed(lambda: texts.append(self._text()))
            self.need("]")
            return tuple(texts)
        if token.kind == INTEGER:
            self.at += 1
            return int(token.text)
        if self.sees("TRUE", "FALSE"):
            self.at += 1
            return token.text == "TRUE"
        if token.kind == TEXT:
            return self._text()
        if token.kind == END or self.sees(")", ","):
            self.fail("'DEFAULT', <expression>")
        raise not_supported(f"A computed value of the property {name}", *place(self.sql, token.start))

    def _text(self) -> str:
        token = self.peek()
        self.need_kind(TEXT, "<string>")
        if token.text[0] != "'":
            raise not_supported(f"The literal {token.text}", *place(self.sql, token.start))
        return token.text[1:-1].replace("''", "'")


def name_of(token: Token) -> str:
    """The name that a token stands for: Hive and Trino keep names in small letters, quoted or not."""
    if token.kind == NAME:
        quote = token.text[0]
        return token.text[1:-1].replace(quote * 2, quote).lower()
    return token.text.lower()


def target_of(names: list[str]) -> Target:
    """What a name with points stands for.

    Raises:
        SqlError: it has too many parts, or names a catalog that is not there.
    """
    if len(names) > 3:
        raise SqlError("SYNTAX_ERROR", f"Too many dots in table name: {'.'.join(names)}")
    if len(names) == 3 and names[0] != _CATALOG:
        raise SqlError("CATALOG_NOT_FOUND", f"Catalog '{names[0]}' does not exist")
    return Target(names[-2] if len(names) > 1 else None, names[-1])


_READERS: dict[str, Callable[[_Statements], Writing]] = {
    "INSERT": _Statements.insert,
    "CREATE_VIEW": _Statements.create_view,
    "CREATE_TABLE_AS_SELECT": _Statements.create_table_as,
    "DROP_VIEW": _Statements.drop_view,
    "SHOW_CREATE_VIEW": _Statements.show_create_view,
}


def read(kind: str, sql: str) -> Writing:
    """Read a text as a statement.

    Args:
        kind: Athena's SubstatementType, one of `INSERT`, `CREATE_VIEW`, `CREATE_TABLE_AS_SELECT`, `DROP_VIEW`,
            `SHOW_CREATE_VIEW`.

    Raises:
        SqlError: SYNTAX_ERROR with the place of the first token that the statement cannot have there.
    """
    found = _Statements(sql, tokens(sql))
    return whole(found, lambda: _READERS[kind](found))


def whole[C: Queries, T](found: C, reader: Callable[[], T]) -> T:
    """What a reader makes of all tokens of a cursor.

    Raises:
        SqlError: as `read`.
    """
    try:
        statement = reader()
        found.take(";")
        if not found.kind(END):
            found.fail("<EOF>")
    except Failed as failure:
        token = found.tokens[failure.index]
        shown = found.sql[token.start :][: len(token.text)] if token.kind != END else token.text
        problem = f"mismatched input '{shown}'. Expecting: {failure.expected}"
        raise SqlError("SYNTAX_ERROR", problem, *place(found.sql, token.start)) from failure
    except RecursionError as error:
        raise SqlError("STACK_OVERFLOW", "statement is too large (stack overflow during analysis)") from error
    if found.problems:
        raise found.problems[0]
    return statement
