"""Taking texts apart: split, split_part, split_to_map of Trino's page "String functions and operators"."""

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions.call import TEXT, Call, Form, Rule, apply, fit, same


def _invalid(message: str, duckdb_type: str) -> str:
    return text.raising("INVALID_FUNCTION_ARGUMENT", f"{text.string(message)} || left({{0}}, 0)", duckdb_type)


def _parts(values: list[Expr]) -> t.Type:
    return t.Array(values[0].type)


_EMPTY = _invalid("The delimiter may not be the empty string", "VARCHAR[]")
_NO_DELIMITER = f"WHEN {{1}} IS NULL THEN NULL WHEN {{1}} = '' THEN {_EMPTY} "
_SPLIT = (
    Form((TEXT, TEXT), _parts, f"CASE {_NO_DELIMITER}ELSE string_split({{0}}, {{1}}) END"),
    Form(
        (TEXT, TEXT, t.BIGINT),
        _parts,
        f"CASE WHEN {{2}} <= 0 THEN {_invalid('Limit must be positive', 'VARCHAR[]')} "
        f"WHEN {{2}} > {2**31 - 1} THEN {_invalid('Limit is too large', 'VARCHAR[]')} "
        f"{_NO_DELIMITER}ELSE tr_str_split(string_split({{0}}, {{1}}), {{1}}, {{2}}) END",
    ),
)
_SPLIT_PART = (
    Form(
        (TEXT, TEXT, t.BIGINT),
        same,
        "CASE WHEN {1} IS NULL OR {2} IS NULL THEN NULL "
        f"WHEN {{2}} < 1 THEN {_invalid('Index must be greater than zero', 'VARCHAR')} "
        # without a delimiter the parts are the characters
        "WHEN {1} = '' THEN nullif(substring({0}, least({2}, 2147483647), 1), '') "
        "ELSE list_extract(string_split({0}, {1}), {2}) END",
    ),
)


def _to_map(type_: t.Type, result: str) -> tuple[Form, ...]:
    kind = t.duckdb_type(type_)
    same_ones = _invalid("entryDelimiter and keyValueDelimiter must not be the same", kind)
    return (
        Form(
            (t.VARCHAR, t.VARCHAR, t.VARCHAR),
            type_,
            "CASE WHEN {0} IS NULL OR {1} IS NULL OR {2} IS NULL THEN NULL "
            f"WHEN {{1}} = '' THEN {_invalid('entryDelimiter is empty', kind)} "
            f"WHEN {{2}} = '' THEN {_invalid('keyValueDelimiter is empty', kind)} "
            f"WHEN {{1}} = {{2}} THEN {same_ones} "
            f"ELSE {result}(tr_str_entries({{0}}, {{1}}, {{2}})) END",
        ),
    )


FORMS: dict[str, tuple[Form, ...]] = {
    "split_to_map": _to_map(t.Map(t.VARCHAR, t.VARCHAR), "tr_str_map"),
    "split_to_multimap": _to_map(t.Map(t.VARCHAR, t.Array(t.VARCHAR)), "tr_str_multimap"),
}


def _split(call: Call) -> Expr:
    if len(call.args) == 2 and call.args[1].literal and fit(call, _SPLIT):
        return apply(call, (Form((TEXT, TEXT), _parts, "string_split({0}, {1})"),))
    return apply(call, _SPLIT)


def _split_part(call: Call) -> Expr:
    index = call.args[2].literal if len(call.args) == 3 else None
    if isinstance(index, int) and index > 0 and call.args[1].literal and fit(call, _SPLIT_PART):
        return apply(call, (Form((TEXT, TEXT, t.BIGINT), same, "list_extract(string_split({0}, {1}), {2})"),))
    return apply(call, _SPLIT_PART)


LOWERED: dict[str, Rule] = {"split": _split, "split_part": _split_part}
