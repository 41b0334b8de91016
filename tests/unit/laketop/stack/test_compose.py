"""The lake in containers: what Compose is told, and what Docker's answers mean."""

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from laketop.settings import PARTS, Settings
from laketop.stack import checkout, compose, docker, parts
from laketop.stack.control import DEAD
from laketop.stack.messages import StackError
from laketop.storage import Layout


@pytest.fixture
def in_docker(lake_settings: Settings) -> Settings:
    return replace(lake_settings, mode="docker")


@pytest.fixture
def services() -> dict[str, dict[str, Any]]:
    return yaml.safe_load((checkout.ROOT / compose.FILE).read_text())["services"]


def test_every_variable_of_the_file_is_set_by_a_start(in_docker: Settings) -> None:
    named = set(re.findall(r"\$\{([A-Z_]+):-", (checkout.ROOT / compose.FILE).read_text()))
    optional = {f"LAKETOP_{part.upper()}_MEMORY": "1g" for part in PARTS} | dict.fromkeys(compose._PASSED, "1")
    given = compose.environment(replace(in_docker, workers=2), "KEY", "10.0.0", optional)
    assert named <= set(given)
    assert given["LAKETOP_SPARK_MEMORY"] == "1g"
    assert "LAKETOP_SPARK_MEMORY" not in compose.environment(in_docker, "KEY", "10.0.0", {})


def test_ports_state_and_project_are_the_lakes(in_docker: Settings) -> None:
    given = compose.environment(in_docker, "KEY", "10.0.0", {})
    assert [given["LAKETOP_PORT"], given["LAKETOP_STREAMLIT_PORT"]] == ["24566", "24570"]
    assert given["LAKETOP_STATE"] == str(in_docker.state)
    assert given["COMPOSE_PROJECT_NAME"] == f"laketop-{in_docker.instance}"
    assert given["LAKETOP_UID"] != "0", "no container runs as root"


def test_workers_are_a_cluster_of_the_lakes_own(in_docker: Settings) -> None:
    alone = compose.environment(in_docker, "KEY", "10.0.0", {})
    assert (alone["SPARK_MASTER"], "COMPOSE_PROFILES" in alone) == ("local[*]", False)
    several = compose.environment(replace(in_docker, workers=3), "KEY", "10.0.0", {})
    wanted = {"SPARK_MASTER": compose.MASTER, "COMPOSE_PROFILES": "cluster", "LAKETOP_WORKERS": "3"}
    assert wanted.items() <= several.items()


def test_no_port_of_the_cluster_is_published(services: dict[str, Any]) -> None:
    for name in compose.CLUSTER:
        assert services[name]["profiles"] == ["cluster"]
        assert services[name]["environment"]["SPARK_MASTER"] == compose.MASTER
        assert "ports" not in services[name]


def test_localstack_is_set_up_as_in_a_process(services: dict[str, Any]) -> None:
    there = services["localstack"]["environment"]
    named = ("AWS_EC2_METADATA_DISABLED",)  # of all parts
    assert {name: value for name, value in parts.LOCALSTACK.items() if name not in named}.items() <= there.items()


@pytest.mark.parametrize("name", PARTS)
def test_each_part_is_a_service_of_its_own_image(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["image"] == f"laketop/{name}"
    assert service["build"]["target"] == name
    assert service["pull_policy"] == "never"
    assert service["healthcheck"]["test"][-1].endswith(parts.HEALTH.get(name, "/health"))
    assert (service["init"], service["read_only"], service["cap_drop"]) == (True, True, ["ALL"])
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["mem_limit"]


def test_only_localstack_glue_and_athena_know_the_key(services: dict[str, Any]) -> None:
    knowing = [name for name, service in services.items() if "LAKETOP_SERVICE_KEY_ID" in service["environment"]]
    assert sorted(knowing) == sorted(parts.TRUSTED)


def test_athena_reads_objects_and_spark_does_not_even_see_them(services: dict[str, Any]) -> None:
    objects = [mount for mount in services["athena"]["volumes"] if mount["target"].endswith("/objects")]
    assert [mount["read_only"] for mount in objects] == [True]
    assert Layout.of(Path("/laketop")).objects == Path(objects[0]["target"])
    assert not any("s3" in mount["target"] for mount in services["spark"]["volumes"])


def test_a_network_that_others_have_is_passed_over() -> None:
    assert compose.free_network("00000000000a", []) == "10.213.10"
    assert compose.free_network("00000000000a", ["172.17.0.0/16", "10.213.10.0/25", "10.213.11.0/24"]) == "10.213.12"
    assert compose.free_network("0000000000ff", ["10.213.255.0/24", "fd00::/64"]) == "10.213.0"
    with pytest.raises(StackError, match=r"all of 10\.213\.0\.0/16 is taken"):
        compose.free_network("00000000000a", ["10.0.0.0/8"])


@pytest.mark.parametrize("given", ["10.213", "10.213.0.0/24", "300.1.1", "a.b.c"])
def test_a_network_that_is_none_is_refused(in_docker: Settings, given: str) -> None:
    with pytest.raises(StackError, match="LAKETOP_NETWORK"):
        compose._choose_network(in_docker, {"LAKETOP_NETWORK": given})
    assert ip_network(f"{compose._choose_network(in_docker, {'LAKETOP_NETWORK': '192.168.77'})}.0/24")


def container(status: str, **state: Any) -> dict[str, Any]:
    """As `docker inspect` describes one."""
    began = (datetime.now(UTC) - timedelta(seconds=90)).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")
    return {
        "Config": {"Labels": {"com.docker.compose.service": "glue"}},
        "HostConfig": {"Memory": 2**30},
        "State": {"Status": status, "Pid": 77, "StartedAt": began, "OOMKilled": False, "ExitCode": 0} | state,
    }


def test_states_are_in_the_supervisors_words() -> None:
    found = compose.part_state(container("running"))
    assert (found.name, found.state, found.pid) == ("glue", "RUNNING", 77)
    assert 89 <= found.uptime <= 95
    gone = compose.part_state(container("exited"))
    assert (gone.state, gone.pid, gone.uptime) == ("EXITED", 0, 0)
    assert compose.part_state(container("restarting")).state == "STARTING"
    assert {compose.part_state(container(status)).state for status in ("dead", "removing", "new")} <= set(DEAD)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"ExitCode": 137}, "terminated by SIGKILL"),
        ({"ExitCode": 3}, "exit status 3"),
        ({"ExitCode": 137, "OOMKilled": True}, "it took more than its limit of 1.0 GiB of memory"),
    ],
)
def test_how_a_container_ended(state: dict[str, Any], said: str) -> None:
    assert compose.ending(container("exited", **state)) == said


@pytest.mark.parametrize(
    ("text", "count"),
    [("512B / 1GiB", 512), ("1.5KiB / 1GiB", 1536), ("512.5MiB / 4GiB", 537395200), ("2GiB / 4GiB", 2**31), ("--", 0)],
)
def test_memory_as_docker_writes_it(text: str, count: int) -> None:
    assert compose.memory_bytes(text) == count


def test_what_a_start_was_told_is_read_again(in_docker: Settings) -> None:
    assert compose.read_environment(in_docker) == {}
    file = in_docker.state / "run" / "compose.env"
    file.parent.mkdir(parents=True)
    file.write_text("# a comment\nLAKETOP_PORT='24000'\nSPARK_MASTER='spark://a:7077?b=c'\nLAKETOP_STATE='/a b#c'\n")
    assert compose.read_environment(in_docker) == {
        "LAKETOP_PORT": "24000",
        "SPARK_MASTER": "spark://a:7077?b=c",
        "LAKETOP_STATE": "/a b#c",
    }
    assert compose.Compose(in_docker).port == 24000


def test_folders_are_made_and_given_to_who_runs_the_containers(in_docker: Settings) -> None:
    compose.hand_over(in_docker)
    (in_docker.state / "s3" / "lake").mkdir()
    (in_docker.state / "s3" / "lake" / "link").symlink_to("nowhere")
    compose.hand_over(in_docker)
    user, _ = compose.owner(in_docker)
    assert {path.lstat().st_uid for path in in_docker.state.rglob("*")} == {user}
    assert Layout.of(in_docker.state).objects.is_dir()


def test_terraform_is_elsewhere_only_for_a_lake_in_containers(in_docker: Settings, tmp_path: Path) -> None:
    nowhere = {"PATH": str(tmp_path)}
    assert not compose.elsewhere(in_docker, nowhere), "it was never started"
    (in_docker.state / "run").mkdir(parents=True)
    (in_docker.state / "run" / "mode").write_text("docker\n")
    assert compose.elsewhere(in_docker, nowhere)
    assert not compose.elsewhere(in_docker, nowhere | {"LAKETOP_LOCALSTACK_URL": "http://10.0.0.10:4566"})
    program = tmp_path / "terraform"
    program.write_text("")
    program.chmod(0o755)
    assert not compose.elsewhere(in_docker, nowhere)


def test_a_persons_settings_do_not_reach_compose() -> None:
    person = {"DOCKER_HOST": "unix:///d.sock", "LAKETOP_STATE": "/x", "COMPOSE_FILE": "y", "AWS_PROFILE": "z"}
    assert docker.environment({"LAKETOP_PORT": "1"}, person) == {"DOCKER_HOST": "unix:///d.sock", "LAKETOP_PORT": "1"}


def test_without_docker_the_next_step_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError, match="docker: it is not on PATH") as caught:
        docker.ask(["ps"])
    assert "LAKETOP_MODE=process" in caught.value.hint


def fake_docker(folder: Path, script: str) -> None:
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_what_docker_said_last_is_the_cause(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    fake_docker(tmp_path, "echo first >&2; echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(StackError, match="docker ps: Cannot connect to the Docker daemon"):
        docker.ask(["ps"])
    assert "first" in capsys.readouterr().err


def test_json_comes_as_lines_or_as_a_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    fake_docker(tmp_path, """echo '{"a": 1}'; echo '{"a": 2}'""")
    assert docker.objects(["stats"]) == [{"a": 1}, {"a": 2}]
    fake_docker(tmp_path, """echo '[{"a": 3}]'""")
    assert docker.objects(["inspect"]) == [{"a": 3}]


def test_logs_are_text(in_docker: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    fake_docker(tmp_path, """printf '\\033[2Kone\\n\\033[2Ktwo\\n'""")
    assert list(compose.Compose(in_docker).logs("glue")) == ["one\n", "two\n"]
    assert compose.Compose(in_docker).tail("glue", 2) == ["one", "two"]
