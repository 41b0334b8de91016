"""`python -m laketop.spark`: the agent of this lake, on its port."""

import itertools
import logging
import os
import shutil
import sys
import time
from pathlib import Path

from laketop import settings
from laketop.spark import java
from laketop.spark.agent import create_app
from laketop.spark.dispatcher import Dispatcher
from laketop.spark.launch import Installation, Shape, prepare
from laketop.spark.pool import Launcher, Pool
from laketop.spark.process import Driver, Listener, Process
from laketop.wire.serve import serve

_CHECKOUT = Path(__file__).resolve().parents[3]


def main() -> None:
    """Serve until told to stop."""
    lake = settings.load()
    tools = Path(os.environ.get("LAKETOP_TOOLS") or _CHECKOUT / ".tools").resolve()
    python = tools / "envs" / "glue-runtime" / "bin" / "python"
    instance = os.environ.get("LAKETOP_INSTANCE") or lake.instance
    scratch = lake.state / "spark"
    # Left by an agent that is gone; its drivers went with it.
    shutil.rmtree(scratch, ignore_errors=True)
    installation = Installation(python, java.find(), tools, lake.spark_master, instance)
    for needed in (python, tools / "jars" / "spark"):
        if not needed.exists():
            sys.exit(f"laketop.spark: {needed} is missing; `make up` sets it up")
    launcher = _launcher(installation, scratch)
    pool = Pool(lake.spark_pool, launcher, time.monotonic, logging.getLogger("laketop.spark").warning)
    dispatcher = Dispatcher(pool, launcher, jars=installation.format_jars)
    serve(create_app(dispatcher, pool), lake.ports["spark"])


def _launcher(installation: Installation, scratch: Path) -> Launcher:
    numbers = itertools.count(1)

    def launch(shape: Shape, listener: Listener, *, warm: bool, nice: int = 0) -> Driver:
        folder = scratch / f"driver-{next(numbers):05}"
        options = ("--warm",) if warm else ()
        return Process(prepare(installation, folder, shape, *options), listener, nice)

    return launch


if __name__ == "__main__":
    main()
