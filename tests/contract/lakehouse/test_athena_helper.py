"""The cases of `athena_helper` on the lake's own services."""

from tests.contract.lakehouse.athena_cases import *  # noqa: F403
