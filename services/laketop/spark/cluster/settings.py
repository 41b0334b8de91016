"""What can be set about a cluster, by environment variables.

The agent reads what concerns runs, the master and the workers what concerns them; one place has the names and defaults.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from laketop.settings import SettingsError, integer

# What the agent must be told, since it does not inherit a person's environment.
OF_RUNS = (
    "LAKETOP_DRIVER_HOST",
    "LAKETOP_DPU_CORES",
    "LAKETOP_DPU_MEMORY_MB",
    "LAKETOP_CLUSTER_WAIT_SECONDS",
    "LAKETOP_MASTER_UI_PORT",
)
LOOPBACK, EVERYWHERE = "127.0.0.1", ("0.0.0.0", "::")  # noqa: S104 (compared with, not bound to)
DEFAULT_PORT = 7077
_SCHEME = "spark://"


@dataclass(frozen=True)
class ClusterSettings:
    """The settings of a cluster.

    Attributes:
        bind: the address that the processes of this machine listen on (`LAKETOP_BIND`).
        driver_host: the name or address at which workers reach this machine's drivers; None: found out.
        dpu_cores: the cores of an executor for each DPU of its worker type.
        dpu_memory_mb: the heap of an executor, in MiB, for each DPU of its worker type.
        wait_seconds: how long a run waits for a master or a worker that is not there, before it fails.
        master_ui_port: TCP port of the master's web page, which tells of the workers.
        worker_ui_port: TCP port of a worker's web page.
        worker_cores: the cores that a worker offers.
        worker_memory_mb: the memory that a worker offers, in MiB.
    """

    bind: str
    driver_host: str | None
    dpu_cores: int
    dpu_memory_mb: int
    wait_seconds: int
    master_ui_port: int
    worker_ui_port: int
    worker_cores: int
    worker_memory_mb: int


def load(environment: Mapping[str, str] = os.environ) -> ClusterSettings:
    """Read the settings from an environment.

    Raises:
        SettingsError: a variable has a value outside what is allowed.
    """
    dpu_cores = integer(environment, "LAKETOP_DPU_CORES", 1, 1, 64)
    dpu_memory = integer(environment, "LAKETOP_DPU_MEMORY_MB", 1024, 512, 1 << 17)
    cores = integer(environment, "LAKETOP_WORKER_CORES", os.process_cpu_count() or 1, 1, 1024)
    # As much memory as the DPUs have that its cores make.
    memory = max(1, cores // dpu_cores) * dpu_memory
    return ClusterSettings(
        bind=environment.get("LAKETOP_BIND") or LOOPBACK,
        driver_host=environment.get("LAKETOP_DRIVER_HOST") or None,
        dpu_cores=dpu_cores,
        dpu_memory_mb=dpu_memory,
        wait_seconds=integer(environment, "LAKETOP_CLUSTER_WAIT_SECONDS", 60, 1, 86400),
        master_ui_port=integer(environment, "LAKETOP_MASTER_UI_PORT", 8080, 1, 65535),
        worker_ui_port=integer(environment, "LAKETOP_WORKER_UI_PORT", 8081, 1, 65535),
        worker_cores=cores,
        worker_memory_mb=integer(environment, "LAKETOP_WORKER_MEMORY_MB", memory, 512, 1 << 24),
    )


def is_cluster(master: str) -> bool:
    """Whether a Spark master is one of a standalone cluster."""
    return master.startswith(_SCHEME)


def addresses(master: str) -> tuple[tuple[str, int], ...]:
    """Host and port of each master in a URL such as `spark://a:7077,b:7077`.

    Raises:
        SettingsError: it is no such URL.
    """
    parts = master.removeprefix(_SCHEME).split(",")
    pairs = [part.rpartition(":") for part in parts]
    if not is_cluster(master) or not all(host and port.isascii() and port.isdigit() for host, _, port in pairs):
        raise SettingsError(f"SPARK_MASTER={master!r}: spark://<host>:<port> of a Spark standalone cluster is needed")
    return tuple((host.strip("[]"), int(port)) for host, _, port in pairs)
