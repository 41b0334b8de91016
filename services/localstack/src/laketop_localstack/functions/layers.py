"""A function's layers as one folder, as Lambda shows them below /opt.

Merged, and not put one after another on the Python path: two layers may hold halves of one package, and a later
layer's file replaces an earlier one's.
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path


def merged(layers: Sequence[Path], store: Path, name: str) -> Path | None:
    """The folder with all the layers' files; made once for a name.

    Args:
        layers: the unpacked layers, in the function's order.
        store: a folder to keep merged layers in.
        name: stands for exactly these layers.
    """
    if len(layers) < 2:
        return layers[0] if layers else None
    target = store / name
    if not target.exists():
        store.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=store) as folder:
            merge = Path(folder) / "opt"
            for layer in layers:
                shutil.copytree(layer, merge, symlinks=True, dirs_exist_ok=True, copy_function=_replace)
            merge.rename(target)
    return target


def _replace(source: str, target: str) -> None:
    Path(target).unlink(missing_ok=True)
    os.link(source, target)
