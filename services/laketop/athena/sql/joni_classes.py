"""The classes of characters that Joni's regular expressions name, as sets of Python's `regex` module."""

from laketop.athena.sql.errors import SqlError, not_supported

# \d, \w and \s know ASCII only.
SHORT = {
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[0-9A-Za-z_]",
    "W": "[^0-9A-Za-z_]",
    "s": r"[\t-\r ]",
    "S": r"[^\t-\r ]",
}
# What \b takes for a part of a word.
WORD = r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\xb2\xb3\xb9\xbc-\xbe]"
POSIX = {
    "alpha": r"\p{Alphabetic}",
    "digit": r"\p{Nd}",
    "alnum": r"\p{Alphabetic}\p{Nd}",
    "upper": r"\p{Uppercase}",
    "lower": r"\p{Lowercase}",
    "punct": r"\p{P}",
    "space": r"\p{White_Space}",
    "blank": r"\t\p{Zs}",
    "xdigit": "0-9A-Fa-f",
    "ascii": r"\x00-\x7f",
    "word": r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}",
    "cntrl": r"\p{Cc}",
    "graph": r"\p{Graph}",
    "print": r"\p{Print}",
}
_CATEGORIES = (
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi",
    "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp",
)  # fmt: skip
_SCRIPTS = (
    "Latin", "Greek", "Cyrillic", "Armenian", "Hebrew", "Arabic", "Devanagari", "Thai", "Georgian", "Hangul",
    "Hiragana", "Katakana", "Han",
)  # fmt: skip
_PROPERTIES = POSIX | {name.lower(): rf"\p{{{name}}}" for name in (*_CATEGORIES, *_SCRIPTS)}
# Classes that are not made of letters, marks and numbers alone.
_OTHERS = ("punct", "space", "blank", "graph", "print", "p", "s", "z")


def of_letters(name: str) -> bool:
    """Whether a class (by its name in POSIX or its property's) is made of letters, marks and numbers alone."""
    plain = _plain(name)
    script = plain.title() in _SCRIPTS
    return not script and plain not in _OTHERS and not (len(plain) == 2 and plain[0] in _OTHERS)


def escaped(character: str) -> str:
    """A character that means itself, in a set too."""
    if character.isalnum() or ord(character) > 127:
        return character
    return f"\\x{ord(character):02x}"


def _plain(name: str) -> str:
    return name.lower().replace(" ", "").replace("-", "").replace("_", "")


def property_(name: str, source: str, *, inverse: bool) -> str:
    """The set of a property's name (\\p{…}); case, spaces, - and _ do not matter.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a name that Joni does not know, NOT_SUPPORTED for others.
    """
    plain = _plain(name)
    if plain in _PROPERTIES:
        return f"[{'^' if inverse else ''}{_PROPERTIES[plain]}]"
    # Java's Is… are not Joni's, and neither are letters that begin no category
    if plain.startswith(("is", "^")) or len(plain) < 2:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"invalid character property name <{name}>")
    raise not_supported(f"'\\p{{{name}}}' in the regular expression '{source}'")
