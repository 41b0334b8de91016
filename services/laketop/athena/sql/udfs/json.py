"""JSON functions of Trino for the rows and paths that DuckDB's own functions do not get right."""

import math

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.jsondoc import functions, jsonpath, stream, texts, values
from laketop.athena.sql.udfs.registry import udf


@udf("py_json_parse", ("VARCHAR",), "VARCHAR")
def parse(text: str) -> str:
    """json_parse."""
    try:
        return texts.canonical(text)
    except ValueError as error:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"Cannot convert value to JSON: '{text}'") from error


@udf("py_json_parse_sorted", ("VARCHAR",), "VARCHAR")
def parse_sorted(text: str) -> str:
    """json_parse where it is not known whether Trino sorts the members of objects: refused where that matters."""
    parsed = parse(text)
    if not texts.is_sorted(text):
        problem = "CAST of JSON that json_parse gives elsewhere in the query, for members that are not sorted by name"
        raise SqlError("NOT_SUPPORTED", f"{problem}; write CAST(json_parse(text) AS type): '{text}'")
    return parsed


@udf("py_json_quote", ("VARCHAR",), "VARCHAR")
def quote(value: str) -> str:
    """Text as a JSON string."""
    return texts.quoted(value)


@udf("py_json_extract", ("VARCHAR", "VARCHAR"), "VARCHAR")
def extract(text: str, path: str) -> str | None:
    """json_extract."""
    steps = jsonpath.steps(path)
    try:
        place = stream.find(text, steps)
        return None if place is None else stream.copy(text, place)
    except ValueError:
        return None


@udf("py_json_extract_scalar", ("VARCHAR", "VARCHAR"), "VARCHAR")
def extract_scalar(text: str, path: str) -> str | None:
    """json_extract_scalar."""
    steps = jsonpath.steps(path)
    try:
        place = stream.find(text, steps)
        return None if place is None else stream.scalar(text, place)
    except ValueError:
        return None


@udf("py_json_size", ("VARCHAR", "VARCHAR"), "BIGINT")
def size(text: str, path: str) -> int | None:
    """json_size: how many members or elements; 0 for a scalar."""
    steps = jsonpath.steps(path)
    try:
        place = stream.find(text, steps)
        if place is None:
            return None
        if text[place] == "{":
            return sum(1 for _ in stream.members(text, place))
        return sum(1 for _ in stream.elements(text, place)) if text[place] == "[" else 0
    except ValueError:
        return None


@udf("py_json_array_length", ("VARCHAR",), "BIGINT")
def array_length(text: str) -> int | None:
    """json_array_length."""
    try:
        place = stream.start(text)
        return sum(1 for _ in stream.elements(text, place)) if text[place] == "[" else None
    except ValueError:
        return None


@udf("py_json_array_get", ("VARCHAR", "BIGINT"), "VARCHAR")
def array_get(text: str, index: int) -> str | None:
    """json_array_get: a string comes without its quotes, although the type is json."""
    try:
        place = stream.start(text)
        if text[place] != "[":
            return None
        if index < 0:
            places = list(stream.elements(text, place))
            found = places[index] if -index <= len(places) else None
        else:
            found = next((start for number, start in enumerate(stream.elements(text, place)) if number == index), None)
        if found is None:
            return None
        return stream.copy(text, found, raw=True) if text[found] in "{[" else stream.scalar(text, found)
    except ValueError:
        return None


@udf("py_json_array_contains", ("VARCHAR", "VARCHAR", "VARCHAR"), "BOOLEAN")
def array_contains(text: str, kind: str, wanted: str) -> bool | None:
    """json_array_contains; a whole number is not equal to one with a fraction, and nothing to what is no number."""
    if kind == "double" and not math.isfinite(float(wanted)):
        return False
    try:
        place = stream.start(text)
        if text[place] != "[":
            return None
        return any(_equals(text, start, kind, wanted) for start in stream.elements(text, place))
    except ValueError:
        return None


def _equals(text: str, start: int, kind: str, wanted: str) -> bool:
    if text[start] in "{[":
        return False
    token = text[start : stream.value_end(text, start)]
    string, word = token[0] == '"', token[0] in "tfn"
    if kind == "varchar":
        return string and stream.scalar(text, start) == wanted
    if kind == "boolean":
        return token == wanted
    if string or word or (kind == "double") != any(mark in token for mark in ".eE"):
        return False
    return float(token) == float(wanted) if kind == "double" else int(token) == int(wanted)


@udf("py_is_json_scalar", ("VARCHAR",), "BOOLEAN")
def is_scalar(text: str) -> bool:
    """is_json_scalar."""
    try:
        place = stream.start(text)
        end = stream.value_end(text, place)
    except ValueError as error:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON value: {text}") from error
    if text[end:].strip(" \t\r\n"):
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON value: {text}")
    return text[place] not in "{["


@udf("py_json_text", ("VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR")
def cast_text(document: str, type_: str, shown: str) -> str | None:
    """CAST(json AS varchar or decimal): as text."""
    found = values.scalar(document, type_, shown)
    return None if found is None else found if isinstance(found, str) else f"{found:f}"


@udf("py_json_bigint", ("VARCHAR", "VARCHAR", "VARCHAR"), "BIGINT")
def cast_bigint(document: str, type_: str, shown: str) -> int | None:
    """CAST(json AS an integer)."""
    found: int | None = values.scalar(document, type_, shown)
    return found


@udf("py_json_double", ("VARCHAR", "VARCHAR", "VARCHAR"), "DOUBLE")
def cast_double(document: str, type_: str, shown: str) -> float | None:
    """CAST(json AS double or real)."""
    found: float | None = values.scalar(document, type_, shown)
    return found


@udf("py_json_boolean", ("VARCHAR", "VARCHAR", "VARCHAR"), "BOOLEAN")
def cast_boolean(document: str, type_: str, shown: str) -> bool | None:
    """CAST(json AS boolean)."""
    found: bool | None = values.scalar(document, type_, shown)
    return found


@udf("py_json_nested", ("VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR")
def cast_nested(document: str, type_: str, shown: str) -> str:
    """CAST(json AS array, map or row): JSON whose leaves are strings."""
    return values.nested(document, type_, shown)


@udf("py_json_exists", ("VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR"), "BOOLEAN")
def exists(document: str, path: str, parameters: str, on_error: str) -> bool | None:
    """json_exists."""
    return functions.exists(document, path, parameters, on_error)


@udf("py_json_value", ("VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR")
def value(document: str, path: str, parameters: str, type_: str, behaviours: str) -> str:
    """json_value, but for its defaults."""
    return functions.value(document, path, parameters, type_, behaviours)


@udf("py_json_query", ("VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR")
def query(document: str, path: str, parameters: str, behaviours: str) -> str | None:
    """json_query."""
    return functions.query(document, path, parameters, behaviours)


@udf("py_json_embedded", ("VARCHAR",), "VARCHAR")
def embedded(text: str) -> str:
    """FORMAT JSON."""
    return functions.embedded(text)


@udf("py_json_object", ("VARCHAR[]", "VARCHAR[]", "BOOLEAN"), "VARCHAR")
def arranged(names: list[str | None], members: list[str | None], unique: bool) -> str:
    """json_object with names that are known only at run time."""
    return functions.arranged(names, members, unique=unique)
