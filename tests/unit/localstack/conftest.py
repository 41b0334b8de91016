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
        from laketop_localstack.s3 import service  # noqa: F401
        from localstack.services.s3 import provider as s3  # noqa: F401
        from localstack.services.s3control import provider as s3control  # noqa: F401

        for names in PATCHES.values():
            for name in names:
                module(name)
