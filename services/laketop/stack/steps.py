"""The steps of a command that takes a while: each is named while it runs, and its seconds are shown in the end."""

import time
from collections.abc import Callable

from rich.table import Table

from laketop.stack.messages import say, talk


class Steps:
    """What a command does, one after the other, with the seconds that each took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def run[T](self, name: str, step: Callable[[], T]) -> T:
        """Do one step, note how long it took, and hand on what it returns."""
        say(name, style="bold")
        began = time.monotonic()
        try:
            return step()
        finally:
            self.seconds[name] = time.monotonic() - began

    def show(self) -> None:
        """Show each step's seconds and their sum on stderr."""
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column()
        table.add_column(justify="right")
        for name, seconds in (*self.seconds.items(), ("total", sum(self.seconds.values()))):
            table.add_row(name, f"{seconds:.1f} s", style="bold" if name == "total" else None)
        talk.print(table)
