"""`laketop demo`: a small stream of files, and what becomes of each."""

import time
from typing import Annotated

import typer

from laketop import settings as configuration
from laketop.stack import demo, sample, terraform
from laketop.stack.messages import say
from laketop.stack.running import require_running


def run(
    seed: Annotated[int | None, typer.Option("--seed", help="Of the rows; another one each time by default.")] = None,
) -> None:
    """Pour good, dirty, duplicate, late and corrupt files into the running lake."""
    settings = configuration.load()
    require_running(settings)
    outputs = terraform.outputs(settings, terraform.prepare(settings, "local"))
    demo.run(settings, outputs, int(time.time()) % 90_000 if seed is None else seed)
    sample.show_kpis(settings, outputs)
    say("next: make sql Q='select * from laketop_local_curated.data_quality where not passed'")
