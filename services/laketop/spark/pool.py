"""Warmed drivers, kept ready: each is used once and then replaced.

One warms at a time: two would only share the CPU. Replacing waits while runs are going, since a run's first seconds
want the CPU most, but not for ever, and goes on at lower priority then. A driver that dies in the pool is replaced
after a pause that doubles, so that what kills it does not fill the machine.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from laketop.spark.launch import Shape
from laketop.spark.process import Driver, Listener

WARM_UP_TIMEOUT = 180.0
REFILL_DELAY = 20.0
NICE = 5
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 120.0


class Launcher(Protocol):
    """Starts a driver; raises OSError where the machine cannot."""

    def __call__(self, shape: Shape, listener: Listener, *, warm: bool, nice: int = 0) -> Driver:
        """Start a driver that warms up first, or one that does not."""
        ...


@dataclass(eq=False)
class _Member:
    """A driver of the pool; `owner` hears its events once it has been taken."""

    since: float
    nice: int
    driver: Driver | None = None
    ready: bool = False
    owner: Listener | None = None


class Pool:
    """The pool.

    Args:
        size: how many drivers to keep.
        launcher: starts one.
        clock: seconds, steadily growing.
        report: is told what went wrong, a line at a time.
    """

    def __init__(
        self, size: int, launcher: Launcher, clock: Callable[[], float], report: Callable[[str], None]
    ) -> None:
        self.size = size
        self._launcher, self._clock, self._report = launcher, clock, report
        self._members: list[_Member] = []
        self._lock = threading.RLock()
        self._not_before = self._pause = 0.0
        self._last_taken = float("-inf")
        self._closed = False

    def counts(self) -> tuple[int, int]:
        """How many are ready and how many warm up."""
        with self._lock:
            ready = sum(member.ready for member in self._members)
            return ready, len(self._members) - ready

    def take(self, owner: Listener, *, busy: bool) -> Driver | None:
        """Take a driver out: a ready one, else one that is warming up (its job waits for it), else None.

        One that warms up at low priority is not worth waiting for while other runs are going.

        Args:
            owner: hears its events from now on.
            busy: whether other runs are going.
        """
        with self._lock:
            useful = [each for each in self._members if each.ready or not (each.nice and busy)]
            member = min(useful, key=lambda each: (not each.ready, each.since), default=None)
            if member is None:
                return None
            self._members.remove(member)
            member.owner = owner
            self._last_taken = self._clock()
            return member.driver

    def tend(self, *, busy: bool) -> None:
        """Do what is due: end a driver whose warm-up hangs, start the next one. To be called every second or so.

        Args:
            busy: whether runs are going.
        """
        now = self._clock()
        for member in self._hanging(now):
            self._report(f"a Spark driver did not warm up in {WARM_UP_TIMEOUT:.0f} s and was ended")
            if member.driver is not None:
                member.driver.kill()
        with self._lock:
            if not self._due(now, busy=busy):
                return
            member = _Member(since=now, nice=NICE if busy else 0)
            self._members.append(member)
            try:
                member.driver = self._launcher(
                    Shape(), lambda event: self._heard(member, event), warm=True, nice=member.nice
                )
            except OSError as error:
                self._lost(member, f"could not be started: {error}")

    def close(self) -> None:
        """End all drivers of the pool, and start no more."""
        with self._lock:
            self._closed = True
            members, self._members = self._members, []
        threads = [threading.Thread(target=each.driver.kill) for each in members if each.driver is not None]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _hanging(self, now: float) -> list[_Member]:
        with self._lock:
            return [each for each in self._members if not each.ready and now - each.since > WARM_UP_TIMEOUT]

    def _due(self, now: float, *, busy: bool) -> bool:
        warming = any(not member.ready for member in self._members)
        if self._closed or warming or len(self._members) >= self.size or now < self._not_before:
            return False
        return not busy or now - self._last_taken >= REFILL_DELAY

    def _heard(self, member: _Member, event: Mapping[str, Any]) -> None:
        with self._lock:
            owner = member.owner
            if owner is None:
                if event["event"] == "ready":
                    member.ready, self._pause = True, 0.0
                elif event["event"] == "exit":
                    self._lost(member, f"ended with code {event['code']}; see {self._log(member)}")
        if owner is not None:
            owner(event)

    def _lost(self, member: _Member, why: str) -> None:
        if member not in self._members:
            return
        self._members.remove(member)
        self._pause = min(max(self._pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
        self._not_before = self._clock() + self._pause
        self._report(f"a Spark driver of the pool {why}; the next starts in {self._pause:.0f} s")

    def _log(self, member: _Member) -> str:
        return str(member.driver.folder / "error.log") if member.driver is not None else "its log"
