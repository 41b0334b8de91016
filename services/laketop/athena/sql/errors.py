"""What can be wrong with a query, in Trino's words: an error has a name, a message and a place in the text.

The names are Trino's own ("StandardErrorCode"), because clients and people search for them.
"""

from dataclasses import dataclass

USER, SYSTEM = 2, 1

# What TRY and TRY_CAST make a NULL of; every other error gets past them.
SWALLOWED = frozenset(
    ("DIVISION_BY_ZERO", "INVALID_CAST_ARGUMENT", "INVALID_FUNCTION_ARGUMENT", "NUMERIC_VALUE_OUT_OF_RANGE")
)

# Athena's ErrorType codes by Trino's error name ("Athena error catalog"); what is not listed is a general error.
_TYPES: dict[str, int] = {
    "NOT_SUPPORTED": 1007,
    "SYNTAX_ERROR": 1006,
    "TABLE_NOT_FOUND": 1301,
    "HIVE_BAD_DATA": 1002,
    "DIVISION_BY_ZERO": 1001,
}
_GENERAL = 1006


@dataclass(eq=False)
class SqlError(Exception):
    """A query cannot be run as it is written, or its run failed.

    Attributes:
        name: Trino's error name, e.g. `COLUMN_NOT_FOUND`.
        message: what is wrong, without the place.
        line: 1-based line in the query text, None where there is no place.
        column: 1-based column in that line.
    """

    name: str
    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}:{self.column}: " if self.line is not None else ""
        return f"{self.name}: {place}{self.message}"

    @property
    def category(self) -> int:
        """Athena's ErrorCategory: 2, the user's, for everything that a query text or its data cause."""
        return SYSTEM if self.name == "GENERIC_INTERNAL_ERROR" else USER

    @property
    def type(self) -> int:
        """Athena's ErrorType."""
        return _TYPES.get(self.name, _GENERAL)


def not_supported(what: str, line: int | None = None, column: int | None = None) -> SqlError:
    """The refusal of something that Athena has and this server has not."""
    return SqlError("NOT_SUPPORTED", f"{what} is not supported by Laketop", line, column)
