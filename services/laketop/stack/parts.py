"""The parts of a lake: which command each runs, with which environment, and where it says that it is ready.

An environment is built from an allow-list, never inherited: a person's AWS profile or PYTHONPATH must not decide how
the lake behaves. The supervisor's configuration carries no values of it: `launch` reads them from a private file, so
nothing needs quoting and no key stands on a command line.
"""

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from laketop.settings import PARTS, REGION, Settings
from laketop.spark.cluster import settings as cluster
from laketop.stack import checkout, streamlit
from laketop.stack.clients import aws_environment
from laketop.stack.terraform import LOCAL

# What a part may inherit from the person who starts the lake.
INHERITED = (
    "HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SPARK_MASTER", "SSL_CERT_FILE", "TMPDIR", "USER",
    "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START", *cluster.OF_RUNS,
)  # fmt: skip
# Of LocalStack the plug-in's own page: one that runs without it never answers there.
HEALTH = {"localstack": "/_laketop/health", "streamlit": streamlit.HEALTH}
# Only these may send events whose source is `aws.*`: they are the services.
TRUSTED = ("localstack", "glue", "athena")
# LocalStack without its Docker image: no containers, no certificate download, no usage events, no DNS server.
LOCALSTACK = {
    "LAMBDA_RUNTIME_EXECUTOR": "laketop",  # the plug-in's: functions as processes
    "GATEWAY_SERVER": "hypercorn",  # the default server does not honour the address 127.0.0.1
    "OVERRIDE_IN_DOCKER": "0",
    "SKIP_SSL_CERT_DOWNLOAD": "1",
    "DISABLE_EVENTS": "1",
    "DNS_ADDRESS": "0",
    "AWS_EC2_METADATA_DISABLED": "true",
    "DOCKER_HOST": "unix:///nonexistent/docker.sock",
}


@dataclass(frozen=True)
class Part:
    """One process of the lake.

    Attributes:
        name: its name.
        command: the program and its arguments.
        environment: all its environment variables.
        health: URL that answers 200 once it takes requests.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    health: str


def service_key() -> str:
    """A new random access key id, by which the endpoint knows the services of this start."""
    return "LAKETOP" + secrets.token_hex(7).upper()[:13]


def common_environment(settings: Settings, inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment variables of every process of a lake, the supervisor included."""
    return {
        **{name: inherited[name] for name in INHERITED if name in inherited},
        "LAKETOP_MODE": settings.mode,
        "LAKETOP_STATE": str(settings.state),
        "LAKETOP_PORT": str(settings.port),
        "LAKETOP_SPARK_POOL": str(settings.spark_pool),
        "LAKETOP_S3_FSYNC": settings.s3_fsync,
        "LAKETOP_INSTANCE": settings.instance,
        "LAKETOP_TOOLS": str(checkout.tools()),
        "PYTHONUNBUFFERED": "1",
    }


def _localstack(settings: Settings) -> dict[str, str]:
    return {
        **LOCALSTACK,
        "GATEWAY_LISTEN": f"127.0.0.1:{settings.port}",
        "FILESYSTEM_ROOT": str(settings.state / "localstack"),
        "LAKETOP_GLUE_URL": settings.url("glue"),
        "LAKETOP_ATHENA_URL": settings.url("athena"),
        "LAKETOP_LAMBDA_PYTHON": str(checkout.python("lambda-runtime")),
    }


def _ours(settings: Settings) -> dict[str, str]:
    return {"AWS_ENDPOINT_URL": settings.endpoint, "AWS_DEFAULT_REGION": REGION}


def parts(settings: Settings, key: str, java_home: Path, inherited: Mapping[str, str] = os.environ) -> list[Part]:
    """The parts of a lake.

    Args:
        settings: the lake.
        key: the service key of this start.
        java_home: the Java that Spark runs on.
        inherited: the environment that allowed variables are taken from.
    """
    common = common_environment(settings, inherited)
    own = {name: _localstack(settings) if name == "localstack" else _ours(settings) for name in PARTS}
    own["spark"]["JAVA_HOME"] = str(java_home)
    # a client like any other: it has credentials, and nothing that only services have
    own["streamlit"] = aws_environment(settings, {}) | streamlit.environment(LOCAL)
    for name in TRUSTED:
        own[name]["LAKETOP_SERVICE_KEY_ID"] = key
    return [Part(name, _command(settings, name), common | own[name], health_url(settings, name)) for name in PARTS]


def health_url(settings: Settings, name: str) -> str:
    """The URL by which a part says that it is ready."""
    return settings.url(name) + HEALTH.get(name, "/health")


def _command(settings: Settings, name: str) -> list[str]:
    if name == "streamlit":
        return streamlit.command(settings.ports[name])
    # -P: the working folder is the state folder, whose `glue`, `spark`, … must not be importable.
    if name == "localstack":
        return [str(checkout.python("localstack")), "-P", "-m", "localstack.runtime.main"]
    return [sys.executable, "-P", "-m", f"laketop.{name}"]
