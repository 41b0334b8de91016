"""The driver's entry point: a script, since nothing of Laketop may be on a job's import path.

Its folder becomes a package under a private name, so that a script which says `import job` or `import laketop` gets
what it would get on AWS.
"""

import importlib
import importlib.util
import sys
from pathlib import Path

_NAME = "_laketop_driver"


def _load() -> None:
    folder = Path(__file__).parent
    spec = importlib.util.spec_from_file_location(
        _NAME, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} is not a package")
    package = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    _load()
    sys.exit(importlib.import_module(f"{_NAME}.life").main(sys.argv[1:]))
