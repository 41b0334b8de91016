r"""AWS's patterns as Python's.

The service models give Java regular expressions, and AWS asks for a match of the whole value. Python's `re` cannot read
some of them (surrogate pairs in ranges, `\p{L}`) and means something else by `.` and `\w`; a pattern that is silently
dropped, or means less than Java's, would accept what AWS refuses.
"""

import functools
import re
import sys
import unicodedata

# What "." excludes in Java; Python's excludes only "\n".
_JAVA_DOT = "[^\\n\\r\\u0085\\u2028\\u2029]"
_SURROGATE_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_TOKEN = re.compile(r"\\[pP]\{(?P<category>[A-Z][a-z]?)\}|\\.|[\[\]]|(?P<intersection>&&)|(?P<dot>\.)|[^\\]", re.DOTALL)


class PatternError(ValueError):
    """A pattern of the service model that cannot be carried over to Python; the message names it."""


@functools.cache
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of a service model for `fullmatch`.

    Args:
        pattern: a Java regular expression, as botocore's model gives it.

    Raises:
        PatternError: the pattern uses what this module does not know.

    Source: Java SE API, `java.util.regex.Pattern`; Smithy, "pattern trait".
    """
    try:
        # ASCII: Java's \w, \d and \s know no other letters unless asked to.
        return re.compile(_to_python(pattern), re.ASCII)
    except re.error as error:
        raise PatternError(f"the pattern {pattern!r} has no Python form: {error}") from error


def _to_python(pattern: str) -> str:
    return "".join(_translate(_SURROGATE_PAIR.sub(_code_point, pattern)))


def _code_point(pair: re.Match[str]) -> str:
    high, low = (int(half, 16) for half in pair.groups())
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def _translate(pattern: str) -> list[str]:
    parts: list[str] = []
    inside = False
    for token in _TOKEN.finditer(pattern):
        text = token.group()
        if token["category"]:
            if text[1] == "P" or not inside:
                raise PatternError(f"the pattern {pattern!r} uses {text} in a way that is not carried over")
            text = _category_ranges(token["category"])
        elif text == "[":
            if inside:
                raise PatternError(f"the pattern {pattern!r} has a class inside a class")
            inside = True
        elif text == "]":
            inside = False
        elif token["intersection"] and inside:
            raise PatternError(f"the pattern {pattern!r} intersects classes")
        elif token["dot"] and not inside:
            text = _JAVA_DOT
        parts.append(text)
    return parts


@functools.cache
def _category_ranges(category: str) -> str:
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)).startswith(category):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
