"""A lake of the tests' own: started by the real command line, on ports and in a folder that nobody else uses.

`stack` is the one lake that all ordinary tests share. Tests that kill things take `second_lake`.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config

from laketop import settings as configuration
from laketop.settings import REGION, Settings
from tests.e2e.pipeline import Pipeline
from tests.ports import free_ports

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Stack:
    """A lake under test: its settings, the environment that names it, and ways to speak to it."""

    settings: Settings
    environment: dict[str, str]

    def client(self, service: str) -> Any:
        """A boto3 client on the endpoint."""
        session: Any = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
        config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=120)
        return session.client(service, endpoint_url=self.settings.endpoint, config=config)

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


def make_stack(state: Path, **variables: str) -> Stack:
    """A lake that is not started yet."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAKETOP_"))}
    if "LAKETOP_UV" in os.environ:
        environment["LAKETOP_UV"] = os.environ["LAKETOP_UV"]
    environment |= {"LAKETOP_STATE": str(state), "LAKETOP_PORT": str(free_ports(4)), **variables}
    return Stack(configuration.load(environment), environment)


def _run(stack: Stack) -> Iterator[Stack]:
    try:
        yield stack
    finally:
        stack.laketop("down")
        left = stack.processes()
        assert not left, f"`laketop down` left {[process.cmdline() for process in left]}"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The shared lake: deployed, without sample data, one warmed driver."""
    lake = make_stack(tmp_path_factory.mktemp("lake") / "state")
    lake.laketop("up", "--no-sample")
    yield from _run(lake)


@pytest.fixture(scope="module")
def second_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A lake to do harm to: not started, no warmed driver."""
    lake = make_stack(tmp_path_factory.mktemp("second") / "state", LAKETOP_SPARK_POOL="0")
    yield from _run(lake)


@pytest.fixture(scope="session")
def pipeline(stack: Stack) -> Pipeline:
    """The pipeline of the shared lake; it remembers which files went in."""
    return Pipeline(stack)
