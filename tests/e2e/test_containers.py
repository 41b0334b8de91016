"""What is true of a lake in containers alone: what it may do, whom it listens to, how Compose itself works on it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from testcontainers.compose import DockerCompose

from laketop.settings import PARTS
from laketop.stack.compose import LABEL
from laketop.testing.containers import LaketopCompose
from laketop.testing.lake import Lake
from tests.e2e.conftest import Stack, make_stack
from tests.e2e.test_stack_lifecycle import all_ready, until

pytestmark = [pytest.mark.local, pytest.mark.docker_mode]

CHECKOUT = Path(__file__).resolve().parents[2]


def docker(*arguments: str) -> str:
    answer = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def containers(lake: Stack) -> dict[str, dict[str, Any]]:
    """What Docker says of each part's container."""
    ids = docker("ps", "-aq", "--filter", f"label=com.docker.compose.project=laketop-{lake.settings.instance}").split()
    found = json.loads(docker("inspect", *ids)) if ids else []
    return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in found}


@pytest.fixture(scope="module")
def bare_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A lake without anything deployed."""
    lake = make_stack(tmp_path_factory.mktemp("bare") / "state", LAKETOP_SPARK_POOL="0")
    try:
        yield lake
    finally:
        lake.laketop("down")
        assert containers(lake) == {}


def composed(lake: Stack) -> DockerCompose:
    """Compose as a person uses it: in the checkout, with the file of the lake's settings."""
    return DockerCompose(CHECKOUT, env_file=str(lake.settings.state / "run" / "compose.env"))


def test_no_container_runs_as_root_or_may_become_it(stack: Stack) -> None:
    found = containers(stack)
    assert sorted(found) == sorted(PARTS)
    for name, each in found.items():
        assert each["Config"]["User"].split(":")[0] not in ("", "0", "root"), name
        assert each["HostConfig"]["CapDrop"] == ["ALL"], name
        assert each["HostConfig"]["CapAdd"] is None, name
        assert "no-new-privileges:true" in each["HostConfig"]["SecurityOpt"], name
        assert not each["HostConfig"]["Privileged"], name
        # what really runs: the ids of every process of the container
        users = {line.split()[0] for line in docker("top", each["Id"], "-eo", "uid,pid").splitlines()[1:]}
        assert users, name
        assert "0" not in users, name


def test_roots_are_read_only_and_the_engine_is_out_of_reach(stack: Stack) -> None:
    for name, each in containers(stack).items():
        assert each["HostConfig"]["ReadonlyRootfs"], name
        assert each["HostConfig"]["Memory"] > 0, name
        assert each["HostConfig"]["LogConfig"]["Config"]["max-size"] == "10m", name
        assert not any("docker.sock" in mount["Source"] for mount in each["Mounts"]), name


def test_only_this_machine_is_listened_to(stack: Stack) -> None:
    bound = {
        (host["HostIp"], int(host["HostPort"]))
        for each in containers(stack).values()
        for hosts in each["NetworkSettings"]["Ports"].values()
        for host in hosts or []
    }
    assert bound == {("127.0.0.1", port) for port in stack.settings.ports.values()}


def test_athena_cannot_write_an_objects_file_and_spark_sees_none(stack: Stack) -> None:
    found = containers(stack)
    stack.client("s3").create_bucket(Bucket="read-only")
    stack.client("s3").put_object(Bucket="read-only", Key="object", Body=b"bytes")
    find = "find /laketop/s3/.laketop/objects -type f | head -1"
    name = docker("exec", found["athena"]["Id"], "sh", "-c", find).strip()
    assert name
    tried = subprocess.run(
        ["docker", "exec", found["athena"]["Id"], "sh", "-c", f"echo x >> {name}"], capture_output=True, check=False
    )
    assert b"Read-only file system" in tried.stderr
    assert docker("exec", found["spark"]["Id"], "sh", "-c", "ls /laketop").split() == ["spark"]
    stack.client("s3").delete_object(Bucket="read-only", Key="object")
    stack.client("s3").delete_bucket(Bucket="read-only")


def test_functions_run_inside_localstack(stack: Stack) -> None:
    where = "echo $LAKETOP_LAMBDA_PYTHON && $LAKETOP_LAMBDA_PYTHON -c 'import awslambdaric'"
    said = docker("exec", containers(stack)["localstack"]["Id"], "sh", "-c", where)
    assert said.strip() == "/opt/laketop/.tools/envs/lambda-runtime/bin/python"


def test_no_image_holds_a_key(stack: Stack) -> None:
    key = next(
        value for value in containers(stack)["glue"]["Config"]["Env"] if value.startswith("LAKETOP_SERVICE_KEY_ID=")
    ).partition("=")[2]
    for name in PARTS:
        (image,) = json.loads(docker("image", "inspect", f"laketop/{name}"))
        assert key not in json.dumps(image)
        assert image["Config"]["Labels"][LABEL] == "true"
        assert not [value for value in image["Config"]["Env"] if "KEY" in value or "SECRET" in value]


def test_compose_itself_knows_the_lake(stack: Stack) -> None:
    compose = composed(stack)
    assert sorted(compose.get_config()["services"]) == sorted(PARTS)
    shown = {each.Service: each.Health for each in compose.get_containers()}
    assert shown == dict.fromkeys(PARTS, "healthy")
    assert "Uvicorn running" in compose.get_logs("athena")[0]
    said = stack.laketop("logs", "--part", "glue", "--lines", "1000000").stdout
    assert "Uvicorn running" in said
    assert "\x1b" not in said


def test_a_lake_goes_from_processes_into_containers_and_back(bare_lake: Stack) -> None:
    bare_lake.laketop("up", "--no-deploy", LAKETOP_MODE="process")
    s3 = bare_lake.client("s3")
    s3.create_bucket(Bucket="carried-over")
    s3.put_object(Bucket="carried-over", Key="a/b", Body=b"bytes")
    assert containers(bare_lake) == {}
    said = bare_lake.laketop("up", "--no-deploy", LAKETOP_MODE="docker").stderr
    assert "the lake ran in mode process: it is ended, and goes on in mode docker" in said
    assert sorted(containers(bare_lake)) == sorted(PARTS)
    assert bare_lake.client("s3").get_object(Bucket="carried-over", Key="a/b")["Body"].read() == b"bytes"
    # without a word, it stays as it is
    unset = {name: value for name, value in bare_lake.environment.items() if name != "LAKETOP_MODE"}
    assert Stack("local", bare_lake.account, unset, True, bare_lake.settings).laketop("status").returncode == 0
    said = bare_lake.laketop("up", "--no-deploy", LAKETOP_MODE="process").stderr
    assert "the lake ran in mode docker: it is ended, and goes on in mode process" in said
    assert containers(bare_lake) == {}
    s3 = bare_lake.client("s3")
    assert s3.get_object(Bucket="carried-over", Key="a/b")["Body"].read() == b"bytes"
    s3.put_object(Bucket="carried-over", Key="a/c", Body=b"more")


def test_compose_down_and_up_keep_the_content(bare_lake: Stack) -> None:
    bare_lake.laketop("up", "--no-deploy", LAKETOP_MODE="docker")
    compose = composed(bare_lake)
    compose.stop()
    assert containers(bare_lake) == {}
    compose.start()
    assert all_ready(bare_lake)
    s3 = bare_lake.client("s3")
    assert {key["Key"] for key in s3.list_objects_v2(Bucket="carried-over")["Contents"]} == {"a/b", "a/c"}


def test_the_engine_gone_is_said(bare_lake: Stack) -> None:
    answer = bare_lake.laketop("status", check=False, DOCKER_HOST="unix:///nonexistent/docker.sock")
    assert answer.returncode == 1
    assert "Cannot connect to the Docker daemon" in answer.stderr


def test_every_container_killed_in_turn_comes_back(bare_lake: Stack) -> None:
    for name in PARTS:
        before = containers(bare_lake)[name]["State"]["Pid"]
        subprocess.run(["kill", "-9", str(before)], check=True)

        def again(name: str = name, before: int = before) -> bool | None:
            return True if containers(bare_lake)[name]["State"]["Pid"] not in (0, before) else None

        until(again, 60, f"another {name}")
        until(lambda: all_ready(bare_lake), 90, f"{name} ready")
    s3 = bare_lake.client("s3")
    assert {key["Key"] for key in s3.list_objects_v2(Bucket="carried-over")["Contents"]} == {"a/b", "a/c"}


@pytest.fixture
def without_terraform(tmp_path: Path) -> dict[str, str]:
    """A person's environment with Docker and no Terraform; the container's build and providers are those of here."""
    terraform, program = shutil.which("terraform"), shutil.which("docker")
    assert terraform
    assert program
    for folder, source in (("bin", program), ("context", terraform)):
        (tmp_path / folder).mkdir()
        shutil.copy(source, tmp_path / folder)
    service: dict[str, Any] = {"build": {"additional_contexts": {"terraform": str(tmp_path / "context")}}}
    plugins = os.environ.get("TF_CLI_ARGS_init", "").partition("-plugin-dir=")[2]  # noqa: SIM112 - Terraform reads it so
    if plugins:
        service |= {"environment": {"TF_CLI_ARGS_init": "-plugin-dir=/plugins"}, "volumes": [f"{plugins}:/plugins:ro"]}
    file = tmp_path / "compose.mirror.yml"
    file.write_text(json.dumps({"services": {"deploy": service}}))
    return {"PATH": str(tmp_path / "bin"), "LAKETOP_COMPOSE_FILE": str(file)}


def test_where_no_terraform_is_the_container_deploys(bare_lake: Stack, without_terraform: dict[str, str]) -> None:
    bare_lake.laketop("down")
    said = bare_lake.laketop("up", "--no-sample", **without_terraform, timeout=1200).stderr
    assert "Apply complete!" in said
    assert "localstack was started again" not in bare_lake.laketop("status").stderr
    assert bare_lake.client("lambda").list_functions()["Functions"]
    assert "No changes" in bare_lake.laketop("plan", "--check", **without_terraform).stdout
    # this machine's own Terraform goes on where the container's ended
    assert "No changes" in bare_lake.laketop("plan", "--check").stdout


# each task says which worker it ran on; there are more of them than one worker has cores
ON_WORKERS = """
import socket, sys, time
from awsglue.context import GlueContext
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

target = getResolvedOptions(sys.argv, ["target"])["target"]
spark = GlueContext(SparkContext.getOrCreate()).spark_session

def where(rows):
    time.sleep(2)
    return [(socket.gethostname(), sum(rows))]

found = spark.sparkContext.parallelize(range(100), 6).mapPartitions(where)
spark.createDataFrame(found, "host string, total long").write.parquet(target)
print("executors", spark.sparkContext.getConf().get("spark.cores.max"))
"""


def test_a_job_runs_on_two_workers(tmp_path: Path) -> None:
    script = tmp_path / "on_workers.py"
    script.write_text(ON_WORKERS)
    lake = make_stack(tmp_path / "state", LAKETOP_WORKERS="2", LAKETOP_SPARK_POOL="0")
    try:
        lake.laketop("up", "--no-deploy")
        mine = Lake(lake.settings, "workers")
        target = f"s3://{mine.bucket()}/hosts"
        run = mine.run_job(script, {"target": target}, workers=3)
        assert "executors 2" in run.output
        table = mine.table("hosts", {"host": "string", "total": "bigint"}, target)
        rows = mine.sql(f"SELECT host, sum(total) AS total FROM {table} GROUP BY host")
        assert sum(row["total"] for row in rows) == sum(range(100))
        ids = docker("ps", "-q", "--filter", f"label=com.docker.compose.project=laketop-{lake.settings.instance}")
        found = json.loads(docker("inspect", *ids.split()))
        workers = {
            each["Config"]["Hostname"]
            for each in found
            if each["Config"]["Labels"]["com.docker.compose.service"] == "spark-worker"
        }
        assert {row["host"] for row in rows} == workers
        assert len(workers) == 2
    finally:
        lake.laketop("down")


def test_the_example_of_a_persons_own_project_passes_in_containers() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LAKETOP_", "AWS_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--laketop", "--laketop-mode=docker"]
    answer = subprocess.run(
        command, cwd=CHECKOUT / "examples" / "web_logs", env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert re.search(r"\d+ passed", answer.stdout)


def test_testcontainers_has_a_lake_too() -> None:
    lent = LaketopCompose()
    with lent as lake:
        assert lake.sql("SELECT 1 AS one") == [{"one": 1}]
        assert "Uvicorn running" in "".join(lent.compose.get_logs("athena"))
        state = lake.state
    assert not state.exists()


# laid out as LocalStack's own image is: its environment in /opt/code/localstack/.venv, and no plug-in of ours in it
OFFICIAL = """
FROM laketop/localstack
USER root
RUN mkdir -p /opt/code/localstack && mv .tools/envs/localstack /opt/code/localstack/.venv \\
    && rm -r /opt/code/localstack/.venv/lib/python3.13/site-packages/laketop_localstack* .tools services
ENTRYPOINT ["/nowhere/docker-entrypoint.sh"]
"""


def test_localstacks_own_image_takes_the_plug_in(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(OFFICIAL)
    names = [f"laketop-test/{name}-{stack.settings.instance}" for name in ("official", "localstack")]
    started = ""
    try:
        docker("build", "--quiet", "--tag", names[0], str(tmp_path))
        arguments = ("--build-arg", "LOCALSTACK=official", "--build-arg", f"LOCALSTACK_IMAGE={names[0]}")
        file = str(CHECKOUT / "services" / "containers" / "Dockerfile")
        docker(
            "build", "--quiet", "--tag", names[1], "--target", "localstack", *arguments, "--file", file, str(CHECKOUT)
        )
        variables = {
            value.partition("=")[0]: value
            for value in containers(stack)["localstack"]["Config"]["Env"]
            if not value.startswith(("PATH=", "PYTHON"))
        }
        given = [word for value in variables.values() for word in ("--env", value)]
        mode = ("--detach", "--init", "--read-only", "--tmpfs", "/tmp:mode=1777", "--tmpfs", "/laketop:mode=1777")
        started = docker("run", *mode, *given, names[1]).strip()
        asked = ["exec", started, "python3", "services/containers/health.py", "http://127.0.0.1:4566/_laketop/health"]
        until(lambda: None if subprocess.run(["docker", *asked], check=False).returncode else True, 90, "its health")
    finally:
        if started:
            docker("rm", "--force", started)
        for name in names:
            subprocess.run(["docker", "rmi", "--force", name], capture_output=True, check=False)
