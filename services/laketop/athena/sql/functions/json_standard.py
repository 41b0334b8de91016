"""Trino's page "JSON functions and operators", the functions of the SQL standard: json_exists, json_value, json_query,
json_object and json_array. Their results are text, not values of type json.
"""

import json
from collections.abc import Iterator

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.casts import cast, type_of
from laketop.athena.sql.coercion import coerce, converts
from laketop.athena.sql.core import Expr, compile_expression, fail, let
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions import json_syntax as syntax
from laketop.athena.sql.functions.call import Call, Rule
from laketop.athena.sql.functions.json_casts import cast_from_json, scalar_text
from laketop.athena.sql.jsondoc import functions, grammar, texts

_NESTING = ("json_query", "json_object", "json_array")  # what gives JSON to those that take it
_PARAMETER_TYPES: tuple[tuple[t.Type, str], ...] = (
    (t.BOOLEAN, "boolean"),
    (t.INTEGER, "integer"),
    (t.BIGINT, "bigint"),
    (t.DOUBLE, "double"),
)
_PLAIN_TYPES = (t.BOOLEAN, *t.INTEGERS, t.DOUBLE, t.REAL)


def _name(node: exp.Expr) -> str | None:
    return str(node.this) if isinstance(node, exp.Anonymous) else None


def _clauses(call: Call) -> dict[str, list[exp.Expr]]:
    """The clauses of a call, by name."""
    return {str(_name(node)): node.expressions for node in call.nodes if _name(node) in syntax.CLAUSES}


def _word(clauses: dict[str, list[exp.Expr]], name: str, default: str) -> str:
    return str(clauses[name][0].this) if name in clauses else default


def _is_format(node: exp.Expr) -> bool:
    return _name(node) == syntax.FORMAT


def _document(node: exp.Expr, call: Call) -> str:
    """DuckDB SQL for a text of JSON.

    Raises:
        SqlError: TYPE_MISMATCH for what is neither varchar nor varbinary.
    """
    encoding = ""
    if _is_format(node):
        node, encoding = node.expressions[0], node.expressions[1].this
    value = compile_expression(node, call.context)
    if value.type == t.UNKNOWN:
        return "CAST(NULL AS VARCHAR)"
    if value.type == t.VARBINARY:
        if encoding not in ("", "UTF8"):
            raise call.refuse(f"ENCODING {encoding}")
        return f"decode({value.sql})"
    if encoding or not isinstance(value.type, t.Varchar | t.Char):
        shown = "JSON" + (f" ENCODING {encoding}" if encoding else "")
        raise fail("TYPE_MISMATCH", f"Cannot read input of type {value.type} as JSON using formatting {shown}", node)
    return value.sql


def _path(call: Call) -> str:
    """The path, checked, and the parameters as DuckDB SQL: the last arguments that the functions share."""
    node = call.nodes[1]
    path = str(node.this)
    try:
        found = grammar.parse(path)
    except SqlError as error:
        raise fail(error.name, error.message, node) from error
    given = [clause.expressions for clause in _clauses(call).get(syntax.PASSING, [])]
    names = [str(name.this) for name, _ in given]
    for name in names:
        if names.count(name) > 1:
            problem = f"{name} JSON path parameter is specified more than once"
            raise fail("DUPLICATE_PARAMETER_NAME", problem, call.node)
    for name in found.variables:
        if name not in names:
            raise fail("INVALID_PATH", f"no value passed for parameter {name}", node)
    members = [_parameter(name, value, call) for name, (_, value) in zip(names, given, strict=True)]
    parameters = "'{'" + "".join(
        f" || {text.string(',' if number else '')} || {member}" for number, member in enumerate(members)
    )
    return f"{text.string(path)}, {parameters} || '}}'"


def _parameter(name: str, node: exp.Expr, call: Call) -> str:
    """One parameter as a member of the object that the Python functions read: its type and its text."""
    label = texts.quoted(name)
    if _is_format(node) or _name(node) in _NESTING:
        return _member(label, "json", _document(node, call))
    value = compile_expression(node, call.context)
    type_ = value.type
    if type_ == t.JSON:
        return _member(label, "varchar", cast_from_json(value, t.VARCHAR, node).sql)
    if isinstance(type_, t.Decimal):
        return _member(label, "decimal", cast(value, t.VARCHAR, node).sql)
    if isinstance(type_, t.Varchar | t.Char) or type_ == t.UNKNOWN:
        return _member(label, "varchar", cast(value, t.VARCHAR, node).sql)
    for target, kind in _PARAMETER_TYPES:
        if converts(type_, target):
            return _member(label, kind, f"CAST({coerce(value, target).sql} AS VARCHAR)")
    raise call.refuse(f"a parameter of type {type_} in PASSING")


def _member(label: str, kind: str, sql: str) -> str:
    start = text.string(f'{label}:["{kind}",')
    return f"{start} || " + let(sql, lambda name: f"coalesce(tr_json_quote({name}), 'null') || ']'")


def _returned(call: Call, value: str) -> Expr:
    """JSON text in the type that RETURNING says.

    Raises:
        SqlError: TYPE_MISMATCH for a type that cannot hold JSON text.
    """
    clause = _clauses(call).get(syntax.RETURNING)
    if clause is None:
        return Expr(value, t.VARCHAR)
    target = type_of(clause[0])  # type: ignore[arg-type]
    encoding = str(clause[1].this)
    if target == t.VARBINARY:
        if encoding not in ("", "UTF8"):
            raise call.refuse(f"ENCODING {encoding}")
        return Expr(f"encode({value})", target)
    if encoding or not isinstance(target, t.Varchar | t.Char):
        shown = "JSON" + (f" ENCODING {encoding}" if encoding else "")
        raise fail("TYPE_MISMATCH", f"Cannot output JSON value as {target} using formatting {shown}", call.node)
    return cast(Expr(value, t.VARCHAR), target, call.node)


def _json_exists(call: Call) -> Expr:
    on_error = _word(_clauses(call), syntax.ON_ERROR, "FALSE")
    document = _document(call.nodes[0], call)
    return Expr(f"py_json_exists({document}, {_path(call)}, '{on_error}')", t.BOOLEAN)


def _json_query(call: Call) -> Expr:
    clauses = _clauses(call)
    wrapper = _word(clauses, syntax.WRAPPER, "WITHOUT")
    quotes = _word(clauses, syntax.QUOTES, "KEEP")
    if syntax.QUOTES in clauses and wrapper != "WITHOUT":
        problem = f"{quotes} QUOTES behavior specified with WITH {wrapper} ARRAY WRAPPER behavior"
        raise call.invalid(problem)
    behaviours = [_word(clauses, name, "NULL") for name in (syntax.ON_EMPTY, syntax.ON_ERROR)]
    document, given = _document(call.nodes[0], call), ",".join([wrapper, quotes, *behaviours])
    return _returned(call, f"py_json_query({document}, {_path(call)}, '{given}')")


def _json_value(call: Call) -> Expr:
    clauses = _clauses(call)
    target: t.Type = t.VARCHAR
    if syntax.RETURNING in clauses:
        target = type_of(clauses[syntax.RETURNING][0])  # type: ignore[arg-type]
    described = _described(target, call)
    behaviours = [_word(clauses, name, "NULL") for name in (syntax.ON_EMPTY, syntax.ON_ERROR)]
    empty, wrong = (_default(clauses.get(name), target, call) for name in (syntax.ON_EMPTY, syntax.ON_ERROR))
    arguments = f"{_document(call.nodes[0], call)}, {_path(call)}, {text.string(json.dumps(described))}"
    found = f"py_json_value({arguments}, '{','.join(behaviours)}')"
    is_text = described == ["text"]

    def chosen(name: str, empty: str, wrong: str) -> str:
        item = Expr(f"substring({name}, 3)", t.VARCHAR)
        value = cast(item, target, call.node).sql if is_text else f"CAST({item.sql} AS {t.duckdb_type(target)})"
        if is_text and behaviours[1] == "ERROR":
            problem = "'cannot extract SQL scalar from JSON: Cannot cast value of type varchar: ' || " + item.sql
            raised = text.raising("JSON_VALUE_RESULT_ERROR", problem, t.duckdb_type(target))
            value = f"coalesce(TRY({value}), {raised})"
        elif is_text:
            value = f"coalesce(TRY({value}), {wrong})"
        return (
            f"CASE {name}[1] WHEN '{functions.ON_EMPTY}' THEN {empty} WHEN '{functions.ON_ERROR}' THEN {wrong} "
            f"ELSE CASE WHEN {name} <> '{functions.FOUND}' THEN {value} END END"
        )

    if all(name not in clauses or len(clauses[name]) < 2 for name in (syntax.ON_EMPTY, syntax.ON_ERROR)):
        return Expr(let(found, lambda name: chosen(name, empty, wrong)), target)
    # a default is computed whether it is needed or not
    packed = f"struct_pack(found := {found}, empty := {empty}, wrong := {wrong})"
    parts = [f"struct_extract(j, '{name}')" for name in ("found", "empty", "wrong")]
    return Expr(f"list_extract(list_transform([{packed}], lambda j: {chosen(*parts)}), 1)", target)


def _described(target: t.Type, call: Call) -> list[object]:
    """The type as the Python function wants it; text for what SQL's own cast reads from text.

    Raises:
        SqlError: TYPE_MISMATCH for a type that json_value cannot return.
    """
    if target in _PLAIN_TYPES:
        return [str(target)]
    match target:
        case t.Varchar(length):
            return ["varchar"] if length is None else ["varchar", length]
        case t.Decimal(precision, scale):
            return ["decimal", precision, scale]
        case t.Char() | t.Timestamp() | t.TimestampTz() | t.Time() | t.TimeTz() | t.Simple("date"):
            return ["text"]
    raise fail("TYPE_MISMATCH", f"Invalid return type of function JSON_VALUE: {target}", call.node)


def _default(clause: list[exp.Expr] | None, target: t.Type, call: Call) -> str:
    if clause is None or len(clause) < 2:
        return f"CAST(NULL AS {t.duckdb_type(target)})"
    value = compile_expression(clause[1], call.context)
    if not converts(value.type, target):
        problem = f"Function JSON_VALUE default result must evaluate to a {target} (actual: {value.type})"
        raise fail("TYPE_MISMATCH", problem, clause[1])
    return coerce(value, target).sql


def _written(node: exp.Expr, call: Call) -> str:
    """DuckDB SQL for the JSON text of a value that is put into a document; NULL for NULL.

    Raises:
        SqlError: NOT_SUPPORTED for a type that Trino does not take either.
    """
    if _is_format(node):
        return f"py_json_embedded({_document(node, call)})"
    value = compile_expression(node, call.context)
    if _name(node) in _NESTING and value.type != t.VARBINARY:
        return f"py_json_embedded({value.sql})"
    if value.type == t.JSON:
        value = cast_from_json(value, t.VARCHAR, node)
    if value.type == t.VARBINARY or isinstance(value.type, t.Array | t.Map | t.Row):
        shown = call.name.upper()
        raise fail("NOT_SUPPORTED", f"Unsupported type of value passed to {shown} function: {value.type}", node)
    if isinstance(value.type, t.Char):
        value = cast(value, t.VARCHAR, node)
    return scalar_text(value, node)


def _values(call: Call) -> Iterator[exp.Expr]:
    return (node for node in call.nodes if _name(node) not in syntax.CLAUSES)


def _json_array(call: Call) -> Expr:
    absent = _word(_clauses(call), syntax.NULLS, "ABSENT") == "ABSENT"
    items = [_written(node, call) for node in _values(call)]
    if not absent:
        items = [f"coalesce({item}, 'null')" for item in items]
    # array_to_string leaves NULLs out
    return _returned(call, f"('[' || {_joined(items)} || ']')")


def _joined(items: list[str]) -> str:
    """The texts that are not NULL, with commas between."""
    return f"coalesce(array_to_string(CAST([{', '.join(items)}] AS VARCHAR[]), ','), '')"


def _json_object(call: Call) -> Expr:
    clauses = _clauses(call)
    absent = _word(clauses, syntax.NULLS, "NULL") == "ABSENT"
    unique = _word(clauses, syntax.UNIQUE, "WITHOUT") == "WITH"
    pairs = [node.expressions for node in call.nodes if _name(node) == syntax.MEMBER]
    names = [_key(name, call) for name, _ in pairs]
    members = [_written(value, call) for _, value in pairs]
    known = [str(name.literal) for name in names if isinstance(name.literal, str)]
    if len(known) == len(names) and len(set(known)) == len(known) and not (absent and len(known) > 12):
        return _returned(call, _known_object(known, members, absent=absent))
    listed = ", ".join(name.sql for name in names)
    shown = ", ".join(members if absent else [f"coalesce({member}, 'null')" for member in members])
    return _returned(call, _object(f"CAST([{listed}] AS VARCHAR[])", f"CAST([{shown}] AS VARCHAR[])", unique=unique))


def _key(node: exp.Expr, call: Call) -> Expr:
    value = compile_expression(node, call.context)
    if not isinstance(value.type, t.Varchar | t.Char):
        raise fail("INVALID_FUNCTION_ARGUMENT", f"Invalid type of JSON object key: {value.type}", node)
    return cast(value, t.VARCHAR, node) if isinstance(value.type, t.Char) else value


def _known_object(names: list[str], members: list[str], *, absent: bool) -> str:
    """An object whose names are literals: put together in their final order."""
    shown = []
    for number in functions.order(names):
        label = text.string(texts.quoted(names[number]) + ":")
        shown.append(f"{label} || " + (members[number] if absent else f"coalesce({members[number]}, 'null')"))
    return f"('{{' || {_joined(shown)} || '}}')"


def _object(names: str, members: str, *, unique: bool) -> str:
    return f"py_json_object({names}, {members}, {unique})"


LOWERED: dict[str, Rule] = {
    "json_exists": _json_exists,
    "json_value": _json_value,
    "json_query": _json_query,
    "json_object": _json_object,
    "json_array": _json_array,
}
