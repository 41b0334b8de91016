"""A lake without Spark: S3 and CloudWatch Logs by LocalStack, and the glue and athena servers behind it.

Jobs are run by the agent of tests/contract/glue, which does what the argument `--play` says.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import pytest

from tests.contract.glue.conftest import TRUST, Agent, agent, process  # noqa: F401 - the fixture of the agent
from tests.contract.lakehouse.clients import Clients
from tests.contract.localstack_process import SERVICE_KEY_ID, LocalStack
from tests.ports import free_ports

pytest.register_assert_rewrite(*(f"tests.contract.lakehouse.{name}_cases" for name in ("s3", "athena", "glue")))

CONFIG: dict[str, Any] = {"retries": {"total_max_attempts": 1}, "s3": {"addressing_style": "path"}}


@pytest.fixture(scope="session")
def localstack(tmp_path_factory: pytest.TempPathFactory, agent: Agent) -> Iterator[LocalStack]:  # noqa: F811
    state, port = tmp_path_factory.mktemp("helpers"), free_ports(4)
    running = LocalStack(port, state, f"http://127.0.0.1:{port + 1}", f"http://127.0.0.1:{port + 3}")
    environment = {
        "LAKETOP_PORT": str(port),
        "LAKETOP_STATE": str(state),
        "LAKETOP_SPARK_URL": agent.url,
        "LAKETOP_SERVICE_KEY_ID": SERVICE_KEY_ID,
    }
    with ExitStack() as stack:
        stack.callback(running.close)
        running.start()
        for name, offset in (("glue", 1), ("athena", 3)):
            url = f"http://127.0.0.1:{port + offset}/health"
            command = [sys.executable, "-m", f"laketop.{name}"]
            stack.enter_context(process(command, environment, state / f"{name}.log", url))
        yield running


@pytest.fixture(scope="session")
def jobs(localstack: LocalStack) -> Any:
    """The Glue client, with a job that succeeds (`etl`), one that fails (`broken`), and the database `default`."""
    iam, glue = localstack.client("iam"), localstack.client("glue", **CONFIG)
    glue.create_database(DatabaseInput={"Name": "default"})
    role = iam.create_role(RoleName="etl", AssumeRolePolicyDocument=TRUST % "glue")["Role"]["Arn"]
    for name, play in (("etl", "succeed"), ("broken", "fail")):
        command = {"Name": "glueetl", "ScriptLocation": "s3://lake/etl.py", "PythonVersion": "3"}
        size = {"GlueVersion": "6.0", "WorkerType": "G.1X", "NumberOfWorkers": 2}
        glue.create_job(Name=name, Role=role, Command=command, DefaultArguments={"--play": play}, **size)
    return glue


@pytest.fixture
def clients(localstack: LocalStack, jobs: Any) -> Clients:
    bucket = f"helpers-{uuid4().hex[:12]}"
    s3, athena, logs = (localstack.client(name, **CONFIG) for name in ("s3", "athena", "logs"))
    s3.create_bucket(Bucket=bucket)
    return Clients(s3, athena, jobs, logs, bucket, lambda columns, rows: None, "etl")
