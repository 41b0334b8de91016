"""Tables as text: CSV as spreadsheets and Spark read it, and JSON lines. The same table gives the same bytes.

Both join columns of text, a row a string; the rows of an Arrow string array lie behind each other, so its buffer is the
file's content.
"""

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

_PLAIN = pacsv.WriteOptions(include_header=False, quoting_style="none")
_JSON_NUMBER = r"^(-?(0|[1-9]\d*)(\.\d+)?|true|false)$"
_CONTROL = r"[\x00-\x1f]"


def csv(table: pa.Table) -> memoryview | bytes:
    """The rows as CSV in UTF-8 without a header; values with commas or quotes are quoted, quotes in them doubled.

    Raises:
        ValueError: a value has a line break or another control character, which a landing file must not have.
    """
    sink = io.BytesIO()
    try:
        pacsv.write_csv(table, sink, _PLAIN)  # the faster way; refuses what needs quotes
    except pa.ArrowInvalid:
        columns = [_csv_text(name, column) for name, column in _columns(table)]
        columns[-1] = pc.binary_join_element_wise(columns[-1], "\n", "", **_EMPTY)
        return _joined(columns, ",")
    return sink.getbuffer()


def csv_header(names: list[str]) -> bytes:
    """The header line of a CSV file."""
    return (",".join(names) + "\n").encode()


def jsonl(table: pa.Table, schema: pa.Schema) -> memoryview | bytes:
    """The rows as JSON objects, a line each, in UTF-8; numbers and booleans as such, no value as null.

    Args:
        table: the rows; a column may be of strings where the schema says number or boolean, because some of its values
            are none: only those are quoted then.
        schema: what the columns are.

    Raises:
        ValueError: a value has a control character.
    """
    pieces = []
    for at, (name, column) in enumerate(_columns(table)):
        pieces += [("," if at else "{") + json.dumps(name) + ":", _json_text(name, column, schema.field(name).type)]
    return _joined([*pieces, "}\n"], "")


_EMPTY = {"null_handling": "replace", "null_replacement": ""}


def _joined(pieces: list, separator: str) -> memoryview:
    lines = pc.binary_join_element_wise(*pieces, separator, **_EMPTY)
    _, offsets, text = lines.buffers()
    bounds = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(text)[bounds[0] : bounds[-1]]


def _columns(table: pa.Table) -> list[tuple[str, pa.Array]]:
    return [(name, _one(column)) for name, column in zip(table.column_names, table.columns, strict=True)]


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _refuse_control(name: str, text: pa.Array) -> None:
    if pc.any(pc.match_substring_regex(text, _CONTROL)).as_py():
        raise ValueError(f"column {name}: a value has a control character; landing files have a row a line")


def _csv_text(name: str, column: pa.Array) -> pa.Array:
    if not pa.types.is_string(column.type):
        return column.cast(pa.string())
    _refuse_control(name, column)
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(column, '"', '""'), '"', "")
    return pc.if_else(pc.match_substring_regex(column, '[",]'), quoted, column)


def _json_text(name: str, column: pa.Array, meant: pa.DataType) -> pa.Array:
    text = column if pa.types.is_string(column.type) else column.cast(pa.string())
    bare = pa.types.is_integer(meant) or pa.types.is_decimal(meant) or pa.types.is_boolean(meant)
    if pa.types.is_string(column.type) or not bare:
        quoted = _json_quoted(name, text)
        text = pc.if_else(pc.match_substring_regex(text, _JSON_NUMBER), text, quoted) if bare else quoted
    return pc.fill_null(text, "null") if text.null_count else text


def _json_quoted(name: str, text: pa.Array) -> pa.Array:
    _refuse_control(name, text)
    escaped = pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"')
    return pc.binary_join_element_wise('"', escaped, '"', "")
