"""The life of a driver: (warm up →) ready → one job → end.

Used once, so that no state passes from one run to the next.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import cluster, spark
from .cluster import ClusterError
from .control import Control
from .failures import Outcome, describe, print_trace
from .paths import LaunchError
from .script import run


def main(arguments: Sequence[str]) -> int:
    """Live as the command line says; the exit code is 0 unless the driver itself broke."""
    parser = argparse.ArgumentParser(prog="driver")
    parser.add_argument("--control", type=int, help="file descriptor of the agent's socket")
    parser.add_argument("--warm", action="store_true", help="warm up before the job comes")
    parser.add_argument("--rehearse", action="store_true", help="warm up, end the JVM in good order, no job")
    options = parser.parse_args(arguments)
    if options.rehearse:
        spark.warm_up()
        spark.end_jvm()
        return 0
    control = Control(options.control)
    if options.warm:
        spark.warm_up()
    control.tell("ready")
    outcome = _do(control.job(), control)
    sys.stdout.flush()
    sys.stderr.flush()
    # The rest is Python's ordinary end: threads of the script are waited for, its exit handlers run.
    control.tell("ended", error=outcome.error, exit_code=outcome.exit_code)
    return outcome.exit_code


def _do(job: dict[str, Any], control: Control) -> Outcome:
    """Prepare for a job and run its script."""
    os.environ.update(job["environment"])
    settings = spark.prepare(job)
    watch = _watch(job["cluster"], settings, control) if job["cluster"] else None
    notes = []
    # What is in the logs so far is the driver's own start, not the run's.
    written = {"output": os.fstat(1).st_size, "error": os.fstat(2).st_size}
    if watch:
        control.tell("waiting", **written)
        try:
            notes = watch.wait(job["cluster"]["asked"])
        except ClusterError as error:
            print(error, file=sys.stderr)
            return Outcome(str(error), 1)
    control.tell("running", **written)
    for note in notes:
        print(f"Laketop: {note}", file=sys.stderr)
    if watch is None:
        return _run(job)
    watch.follow()
    outcome = _run(job)
    watch.close()
    return outcome if outcome.error is None else replace(outcome, error=watch.explained(outcome.error))


def _run(job: dict[str, Any]) -> Outcome:
    try:
        run(job)
    except LaunchError as error:
        print(error, file=sys.stderr)
        return Outcome(str(error), 1)
    except SystemExit as error:
        if error.code in (None, 0):
            return Outcome(None, 0)
        print_trace(error)
        return describe(error)
    except BaseException as error:  # noqa: BLE001 (a script may raise anything; it is reported and ends the driver)
        print_trace(error)
        return describe(error)
    return Outcome(None, 0)


def _watch(order: dict[str, Any], settings: Mapping[str, str], control: Control) -> cluster.Watch:
    """What looks at the cluster of a run while its script runs."""

    def need() -> cluster.Need | None:
        asked = spark.asked_of(settings, cluster.ASKED)
        return cluster.need(asked) if asked is not None else None

    def fail(message: str) -> None:
        print(message, file=sys.stderr, flush=True)
        control.tell("ended", error=message, exit_code=1)
        # The script may be inside the JVM and hear nothing.
        control.end_group()

    pages = [(host, port) for host, port in order["pages"]]
    return cluster.Watch(order["master"], lambda: cluster.look(pages), need, order["wait_seconds"], fail)
