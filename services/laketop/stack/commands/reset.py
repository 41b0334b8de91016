"""`laketop reset`: end the lake and delete its state folder."""

import shutil

from laketop import settings as configuration
from laketop.stack import lake, lifecycle
from laketop.stack.messages import say


def run() -> None:
    """Stop the lake and delete everything it left: logs and Terraform's working copy too. Tools stay."""
    settings = configuration.load()
    if not lake.claimed(settings):
        say(f"there is no lake in {settings.state}")
        return
    with lake.locked(settings, "reset"):
        lifecycle.take_down(settings)
        for name in lake.EVERYTHING:
            shutil.rmtree(settings.state / name, ignore_errors=True)
        (settings.state / lake.OWNER_FILE).unlink(missing_ok=True)
    say(f"the lake in {settings.state} is deleted")
