"""What the page *Lake* tells of a table: columns, files, snapshots, rows."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import pyarrow as pa
import streamlit as st

from lakehouse.athena_helper import QueryFailedError
from streamlit_app import formats
from streamlit_app.charts import lake as charts
from streamlit_app.figures import files, iceberg, storage, tables
from streamlit_app.figures.tables import ICEBERG, VIEW, Table
from streamlit_app.lake import catalogue, statements
from streamlit_app.lake.answers import data_version
from streamlit_app.lake.storage import listed
from streamlit_app.show import drawing, refusal, states, tiles

PREVIEW = 100  # rows
PARTITIONS = {"partition": "Partition", "files": "Files", "bytes": "Bytes", "mean": "Mean file size (bytes)"}
OLDER = "What lies in S3, with the files of older snapshots."
SNAPSHOTS = {
    "committed_at": "Committed (UTC)",
    "operation": "Operation",
    "records": "Rows",
    "added": "Rows added",
    "deleted": "Rows deleted",
    "files": "Files",
    "bytes": "Bytes",
    "snapshot_id": "Snapshot",
}


def cut(places: Sequence[str]) -> None:
    """Say of which places not all objects are counted; nothing where there are none."""
    if places:
        which = ", ".join(places)
        st.warning(
            f"Only the first {formats.number(storage.MOST)} objects are counted of: {which}.", icon=":material/rule:"
        )


def _columns(table: Table) -> None:
    st.dataframe(tables.columns(table), hide_index=True, width="stretch", alt="Columns of the table")
    if table.location:
        st.text("Location")
        st.code(table.location, language=None, wrap_lines=True)
    if table.sql:
        st.text("What the view asks")
        st.code(table.sql, language="sql")


def _files(table: Table) -> None:
    if table.kind == VIEW:
        states.empty("A view has no files", "It asks other tables anew each time: see its columns for the text.")
        return
    if not tables.split(table.location)[0]:
        states.empty("No files in S3", "The table is of another source: its columns have its location.")
        return
    version = data_version() + table.version
    known, all_known = catalogue.partitions(table.database, table.name, version) if table.keys else ((), True)
    places = {place: listed(*tables.split(place), version) for place in [table.location, *files.outside(table, known)]}
    frame = files.by_partition(table, known, {place: listing.folders for place, listing in places.items()})
    counted = _counted(table, frame)
    tiles.row(files.file_tiles(counted))
    _notes(table, frame, counted)
    if not all_known:
        st.warning(f"Only the first {formats.number(catalogue.MOST)} partitions are shown.", icon=":material/rule:")
    cut(["the table's files"] if not all(listing.whole for listing in places.values()) else [])
    _partitions(table, frame)


def _counted(table: Table, frame: pd.DataFrame) -> files.Files:
    """What a query opens: of an Iceberg table, the files of its latest snapshot."""
    there = files.files_of(frame)
    if table.kind != ICEBERG:
        return there
    try:
        return iceberg.current_files(_snapshots_of(table), there.partitions) or there
    except QueryFailedError:  # what lies in S3 is known all the same
        return there


def _notes(table: Table, frame: pd.DataFrame, counted: files.Files) -> None:
    advice = files.advice(table, counted)
    if advice:
        few, good = formats.size(files.SMALL_FILE), formats.size(files.GOOD_FILE)
        st.warning(
            f"**Small files.** More than {files.MANY_FILES} files, smaller than {few} on the mean; Athena likes {good}"
            f" and more. {advice}",
            icon=":material/compress:",
        )
        if table.kind == ICEBERG:
            st.code(iceberg.compaction(table), language="sql")
    strange = frame[~frame["registered"].astype(bool)]
    if not strange.empty:
        st.warning(
            f"**Not registered.** {formats.number(int(strange['files'].sum()))} files lie in folders that are no"
            " partition of the table: Athena does not read them. Register them: `MSCK REPAIR TABLE …`, or a crawler.",
            icon=":material/folder_off:",
        )


def _partitions(table: Table, frame: pd.DataFrame) -> None:
    if frame.empty:
        states.empty("No files yet", "They are there when the pipeline has run: see *Pipeline*.")
        return
    shown = frame.rename(columns=PARTITIONS)
    shown["Athena reads it"] = shown.pop("registered")
    if len(frame) == 1:
        st.dataframe(shown, hide_index=True, width="stretch", alt="The table's only partition")
        return
    drawing.chart(
        "Partitions",
        charts.partitions(frame),
        f"Bytes of the last {charts.MOST_BARS} partitions by name",
        shown,
        help=OLDER if table.kind == ICEBERG else None,
    )


def _snapshots_of(table: Table) -> pd.DataFrame:
    version = data_version() + table.version
    found: pd.DataFrame = statements.answer(iceberg.snapshots_sql(table), table.database, version).to_pandas()
    return found


def _snapshots(table: Table) -> None:
    if table.kind != ICEBERG:
        states.empty("No snapshots", "Only Iceberg tables have them.")
        return
    try:
        frame = _snapshots_of(table)
    except QueryFailedError as error:
        sql, advice = iceberg.snapshots_sql(table), "The catalogue's entry names the table's metadata:"
        refusal.told("Athena could not read the snapshots.", sql, error.reason, advice)
        st.code(table.version, language=None, wrap_lines=True)
        return
    if frame.empty:
        states.empty("No snapshots yet", "The first one is made by the first write.")
        return
    # as text: a browser's numbers have 53 bits
    told = {"snapshot_id": frame["snapshot_id"].astype(str), "committed_at": frame["committed_at"].dt.tz_localize(None)}
    shown = frame.assign(**told)[list(SNAPSHOTS)].rename(columns=SNAPSHOTS)
    st.dataframe(shown, hide_index=True, width="stretch", alt="Snapshots of the table, the latest first")
    st.caption("The latest is first; what older ones had can be asked for by `FOR VERSION AS OF`.")


def _rows(table: Table) -> None:
    sql = tables.preview_sql(table, PREVIEW)
    try:
        found = statements.answer(sql, table.database, data_version() + table.version)
    except QueryFailedError as error:
        refusal.told("Athena could not read the table.", sql, error.reason, "Its files and its definition may differ.")
        return
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        states.failed("The rows cannot be shown.", str(error), "Ask for the columns one by one: see *SQL*.")
        return
    if not found.num_rows:
        states.empty("No rows", "They are there when the pipeline has run: see *Pipeline*.")
        return
    st.dataframe(found, hide_index=True, width="stretch", alt="First rows of the table")
    st.caption(f"{formats.number(found.num_rows)} rows, {PREVIEW} at most; which ones they are is by chance.")


PARTS: Mapping[str, Callable[[Table], None]] = {
    "Columns": _columns,
    "Files": _files,
    "Snapshots": _snapshots,
    "Rows": _rows,
}
