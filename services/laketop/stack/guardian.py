"""Ends the lake when its supervisor is gone: nobody would notice the next crash of a part, or stop the parts.

A supervisord event listener: its pipes end with the supervisor.
"""

import sys

from supervisor import childutils

from laketop.settings import Settings, load
from laketop.stack import lake, processes


def log(settings: Settings, text: str) -> None:
    """Append a line to the guardian's log; to the file itself, for stderr is a pipe that ends with the supervisor."""
    with (settings.state / "logs" / "guardian.log").open("a") as file:
        file.write(f"{lake.now()} {text}\n")


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
    while next_event() and acknowledge():
        pass
    log(settings, "the supervisor is gone: ending the lake")
    lake.note_ending(settings, "its supervisor was killed")
    processes.end_all(settings.instance)


if __name__ == "__main__":
    main()
