"""Comparing and checking texts: distances, soundex and luhn_check of Trino's page "String functions and operators"."""

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.functions.call import TEXT, Form

# DuckDB compares bytes, which are characters where there are no others than ASCII
_ASCII = "strlen({0}) = length({0}) AND strlen({1}) = length({1})"
_LENGTHS = text.raising(
    "INVALID_FUNCTION_ARGUMENT",
    "'The input strings to hamming_distance function must have the same length' || left({0}, 0)",
    "BIGINT",
)
_NO_DIGIT = text.raising("INVALID_FUNCTION_ARGUMENT", "'Input contains non-digit character' || left({0}, 0)", "BOOLEAN")

FORMS: dict[str, tuple[Form, ...]] = {
    "levenshtein_distance": (
        Form(
            (TEXT, TEXT),
            t.BIGINT,
            f"CASE WHEN {_ASCII} THEN levenshtein({{0}}, {{1}}) ELSE py_levenshtein({{0}}, {{1}}) END",
        ),
    ),
    "hamming_distance": (
        Form(
            (TEXT, TEXT),
            t.BIGINT,
            f"CASE WHEN length({{0}}) <> length({{1}}) THEN {_LENGTHS} ELSE tr_str_hamming({{0}}, {{1}}) END",
        ),
    ),
    "luhn_check": (
        Form(
            (t.VARCHAR,),
            t.BOOLEAN,
            f"CASE WHEN {{0}} = '' THEN FALSE WHEN regexp_full_match({{0}}, '[0-9]+') THEN tr_str_luhn({{0}}) "
            f"WHEN {{0}} IS NOT NULL THEN {_NO_DIGIT} END",
        ),
    ),
    "soundex": (Form((t.VARCHAR,), t.Varchar(4), "py_soundex({0})"),),
}
