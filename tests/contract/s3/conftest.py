"""A LocalStack for each store of S3: its own one (`stock`), and ours of plain files (`files`)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.localstack_process import LocalStack
from tests.contract.s3.asking import ACCOUNT, ANOTHER, EUROPE, fresh
from tests.ports import free_ports

STORES = ("stock", "files")
SETTINGS = {
    "stock": {"PROVIDER_OVERRIDE_S3": "default", "PROVIDER_OVERRIDE_S3CONTROL": "default"},
    "files": {},
}
CONFIG = {"retries": {"total_max_attempts": 1}, "s3": {"addressing_style": "path"}}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "files_only: a test of what LocalStack's own store cannot do")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "store" in metafunc.fixturenames:
        ours = metafunc.definition.get_closest_marker("files_only") is not None
        stores = [name for name in STORES if name == "files" or not ours]
        metafunc.parametrize("store", stores, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test of our store only is not there, rather than skipped, where our store is left out."""
    if "files" not in STORES:
        left = [item for item in items if item.get_closest_marker("files_only")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session")
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    nowhere = f"http://127.0.0.1:{free_ports()}"
    state = tmp_path_factory.mktemp(request.param)
    running = LocalStack(free_ports(), state, nowhere, nowhere, SETTINGS[request.param])
    try:
        running.start()
        yield running
    finally:
        running.close()


@pytest.fixture(scope="session")
def s3(store: LocalStack) -> Any:
    return store.client("s3", **CONFIG)


@pytest.fixture(scope="session")
def another(store: LocalStack) -> Any:
    """S3 for an account of its own."""
    return store.client("s3", ANOTHER, **CONFIG)


@pytest.fixture(scope="session")
def europe(store: LocalStack) -> Any:
    """S3 in another region."""
    return store.client("s3", region=EUROPE, **CONFIG)


def without_account(request: Any, **_: Any) -> None:
    """The account before the host's name is no part of an address of this machine."""
    request.url = request.url.replace(f"//{ACCOUNT}.", "//", 1)


@pytest.fixture(scope="session")
def control(store: LocalStack) -> Any:
    client = store.client("s3control", retries=CONFIG["retries"])
    client.meta.events.register("before-send.s3-control", without_account)
    return client


@pytest.fixture
def bucket(s3: Any) -> str:
    return fresh(s3)


@pytest.fixture
def versioned(s3: Any) -> str:
    name = fresh(s3)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name
