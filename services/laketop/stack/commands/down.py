"""`laketop down`: end the lake, with everything that belongs to it."""

from laketop import settings as configuration
from laketop.stack import lake, lifecycle
from laketop.stack.messages import say


def run() -> None:
    """Stop the lake. Its content goes with it: LocalStack keeps nothing."""
    settings = configuration.load()
    if not lake.claimed(settings):
        say(f"there is no lake in {settings.state}")
        return
    with lake.locked(settings, "down"):
        was_there = lifecycle.take_down(settings)
    if was_there:
        say("the lake is down and no process of it is left; its content (objects, catalog, history) is gone with it")
    else:
        say(f"the lake in {settings.state} was down already")
