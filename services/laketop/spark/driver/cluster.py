"""A run on a Spark standalone cluster: what it must have there, waited for before the script and watched during it.

Spark alone waits for ever for workers that will never come, and goes on for a while without a master. Here a run says
what is missing, waits for it for a time, then fails. What the cluster has is told by the page of its master.
"""

import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TIMEOUT_SECONDS = 5.0
_PAUSE_SECONDS = 1.0
# The settings that say what a run asks for.
ASKED = ("spark.executor.cores", "spark.executor.memory", "spark.cores.max")
# Spark's defaults, for runs that say nothing else.
_CORES, _MEMORY = "1", "1g"
_UNITS = {"k": 1 / 1024, "m": 1, "g": 1024, "t": 1024**2, "p": 1024**3}
_NEXT = "Then start the job again."


class ClusterError(Exception):
    """A run cannot use its cluster; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Worker:
    """A worker that lives: its cores and memory (MiB), and how much of them no run has."""

    cores: int
    memory_mb: int
    free_cores: int
    free_memory_mb: int


@dataclass(frozen=True)
class Need:
    """What a run asks for: cores and memory (MiB) of an executor, the number of executors (None: as many as can be)."""

    cores: int
    memory_mb: int
    executors: int | None


def fetch(host: str, port: int) -> dict[str, Any]:
    """What the page of a master or a worker tells.

    Raises:
        OSError: it does not answer, or with something else.
    """
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/json/")
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise OSError(f"the page http://{host}:{port}/json/ of Spark does not answer: {error!r}") from error
    finally:
        connection.close()
    return answer


def look(pages: Iterable[tuple[str, int]]) -> list[Worker]:
    """The workers that live, as the first master that is in charge tells.

    Args:
        pages: host and port of each master's page.

    Raises:
        OSError: no master in charge answers.
    """
    said = []
    for host, port in pages:
        try:
            state = fetch(host, port)
        except OSError as error:
            said.append(str(error))
            continue
        if state.get("status") == "ALIVE":
            return workers(state)
        said.append(f"the master of http://{host}:{port} is {state.get('status')}")
    raise OSError("; ".join(said))


def workers(state: Mapping[str, Any]) -> list[Worker]:
    """The workers that live, from what a master's page tells."""
    return [
        Worker(each["cores"], each["memory"], each["coresfree"], each["memoryfree"])
        for each in state["workers"]
        if each["state"] == "ALIVE"
    ]


def need(settings: Mapping[str, str]) -> Need:
    """What a run asks for, by its Spark settings."""
    cores = _whole(settings.get("spark.executor.cores", _CORES)) or int(_CORES)
    most = _whole(settings.get("spark.cores.max", ""))
    return Need(cores, mebibytes(settings.get("spark.executor.memory", _MEMORY)), most // cores if most else None)


def mebibytes(size: str) -> int:
    """A size as Spark writes it (`1g`, `512m`, `1024`: MiB) in MiB; of what it would refuse, its default's."""
    match = re.fullmatch(r"\s*(\d+)\s*([kmgtp])?b?\s*", size.lower())
    return int(int(match[1]) * _UNITS[match[2] or "m"]) if match else mebibytes(_MEMORY)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def room(found: Iterable[Worker], wanted: Need) -> tuple[int, int]:
    """How many executors such workers hold in all, and how many of these now, beside other runs."""
    pairs = [
        (
            min(each.cores // wanted.cores, each.memory_mb // wanted.memory_mb),
            min(each.free_cores // wanted.cores, each.free_memory_mb // wanted.memory_mb),
        )
        for each in found
    ]
    return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)


def missing(found: Sequence[Worker], wanted: Need) -> str | None:
    """Why no executor of a run can ever start on these workers; None where one can."""
    if not found:
        return "It has no worker that lives: start one, and see the workers' logs."
    if room(found, wanted)[0]:
        return None
    sizes = ", ".join(_size(*size) for size in sorted({(each.cores, each.memory_mb) for each in found}))
    return (
        f"None of its workers is large enough: an executor of this run needs "
        f"{_size(wanted.cores, wanted.memory_mb)}, its workers have {sizes}. Start a larger one (LAKETOP_WORKER_CORES, "
        "LAKETOP_WORKER_MEMORY_MB), take a smaller WorkerType, or make a DPU smaller (LAKETOP_DPU_CORES, "
        "LAKETOP_DPU_MEMORY_MB)."
    )


def _size(cores: int, memory_mb: int) -> str:
    return f"{cores} core{'s' * (cores != 1)} and {memory_mb} MB"


def notes(found: Sequence[Worker], wanted: Need, asked: str) -> list[str]:
    """What a run's log should say of the cluster: that it is smaller than asked for, that other runs have it.

    Args:
        found: the cluster's workers.
        wanted: what the run asks for.
        asked: the same in Glue's words, e.g. `10 workers of G.1X`; empty where the run does not say.
    """
    whole, now = room(found, wanted)
    said = []
    if wanted.executors is not None and whole < wanted.executors:
        words = f" ({asked}, one of them the driver)" if asked else ""
        said.append(
            f"the cluster has room for {whole} of the {wanted.executors} executors that this run asks for{words}: "
            "it runs on those."
        )
    if not now:
        said.append("other runs have the whole cluster: this one waits for its executors.")
    return said


class Watch:
    """Looks at the cluster of one run.

    Args:
        master: the cluster's URL, for messages.
        look: gives the workers that live; raises OSError where no master answers.
        need: what the run asks for now; None: nothing of this cluster.
        wait_seconds: how long what is missing may be missing.
        fail: ends the run with a message.
        clock: seconds, steadily growing.
        pause: waits between two looks.
    """

    def __init__(
        self,
        master: str,
        look: Callable[[], list[Worker]],
        need: Callable[[], Need | None],
        wait_seconds: float,
        fail: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._master, self._look, self._need, self._limit = master, look, need, wait_seconds
        self._fail, self._clock, self._pause = fail, clock, pause
        self._since: float | None = None
        self._over, self._lock = False, threading.Lock()
        self.trouble: str | None = None

    def wait(self, asked: str) -> list[str]:
        """Wait until a run can have an executor; returns notes for its log.

        Raises:
            ClusterError: it could not in time.
        """
        while True:
            found = self._examine()
            wanted = self._need()
            if self.trouble is None:
                return notes(found, wanted, asked) if wanted else []
            if self._waited():
                raise ClusterError(self._message(self.trouble))
            self._pause(_PAUSE_SECONDS)

    def follow(self) -> None:
        """Look on, in a thread, until `close`; ends the run where something is missing for too long."""
        threading.Thread(target=self._follow, name="laketop-cluster", daemon=True).start()

    def close(self) -> None:
        """Look no more: the script has ended, so nothing that the cluster lacks matters."""
        with self._lock:
            self._over = True

    def explained(self, error: str) -> str:
        """A script's error, with what the cluster lacks now, which is likely its cause."""
        self._examine()
        return f"{self._message(self.trouble)} The script ended with: {error}" if self.trouble else error

    def _follow(self) -> None:
        while not self._over:
            self._pause(_PAUSE_SECONDS)
            self._examine()
            with self._lock:
                if self.trouble and self._waited() and not self._over:
                    self._fail(self._message(self.trouble))

    def _examine(self) -> list[Worker]:
        """Look once, and note what is missing and since when."""
        wanted = self._need()
        found: list[Worker] = []
        try:
            found = self._look()
            trouble = missing(found, wanted) if wanted else None
        except OSError as error:
            trouble = f"It does not answer ({error}): start it, or set SPARK_MASTER and LAKETOP_MASTER_UI_PORT to it."
        if trouble is None:
            self._since = None
        elif self._since is None:
            self._since = self._clock()
        self.trouble = trouble
        return found

    def _waited(self) -> bool:
        return self._since is not None and self._clock() - self._since >= self._limit

    def _message(self, trouble: str) -> str:
        return f"The Spark cluster {self._master} cannot run this job. {trouble} {_NEXT}"
