"""The snapshots of an Iceberg table, and the statements that keep it small."""

import pandas as pd

from streamlit_app.figures.files import Files
from streamlit_app.figures.identifiers import quoted
from streamlit_app.figures.tables import Table

SNAPSHOTS = ["committed_at", "snapshot_id", "operation", "records", "files", "bytes", "added", "deleted"]


def current_files(snapshots: pd.DataFrame, partitions: int) -> Files | None:
    """The files of an Iceberg table's latest snapshot; None where it has none, or does not say."""
    if snapshots.empty or snapshots.iloc[0][["files", "bytes"]].isna().any():
        return None
    latest = snapshots.iloc[0]
    return Files(int(latest["files"]), int(latest["bytes"]), partitions)


def compaction(table: Table) -> str:
    """The statements that compact an Iceberg table."""
    return f"OPTIMIZE {table.qualified} REWRITE DATA USING BIN_PACK;\nVACUUM {table.qualified};"


def snapshots_sql(table: Table) -> str:
    """The statement that asks for an Iceberg table's snapshots, the latest first."""
    figures = {
        "records": ("total-records", "NULL"),
        "files": ("total-data-files", "NULL"),
        "bytes": ("total-files-size", "NULL"),
        "added": ("added-records", "0"),
        "deleted": ("deleted-records", "0"),
    }
    asked = [
        f"coalesce(TRY_CAST(element_at(summary, '{key}') AS bigint), {absent}) AS {name}"
        for name, (key, absent) in figures.items()
    ]
    source = f"{quoted(table.database)}.{quoted(table.name + '$snapshots')}"
    return f"SELECT committed_at, snapshot_id, operation, {', '.join(asked)} FROM {source} ORDER BY committed_at DESC"  # noqa: S608 - names are quoted
