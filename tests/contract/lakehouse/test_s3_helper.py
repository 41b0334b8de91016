"""The cases of `s3_helper` on the lake's own services."""

from tests.contract.lakehouse.s3_cases import *  # noqa: F403
