"""Brings runs and drivers together: takes runs on, finds each a driver, follows it to its end, keeps its logs.

A warm driver that dies before it has taken up its run costs nothing but time: the run goes to a cold one.
"""

import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from laketop.settings import SettingsError
from laketop.spark import runs
from laketop.spark.launch import DEFAULT_MEMORY_MB, Shape, needs_own_jvm
from laketop.spark.pool import Launcher, Pool
from laketop.spark.process import Driver
from laketop.spark.requests import RunRequest
from laketop.spark.runs import Run, State

# Ended runs to remember, logs and all.
KEPT = 500
STREAMS = {"output": 0, "error": 1}


class RunExists(Exception):  # noqa: N818 (named for what it says)
    """A run of this id has been taken on before."""


class UnknownRun(KeyError):  # noqa: N818 (named for what it says)
    """There is no run of this id."""

    def __str__(self) -> str:
        return f"no run {self.args[0]!r}"


@dataclass(eq=False)
class _Case:
    """A run with what it was asked for and the driver that has it."""

    request: RunRequest
    run: Run
    driver: Driver | None = None


class Dispatcher:
    """All runs of an agent.

    Args:
        pool: the warmed drivers.
        launcher: starts cold ones.
        now: the time of day, UTC.
        jars: the paths of a table format's jars, by its name.
        cluster: what a driver is told of the cluster that a run goes to; None where it runs on this machine.
    """

    def __init__(
        self,
        pool: Pool,
        launcher: Launcher,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        jars: Callable[[str], Sequence[str]] = lambda _: (),
        cluster: Callable[[RunRequest], Mapping[str, Any] | None] = lambda _: None,
    ) -> None:
        self._pool, self._launcher, self._now, self._jars = pool, launcher, now, jars
        self._cluster = cluster
        self._cases: dict[str, _Case] = {}
        self._lock = threading.RLock()

    @property
    def running(self) -> int:
        """How many runs have not ended."""
        with self._lock:
            return sum(not case.run.over for case in self._cases.values())

    def start(self, request: RunRequest) -> Run:
        """Take a run on; returns at once.

        Raises:
            RunExists: its id is known.
        """
        with self._lock:
            if request.run_id in self._cases:
                raise RunExists(f"run {request.run_id!r} exists already")
            busy = self.running > 0
            case = _Case(request, Run(request.run_id, "cold", self._now(), Path()))
            self._cases[request.run_id] = case
            self._forget()
            warm = None
            if not needs_own_jvm(request.conf, request.driver_memory_mb):
                warm = self._pool.take(lambda event: self._heard(case, event), busy=busy)
            if warm is not None:
                self._assign(case, warm, "warm")
            else:
                self._start_cold(case)
            return case.run

    def get(self, run_id: str) -> Run:
        """A run as it is now.

        Raises:
            UnknownRun: there is none.
        """
        return self._case(run_id).run

    def stop(self, run_id: str) -> Run:
        """End a run and everything its driver started; returns when that is done. One that is over stays as it is.

        Raises:
            UnknownRun: there is none.
        """
        case = self._case(run_id)
        with self._lock:
            case.run = runs.stopping(case.run)
            driver = case.driver
        if driver is not None and not case.run.over:
            driver.kill()
            self._heard(case, {"event": "exit", "code": 0})
        return case.run

    def read_log(self, run_id: str, stream: str, offset: int, limit: int = 1 << 20) -> tuple[bytes, int]:
        """Bytes of a run's log from an offset on, at most `limit`, and the offset that follows.

        Raises:
            UnknownRun: there is none.
        """
        run = self._case(run_id).run
        file = run.folder / f"{stream}.log"
        if run.folder == Path() or not file.exists():
            return b"", offset
        with file.open("rb") as log:
            log.seek(run.log_start[STREAMS[stream]] + offset)
            data = log.read(limit)
        return data, offset + len(data)

    def close(self) -> None:
        """End all runs that go on."""
        with self._lock:
            going = [run_id for run_id, case in self._cases.items() if not case.run.over]
        threads = [threading.Thread(target=self.stop, args=(run_id,)) for run_id in going]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _case(self, run_id: str) -> _Case:
        with self._lock:
            if run_id not in self._cases:
                raise UnknownRun(run_id)
            return self._cases[run_id]

    def _start_cold(self, case: _Case) -> None:
        memory = case.request.driver_memory_mb or DEFAULT_MEMORY_MB
        try:
            driver = self._launcher(
                Shape(memory, case.request.conf), lambda event: self._heard(case, event), warm=False
            )
        except (OSError, SettingsError) as error:
            case.run = runs.not_started(case.run, f"No Spark driver could be started: {error}", self._now())
            return
        self._assign(case, driver, "cold")

    def _assign(self, case: _Case, driver: Driver, kind: str) -> None:
        case.driver = driver
        case.run = replace(case.run, driver=kind, folder=driver.folder)
        # Where it is dead already, its exit is told next.
        jars = [jar for name in case.request.datalake_formats for jar in self._jars(name)]
        driver.give(job_message(case.request, driver.folder, jars, self._cluster(case.request)))

    def _heard(self, case: _Case, event: Mapping[str, Any]) -> None:
        with self._lock:
            match event["event"]:
                case "waiting":
                    case.run = runs.waiting(case.run, event["output"], event["error"])
                case "running" if case.run.state is State.STARTING:
                    case.run = runs.running(case.run, event["output"], event["error"])
                case "ended":
                    case.run = runs.script_ended(case.run, event["error"], event["exit_code"])
                case "exit" if _never_began(case.run):
                    self._start_cold(case)
                case "exit" if not case.run.over:
                    case.run = runs.process_ended(case.run, event["code"], self._now())
                    _clear(case.run.folder)

    def _forget(self) -> None:
        """Drop the oldest runs that are over."""
        over = [run_id for run_id, case in self._cases.items() if case.run.over]
        for run_id in over[: max(0, len(over) - KEPT)]:
            case = self._cases.pop(run_id)
            if case.run.folder != Path():
                shutil.rmtree(case.run.folder, ignore_errors=True)


def job_message(
    request: RunRequest, folder: Path, jars: Sequence[str], cluster: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What a driver is told of its run.

    The script's arguments get the names that Glue adds to every run, where they are not among them.
    """
    added = {"--JOB_NAME": request.job_name, "--JOB_RUN_ID": request.run_id}
    return {
        "job_name": request.job_name,
        "script_location": request.script_location,
        "extra_py_files": request.extra_py_files,
        "arguments": {**added, **request.arguments},
        "conf": request.conf,
        "environment": dict(request.environment),
        "jars": list(jars),
        "cluster": cluster,
        "code": str(folder / "code"),
    }


def _never_began(run: Run) -> bool:
    return run.state is State.STARTING and run.driver == "warm" and not run.stopping and run.ended is None


def _clear(folder: Path) -> None:
    """Delete what a driver leaves, its logs excepted."""
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.suffix != ".log":
            entry.unlink()
