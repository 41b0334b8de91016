"""The command line `laketop`: one sub-command per thing to do, and what a failure looks like.

Every sub-command is a function in a file of its own; this module only lists them and turns errors into one line, a hint
and an exit code.
"""

import sys
from typing import Annotated

import typer

from laketop.settings import SettingsError
from laketop.stack.commands import (
    bootstrap,
    build,
    cost,
    coverage,
    dashboard,
    demo,
    deploy,
    destroy,
    doctor,
    down,
    e2e,
    fetch_release,
    fuzz,
    lend,
    lint,
    lock,
    logs,
    new_dataset,
    plan,
    plan_comment,
    plan_report,
    quality,
    quality_issues,
    reset,
    sql,
    status,
    test,
    up,
    validate,
)
from laketop.stack.messages import ExitCode, StackError, say_error, talk

COMMANDS = (
    *(up, down, reset, status, logs, doctor),
    *(build, bootstrap, plan, deploy, e2e, destroy),
    *(sql, dashboard, demo, cost, new_dataset, quality, lend),
    *(lint, validate, lock, test, coverage, fuzz),
    *(plan_report, plan_comment, fetch_release, quality_issues),
)

app = typer.Typer(
    name="laketop",
    help="An AWS lakehouse on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def options(debug: Annotated[bool, typer.Option("--debug", help="Show the trace of an error.")] = False) -> None:
    """An AWS lakehouse on this machine."""


for module in COMMANDS:
    name = module.__name__.rpartition(".")[2].replace("_", "-")
    app.command(name)(module.run)


def main() -> None:
    """Run a sub-command; ends the process with an `ExitCode`."""
    debug = "--debug" in sys.argv
    try:
        app()
    except StackError as error:
        if debug:
            talk.print_exception()
        say_error(error)
        sys.exit(error.code)
    except SettingsError as error:
        say_error(StackError("settings", str(error), "laketop doctor lists the settings"))
        sys.exit(ExitCode.USAGE)
    except Exception as error:  # noqa: BLE001 - the edge: what nobody foresaw is still one line and a hint
        if debug:
            talk.print_exception()
        say_error(StackError("laketop", f"{type(error).__name__}: {error}", "run it again with --debug for the trace"))
        sys.exit(ExitCode.INTERNAL)
