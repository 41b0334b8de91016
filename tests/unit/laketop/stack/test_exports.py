"""requirements.txt and requirements-dev.txt are what the lock says now."""

import pytest

from laketop.stack import checkout
from laketop.stack.exports import EXPORTS, export


@pytest.mark.parametrize("name", EXPORTS)
def test_the_committed_file_is_in_step_with_the_lock(name: str) -> None:
    assert (checkout.ROOT / name).read_text() == export(name), f"{name} is outdated: run `make lock`"


def test_the_lake_s_requirements_leave_the_tests_tools_out() -> None:
    lake, dev = export("requirements.txt"), export("requirements-dev.txt")
    assert "\nboto3==" in lake
    assert "\nduckdb==1.5.5" in lake
    assert "\npytest==" not in lake
    assert "\npytest==" in dev
