"""The small path language of json_extract, json_extract_scalar and json_size.

`$`, `.name`, `[name]`, `[0]`, `["any name"]`: no wildcards, filters or negative indices (Trino's page "JSON functions
and operators"; other systems have more).
"""

import re
from functools import lru_cache

from laketop.athena.sql.errors import SqlError

_STEP = re.compile(r'\.([\w:]+)|\[(\w+)\]|\["((?:[^"\\]|\\["\\])*)"\]')


@lru_cache(maxsize=1000)
def steps(path: str) -> tuple[str, ...]:
    """The names and indices of a path.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for what is no path.
    """
    wrong = SqlError("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON path: '{path}'")
    if not path.startswith("$"):
        raise wrong
    found, position = [], 1
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            raise wrong
        bare = step[1] or step[2]
        if bare is None:
            found.append(re.sub(r"\\(.)", r"\1", step[3]))
        elif all(letter in "_:" or _is_letter_or_digit(letter) for letter in bare):
            found.append(bare)
        else:
            raise wrong
        position = step.end()
    return tuple(found)


def _is_letter_or_digit(letter: str) -> bool:
    """Java's, which looks at UTF-16 units: nothing beyond U+FFFF."""
    return letter <= "\uffff" and (letter.isalpha() or letter.isdecimal())
