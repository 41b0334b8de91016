"""The clients have an environment of their own; elsewhere these tests are not collected.

uv run --project tests/clients pytest tests/clients
"""

import importlib.util

if importlib.util.find_spec("pyathena") is None:
    collect_ignore_glob = ["test_*.py"]
