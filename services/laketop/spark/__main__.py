"""`python -m laketop.spark`: the agent of this lake, on its port."""

import itertools
import logging
import os
import shutil
import sys
import time
from pathlib import Path

from laketop import settings
from laketop.settings import SettingsError
from laketop.spark import java
from laketop.spark.agent import create_app
from laketop.spark.cluster import settings as cluster_settings
from laketop.spark.cluster.executors import Cluster
from laketop.spark.dispatcher import Dispatcher
from laketop.spark.launch import Installation, Shape, find_tools, prepare
from laketop.spark.pool import Launcher, Pool
from laketop.spark.process import Driver, Listener, Process
from laketop.wire.serve import serve

_DRIVER = "driver-"


def main() -> None:
    """Serve until told to stop."""
    lake, sizes = settings.load(), cluster_settings.load()
    instance = os.environ.get("LAKETOP_INSTANCE") or lake.instance
    scratch = lake.state / "spark"
    # Left by an agent that is gone; its drivers went with it.
    for folder in scratch.glob(f"{_DRIVER}*"):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        cluster = Cluster(lake.spark_master, sizes)
        installation = Installation.found(
            find_tools(), java.find(), lake.spark_master, instance, bind=sizes.bind, driver_host=sizes.driver_host
        )
    except SettingsError as error:
        sys.exit(f"laketop.spark: {error}")
    launcher = _launcher(installation, scratch)
    pool = Pool(lake.spark_pool, launcher, time.monotonic, logging.getLogger("laketop.spark").warning)
    dispatcher = Dispatcher(
        pool,
        launcher,
        jars=installation.format_jars,
        cluster=lambda request: cluster.order(request.workers, request.conf, installation.class_path),
    )
    serve(create_app(dispatcher, pool), lake.ports["spark"])


def _launcher(installation: Installation, scratch: Path) -> Launcher:
    numbers = itertools.count(1)

    def launch(shape: Shape, listener: Listener, *, warm: bool, nice: int = 0) -> Driver:
        folder = scratch / f"{_DRIVER}{next(numbers):05}"
        options = ("--warm",) if warm else ()
        return Process(prepare(installation, folder, shape, *options), listener, nice)

    return launch


if __name__ == "__main__":
    main()
