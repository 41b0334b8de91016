"""`laketop doctor`: what the lake stands on, and what is wrong with it."""

import os
from dataclasses import fields

import typer

from laketop import settings as configuration
from laketop.stack import diagnosis
from laketop.stack.messages import ExitCode, say
from laketop.stack.tables import show

VARIABLES = {
    "mode": "LAKETOP_MODE",
    "state": "LAKETOP_STATE",
    "port": "LAKETOP_PORT",
    "spark_pool": "LAKETOP_SPARK_POOL",
    "spark_master": "SPARK_MASTER",
    "s3_fsync": "LAKETOP_S3_FSYNC",
    "workers": "LAKETOP_WORKERS",
}


def run() -> None:
    """Show settings, tools, ports, disk, memory and left-overs; fail where something is wrong."""
    settings = configuration.load()
    rows = []
    for field in fields(settings):
        variable = VARIABLES[field.name]
        source = "environment" if os.environ.get(variable) else "default"
        rows.append([variable, str(getattr(settings, field.name)), source])
    show(["setting", "value", "source"], rows)
    print()
    findings = diagnosis.examine(settings)
    show(["check", "result", "detail"], [[f.name, "ok" if f.ok else "WRONG", f.detail] for f in findings])
    wrong = [finding for finding in findings if not finding.ok]
    for finding in wrong:
        say(f"hint: {finding.name}: {finding.hint}", style="yellow")
    if wrong:
        raise typer.Exit(ExitCode.FAILED)
