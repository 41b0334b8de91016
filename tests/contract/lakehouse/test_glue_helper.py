"""The cases of `glue_helper` on the lake's own services."""

from tests.contract.lakehouse.glue_cases import *  # noqa: F403
