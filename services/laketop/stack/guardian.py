"""Resets the whole lake when LocalStack dies, so that there is never half a lake.

LocalStack keeps its content in memory. When it dies, glue's catalog and Terraform's state describe objects that are
gone: so the other parts are stopped too, everything is deleted, all start empty again, and the reset is written down
for `status`, `doctor` and the next `up` to show.

It is a supervisord event listener, but acts on the state that it finds, not on the event: were it killed in the middle
of a reset, its successor finds LocalStack still stopped and does the whole reset again (LocalStack starts last). When
the supervisor itself is gone, nobody would notice the next crash: then it ends the lake.
"""

import sys
import time

import httpx
from supervisor import childutils

from laketop.settings import PARTS, Settings, load
from laketop.stack import lake, processes, readiness, supervise
from laketop.stack.messages import StackError
from laketop.stack.parts import health_url
from laketop.stack.supervise import Supervisor

OTHERS = [name for name in PARTS if name != "localstack"]
ATTEMPTS = 3
READY_TIMEOUT = 90.0


def log(settings: Settings, text: str) -> None:
    """Append a line to the guardian's log; to the file itself, for stderr is a pipe that ends with the supervisor."""
    with (settings.state / "logs" / "guardian.log").open("a") as file:
        file.write(f"{lake.now()} {text}\n")


def is_down(supervisor: Supervisor) -> bool:
    """Whether LocalStack has ended without having been told to."""
    return supervisor.states()["localstack"].state in ("EXITED", "FATAL", "BACKOFF")


def reset(settings: Settings, supervisor: Supervisor, why: str) -> None:
    """Stop everything, delete the lake's content, start all parts empty; LocalStack last."""
    log(settings, f"reset: {why}")
    supervisor.stop(OTHERS)
    guardian = supervisor.states()["guardian"].pid
    ended = processes.end_all(settings.instance, keep=(supervisor.record.pid, guardian))
    for process in ended:
        log(settings, f"ended {process.pid} {process.command}")
    lake.wipe(settings)
    lake.note_reset(settings, why, restarted=True)
    supervisor.start(OTHERS)
    supervisor.start(["localstack"])


def came_back(settings: Settings, supervisor: Supervisor) -> bool:
    """Wait until LocalStack is ready again; False where it died again or takes too long."""
    deadline = time.monotonic() + READY_TIMEOUT
    with httpx.Client(timeout=2, trust_env=False) as client:
        while time.monotonic() < deadline and not is_down(supervisor):
            if readiness.is_ready(client, health_url(settings, "localstack")):
                return True
            time.sleep(0.5)
    return False


def check(settings: Settings, supervisor: Supervisor) -> None:
    """Reset the lake if LocalStack is down; give up, and end the lake, where it does not come back."""
    if not is_down(supervisor):
        return
    with lake.locked(settings, "guardian", wait=True):
        for _ in range(ATTEMPTS):
            if not is_down(supervisor):  # a command that held the lock has put it right
                return
            why = f"localstack ended ({supervise.how_it_ended(settings, 'localstack')})"
            reset(settings, supervisor, why)
            if came_back(settings, supervisor):
                log(settings, "localstack is back, the lake is empty")
                return
        lake.note_reset(settings, f"localstack did not start again after {ATTEMPTS} attempts", restarted=False)
        log(settings, "giving up: the lake is stopped")
        supervisor.shutdown(timeout=1)


def next_event() -> bool:
    """Wait for an event of supervisord's; False where a pipe to it has ended, which means that it is gone."""
    try:
        childutils.listener.ready(sys.stdout)
    except BrokenPipeError:
        return False
    header = sys.stdin.readline()
    if header:
        sys.stdin.read(int(childutils.get_headers(header)["len"]))
    return bool(header)


def acknowledge() -> bool:
    """Tell supervisord that the event is dealt with; False where it is gone."""
    try:
        childutils.listener.ok(sys.stdout)
    except BrokenPipeError:
        return False
    return True


def main() -> None:
    """Serve supervisord's events until it goes away."""
    settings = load()
    while next_event():
        supervisor = supervise.running(settings)
        if supervisor is not None:
            try:
                check(settings, supervisor)
            except StackError as error:
                log(settings, f"check failed, tried again at the next event: {error}")
        if not acknowledge():
            break
    log(settings, "the supervisor is gone: ending the lake")
    lake.note_reset(settings, "its supervisor was killed", restarted=False)
    processes.end_all(settings.instance)


if __name__ == "__main__":
    main()
