"""These tests run in LocalStack's environment (`.tools/envs/localstack`); in any other this folder is left out."""

import importlib.util
import warnings

collect_ignore_glob = [] if importlib.util.find_spec("laketop_localstack") else ["*"]

if not collect_ignore_glob:
    with warnings.catch_warnings():
        # LocalStack's own warnings, while it is imported, are not ours to mend.
        warnings.simplefilter("ignore")
        from laketop_localstack import handover, plugin, refusals  # noqa: F401
        from laketop_localstack.functions import executor  # noqa: F401
        from laketop_localstack.patches import PATCHES, module

        for names in PATCHES.values():
            for name in names:
                module(name)
