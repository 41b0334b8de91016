"""The statements that Athena reads as Hive does: names in back-ticks, texts in either quotes.

Follows AWS's "ALTER TABLE ADD PARTITION", "ALTER TABLE DROP PARTITION", "MSCK REPAIR TABLE", "DROP TABLE",
"CREATE DATABASE" and "DROP DATABASE".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.grammar.lexer import INTEGER, NAME, NUMBER, TEXT, place, tokens
from laketop.athena.sql.grammar.queries import Queries
from laketop.athena.sql.grammar.writing import Target, name_of, target_of, whole


@dataclass(frozen=True)
class PartitionSpec:
    """A partition by its values, and where ADD PARTITION puts it (None: below the table)."""

    values: Mapping[str, str] = field(hash=False)
    location: str | None = None


@dataclass(frozen=True)
class ChangePartitions:
    """ALTER TABLE … ADD or DROP PARTITION; `lenient`: whether IF NOT EXISTS or IF EXISTS was said."""

    target: Target
    lenient: bool
    partitions: tuple[PartitionSpec, ...]


@dataclass(frozen=True)
class NamedTable:
    """DROP TABLE and MSCK REPAIR TABLE; `if_exists` of the former."""

    target: Target
    if_exists: bool = False


@dataclass(frozen=True)
class CreateDatabase:
    """CREATE DATABASE."""

    name: str
    unless_exists: bool
    comment: str | None
    location: str | None
    properties: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True)
class DropDatabase:
    """DROP DATABASE; `cascade`: with the tables in it."""

    name: str
    if_exists: bool
    cascade: bool


type Definition = ChangePartitions | NamedTable | CreateDatabase | DropDatabase


class _Statements(Queries):
    """Readers of whole statements."""

    def add_partitions(self) -> ChangePartitions:
        self.need("ALTER", "TABLE")
        target = self._target()
        self.need("ADD")
        lenient = self._unless_exists()
        found = [self._added()]
        while self.sees("PARTITION"):
            found.append(self._added())
        return ChangePartitions(target, lenient, tuple(found))

    def drop_partitions(self) -> ChangePartitions:
        self.need("ALTER", "TABLE")
        target = self._target()
        self.need("DROP")
        lenient = self._if_exists()
        found: list[PartitionSpec] = []
        self.listed(lambda: found.append(PartitionSpec(self._spec())))
        return ChangePartitions(target, lenient, tuple(found))

    def repair(self) -> NamedTable:
        self.need("MSCK", "REPAIR", "TABLE")
        return NamedTable(self._target())

    def drop_table(self) -> NamedTable:
        self.need("DROP", "TABLE")
        if_exists = self._if_exists()
        return NamedTable(self._target(), if_exists)

    def create_database(self) -> CreateDatabase:
        self.need("CREATE")
        self._database_word()
        unless_exists = self._unless_exists()
        name = self._lowered()
        comment = self._text() if self.take("COMMENT") else None
        location = self._text() if self.take("LOCATION") else None
        properties: dict[str, str] = {}
        if self.take("WITH"):
            self.need("DBPROPERTIES")
            self.parenthesised(lambda: self._property(properties))
        return CreateDatabase(name, unless_exists, comment, location, properties)

    def drop_database(self) -> DropDatabase:
        self.need("DROP")
        self._database_word()
        if_exists = self._if_exists()
        name = self._lowered()
        cascade = self.take("CASCADE")
        if not cascade:
            self.take("RESTRICT")
        return DropDatabase(name, if_exists, cascade)

    def _database_word(self) -> None:
        if not self.take("DATABASE", "SCHEMA"):
            self.fail("'DATABASE', 'SCHEMA'")

    def _unless_exists(self) -> bool:
        if not self.take("IF"):
            return False
        self.need("NOT", "EXISTS")
        return True

    def _if_exists(self) -> bool:
        if not self.take("IF"):
            return False
        self.need("EXISTS")
        return True

    def _added(self) -> PartitionSpec:
        values = self._spec()
        return PartitionSpec(values, self._text() if self.take("LOCATION") else None)

    def _spec(self) -> dict[str, str]:
        values: dict[str, str] = {}
        self.need("PARTITION")
        self.parenthesised(lambda: self._pair(values))
        return values

    def _pair(self, values: dict[str, str]) -> None:
        name = self._lowered()
        self.need("=")
        values[name] = self._value()

    def _value(self) -> str:
        minus = "-" if self.take("-") else ""
        if self.kind(INTEGER, NUMBER):
            self.at += 1
            return minus + self.peek(-1).text
        if minus:
            self.fail("<number>")
        return self._text()

    def _property(self, properties: dict[str, str]) -> None:
        name = self._text()
        self.need("=")
        properties[name] = self._text()

    def _text(self) -> str:
        token = self.peek()
        quoted = token.kind == TEXT or (token.kind == NAME and token.text[0] == '"')
        if not quoted:
            self.fail("<string>")
        self.at += 1
        if "\\" in token.text or token.text[0] not in "'\"":
            raise not_supported(f"The literal {token.text}", *place(self.sql, token.start))
        quote = token.text[0]
        return token.text[1:-1].replace(quote * 2, quote)

    def _target(self) -> Target:
        names = [self._lowered()]
        while self.take("."):
            names.append(self._lowered())
        return target_of(names)

    def _lowered(self) -> str:
        token = self.peek()
        self.name()
        return name_of(token)


READERS: dict[str, Callable[[_Statements], Definition]] = {
    "ALTER_TABLE_ADD_PARTITION": _Statements.add_partitions,
    "ALTER_TABLE_DROP_PARTITION": _Statements.drop_partitions,
    "MSCK_REPAIR_TABLE": _Statements.repair,
    "DROP_TABLE": _Statements.drop_table,
    "CREATE_DATABASE": _Statements.create_database,
    "DROP_DATABASE": _Statements.drop_database,
}


def read(kind: str, sql: str) -> Definition:
    """Read a text as a statement.

    Args:
        kind: Athena's SubstatementType, one of `READERS`.

    Raises:
        SqlError: SYNTAX_ERROR with the place of the first token that the statement cannot have there.
    """
    found = _Statements(sql, tokens(sql, backquoted=True))
    return whole(found, lambda: READERS[kind](found))
