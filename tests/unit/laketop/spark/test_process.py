"""Drivers here are small scripts of this Python: what is tested is how a process is followed and ended."""

import json
import os
import sys
import threading
import time

import psutil
import pytest

from laketop.spark import process
from laketop.spark.launch import Launch
from laketop.spark.process import Process, describe_exit

SPEAK = "import json, os, socket, sys, time\nchannel = socket.socket(fileno=int(sys.argv[-1]))\n"

# A child in a process group of its own that does not listen to SIGTERM, as the worst of Spark's workers.
STUBBORN = """
import signal, subprocess
code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", code], process_group=0, stdout=subprocess.PIPE)
child.stdout.readline()
channel.sendall(json.dumps({"event": "child", "pid": child.pid}).encode() + b"\\n")
"""


class Ear:
    def __init__(self):
        self.heard, self._changed = [], threading.Condition()

    def __call__(self, event):
        with self._changed:
            self.heard.append(event)
            self._changed.notify_all()

    def wait(self, name):
        with self._changed:
            assert self._changed.wait_for(lambda: name in [each["event"] for each in self.heard], 20), self.heard
        return next(each for each in self.heard if each["event"] == name)


@pytest.fixture
def start(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.5)
    started = []

    def run(script, **options):
        ear = Ear()
        launch = Launch((sys.executable, "-c", SPEAK + script), {"PATH": os.environ["PATH"]}, tmp_path, tmp_path)
        started.append(Process(launch, ear, **options))
        return started[-1], ear

    yield run
    for each in started:
        each.kill()


def test_it_hears_events_then_the_exit(start):
    _, ear = start('channel.sendall(b\'{"event": "ready"}\\n\'); sys.exit(7)')
    ear.wait("exit")
    assert ear.heard == [{"event": "ready"}, {"event": "exit", "code": 7}]


def test_a_job_reaches_the_driver_and_its_output_the_logs(start, tmp_path):
    driver, ear = start("print(json.loads(channel.makefile().readline())['n']); print('e', file=sys.stderr)")
    assert driver.give({"n": 42})
    ear.wait("exit")
    assert (tmp_path / "output.log").read_text() == "42\n"
    assert (tmp_path / "error.log").read_text() == "e\n"


def test_a_dead_driver_takes_no_job(start):
    driver, ear = start("pass")
    ear.wait("exit")
    assert driver.give({}) is False
    driver.kill()


def test_it_lives_in_a_session_and_an_environment_of_its_own_at_lower_priority(start):
    driver, ear = start(
        "time.sleep(.2); channel.sendall(json.dumps({'event': 'who', 'sid': os.getsid(0), 'env': sorted(os.environ),"
        "'nice': os.nice(0), 'stdin': sys.stdin.read()}).encode() + b'\\n')",
        nice=5,
    )
    who = ear.wait("who")
    assert who["sid"] == driver.pid
    assert set(who["env"]) - {"LC_CTYPE"} == {"PATH"}
    assert (who["nice"], who["stdin"]) == (os.nice(0) + 5, "")


@pytest.mark.parametrize("rest", ["time.sleep(60)", "sys.exit(0)"])
def test_nothing_is_left_when_it_is_killed_or_has_ended(start, rest):
    driver, ear = start(STUBBORN + rest)
    child = ear.wait("child")["pid"]
    if "sleep" in rest:
        driver.kill()
    ear.wait("exit")
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
    assert not psutil.pid_exists(driver.pid)


def test_a_forked_child_that_holds_the_channel_does_not_hide_the_end(start):
    _, ear = start("channel.set_inheritable(True)\nif os.fork() == 0: time.sleep(60)\nos._exit(3)")
    assert ear.wait("exit")["code"] == 3


def test_killing_twice_and_at_once_is_harmless(start):
    driver, ear = start("time.sleep(60)")
    threads = [threading.Thread(target=driver.kill) for _ in range(4)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - begun < 5
    ear.wait("exit")
    assert [json.dumps(each) for each in ear.heard] == ['{"event": "exit", "code": -15}']


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "exit code 0"), (137, "exit code 137"), (-9, "killed by SIGKILL (signal 9)"), (-99, "killed by signal 99")],
)
def test_exits_are_told_in_words(code, words):
    assert describe_exit(code) == words
