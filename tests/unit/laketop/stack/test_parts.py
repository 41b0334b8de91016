"""What each part gets: exactly the allowed variables, and the secrets only where they belong."""

import os
from pathlib import Path

import pytest

from laketop.settings import PARTS, Settings
from laketop.spark.cluster import settings as cluster
from laketop.stack import checkout, parts
from laketop.stack.parts import Part

FOREIGN = {
    "AWS_PROFILE": "production",
    "AWS_SECRET_ACCESS_KEY": "real",
    "PYTHONPATH": "/elsewhere",
    "HTTP_PROXY": "http://proxy:3128",
    "HOME": "/home/someone",
    "PATH": "/usr/bin",
    "COVERAGE_PROCESS_CONFIG": "kept",
}


@pytest.fixture
def made(lake_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Part]:
    monkeypatch.setenv("LAKETOP_TOOLS", str(tmp_path / "tools"))
    for environment in ("localstack", "lambda-runtime"):
        python = checkout.tools() / "envs" / environment / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.touch()
    return {part.name: part for part in parts.parts(lake_settings, "KEY", Path("/java"), FOREIGN)}


def test_there_are_all_parts(made: dict[str, Part]) -> None:
    assert tuple(made) == PARTS


@pytest.mark.parametrize("name", PARTS)
def test_a_person_s_environment_does_not_leak(made: dict[str, Part], name: str) -> None:
    environment = made[name].environment
    assert not {"AWS_PROFILE", "HTTP_PROXY"} & set(environment)
    foreign = {"AWS_SECRET_ACCESS_KEY": "real", "PYTHONPATH": "/elsewhere"}
    assert not foreign.items() & environment.items()
    assert environment["HOME"] == "/home/someone"
    assert environment["COVERAGE_PROCESS_CONFIG"] == "kept"


@pytest.mark.parametrize("name", PARTS)
def test_every_part_knows_its_lake(made: dict[str, Part], lake_settings: Settings, name: str) -> None:
    environment = made[name].environment
    assert environment["LAKETOP_INSTANCE"] == lake_settings.instance
    assert environment["LAKETOP_STATE"] == str(lake_settings.state)
    assert environment["LAKETOP_PORT"] == "24566"


def test_user_code_s_parent_has_no_service_key(made: dict[str, Part]) -> None:
    having = {name for name, part in made.items() if "LAKETOP_SERVICE_KEY_ID" in part.environment}
    assert having == {"localstack", "glue", "athena"}


def test_the_dashboard_is_a_client_of_this_lake(made: dict[str, Part]) -> None:
    environment = made["streamlit"].environment
    assert environment["LAKEHOUSE_PREFIX"] == "laketop-local"
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:24566"
    assert environment["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


def test_it_listens_on_this_machine_only(made: dict[str, Part]) -> None:
    assert made["localstack"].environment["GATEWAY_LISTEN"] == "127.0.0.1:24566"
    assert made["athena"].health == "http://127.0.0.1:24569/health"


def test_the_key_is_new_at_every_start() -> None:
    keys = {parts.service_key() for _ in range(100)}
    assert len(keys) == 100
    assert {len(key) for key in keys} == {20}


def test_the_agent_is_told_of_a_persons_cluster(lake_settings: Settings) -> None:
    given = dict.fromkeys((*cluster.OF_RUNS, "SPARK_MASTER"), "x")
    told = parts.common_environment(lake_settings, given | {"LAKETOP_BIND": "0.0.0.0"})
    assert told.items() >= given.items()
    assert "LAKETOP_BIND" not in told
