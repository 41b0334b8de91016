"""What kind of statement a text is, decided by its first words: a query, a SHOW or DESCRIBE, or one that is refused.

Athena says "Queries of this type are not supported" for what it does not know; here that names the statement. The kinds
are those of AWS's "SQL reference for Athena" (DML queries, DDL statements).
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

_EXPLAIN = re.compile(r"EXPLAIN(?:\s+(ANALYZE)(?:\s+VERBOSE)?|\s*\(([^()]*)\))?\s+(?=\S)", re.IGNORECASE)
_OPTION = re.compile(r"(TYPE)\s+(LOGICAL|DISTRIBUTED|VALIDATE|IO)|(FORMAT)\s+(TEXT|GRAPHVIZ|JSON)", re.IGNORECASE)

# (StatementType, SubstatementType, the statement's first words), the first that fits
_KINDS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (kind, name, re.compile(pattern + r"\b", re.IGNORECASE | re.DOTALL))
    for kind, name, pattern in (
        ("DML", "CREATE_TABLE_AS_SELECT", r"CREATE\s+TABLE\s.*?\bAS\s*\(?\s*(?:SELECT|WITH|VALUES|TABLE)"),
        ("DDL", "CREATE_TABLE", r"CREATE\s+(?:EXTERNAL\s+)?TABLE"),
        ("DDL", "CREATE_VIEW", r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:PROTECTED\s+MULTI\s+DIALECT\s+)?VIEW"),
        ("DDL", "CREATE_DATABASE", r"CREATE\s+(?:DATABASE|SCHEMA)"),
        ("DDL", "DROP_TABLE", r"DROP\s+TABLE"),
        ("DDL", "DROP_VIEW", r"DROP\s+VIEW"),
        ("DDL", "DROP_DATABASE", r"DROP\s+(?:DATABASE|SCHEMA)"),
        ("DDL", "ALTER_TABLE_ADD_COLUMNS", r"ALTER\s+TABLE\s.*?\bADD\s+COLUMNS"),
        ("DDL", "ALTER_TABLE_ADD_PARTITION", r"ALTER\s+TABLE\s.*?\bADD\s+(?:IF\s+NOT\s+EXISTS\s+)?PARTITION"),
        ("DDL", "ALTER_TABLE_DROP_PARTITION", r"ALTER\s+TABLE\s.*?\bDROP\s+(?:IF\s+EXISTS\s+)?PARTITION"),
        ("DDL", "ALTER_TABLE_RENAME_PARTITION", r"ALTER\s+TABLE\s.*?\bRENAME\s+TO\s+PARTITION"),
        ("DDL", "ALTER_TABLE_REPLACE_COLUMNS", r"ALTER\s+TABLE\s.*?\bREPLACE\s+COLUMNS"),
        ("DDL", "ALTER_TABLE_CHANGE_COLUMN", r"ALTER\s+TABLE\s.*?\bCHANGE"),
        ("DDL", "ALTER_TABLE_DROP_COLUMN", r"ALTER\s+TABLE\s.*?\bDROP\s+COLUMN"),
        ("DDL", "ALTER_TABLE_SET_LOCATION", r"ALTER\s+TABLE\s.*?\bSET\s+LOCATION"),
        ("DDL", "ALTER_TABLE_SET_TBLPROPERTIES", r"ALTER\s+TABLE\s.*?\bSET\s+TBLPROPERTIES"),
        ("DDL", "ALTER_TABLE", r"ALTER\s+TABLE"),
        ("DDL", "ALTER_DATABASE_SET_DBPROPERTIES", r"ALTER\s+(?:DATABASE|SCHEMA)"),
        ("DDL", "ALTER_VIEW", r"ALTER\s+VIEW"),
        ("DDL", "MSCK_REPAIR_TABLE", r"MSCK\s+REPAIR\s+TABLE"),
        ("DML", "INSERT", r"INSERT\s+INTO"),
        ("DML", "DELETE", r"DELETE\s+FROM"),
        ("DML", "UPDATE", r"UPDATE"),
        ("DML", "MERGE", r"MERGE\s+INTO"),
        ("DML", "UNLOAD", r"UNLOAD"),
        ("DML", "OPTIMIZE", r"OPTIMIZE"),
        ("DML", "VACUUM", r"VACUUM"),
        ("UTILITY", "PREPARE", r"PREPARE"),
        ("UTILITY", "EXECUTE", r"EXECUTE"),
        ("UTILITY", "DEALLOCATE_PREPARE", r"DEALLOCATE\s+PREPARE"),
        ("UTILITY", "SHOW_CREATE_TABLE", r"SHOW\s+CREATE\s+TABLE"),
        ("UTILITY", "SHOW_CREATE_VIEW", r"SHOW\s+CREATE\s+VIEW"),
        ("UTILITY", "SHOW_TBLPROPERTIES", r"SHOW\s+TBLPROPERTIES"),
        ("UTILITY", "SHOW_VIEWS", r"SHOW\s+VIEWS"),
        ("UTILITY", "DESCRIBE_VIEW", r"(?:DESCRIBE|DESC)\s+VIEW"),
        ("UTILITY", "SHOW", r"SHOW"),
        ("UTILITY", "DESCRIBE", r"(?:DESCRIBE|DESC)"),
    )
)
_WHY = {
    "PREPARE": " (no prepared statements; execution parameters are supported)",
    "EXECUTE": " (no prepared statements; execution parameters are supported)",
    "DEALLOCATE_PREPARE": " (no prepared statements; execution parameters are supported)",
}
# What other systems, or Trino, have and Athena has not ("Unsupported DDL" and "Considerations and limitations").
_UNKNOWN = frozenset(
    ["ANALYZE", "BEGIN", "CALL", "COMMENT", "COMMIT", "DENY", "EXPORT", "GRANT", "IMPORT", "LOAD", "LOCK", "REFRESH",
     "RENAME", "RESET", "REVOKE", "ROLLBACK", "SET", "START", "TRUNCATE", "UNLOCK", "USE", "ALTER", "CREATE", "DROP"]
)  # fmt: skip


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
    if word == "EXPLAIN":
        return _explain(text, bare)
    for name, pattern in _UTILITIES:
        found = pattern.match(bare)
        if found:
            return _utility(name, bare, found)
    known = recognise(bare)
    if known is not None:
        raise SqlError("NOT_SUPPORTED", f"Queries of this type are not supported: {known[1]}{_WHY.get(known[1], '')}")
    if word in _UNKNOWN:
        raise SqlError("NOT_SUPPORTED", f"Queries of this type are not supported: {' '.join(bare.split()[:2]).upper()}")
    problem = f"mismatched input '{bare.split(maxsplit=1)[0] if bare else '<EOF>'}'. Expecting: <query>"
    raise SqlError("SYNTAX_ERROR", problem, *_place(text, len(text) - len(text.lstrip()) if bare else len(text)))


def recognise(text: str) -> tuple[str, str] | None:
    """(StatementType, SubstatementType) of a statement that Athena has besides queries, None for any other text."""
    bare = _COMMENTS.sub("", text)
    return next(((kind, name) for kind, name, pattern in _KINDS if pattern.match(bare)), None)


def _place(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def _explain(text: str, bare: str) -> Statement:
    """EXPLAIN of a query; only its validation, as a plan would be another engine's.

    Follows AWS's "Using EXPLAIN and EXPLAIN ANALYZE in Athena".
    """
    found = _EXPLAIN.match(bare)
    if found is None:
        raise SqlError("SYNTAX_ERROR", "mismatched input '<EOF>'. Expecting: '(', 'ANALYZE', <query>", 1, len(text) + 1)
    chosen = {"TYPE": "DISTRIBUTED", "FORMAT": "TEXT"}
    for option in (found.group(2) or "").split(",") if found.group(2) is not None else ():
        read = _OPTION.fullmatch(option.strip())
        if read is None:
            problem = f"mismatched input '{option.strip()}'. Expecting: 'FORMAT', 'TYPE'"
            raise SqlError("SYNTAX_ERROR", problem, *_place(text, text.find(option)))
        chosen[(read.group(1) or read.group(3)).upper()] = (read.group(2) or read.group(4)).upper()
    # blanks instead of the words in front, so that places in errors are those of the user's text
    start = text.rindex(bare) + found.end() if bare in text else found.end()
    inner = re.sub(r"[^\n]", " ", text[:start]) + text[start:]
    parse(inner)
    if found.group(1) or chosen["TYPE"] != "VALIDATE":
        what = "EXPLAIN ANALYZE" if found.group(1) else f"EXPLAIN (TYPE {chosen['TYPE']})"
        raise SqlError("NOT_SUPPORTED", f"Queries of this type are not supported: {what}; EXPLAIN (TYPE VALIDATE) is")
    return Statement("UTILITY", "EXPLAIN", bare, (inner,))


def _utility(name: str, text: str, found: re.Match[str]) -> Statement:
    arguments = found.groups()
    if re.search(r"\b(EXTENDED|FORMATTED)\b", text, re.IGNORECASE):
        raise SqlError("NOT_SUPPORTED", "Queries of this type are not supported: DESCRIBE EXTENDED")
    if name == "SHOW_COLUMNS_OF":
        name, arguments = "SHOW_COLUMNS", (arguments[1], arguments[0])
    return Statement("UTILITY", name, text, tuple(value.lower() if value else None for value in arguments))
