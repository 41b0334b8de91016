"""`laketop logs`: what the parts write."""

import subprocess
from typing import Annotated

import typer

from laketop import settings as configuration
from laketop.settings import PARTS, Settings, remembered_mode
from laketop.stack.compose import Compose
from laketop.stack.messages import ExitCode, StackError
from laketop.stack.running import require_control

LOGS = (*PARTS, "supervisord", "guardian")


def _print_those_of_containers(settings: Settings, part: str, follow: bool, count: int) -> None:
    if part and part not in PARTS:
        raise StackError(f"part {part}", "there is none of that name", f"one of {', '.join(PARTS)}", ExitCode.USAGE)
    require_control(settings)
    options = ["--tail", str(count), *(["--follow"] if follow else []), *(["--no-log-prefix"] if part else [])]
    for line in Compose(settings).logs(*options, *((part,) if part else PARTS)):
        print(line, end="", flush=follow)


def run(
    part: Annotated[str, typer.Option("--part", help=f"One of {', '.join(LOGS)}; default: the parts.")] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they are written.")] = False,
    count: Annotated[int, typer.Option("--lines", "-n", min=0, help="Lines of each, from the end.")] = 100,
) -> None:
    """Print the end of the parts' logs."""
    settings = configuration.load()
    if remembered_mode(settings.state) == "docker":
        _print_those_of_containers(settings, part, follow, count)
        return
    if part and part not in LOGS:
        raise StackError(f"part {part}", "there is none of that name", f"one of {', '.join(LOGS)}", ExitCode.USAGE)
    wanted = [settings.state / "logs" / f"{name}.log" for name in ((part,) if part else PARTS)]
    files = [str(path) for path in wanted if path.exists()]
    if not files:
        raise StackError("logs", f"there are none in {settings.state / 'logs'}", "run `make up`", ExitCode.NOT_RUNNING)
    # tail follows rotated files and is on every Unix.
    arguments = ["tail", "-n", str(count), *(["-F"] if follow else []), *files]
    raise typer.Exit(subprocess.run(arguments, check=False).returncode)
