"""The life of a driver: (warm up →) ready → one job → end.

Used once, so that no state passes from one run to the next.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from . import spark
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
    spark.prepare(job)
    # What is in the logs so far is the driver's own start, not the run's.
    control.tell("running", output=os.fstat(1).st_size, error=os.fstat(2).st_size)
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
