"""What lies in the lake: zones, tables, partitions, files, snapshots, rows."""

import streamlit as st

from streamlit_app import formats
from streamlit_app.charts import lake as charts
from streamlit_app.figures import storage, tables
from streamlit_app.figures.storage import Listing
from streamlit_app.figures.tables import Table
from streamlit_app.figures.tile import Tile
from streamlit_app.lake import catalogue
from streamlit_app.lake.answers import data_version
from streamlit_app.lake.clients import bucket
from streamlit_app.lake.names import ZONES
from streamlit_app.lake.storage import listed
from streamlit_app.show import drawing, states, table_parts, tiles

FOLDERS = {"zone": "Zone", "folder": "Folder", "objects": "Objects", "bytes": "Bytes", "latest": "Latest (UTC)"}


def _zones() -> None:
    version = data_version()
    found = {zone: listed(bucket(zone), "", version) for zone in ZONES}
    tiles.row([_zone(zone, listing) for zone, listing in found.items()], per_row=2)
    table_parts.cut([zone for zone, listing in found.items() if not listing.whole])
    frame = storage.by_prefix(found)
    if frame.empty:
        states.empty("Nothing in any zone", "Upload files below `landing/` of the raw zone's bucket.")
        return
    drawing.chart(
        "Folders",
        charts.prefixes(frame),
        f"Bytes of the {charts.MOST_BARS} greatest folders of all zones",
        frame.rename(columns=FOLDERS),
        help="By the first part of the keys. Former versions of objects are not counted.",
    )


def _zone(zone: str, listing: Listing) -> Tile:
    noun = "object" if listing.objects == 1 else "objects"
    label = f"{zone.capitalize()}, {formats.number(listing.objects)} {noun}"
    return Tile(label, formats.size(listing.bytes), help=f"In the bucket {bucket(zone)}.")


def _tables() -> Table | None:
    version = data_version()
    found = [table for database in catalogue.databases() for table in catalogue.tables(database, version)]
    if not found:
        states.empty("No tables yet", "They are there when the environment is deployed and the pipeline has run.")
        return None
    st.header("Tables", anchor=False)
    st.dataframe(tables.overview(found), hide_index=True, width="stretch", alt="Tables and views of the databases")
    names = [table.label for table in found]
    chosen = st.selectbox("Table", names, key="table", bind="query-params")
    return found[names.index(chosen)]


def _table(table: Table) -> None:
    st.text(table.description or "No description.")
    part = st.segmented_control(
        "Show", list(table_parts.PARTS), default="Columns", required=True, key="part", bind="query-params"
    )
    with states.guarded(part):
        table_parts.PARTS[part](table)


st.title("Lake", anchor=False)
with states.guarded("Zones"):
    _zones()
chosen: Table | None = None
with states.guarded("Tables"):
    chosen = _tables()
if chosen is not None:
    _table(chosen)
