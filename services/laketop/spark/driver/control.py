"""The channel between a driver and its agent: a socket, a JSON object a line.

When it closes, the agent is gone: then nobody can stop this driver any more, so it kills its whole process group (the
JVM is in it, and Spark's Python workers end with the JVM) instead of running on unseen.
"""

import json
import os
import queue
import signal
import socket
import threading
from typing import Any


class Control:
    """The driver's end of the channel.

    Args:
        descriptor: the inherited file descriptor of a connected socket.
    """

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        # The JVM and the script's own children must not hold it open.
        self._socket.set_inheritable(False)
        self._jobs: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, name="laketop-control", daemon=True).start()

    def tell(self, event: str, **members: object) -> None:
        """Send one event to the agent."""
        self._socket.sendall(json.dumps({"event": event, **members}).encode() + b"\n")

    def job(self) -> dict[str, Any]:
        """Wait for the one job that this driver is for."""
        return self._jobs.get()

    def _listen(self) -> None:
        try:
            with self._socket.makefile("rb") as lines:
                for line in lines:
                    self._jobs.put(json.loads(line))
        finally:
            self.end_group()

    @staticmethod
    def end_group() -> None:
        """Kill this driver's whole process group, this process with it."""
        os.killpg(os.getpgrp(), signal.SIGKILL)
