"""`laketop down`: end the lake; its content stays for the next `up`."""

from laketop import settings as configuration
from laketop.stack import lake, lifecycle
from laketop.stack.messages import say


def run() -> None:
    """Stop the lake. Objects, catalog and history stay; functions, state machines and the like are deployed anew."""
    settings = configuration.load()
    if not lake.claimed(settings):
        say(f"there is no lake in {settings.state}")
        return
    with lake.locked(settings, "down"):
        was_there = lifecycle.take_down(settings)
    if was_there:
        say("the lake is down and no process of it is left")
    else:
        say(f"the lake in {settings.state} was down already")
    say("its objects, catalog and history are kept: `make up` goes on with them, `make reset` deletes them")
