"""Key figures side by side, each beside that of the period before."""

from collections.abc import Sequence

import streamlit as st

from streamlit_app.figures.tile import Tile


def row(tiles: Sequence[Tile], per_row: int = 3) -> None:
    """Draw tiles side by side; on a narrow screen they stand below each other."""
    for start in range(0, len(tiles), per_row):
        columns = st.columns(per_row)
        for column, tile in zip(columns, tiles[start : start + per_row], strict=False):
            column.metric(
                tile.label,
                tile.value,
                tile.change,
                delta_color="normal" if tile.more_is_better else "inverse",
                help=tile.help,
                border=True,
                delta_description=f"before: {tile.before}" if tile.change and tile.before else None,
            )
