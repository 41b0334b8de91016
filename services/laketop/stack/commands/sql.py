"""`laketop sql`: a query on Athena, through the endpoint like any other client's."""

import sys
from typing import Annotated

import typer

from laketop import settings as configuration
from laketop.stack import query
from laketop.stack.clients import client
from laketop.stack.messages import say
from laketop.stack.running import require_running
from laketop.stack.tables import Format, show


def run(
    text: Annotated[str, typer.Argument(metavar="QUERY", help="The SQL; `-` reads it from stdin.")],
    database: Annotated[str, typer.Option("--database", help="The database of names without one.")] = "default",
    work_group: Annotated[str, typer.Option("--work-group", help="The work group.")] = query.WORK_GROUP,
    form: Annotated[Format, typer.Option("--format", help="How the rows are printed.")] = Format.TABLE,
) -> None:
    """Run a query on Athena and print its rows."""
    settings = configuration.load()
    require_running(settings)
    statement = sys.stdin.read() if text == "-" else text
    result = query.run(client(settings, "athena"), statement, database, work_group)
    show(result.header, result.rows, form)
    say(f"{len(result.rows)} rows, {result.milliseconds} ms, {result.scanned} bytes scanned")
