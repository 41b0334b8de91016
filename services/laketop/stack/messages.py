"""How the stack talks: stdout is data, stderr is talk, an error is one line and a hint.

One place decides this, so that every command's output can be piped, and every failure says what to do next.
"""

from enum import IntEnum

from rich.console import Console

# rich leaves colours away by itself where NO_COLOR is set or where stderr is no terminal.
talk = Console(stderr=True, highlight=False, soft_wrap=True)


class ExitCode(IntEnum):
    """What a command ends with."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_RUNNING = 3
    REFUSED = 4
    INTERNAL = 70


class StackError(Exception):
    """Something that a person can act on.

    Attributes:
        thing: what it is about, e.g. `port 4566`.
        cause: why it failed, one clause without a full stop.
        hint: the next step, or "" where the cause says it already.
        code: the exit code of the command.
    """

    def __init__(self, thing: str, cause: str, hint: str = "", code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(f"{thing}: {cause}")
        self.thing, self.cause, self.hint, self.code = thing, cause, hint, code


def say(text: str, style: str | None = None) -> None:
    """Write one line of talk to stderr, as it is: square brackets are not markup."""
    talk.print(text, style=style, markup=False)


def say_error(error: StackError) -> None:
    """Write an error to stderr: one line with thing and cause, then the hint."""
    say(f"error: {error}", style="red")
    if error.hint:
        say(f"hint: {error.hint}")
