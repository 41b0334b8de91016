"""A real LocalStack with the plug-in as a process: on a port of 127.0.0.1, with its state in a folder of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import boto3
import pytest
from botocore.config import Config

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".tools" / "envs"
SERVICE_KEY_ID = "LAKETOPSERVICEKEY123"


def wait_for[T](look: Callable[[], T], seconds: float = 20) -> T:
    """What `look` gives, once it gives something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing came within {seconds} s"
        time.sleep(0.05)
    return found


@dataclass
class LocalStack:
    """LocalStack on one port with one state folder, which both outlive a restart; so do the clients.

    Args:
        port: where it listens.
        state: the folder of its state, there before the first start.
        glue_url, athena_url: where requests for Glue and Athena go.
        settings: environment variables besides, or in the place of, those every start has.
    """

    port: int
    state: Path
    glue_url: str
    athena_url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    clients: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.state / "localstack.log"

    def client(self, service: str, key_id: str = "test", region: str = "us-east-1", **config: Any) -> Any:
        key = (service, key_id, region)
        if key not in self.clients or config:
            self.clients[key] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=region,
                aws_access_key_id=key_id,
                aws_secret_access_key="test",
                config=Config(**({"max_pool_connections": 32, "read_timeout": 60} | config)),
            )
        return self.clients[key]

    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.state),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "GATEWAY_LISTEN": f"127.0.0.1:{self.port}",
            "GATEWAY_SERVER": "hypercorn",
            "OVERRIDE_IN_DOCKER": "0",
            "FILESYSTEM_ROOT": str(self.state / "localstack"),
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "DISABLE_EVENTS": "1",
            "DNS_ADDRESS": "0",
            "AWS_EC2_METADATA_DISABLED": "true",
            "DOCKER_HOST": f"unix://{self.state}/no-docker.sock",
            "LAMBDA_RUNTIME_EXECUTOR": "laketop",
            "LAKETOP_STATE": str(self.state),
            "LAKETOP_TOOLS": str(ROOT / ".tools"),
            "LAKETOP_INSTANCE": f"contract-{self.port}",
            "LAKETOP_SERVICE_KEY_ID": SERVICE_KEY_ID,
            "LAKETOP_GLUE_URL": self.glue_url,
            "LAKETOP_ATHENA_URL": self.athena_url,
            "LAKETOP_LAMBDA_PYTHON": str(ENVIRONMENTS / "lambda-runtime" / "bin" / "python"),
            **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
            **self.settings,
        }

    def start(self) -> None:
        """Return once it takes requests."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(ENVIRONMENTS / "localstack" / "bin" / "python"), "-m", "localstack.runtime.main"],
                env=self.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urlopen(f"{self.url}/_laketop/health", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (URLError, OSError):
                time.sleep(0.1)
        pytest.fail(f"LocalStack did not become ready (exit {self.process.poll()}):\n{self.log.read_text()[-3000:]}")

    def end(self, by: signal.Signals = signal.SIGTERM) -> bool:
        """End the process, by SIGKILL if it does not heed the signal; whether it did."""
        if self.process is None:
            return True
        self.process.send_signal(by)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False
        return True

    def restart(self, by: signal.Signals) -> None:
        """End it, as the supervisor does: killed where it does not heed the signal; and start it again."""
        self.end(by)
        self.start()

    def close(self) -> None:
        for client in self.clients.values():
            client.close()
        self.end()
