"""What lies in the zones, and in a table's partitions."""

import altair as alt
import pandas as pd

MOST_BARS = 25
_SIZE = alt.Axis(format="~s", tickCount=5)


def prefixes(folders: pd.DataFrame) -> alt.Chart:
    """The greatest folders of all zones, bars from left to right.

    Args:
        folders: zone, folder, objects, bytes.
    """
    greatest = folders.nlargest(MOST_BARS, "bytes")
    frame = greatest.assign(place=greatest["zone"] + " / " + greatest["folder"].str.removesuffix("/"))
    return (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            alt.X("bytes:Q", title="Bytes", axis=_SIZE),
            alt.Y("place:N", title=None, sort="-x", axis=alt.Axis(labelLimit=220)),
            alt.Color("zone:N", title=None, legend=alt.Legend(orient="top", columns=2)),
            tooltip=[
                alt.Tooltip("zone:N", title="Zone"),
                alt.Tooltip("folder:N", title="Folder"),
                alt.Tooltip("objects:Q", title="Objects", format=","),
                alt.Tooltip("bytes:Q", title="Bytes", format=","),
            ],
        )
    )


def partitions(frame: pd.DataFrame) -> alt.Chart:
    """Bytes of the last partitions by name, bars from left to right, the last on top.

    Args:
        frame: partition, files, bytes; in the order of their names.
    """
    last = frame[["partition", "files", "bytes"]].tail(MOST_BARS).iloc[::-1]
    return (
        alt.Chart(last)
        .mark_bar()
        .encode(
            alt.X("bytes:Q", title="Bytes", axis=_SIZE),
            alt.Y("partition:N", title=None, sort=None, axis=alt.Axis(labelLimit=220)),
            tooltip=[
                alt.Tooltip("partition:N", title="Partition"),
                alt.Tooltip("files:Q", title="Files", format=","),
                alt.Tooltip("bytes:Q", title="Bytes", format=","),
            ],
        )
    )
