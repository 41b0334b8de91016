"""What the tests run on: a lake of their own, or an environment of an AWS account.

`stack` is the one that all ordinary tests share: a lake that the real command line starts, on ports and in a folder
that nobody else uses; or, where `make e2e ENV=…` says so, what is deployed there. Tests that kill things take
`second_lake`; they, and all others that need this machine, are marked `local`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from streamlit.testing.v1 import AppTest

from laketop import settings as configuration
from laketop.settings import ACCOUNT_ID, PARTS, REGION, Settings
from laketop.stack import accounts
from laketop.testing.containers import LaketopCompose
from tests.e2e import app, checkout
from tests.e2e.dashboard import run_pipeline
from tests.e2e.pipeline import Pipeline
from tests.ports import free_ports

CHECKOUT = Path(__file__).resolve().parents[2]
# how lakes run here: as processes, or in containers (`make e2e-docker`)
MODE = os.environ.get("LAKETOP_E2E_MODE", "process")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what is about the other mode."""
    for item in items:
        for mode in configuration.MODES:
            if item.get_closest_marker(f"{mode}_mode") and mode != MODE:
                item.add_marker(pytest.mark.skip(reason=f"about lakes of mode {mode}, and this one is of mode {MODE}"))


@dataclass(frozen=True)
class Deployed:
    """A deployed environment: how its things are called, and ways to speak to it.

    Attributes:
        env: the folder under infra/envs.
        account: the AWS account.
        environment: the process environment of commands about it.
        fresh: whether nobody but these tests has ever put anything in.
    """

    env: str
    account: str
    environment: dict[str, str]
    fresh: bool

    @property
    def name(self) -> str:
        """The beginning of every name."""
        return f"laketop-{self.env}"

    def bucket(self, zone: str) -> str:
        """The bucket of a zone."""
        return f"{self.name}-{zone}-{self.account}"

    def database(self, zone: str) -> str:
        """The Glue database of a zone."""
        return f"{self.name.replace('-', '_')}_{zone}"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something of this account."""
        return f"arn:aws:{service}:{'' if service == 'iam' else REGION}:{self.account}:{resource}"

    def client(self, service: str) -> Any:
        """A boto3 client with the credentials of whoever runs the tests."""
        return accounts.client(service)

    def laketop(self, *arguments: str, check: bool = True, timeout: float = 600, **variables: str) -> Any:
        """Run a sub-command as a person would; returns the completed process with stdout and stderr as text."""
        answer = subprocess.run(
            [sys.executable, "-m", "laketop.stack", *arguments],
            cwd=CHECKOUT,
            env=self.environment | variables,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and answer.returncode:
            raise AssertionError(f"laketop {' '.join(arguments)} ended with {answer.returncode}:\n{answer.stderr}")
        return answer


@dataclass(frozen=True)
class Stack(Deployed):
    """A lake of this machine and the environment `local` on it."""

    settings: Settings

    def client(self, service: str) -> Any:
        """A boto3 client on the endpoint."""
        session: Any = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
        config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=120)
        return session.client(service, endpoint_url=self.settings.endpoint, config=config)

    def processes(self) -> list[psutil.Process]:
        """Every living process that carries the lake's marker."""
        found = []
        for process in psutil.process_iter():
            try:
                if (
                    process.environ().get("LAKETOP_INSTANCE") == self.settings.instance
                    and process.status() != psutil.STATUS_ZOMBIE
                ):
                    found.append(process)
            except psutil.Error:
                continue
        return found


def environment_of(**variables: str) -> dict[str, str]:
    """The environment of this process without a person's lake and account, and these variables."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAKETOP_"))}
    if "LAKETOP_UV" in os.environ:
        own["LAKETOP_UV"] = os.environ["LAKETOP_UV"]
    return own | variables


def make_stack(state: Path, **variables: str) -> Stack:
    """A lake that is not started yet."""
    own = {"LAKETOP_MODE": MODE, "LAKETOP_STATE": str(state), "LAKETOP_PORT": str(free_ports(len(PARTS)))}
    environment = environment_of(**(own | variables))
    return Stack("local", ACCOUNT_ID, environment, True, configuration.load(environment))


def deployed(env: str) -> Deployed:
    """An environment of the account that the credentials are of, which the person who runs the tests has named."""
    account = accounts.current()
    accounts.require_confirmed(account, "e2e", env, os.environ.get("LAKETOP_E2E_ACCOUNT"))
    return Deployed(env, account.id, dict(os.environ), False)


def _run(stack: Stack, *up: str) -> Iterator[Stack]:
    """A lake, started where there are arguments for `laketop up`; ended whatever happens, also where that failed."""
    try:
        if up:
            with checkout.held(alone=False):
                stack.laketop("up", *up)
        yield stack
    finally:
        stack.laketop("down")
        left = stack.processes()
        assert not left, f"`laketop down` left {[process.cmdline() for process in left]}"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """What all share: a lake, deployed, without sample data, one warmed driver; or an environment of an account."""
    env = os.environ.get("LAKETOP_E2E_ENV")
    if env:
        yield deployed(env)
        return
    if MODE == "docker":
        with LaketopCompose() as lent:
            place = {"LAKETOP_STATE": str(lent.state), "LAKETOP_PORT": str(lent.settings.port)}
            lake = Stack("local", ACCOUNT_ID, environment_of(**place), True, lent.settings)
            with checkout.held(alone=False):
                lake.laketop("deploy")
            yield lake
        assert not lake.processes()
        return
    lake = make_stack(tmp_path_factory.mktemp("lake") / "state")
    yield from _run(lake, "--no-sample")


@pytest.fixture(scope="module")
def second_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A lake to do harm to: not started, no warmed driver."""
    lake = make_stack(tmp_path_factory.mktemp("second") / "state", LAKETOP_SPARK_POOL="0")
    yield from _run(lake)


@pytest.fixture(scope="session")
def pipeline(stack: Deployed) -> Pipeline:
    """The pipeline of what is shared; it remembers which files went in."""
    return Pipeline(stack)


@pytest.fixture(scope="session")
def shown(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of a run of the pipeline that made figures for the dashboard."""
    return run_pipeline(pipeline, tmp_path_factory.mktemp("dashboard"), 6)


@pytest.fixture(scope="module")
def open_page(stack: Deployed, shown: str) -> Iterator[Callable[..., AppTest]]:
    """Opens pages of the team's dashboard, after the pipeline ran."""
    with app.told(stack):
        yield app.opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser, where this machine has one."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium is on PATH")
    with playwright.sync_playwright() as driver:
        # containers run tests as root, for whom Chromium has no sandbox
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()
