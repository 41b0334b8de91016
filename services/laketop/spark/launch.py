"""How a driver process is started: its command, its environment, Spark's settings.

The environment is built from nothing, so that nothing of this machine or of Laketop reaches a job. Spark's settings are
only what AWS Glue provides by itself as well: `s3://` by S3A, the class path, where scratch files go. A warmed driver
can take a run unless the run changes what is fixed when a JVM starts; `needs_own_jvm` says when.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from laketop.settings import SettingsError
from laketop.spark.cluster.network import address_towards
from laketop.spark.cluster.settings import EVERYWHERE, addresses, is_cluster
from laketop.spark.java import Java

_HERE = Path(__file__).parent
_CHECKOUT = Path(__file__).resolve().parents[3]
MAIN = _HERE / "driver" / "main.py"
LOG4J = _HERE / "log4j2.properties"

DEFAULT_MEMORY_MB = 1024

# Read when a JVM or a context's class loaders start, before a script has a say.
_FIXED_PREFIXES = ("spark.driver.", "spark.jars", "spark.submit.", "spark.archives", "spark.plugins", "spark.kryo")
_FIXED = ("spark.master", "spark.local.dir", "spark.files", "spark.hadoop.hadoop.tmp.dir")

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "spark.hadoop.fs.s3n.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "spark.hadoop.fs.s3a.path.style.access": "true",
    # An object that changes while it is read: emulators don't keep to ETags as S3 does.
    "spark.hadoop.fs.s3a.change.detection.mode": "none",
    "spark.hadoop.fs.s3a.directory.marker.retention": "delete",
    # The endpoint is on this machine: what it refuses twice it will go on refusing.
    "spark.hadoop.fs.s3a.attempts.maximum": "3",
    "spark.hadoop.fs.s3a.retry.limit": "3",
    # The committer that keeps dynamic partition overwrite right.
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
}
_LOCAL_SETTINGS = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
_CLUSTER_SETTINGS = {
    # Each JVM puts in its own value: a folder of this machine means nothing on another.
    "spark.hadoop.hadoop.tmp.dir": "${java.io.tmpdir}",
    # Spark's own pattern passes over AWS_ACCESS_KEY_ID.
    "spark.redaction.regex": "(?i)secret|password|token|access[._]?key",
    "spark.executorEnv.LANG": "C.UTF-8",
    "spark.executorEnv.TZ": "UTC",
}

# Short jobs live in class loading and interpretation: the archive, the quick compiler and the simple collector
# together halve a start. The JVM's own warnings go to stderr, since stdout is the script's.
JVM_OPTIONS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xlog:disable", "-Xlog:all=warning:stderr")


@dataclass(frozen=True)
class Installation:
    """What drivers are made of.

    Attributes:
        python: the Python of the jobs' environment.
        java: the Java that runs Spark.
        tools: the tools folder (jars, class-data archive, empty configuration folder).
        master: the Spark master.
        instance: the marker of this lake (`LAKETOP_INSTANCE`).
        bind: the address that the lake's processes listen on.
        driver_host: where a cluster's workers reach drivers; None: the address of the interface towards the master.
    """

    python: Path
    java: Java
    tools: Path
    master: str
    instance: str
    bind: str = "127.0.0.1"
    driver_host: str | None = None

    @classmethod
    def found(
        cls,
        tools: Path,
        java: Java,
        master: str,
        instance: str,
        *,
        bind: str = "127.0.0.1",
        driver_host: str | None = None,
    ) -> Self:
        """The installation in a tools folder.

        Raises:
            SettingsError: the jobs' environment or the jars are not there.
        """
        python = tools / "envs" / "glue-runtime" / "bin" / "python"
        for needed in (python, tools / "jars" / "spark"):
            if not needed.exists():
                raise SettingsError(f"{needed} is missing; `make up` sets it up")
        return cls(python, java, tools, master, instance, bind, driver_host)

    def environment(self, folder: Path) -> dict[str, str]:
        """What every process of Spark's gets, built from nothing; its home and temporary files are in `folder`."""
        return {
            "PATH": f"{self.python.parent}:{self.java.home}/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "JAVA_HOME": str(self.java.home),
            "PYTHONUNBUFFERED": "1",
            "LAKETOP_INSTANCE": self.instance,
        }

    @property
    def archive(self) -> Path:
        """The class-data archive; it need not be there."""
        return self.tools / "spark" / "classes.jsa"

    @property
    def class_path(self) -> str:
        """The jars of every job, in an order that never changes (a class-data archive depends on it)."""
        return ":".join(str(jar) for jar in sorted((self.tools / "jars" / "spark").glob("*.jar")))

    def format_jars(self, name: str) -> tuple[str, ...]:
        """The paths of a table format's jars, which only the runs that ask for the format get."""
        return tuple(str(jar) for jar in sorted((self.tools / "jars" / name).glob("*.jar")))


@dataclass(frozen=True)
class Shape:
    """What a driver's JVM is started with: heap in MiB, and settings that only a new JVM can take."""

    memory_mb: int = DEFAULT_MEMORY_MB
    conf: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Launch:
    """A process to start: command, whole environment, working folder, folder of its logs."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    cwd: Path
    logs: Path


def find_tools(environment: Mapping[str, str] = os.environ) -> Path:
    """The tools folder: `LAKETOP_TOOLS`, else the checkout's own."""
    return Path(environment.get("LAKETOP_TOOLS") or _CHECKOUT / ".tools").resolve()


def needs_own_jvm(conf: Mapping[str, str], memory_mb: int | None) -> bool:
    """Whether a run with these settings cannot use a warmed driver."""
    fixed = any(name in _FIXED or name.startswith(_FIXED_PREFIXES) for name in conf)
    return fixed or memory_mb not in (None, DEFAULT_MEMORY_MB)


def prepare(installation: Installation, folder: Path, shape: Shape, *options: str, jvm: tuple[str, ...] = ()) -> Launch:
    """Make a driver's folder and say how to start the driver.

    Args:
        installation: what it is made of.
        folder: its own folder, which must not exist; holds logs, home, temporary files and the fetched script.
        shape: what its JVM is started with.
        options: arguments of the driver.
        jvm: further options of the JVM.

    Raises:
        OSError: the way to the cluster's master is not known, so neither is the address that workers reach it at.
    """
    for name in ("home", "tmp", "work", "code"):
        (folder / name).mkdir(parents=True)
    conf_folder = installation.tools / "spark" / "conf"
    conf_folder.mkdir(parents=True, exist_ok=True)
    settings_file = folder / "spark.properties"
    settings_file.write_text(properties_text(_settings(installation, folder, shape)), encoding="utf-8")
    jvm_options = (*JVM_OPTIONS, *_archive_options(installation), *_folder_options(folder), *jvm)
    environment = installation.environment(folder) | {
        "PYSPARK_PYTHON": str(installation.python),
        # As spark-submit sets them for Python: partitioning by hash must agree between processes.
        "PYTHONHASHSEED": "0",
        "SPARK_CONF_DIR": str(conf_folder),
        "PYSPARK_SUBMIT_ARGS": f"--properties-file {quoted(settings_file)} pyspark-shell",
        "SPARK_SUBMIT_OPTS": " ".join(map(quoted, jvm_options)),
    }
    command = (str(installation.python), "-s", "-P", str(MAIN), *options)
    return Launch(command, environment, folder / "work", folder)


def properties_text(settings: Mapping[str, str]) -> str:
    """Settings as a Java properties file."""
    return "".join(f"{_escaped(name)}={_escaped(value)}\n" for name, value in settings.items())


def _settings(installation: Installation, folder: Path, shape: Shape) -> dict[str, str]:
    master = shape.conf.get("spark.master", installation.master)
    return {
        **_SETTINGS,
        "spark.master": installation.master,
        "spark.driver.memory": f"{shape.memory_mb}m",
        "spark.hadoop.hadoop.tmp.dir": str(folder / "tmp"),
        **(_LOCAL_SETTINGS if master.startswith("local") else {}),
        **(_cluster_settings(installation, master) if is_cluster(master) else {}),
        **shape.conf,
        "spark.driver.extraClassPath": ":".join(
            filter(None, [installation.class_path, shape.conf.get("spark.driver.extraClassPath")])
        ),
    }


def _cluster_settings(installation: Installation, master: str) -> dict[str, str]:
    """What a driver needs whose executors are elsewhere, whatever it runs."""
    own = address_towards(*addresses(master)[0])
    return {
        **_CLUSTER_SETTINGS,
        "spark.driver.host": installation.driver_host or own,
        "spark.driver.bindAddress": installation.bind if installation.bind in EVERYWHERE else own,
        "spark.executor.defaultJavaOptions": " ".join(JVM_OPTIONS),
    }


def _archive_options(installation: Installation) -> tuple[str, ...]:
    return (f"-XX:SharedArchiveFile={installation.archive}",) if installation.archive.is_file() else ()


def _folder_options(folder: Path) -> tuple[str, ...]:
    # Java takes the home folder from the system's user list, not from HOME.
    return (
        f"-Djava.io.tmpdir={folder / 'tmp'}",
        f"-Duser.home={folder / 'home'}",
        f"-Dlog4j2.configurationFile={LOG4J.as_uri()}",
    )


def quoted(text: str | Path) -> str:
    """A word for Spark's launcher and pyspark's shlex alike."""
    word = str(text)
    if not set(word) & set(" \t\n\"'\\"):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _escaped(text: str) -> str:
    """A key or value of a Java properties file (read as UTF-8 by Spark)."""
    special = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}
    return "".join(special.get(letter, f"\\{letter}" if letter in "=:#! " else letter) for letter in text)
