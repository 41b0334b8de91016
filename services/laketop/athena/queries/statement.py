"""What kind of statement a text is, decided by its first words: a query, a SHOW or DESCRIBE, or one that is refused.

Athena says "Queries of this type are not supported" for what it does not know; here that names the statement. The kinds
are those of AWS's "SQL reference for Athena" (DML queries, DDL statements), and of "Use prepared statements".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.grammar import hive
from laketop.athena.sql.grammar.lexer import END, SIGN, tokens
from laketop.athena.sql.grammar.writing import Writing, read
from laketop.athena.sql.parse import check_limits, parse

_QUERY_WORDS = ("SELECT", "WITH", "VALUES", "(", "TABLE")
_COMMENTS = re.compile(r"\A(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.DOTALL)
_NAME = r"[`\"]?(\w+)[`\"]?"
_TABLE = rf"(?:{_NAME}\.)?{_NAME}"

_UTILITIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern + r"\s*;?\s*\Z", re.IGNORECASE | re.DOTALL))
    for name, pattern in (
        ("SHOW_DATABASES", r"SHOW\s+(?:DATABASES|SCHEMAS)(?:\s+LIKE\s+'([^']*)')?"),
        ("SHOW_VIEWS", rf"SHOW\s+VIEWS(?:\s+IN\s+{_NAME})?(?:\s+LIKE\s+'([^']*)')?"),
        ("SHOW_TABLES", rf"SHOW\s+TABLES(?:\s+(?:IN|FROM)\s+{_NAME})?(?:\s+'([^']*)')?"),
        ("SHOW_PARTITIONS", rf"SHOW\s+PARTITIONS\s+{_TABLE}"),
        ("SHOW_COLUMNS", rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+{_TABLE}"),
        ("SHOW_COLUMNS_OF", rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+{_NAME}\s+(?:IN|FROM)\s+{_NAME}"),
        ("DESCRIBE_TABLE", rf"(?:DESCRIBE|DESC)\s+(?:EXTENDED\s+|FORMATTED\s+)?{_TABLE}"),
    )
)

_EXPLAIN = re.compile(r"EXPLAIN(?:\s+(ANALYZE)(?:\s+VERBOSE)?|\s*\(([^()]*)\))?\s+(?=\S)", re.IGNORECASE)
_PREPARED = r"([A-Za-z_][A-Za-z0-9_@:]{0,255})"
_PREPARE = re.compile(rf"PREPARE\s+{_PREPARED}\s+FROM\s+(?=\S)", re.IGNORECASE)
_EXECUTE = re.compile(rf"EXECUTE\s+{_PREPARED}(?:\s+USING\s+(.*?\S))?\s*;?\s*\Z", re.IGNORECASE | re.DOTALL)
_DEALLOCATE = re.compile(rf"DEALLOCATE\s+PREPARE\s+{_PREPARED}\s*;?\s*\Z", re.IGNORECASE)
_OPTION = re.compile(r"(TYPE)\s+(LOGICAL|DISTRIBUTED|VALIDATE|IO)|(FORMAT)\s+(TEXT|GRAPHVIZ|JSON)", re.IGNORECASE)

# (StatementType, SubstatementType, the statement's first words), the first that fits
_KINDS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (kind, name, re.compile(pattern + r"\b", re.IGNORECASE | re.DOTALL))
    for kind, name, pattern in (
        ("DML", "CREATE_TABLE_AS_SELECT", r"CREATE\s+TABLE\s.*?\bAS\s*\(?\s*(?:SELECT|WITH|VALUES|TABLE)"),
        ("DDL", "CREATE_TABLE", r"CREATE\s+(?:EXTERNAL\s+)?TABLE"),
        ("DDL", "CREATE_PROTECTED_VIEW", r"CREATE\s+(?:OR\s+REPLACE\s+)?PROTECTED"),
        ("DDL", "CREATE_VIEW", r"CREATE\s+(?:OR\b|VIEW)"),
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
        ("DDL", "MSCK_REPAIR_TABLE", r"MSCK"),
        ("DML", "INSERT", r"INSERT"),
        ("DML", "DELETE", r"DELETE\s+FROM"),
        ("DML", "UPDATE", r"UPDATE"),
        ("DML", "MERGE", r"MERGE\s+INTO"),
        ("DML", "UNLOAD", r"UNLOAD"),
        ("DML", "OPTIMIZE", r"OPTIMIZE"),
        ("DML", "VACUUM", r"VACUUM"),
        ("UTILITY", "SHOW_CREATE_TABLE", r"SHOW\s+CREATE\s+TABLE"),
        ("UTILITY", "SHOW_CREATE_VIEW", r"SHOW\s+CREATE\s+VIEW"),
        ("UTILITY", "SHOW_TBLPROPERTIES", r"SHOW\s+TBLPROPERTIES"),
        ("UTILITY", "SHOW_VIEWS", r"SHOW\s+VIEWS"),
        ("UTILITY", "DESCRIBE_VIEW", r"(?:DESCRIBE|DESC)\s+VIEW"),
        ("UTILITY", "SHOW", r"SHOW"),
        ("UTILITY", "DESCRIBE", r"(?:DESCRIBE|DESC)"),
    )
)
_WRITTEN = frozenset(["INSERT", "CREATE_TABLE_AS_SELECT", "CREATE_VIEW", "DROP_VIEW", "SHOW_CREATE_VIEW"])
_HIVE = frozenset(hive.READERS)
# What other systems, or Trino, have and Athena has not ("Unsupported DDL" and "Considerations and limitations").
_UNKNOWN = frozenset(
    ["ANALYZE", "BEGIN", "CALL", "COMMENT", "COMMIT", "DENY", "EXPORT", "GRANT", "IMPORT", "LOAD", "LOCK", "REFRESH",
     "RENAME", "RESET", "REVOKE", "ROLLBACK", "SET", "START", "TRUNCATE", "UNLOCK", "USE", "ALTER", "CREATE", "DROP"]
)  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """A statement that can be run.

    Attributes:
        kind: Athena's StatementType: `DML`, `DDL` or `UTILITY`.
        substatement: Athena's SubstatementType, e.g. `SELECT`, `SHOW_TABLES`.
        text: the statement without the comments in front.
        arguments: a utility statement's names and patterns, None where left out; of EXECUTE the name and the values.
        writing: what a statement that changes the lake says, None for any other.
    """

    kind: str
    substatement: str
    text: str
    arguments: tuple[str | None, ...] = ()
    writing: Writing | hive.Definition | None = None


def classify(text: str) -> Statement:
    """Find out what a text is; a query is parsed here, so that what is no query fails before it is accepted.

    Raises:
        SqlError: SYNTAX_ERROR with the place, NOT_SUPPORTED for a statement that is refused.
    """
    bare = _COMMENTS.sub("", text).rstrip()
    word = (re.match(r"\(|\w+", bare) or re.match(r"", bare)).group().upper()  # type: ignore[union-attr]
    if word in _QUERY_WORDS:
        # with the comments, so that places in errors are those of the user's text
        _check_single(bare)
        parse(text)
        return Statement("DML", "SELECT", text)
    if word in _SPECIAL:
        return _SPECIAL[word](text, bare)
    for name, pattern in _UTILITIES:
        found = pattern.match(bare)
        if found:
            return _utility(name, bare, found)
    check_limits(text)
    known = recognise(bare)
    if known is not None and known[1] in _HIVE:
        _check_single(bare, backquoted=True)
        return Statement(*known, text, writing=hive.read(known[1], text))
    if known is not None and known[1] in _WRITTEN:
        _check_single(bare)
        # with the comments, so that places in errors are those of the user's text
        return Statement(*known, text, writing=read(known[1], text))
    if known is not None:
        raise SqlError("NOT_SUPPORTED", f"Queries of this type are not supported: {known[1]}")
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


def _check_single(bare: str, *, backquoted: bool = False) -> None:
    """A query is one statement.

    Raises:
        SqlError: GENERIC_USER_ERROR in Athena's words.
    """
    found = tokens(bare, backquoted=backquoted)
    if any(token.text == ";" and token.kind == SIGN and behind.kind != END for token, behind in pairwise(found)):
        raise SqlError("GENERIC_USER_ERROR", f"Only one sql statement is allowed. Got: {bare}")


def _prepare(text: str, bare: str) -> Statement:
    """PREPARE name FROM query; whether it can run with its parameters shows when it does."""
    found = _PREPARE.match(bare)
    if found is None:
        raise SqlError("SYNTAX_ERROR", "mismatched input. Expecting: PREPARE <statement name> FROM <statement>", 1, 1)
    # blanks instead of the words in front, so that places in errors are those of the user's text
    start = text.rindex(bare) + found.end() if bare in text else found.end()
    inner = classify(re.sub(r"[^\n]", " ", text[:start]) + text[start:])
    if inner.substatement not in ("SELECT", "INSERT"):
        raise SqlError("NOT_SUPPORTED", f"Queries of this type are not supported: PREPARE of {inner.substatement}")
    return Statement("UTILITY", "PREPARE", bare, (found.group(1), bare[found.end() :].rstrip("; \n")))


def _execute(_: str, bare: str) -> Statement:
    """EXECUTE name USING values; the values are texts, each checked when it takes its place."""
    found = _EXECUTE.match(bare)
    if found is None:
        raise SqlError("SYNTAX_ERROR", "mismatched input. Expecting: EXECUTE <statement name> USING <values>", 1, 1)
    return Statement("DML", "EXECUTE", bare, (found.group(1), *_listed(found.group(2) or "")))


def _listed(text: str) -> list[str]:
    """The expressions of a list, as they are written."""
    pieces, start, depth = [], 0, 0
    for token in tokens(text):
        depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
        if token.kind == END or (token.text == "," and depth == 0):
            pieces.append(text[start : token.start].strip())
            start = token.start + 1
    return pieces if pieces != [""] else []


def _deallocate(_: str, bare: str) -> Statement:
    found = _DEALLOCATE.match(bare)
    if found is None:
        raise SqlError("SYNTAX_ERROR", "mismatched input. Expecting: DEALLOCATE PREPARE <statement name>", 1, 1)
    return Statement("UTILITY", "DEALLOCATE_PREPARE", bare, (found.group(1),))


_SPECIAL: dict[str, Callable[[str, str], Statement]] = {
    "EXPLAIN": _explain,
    "PREPARE": _prepare,
    "EXECUTE": _execute,
    "DEALLOCATE": _deallocate,
}


def _utility(name: str, text: str, found: re.Match[str]) -> Statement:
    arguments = found.groups()
    if re.search(r"\b(EXTENDED|FORMATTED)\b", text, re.IGNORECASE):
        raise SqlError("NOT_SUPPORTED", "Queries of this type are not supported: DESCRIBE EXTENDED")
    if name == "SHOW_COLUMNS_OF":
        name, arguments = "SHOW_COLUMNS", (arguments[1], arguments[0])
    return Statement("UTILITY", name, text, tuple(value.lower() if value else None for value in arguments))
