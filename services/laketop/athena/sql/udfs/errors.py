"""Raises what must not stay inside of TRY."""

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.text import RAISED
from laketop.athena.sql.udfs.registry import udf


@udf("py_past_try", ("VARCHAR",), "INTEGER")
def past_try(marked: str) -> int:
    """The error that a text of `text.mark` says.

    Raises:
        SqlError: always.
    """
    found = RAISED.search(marked)
    if found is None:
        raise ValueError(marked)
    raise SqlError(found[1], found[2])
