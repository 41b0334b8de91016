"""How the master and the workers of a cluster are started: Spark's own classes, a clean environment, a folder each.

Executors are children of a worker and inherit its environment, so what is said here of folders and the time zone holds
for them too. Neither has a secret: a run's credentials come from its driver.
"""

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from laketop.spark import jars
from laketop.spark.cluster.network import address_towards
from laketop.spark.cluster.settings import DEFAULT_PORT, EVERYWHERE, ClusterSettings, addresses, is_cluster
from laketop.spark.launch import JVM_OPTIONS, LOG4J, Installation, quoted

ROLES = ("master", "worker")

_LOG4J = Path(__file__).with_name("log4j2.properties")
_CLASSES = {
    "master": "org.apache.spark.deploy.master.Master",
    "worker": "org.apache.spark.deploy.worker.Worker",
}
_SETTINGS = {
    "master": {
        # No second way in, and no button on a page that ends a run.
        "spark.master.rest.enabled": "false",
        "spark.ui.killEnabled": "false",
        # Runs look for its page on this port and no other.
        "spark.port.maxRetries": "0",
        # A worker that is silent for so long is gone.
        "spark.worker.timeout": "30",
    },
    "worker": {
        "spark.ui.killEnabled": "false",
        # It says that it is alive four times as often.
        "spark.worker.timeout": "30",
        # What executors leave behind is kept for a day.
        "spark.worker.cleanup.enabled": "true",
        "spark.worker.cleanup.appDataTtl": "86400",
    },
}
_HEAP = "384m"


@dataclass(frozen=True)
class Node:
    """A process of a cluster to become: command, whole environment, working folder."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    cwd: Path


def prepare(role: str, installation: Installation, sizes: ClusterSettings, folder: Path) -> Node:
    """Make a node's folder and say how to start it.

    Args:
        role: `master` or `worker`.
        installation: what it is made of; its `master` is the cluster's URL.
        sizes: addresses, ports, and what a worker offers.
        folder: its own folder, in which executors work.

    Raises:
        SettingsError: a worker's master is no URL of a cluster.
        OSError: the way to the master is not known.

    Source: "Spark Standalone Mode" (starting a cluster manually) of the Spark documentation.
    """
    for name in ("home", "tmp", "work", "local"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    conf_folder = installation.tools / "spark" / "conf"
    conf_folder.mkdir(parents=True, exist_ok=True)
    spark_home = jars.pyspark_folder(installation.python)
    options = (
        f"-Dlog4j2.configurationFile={_LOG4J.as_uri()}",
        *(f"-D{name}={value}" for name, value in _SETTINGS[role].items()),
    )
    # For executors too; a command line's own options win. Java takes no folder from TMPDIR or HOME.
    inherited = (
        *JVM_OPTIONS,
        f"-Djava.io.tmpdir={folder / 'tmp'}",
        f"-Duser.home={folder / 'home'}",
        f"-Dlog4j2.configurationFile={LOG4J.as_uri()}",
    )
    master = installation.master
    if role == "master":
        host = _master_host(master, sizes)
        arguments = _master(host, master, sizes)
    else:
        host = _worker_host(master, sizes)
        arguments = _worker(host, master, sizes, folder)
    environment = installation.environment(folder) | {
        "JDK_JAVA_OPTIONS": " ".join(map(quoted, inherited)),
        "SPARK_HOME": str(spark_home),
        "SPARK_CONF_DIR": str(conf_folder),
        "SPARK_DAEMON_JAVA_OPTS": " ".join(map(quoted, options)),
        "SPARK_DAEMON_MEMORY": _HEAP,
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_LOCAL_IP": sizes.bind,
        "SPARK_PUBLIC_DNS": host,
    }
    command = (str(spark_home / "bin" / "spark-class"), _CLASSES[role], *arguments)
    return Node(command, environment, folder / "work")


def _worker_host(master: str, sizes: ClusterSettings) -> str:
    """What a worker announces itself by: the address that it listens on, or the one that the master sees."""
    first, *_ = addresses(master)
    return address_towards(*first) if sizes.bind in EVERYWHERE else sizes.bind


def _master_host(master: str, sizes: ClusterSettings) -> str:
    """What a master announces itself by, and listens on: in a container the name that all know it by."""
    if sizes.bind not in EVERYWHERE:
        return sizes.bind
    return addresses(master)[0][0] if is_cluster(master) else socket.gethostname()


def _master(host: str, master: str, sizes: ClusterSettings) -> tuple[str, ...]:
    port = addresses(master)[0][1] if is_cluster(master) else DEFAULT_PORT
    return ("--host", host, "--port", str(port), "--webui-port", str(sizes.master_ui_port))


def _worker(host: str, master: str, sizes: ClusterSettings, folder: Path) -> tuple[str, ...]:
    return (
        *("--host", host, "--webui-port", str(sizes.worker_ui_port)),
        *("--cores", str(sizes.worker_cores), "--memory", f"{sizes.worker_memory_mb}m"),
        *("--work-dir", str(folder / "work"), master),
    )


def own_folder(parent: Path) -> Path:
    """A new folder for this process, and for what this process becomes, below a parent; deletes those of dead ones.

    A folder is locked as long as its process lives, also where the nodes of several containers share the parent.
    """
    parent.mkdir(parents=True, exist_ok=True)
    folder = parent / f"{socket.gethostname()}-{os.getpid()}"
    # Nobody else's new folder may be seen before it is locked.
    with _locked(parent, fcntl.LOCK_EX):
        for entry in filter(Path.is_dir, parent.iterdir()):
            _delete_if_dead(entry)
        folder.mkdir()
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.set_inheritable(descriptor, True)
    return folder


def _delete_if_dead(folder: Path) -> None:
    try:
        with _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
            shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        return  # its process lives


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)
