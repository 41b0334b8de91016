"""What kind of statement a text is, decided by its first words: a query, a SHOW or DESCRIBE, or one that is refused.

Athena says "Queries of this type are not supported" for what it does not know; here that names the statement.
"""

import re
from dataclasses import dataclass

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.parse import parse

_QUERY_WORDS = ("SELECT", "WITH", "VALUES", "(", "TABLE")
_COMMENTS = re.compile(r"\A(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.DOTALL)
_NAME = r"[`\"]?(\w+)[`\"]?"
_TABLE = rf"(?:{_NAME}\.)?{_NAME}"

_UTILITIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern + r"\s*;?\s*\Z", re.IGNORECASE | re.DOTALL))
    for name, pattern in (
        ("SHOW_DATABASES", r"SHOW\s+(?:DATABASES|SCHEMAS)(?:\s+LIKE\s+'([^']*)')?"),
        ("SHOW_TABLES", rf"SHOW\s+TABLES(?:\s+(?:IN|FROM)\s+{_NAME})?(?:\s+'([^']*)')?"),
        ("SHOW_PARTITIONS", rf"SHOW\s+PARTITIONS\s+{_TABLE}"),
        ("SHOW_COLUMNS", rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+{_TABLE}"),
        ("SHOW_COLUMNS_OF", rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+{_NAME}\s+(?:IN|FROM)\s+{_NAME}"),
        ("DESCRIBE_TABLE", rf"(?:DESCRIBE|DESC)\s+(?:EXTENDED\s+|FORMATTED\s+)?{_TABLE}"),
    )
)


@dataclass(frozen=True)
class Statement:
    """A statement that can be run.

    Attributes:
        kind: Athena's StatementType: `DML` or `UTILITY`.
        substatement: Athena's SubstatementType, e.g. `SELECT`, `SHOW_TABLES`.
        text: the statement without the comments in front.
        arguments: a utility statement's names and patterns, None where left out.
    """

    kind: str
    substatement: str
    text: str
    arguments: tuple[str | None, ...] = ()


def classify(text: str) -> Statement:
    """Find out what a text is; a query is parsed here, so that what is no query fails before it is accepted.

    Raises:
        SqlError: SYNTAX_ERROR with the place, NOT_SUPPORTED for a statement that is refused.
    """
    bare = _COMMENTS.sub("", text).rstrip()
    word = (re.match(r"\(|\w+", bare) or re.match(r"", bare)).group().upper()  # type: ignore[union-attr]
    if word in _QUERY_WORDS:
        # with the comments, so that places in errors are those of the user's text
        parse(text)
        return Statement("DML", "SELECT", text)
    for name, pattern in _UTILITIES:
        found = pattern.match(bare)
        if found:
            return _utility(name, bare, found)
    if word in ("SHOW", "DESCRIBE", "DESC"):
        raise SqlError("NOT_SUPPORTED", f"Queries of this type are not supported: {' '.join(bare.split()[:2]).upper()}")
    if word in _REFUSED:
        raise SqlError("NOT_SUPPORTED", f"Queries of this type are not supported: {' '.join(bare.split()[:3]).upper()}")
    raise SqlError("SYNTAX_ERROR", f"mismatched input '{word or '<EOF>'}'. Expecting: <query>, SHOW, DESCRIBE", 1, 1)


def _utility(name: str, text: str, found: re.Match[str]) -> Statement:
    arguments = found.groups()
    if re.search(r"\b(EXTENDED|FORMATTED)\b", text, re.IGNORECASE):
        raise SqlError("NOT_SUPPORTED", "Queries of this type are not supported: DESCRIBE EXTENDED")
    if name == "SHOW_COLUMNS_OF":
        name, arguments = "SHOW_COLUMNS", (arguments[1], arguments[0])
    return Statement("UTILITY", name, text, tuple(value.lower() if value else None for value in arguments))


_REFUSED = frozenset(
    [
        "CREATE",
        "DROP",
        "ALTER",
        "INSERT",
        "DELETE",
        "UPDATE",
        "MERGE",
        "MSCK",
        "UNLOAD",
        "OPTIMIZE",
        "VACUUM",
        "EXPLAIN",
        "PREPARE",
        "EXECUTE",
        "DEALLOCATE",
    ]
)
