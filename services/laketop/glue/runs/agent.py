"""The Spark agent, as glue sees it: start a run, ask how it is, read its output, stop it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import httpx

_TIMEOUT_SECONDS = 10.0
_LIVE = frozenset({"STARTING", "RUNNING"})


class AgentError(Exception):
    """The agent answered what ends the run; the message says what."""


class AgentUnreachableError(Exception):
    """The agent did not answer; it may in a moment."""


@dataclass(frozen=True)
class Order:
    """What the agent needs to run a script; the members are those of its `POST /runs`."""

    run_id: str
    job_name: str
    script_location: str
    arguments: Mapping[str, str]
    extra_py_files: tuple[str, ...]
    conf: Mapping[str, str]
    environment: Mapping[str, str]
    driver_memory_mb: int | None = None
    datalake_formats: tuple[str, ...] = ()
    workers: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Status:
    """How a run is: STARTING, RUNNING, SUCCEEDED, FAILED or STOPPED, and why it failed."""

    state: str
    error_message: str | None

    @property
    def ended(self) -> bool:
        """Whether the driver is gone."""
        return self.state not in _LIVE


class SparkAgent:
    """The agent behind a base URL. Every method raises AgentUnreachableError where it does not answer, or fails.

    Args:
        url: the base URL.
        transport: httpx's, where it is not the network.
    """

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False, transport=transport)
        self.url = url

    def start(self, order: Order) -> None:
        """Have a run started; again with the same id, nothing more happens.

        Raises:
            AgentError: the agent refuses the order.
        """
        response = self._send("POST", "/runs", json=asdict(order))
        if response.status_code not in (201, 409):  # 409: an earlier try arrived after all
            raise AgentError(f"The Spark agent refused the run: {response.status_code} {response.text[:500]}")

    def status(self, run_id: str) -> Status:
        """How the run is.

        Raises:
            AgentError: the agent does not know the run, so it was restarted meanwhile.
        """
        response = self._send("GET", f"/runs/{run_id}")
        if response.status_code == httpx.codes.NOT_FOUND:
            raise AgentError("The Spark agent was restarted while the run was going; start the job again.")
        answer = response.json()
        return Status(answer["state"], answer["error_message"])

    def stop(self, run_id: str) -> None:
        """Have the run's driver killed; a run that is unknown or over stays so."""
        self._send("DELETE", f"/runs/{run_id}")

    def output(self, run_id: str, stream: str, offset: int) -> tuple[bytes, int]:
        """What the run wrote to `output` or `error` from byte `offset` on, and the offset behind it."""
        response = self._send("GET", f"/runs/{run_id}/logs/{stream}", params={"offset": offset})
        if response.status_code == httpx.codes.NOT_FOUND:
            return b"", offset
        return response.content, int(response.headers["X-Next-Offset"])

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _send(self, method: str, path: str, **options: object) -> httpx.Response:
        try:
            response = self._client.request(method, path, **options)  # type: ignore[arg-type]
        except httpx.TransportError as error:
            raise AgentUnreachableError(f"The Spark agent at {self.url} does not answer: {error!r}") from error
        if response.is_server_error:
            raise AgentUnreachableError(f"The Spark agent at {self.url} fails: {response.status_code} {response.text}")
        return response
