"""Which tests one worker runs, where pytest has several (pytest-xdist), and what no test may measure then: time.

A worker has servers and lakes of its own. So the tests that share one stay together and in their order, which is the
same in every run; where nothing is shared but a module's fixtures, a file stays together.
"""

import importlib.util
import re
from typing import Any

import pytest

# A part of a test's id → what it shares with all others of that part; the first that fits is taken. They are in the
# order in which they begin: what takes longest first, or a worker would wait for it at the end.
TOGETHER = {
    # a lake: those that build, deploy and write into the checkout, and those that only use what is deployed
    r"^tests/e2e/test_(new_dataset|pipeline|promotion|stack_lifecycle)\.py": "e2e, the checkout",
    r"^tests/e2e/": "e2e, the lake",
    # it kills and starts a LocalStack again and again
    r"^tests/contract/s3/test_crash\.py": "s3, crash",
    # a folder's servers; of S3 there are two, one for each store
    r"^tests/contract/s3/.*\[files\b": "s3, files",
    r"^tests/contract/s3/.*\[stock\b": "s3, stock",
    r"^tests/contract/spark/": "spark",
    r"^tests/contract/athena/": "athena",
    r"^tests/contract/localstack/": "localstack",
    r"^tests/contract/glue/": "glue",
    r"^tests/contract/lakehouse/": "lakehouse",
    r"^tests/contract/testing/": "testing",
}


def together(test: str) -> str:
    """What a test shares with others: the same text for all that one worker must run.

    Args:
        test: its id, e.g. `tests/contract/s3/test_keys.py::test_a_key[files-a/b]`.
    """
    return next((shared for part, shared in TOGETHER.items() if re.search(part, test)), test.partition("::")[0])


def pytest_configure(config: pytest.Config) -> None:
    """No example of Hypothesis fails by the time it takes: that says how busy the machine is."""
    if importlib.util.find_spec("hypothesis"):  # not every environment has it
        from hypothesis import settings

        settings.register_profile("shared", deadline=None)
        settings.load_profile("shared")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a worker, tests stand in the order in which their groups begin."""
    if hasattr(config, "workerinput"):
        order = list(TOGETHER.values())
        items.sort(key=lambda item: order.index(shared) if (shared := together(item.nodeid)) in order else len(order))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The scheduler of pytest-xdist, by which whole groups go to the workers, in the order of the tests."""
    from xdist.scheduler import LoadScopeScheduling  # not every environment has it

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return together(nodeid)

    config.option.loadscopereorder = False  # that would be by the number of tests, whatever they take
    return Together(config, log)
