"""A Spark standalone cluster of this machine's processes, started as a person would."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request

import psutil

from tests.contract.spark.conftest import TOOLS, wait_for
from tests.ports import free_ports

HERE = "127.0.0.1"


def _lives(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Node:
    """The master or a worker: its process, its page, what it wrote."""

    def __init__(self, role, state, ui_port, **settings):
        self.role, self.log, self.page = role, state / f"{role}-{ui_port}.log", f"http://{HERE}:{ui_port}/json/"
        self.environment = {
            "PATH": os.environ["PATH"],
            "LAKETOP_STATE": str(state),
            "LAKETOP_TOOLS": str(TOOLS),
            "COVERAGE_PROCESS_START": os.environ.get("COVERAGE_PROCESS_START", ""),
            "A_SECRET_OF_THE_PERSON": "not for executors",
            **settings,
        }
        self.command = [sys.executable, "-m", "laketop.spark.cluster", role]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stderr=log)

    def health(self):
        """Exit code and words of the check that Compose uses."""
        answer = subprocess.run(
            [*self.command, "--health"], env=self.environment, capture_output=True, text=True, timeout=30
        )
        return answer.returncode, answer.stderr

    def look(self):
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self.page, timeout=5) as page:
            return json.load(page)

    def answers(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.look()
        except OSError:
            return None

    def commands(self):
        """The command lines of what it started, in one text."""
        lines = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                lines += process.cmdline()
        return " ".join(lines)

    def end(self, number=signal.SIGTERM):
        """The exit code, once it and its executors are gone."""
        children = []
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.process.pid).children(recursive=True)
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(20)
        wait_for(lambda: not any(map(_lives, children)), 30, f"the end of what {self.role} {self.process.pid} started")
        return code


class Cluster:
    """A master; workers as the test asks."""

    def __init__(self, state):
        state.mkdir(parents=True, exist_ok=True)
        self.state, self.workers = state, []
        self.port = free_ports(2)
        self.url = f"spark://{HERE}:{self.port}"
        self.settings = {"SPARK_MASTER": self.url, "LAKETOP_MASTER_UI_PORT": str(self.port + 1)}
        self.master = Node("master", state, self.port + 1, **self.settings)

    def add(self, cores=1, memory=1024):
        port = free_ports(1)
        more = {"LAKETOP_WORKER_CORES": str(cores), "LAKETOP_WORKER_MEMORY_MB": str(memory)}
        worker = Node("worker", self.state, port, **self.settings, **more, LAKETOP_WORKER_UI_PORT=str(port))
        self.workers.append(worker)
        return worker

    def living(self):
        """The workers that live."""
        return [worker for worker in self.workers if worker.process.poll() is None]

    def ready(self):
        """Wait until the master knows them."""
        living = len(self.living())
        wait_for(lambda: (self.master.answers() or {}).get("aliveworkers") == living, 180, f"{living} workers")

    def end(self):
        for node in (*self.workers, self.master):
            node.end()
