"""Drivers that are no processes: what an agent's parts ask of them is noted, what they say is said by the test."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass(eq=False)
class FakeDriver:
    folder: Path
    shape: object
    listener: object
    warm: bool
    nice: int
    jobs: list = field(default_factory=list)
    killed: bool = False

    def give(self, job):
        self.jobs.append(job)
        return not self.killed

    def kill(self):
        if not self.killed:
            self.killed = True
            self.listener({"event": "exit", "code": -15})

    def say(self, event, **members):
        self.listener({"event": event, **members})


class FakeLauncher:
    def __init__(self, folder):
        self.folder, self.launched, self.broken = folder, [], False

    def __call__(self, shape, listener, *, warm, nice=0):
        if self.broken:
            raise OSError("no memory")
        folder = self.folder / f"driver-{len(self.launched)}"
        folder.mkdir()
        (folder / "output.log").write_bytes(b"")
        driver = FakeDriver(folder, shape, listener, warm, nice)
        self.launched.append(driver)
        return driver


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def launcher(tmp_path):
    return FakeLauncher(tmp_path)


@pytest.fixture
def clock():
    return Clock()
