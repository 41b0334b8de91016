"""From Glue's worker type and number of workers to Spark's executors.

On AWS each worker but one, which is the driver, is an executor. A DPU there has 4 vCPUs and 16 GB; here it is as large
as the settings say, so that the proportions of the worker types stay and the sizes fit the machines.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from laketop.spark.cluster.settings import ClusterSettings, addresses, is_cluster

_CLASS_PATH = "spark.executor.extraClassPath"


class Workers(Protocol):
    """What a run asks for: the type and number of workers, and the DPUs of each, by cores and by memory."""

    @property
    def type(self) -> str:
        """The worker type, e.g. `G.1X`."""
        ...

    @property
    def number(self) -> int:
        """How many, the driver's included."""
        ...

    @property
    def dpus(self) -> int:
        """The DPUs that count for cores."""
        ...

    @property
    def memory_dpus(self) -> int:
        """The DPUs that count for memory: twice as many for the memory-optimized types."""
        ...


def spark_settings(workers: Workers, sizes: ClusterSettings, conf: Mapping[str, str]) -> dict[str, str]:
    """The Spark settings by which a run gets its executors on a standalone cluster.

    Args:
        workers: what the run asks for.
        sizes: how large a DPU is here.
        conf: the run's own settings; an executor's cores in it decide about the cores of all.

    Returns:
        `spark.executor.cores`, `spark.executor.memory` and `spark.cores.max`.

    Source: "Spark Standalone Mode" (executors scheduling) of the Spark documentation; "Worker types" of the AWS Glue
    Developer Guide.
    """
    cores = str(workers.dpus * sizes.dpu_cores)
    own = conf.get("spark.executor.cores", cores)
    each = int(own) if own.isascii() and own.isdigit() else int(cores)  # what is no number, Spark refuses by name
    return {
        "spark.executor.cores": cores,
        "spark.executor.memory": f"{workers.memory_dpus * sizes.dpu_memory_mb}m",
        "spark.cores.max": str((workers.number - 1) * each),
    }


@dataclass(frozen=True)
class Cluster:
    """Where the runs of an agent go.

    Attributes:
        master: the Spark master.
        sizes: how large a DPU is there, and how long a run waits for it.

    Raises:
        SettingsError: the master looks like a cluster's URL and is none.
    """

    master: str
    sizes: ClusterSettings

    def __post_init__(self) -> None:
        if is_cluster(self.master):
            addresses(self.master)

    def order(self, workers: Workers | None, conf: Mapping[str, str], class_path: str) -> dict[str, Any] | None:
        """What a driver is told of the cluster for a run; None where the run's master is no standalone cluster.

        Args:
            workers: what the run asks for.
            conf: its own Spark settings, which win.
            class_path: the jars of every job.

        Returns:
            `master` (URL), `pages` (host and port of the masters' web pages), `settings` (Spark's, with `conf` taken
            into account), `asked` (in Glue's words, or empty) and `wait_seconds`.

        Raises:
            SettingsError: the run names a master of its own that is no cluster's URL.
        """
        master = conf.get("spark.master", self.master)
        if not is_cluster(master):
            return None
        sized = spark_settings(workers, self.sizes, conf) if workers else {}
        return {
            "master": master,
            "pages": [[host, self.sizes.master_ui_port] for host, _ in addresses(master)],
            "settings": {
                **{name: conf.get(name, value) for name, value in sized.items()},
                _CLASS_PATH: ":".join(filter(None, (class_path, conf.get(_CLASS_PATH)))),
            },
            "asked": f"{workers.number} workers of {workers.type}" if workers else "",
            "wait_seconds": self.sizes.wait_seconds,
        }
