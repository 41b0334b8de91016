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
_EMPTY = {"null_handling": "replace", "null_replacement": ""}
_JSON_NUMBER = r"^(-?(0|[1-9]\d*)(\.\d+)?|true|false)$"


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
    pieces, literal = [], "{"
    for name, column in _columns(table):
        text, quotes = _json_text(name, column, schema.field(name).type)
        pieces += [f"{literal}{json.dumps(name)}:{quotes}", text]
        literal = f"{quotes},"
    return _joined([*pieces, literal.removesuffix(",") + "}\n"], "")


def _joined(pieces: list, separator: str) -> memoryview:
    lines = pc.binary_join_element_wise(*pieces, separator, **_EMPTY)
    _, offsets, text = lines.buffers()
    bounds = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(text)[bounds[0] : bounds[-1]]


def _columns(table: pa.Table) -> list[tuple[str, pa.Array]]:
    return [(name, _one(column)) for name, column in zip(table.column_names, table.columns, strict=True)]


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _has(name: str, text: pa.Array, characters: bytes) -> bool:
    """Whether any value has any of these characters.

    Raises:
        ValueError: a value has a control character.
    """
    _, offsets, data = text.buffers()
    if data is None:
        return False
    bounds = np.frombuffer(offsets, np.int32)[text.offset : text.offset + len(text) + 1]
    found = np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]]
    if len(found) and found.min() < ord(" "):
        raise ValueError(f"column {name}: a value has a control character; landing files have a row a line")
    return any((found == character).any() for character in characters)


def _csv_text(name: str, column: pa.Array) -> pa.Array:
    if not pa.types.is_string(column.type):
        return column.cast(pa.string())
    if not _has(name, column, b'",'):
        return column
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(column, '"', '""'), '"', "")
    return pc.if_else(pc.match_substring_regex(column, '[",]'), quoted, column)


def _json_text(name: str, column: pa.Array, meant: pa.DataType) -> tuple[pa.Array, str]:
    """A column as JSON without nulls, and the quotes that belong around each of its values."""
    bare = pa.types.is_integer(meant) or pa.types.is_decimal(meant) or pa.types.is_boolean(meant)
    quotes = "" if bare else '"'
    if not pa.types.is_string(column.type):
        text = column.cast(pa.string())
    else:
        text = _json_escaped(name, column)
        if bare:  # some of the values are none that the schema means
            quoted = pc.binary_join_element_wise('"', text, '"', "")
            text = pc.if_else(pc.match_substring_regex(text, _JSON_NUMBER), text, quoted)
    if not text.null_count:
        return text, quotes
    if quotes:
        text = pc.binary_join_element_wise(quotes, text, quotes, "")
    return pc.fill_null(text, "null"), ""


def _json_escaped(name: str, text: pa.Array) -> pa.Array:
    if not _has(name, text, b'"\\'):
        return text
    return pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"')
