import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from laketop.settings import SettingsError
from laketop.spark import jars
from laketop.spark.cluster.nodes import own_folder, prepare
from laketop.spark.cluster.settings import load
from laketop.spark.java import Java
from laketop.spark.launch import Installation


@pytest.fixture
def start(tmp_path, monkeypatch):
    monkeypatch.setattr(jars, "pyspark_folder", lambda python: python.parent / "pyspark")

    def prepared(role, master, **environment):
        installation = Installation(Path("/py/bin/python"), Java(Path("/jdk"), "17"), tmp_path / "tools", master, "abc")
        return prepare(role, installation, load(environment), tmp_path / "a b")

    return prepared


def _options(node):
    words = node.command[2:]
    return dict(zip(words[::2], words[1::2], strict=False))


def test_the_environment_is_made_from_nothing(start, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    node = start("worker", "spark://127.0.0.1:7077")
    assert set(node.environment) == {
        *("PATH", "HOME", "TMPDIR", "LANG", "TZ", "JAVA_HOME", "JDK_JAVA_OPTIONS", "PYTHONUNBUFFERED"),
        *("SPARK_HOME", "SPARK_CONF_DIR", "SPARK_DAEMON_JAVA_OPTS", "SPARK_DAEMON_MEMORY"),
        *("SPARK_LOCAL_DIRS", "SPARK_LOCAL_IP", "SPARK_PUBLIC_DNS", "LAKETOP_INSTANCE"),
    }
    assert (node.environment["TZ"], node.environment["SPARK_LOCAL_IP"]) == ("UTC", "127.0.0.1")


def test_all_it_writes_lies_in_its_folder(start, tmp_path):
    node = start("worker", "spark://127.0.0.1:7077")
    folder = tmp_path / "a b"
    assert f'"-Djava.io.tmpdir={folder}/tmp"' in node.environment["JDK_JAVA_OPTIONS"]
    assert (node.cwd, node.environment["SPARK_LOCAL_DIRS"]) == (folder / "work", f"{folder}/local")
    assert _options(node)["--work-dir"] == str(folder / "work")
    assert all((folder / name).is_dir() for name in ("home", "tmp", "work", "local"))


def test_a_worker_offers_what_is_set(start):
    node = start("worker", "spark://127.0.0.1:7077", LAKETOP_WORKER_CORES="3", LAKETOP_WORKER_MEMORY_MB="4000")
    assert node.command[:2] == ("/py/bin/pyspark/bin/spark-class", "org.apache.spark.deploy.worker.Worker")
    assert _options(node) | {"--cores": "3", "--memory": "4000m", "--host": "127.0.0.1"} == _options(node)
    assert node.command[-1] == "spark://127.0.0.1:7077"


@pytest.mark.parametrize(
    ("master", "bind", "host", "port"),
    [
        ("local[*]", None, "127.0.0.1", "7077"),
        ("spark://somewhere:7000", None, "127.0.0.1", "7000"),
        ("spark://somewhere:7000", "10.1.1.1", "10.1.1.1", "7000"),
        ("spark://somewhere:7000", "0.0.0.0", "somewhere", "7000"),
        ("local[*]", "0.0.0.0", socket.gethostname(), "7077"),
    ],
)
def test_a_master_listens_where_it_may_and_says_where(start, master, bind, host, port):
    node = start("master", master, **({"LAKETOP_BIND": bind} if bind else {}))
    assert (_options(node)["--host"], _options(node)["--port"]) == (host, port)
    assert node.environment["SPARK_LOCAL_IP"] == (bind or "127.0.0.1")
    assert node.environment["SPARK_PUBLIC_DNS"] == host


def test_a_worker_in_a_container_says_the_address_that_the_master_sees(start):
    assert _options(start("worker", "spark://127.0.0.1:7077", LAKETOP_BIND="0.0.0.0"))["--host"] == "127.0.0.1"


def test_a_master_takes_no_jobs_but_by_its_one_port(start):
    options = start("master", "local[*]").environment["SPARK_DAEMON_JAVA_OPTS"].split()
    assert "-Dspark.master.rest.enabled=false" in options
    assert "-Dspark.ui.killEnabled=false" in options


def test_a_worker_needs_a_cluster(start):
    with pytest.raises(SettingsError, match="local"):
        start("worker", "local[*]")


def test_folders_of_the_dead_are_deleted_and_those_of_the_living_kept(tmp_path):
    """A folder lives as long as a process that was started with its lock does, also after an exec."""
    code = (
        "import os, sys; from pathlib import Path; from laketop.spark.cluster.nodes import own_folder\n"
        "folder = own_folder(Path(sys.argv[1]))\n"
        "os.execv(sys.executable, [sys.executable, '-c', f'print({str(folder)!r}, flush=True); input()'])"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}

    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        return process, Path(process.stdout.readline().strip())

    def end(process):
        process.communicate("\n", timeout=20)

    (first, gone), (second, kept) = start(), start()
    assert gone.is_dir()
    end(first)
    third, new = start()
    assert sorted(tmp_path.iterdir()) == sorted([kept, new])
    for process in (second, third):
        end(process)


def test_a_folder_is_named_for_host_and_process(tmp_path):
    assert own_folder(tmp_path).name == f"{socket.gethostname()}-{os.getpid()}"
