"""`laketop test`: the test stages, each in the environment that its code runs in, and the coverage of all together."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from laketop.stack import checkout, tooling
from laketop.stack.messages import ExitCode, StackError, say

# What is covered → its files (None: all), and the least per cent.
COVERAGE_MINIMA = {
    "everything": (None, 85),
    "the pipeline": ("contracts/*,generators/*,jobs/*,lakehouse/*,lambdas/*", 90),
    "the team's dashboard": ("streamlit_app/*", 85),
}


@dataclass(frozen=True)
class Stage:
    """One run of pytest.

    Attributes:
        name: what `--only` calls it.
        environment: `services` (the checkout's .venv) or one of the tools' environments.
        paths: what pytest collects; those that do not exist are left out.
        tools: whether it needs Java, Terraform and Spark's jars.
        workers: how many processes of pytest may share it at most; 1 where the environment has no pytest-xdist. What
            they share it by is said in tests/conftest.py.
        variables: environment variables that make it what it is.
        asked: whether it runs only where somebody asks for it.
        short: what of it pytest collects where its short form is asked for.
    """

    name: str
    environment: str
    paths: tuple[str, ...]
    tools: bool = False
    workers: int = 1
    variables: Mapping[str, str] = field(default_factory=dict)
    asked: bool = False
    short: tuple[str, ...] = ()


STAGES = (
    Stage("unit", "services", ("tests/unit",), workers=4),
    Stage("unit-glue", "glue-tests", ("tests/unit/awsglue",)),
    # apart: the JVM of the jobs' tests has Iceberg on its class path from its start
    Stage("unit-jobs", "glue-tests", ("tests/unit/jobs",), tools=True, workers=2),
    Stage("unit-localstack", "localstack-tests", ("tests/unit/localstack",)),
    Stage("contract", "services", ("tests/contract",), tools=True, workers=4),
    Stage("e2e", "services", ("tests/e2e",), tools=True),
    # needs a Docker engine; the lakes are in containers, which bring their own Java and jars
    Stage(
        "e2e-docker",
        "services",
        ("tests/e2e",),
        variables={"LAKETOP_E2E_MODE": "docker"},
        asked=True,
        # what is about containers, and a lake from its first start, with the whole pipeline, to its end
        short=("tests/e2e/test_containers.py", "tests/e2e/test_stack_lifecycle.py"),
    ),
)


def interpreter(stage: Stage) -> Path:
    """The Python that runs a stage."""
    return Path(sys.executable) if stage.environment == "services" else checkout.python(stage.environment)


def workers(stage: Stage, cores: int | None) -> int:
    """How many processes of pytest a stage gets on a machine: as many as there are cores (None: nobody knows), but two
    also where there is one, because much of a test is waiting."""
    return min(stage.workers, max(2, cores or 2))


def command_line(stage: Stage, long: bool, short: bool = False) -> list[str]:
    """The command line of a stage: pytest under coverage; the long tests only where they are asked for."""
    chosen = stage.short if short and stage.short else stage.paths
    paths = [path for path in chosen if (checkout.ROOT / path).exists()]
    if not paths:
        raise StackError(f"stage {stage.name}", f"{', '.join(stage.paths)} does not exist", "is the checkout complete?")
    marks = [] if long else ["-m", "not long"]
    several = workers(stage, os.process_cpu_count())
    shared = ["-n", str(several)] if several > 1 else []
    return [str(interpreter(stage)), "-m", "coverage", "run", "-m", "pytest", "-q", *shared, *marks, *paths]


def run(
    only: Annotated[list[str] | None, typer.Option("--only", help="A stage; may be given several times.")] = None,
    long: Annotated[bool, typer.Option("--long", help="The long forms too.")] = False,
    short: Annotated[bool, typer.Option("--short", help="The short form of a stage that has one.")] = False,
) -> None:
    """Run the tests, stage by stage, and check the coverage of all stages together."""
    known = [stage.name for stage in STAGES]
    unknown = [name for name in only or [] if name not in known]
    if unknown:
        raise StackError(
            f"stage {unknown[0]}", "there is none of that name", f"one of {', '.join(known)}", ExitCode.USAGE
        )
    wanted = [stage for stage in STAGES if (stage.name in only if only else not stage.asked)]
    if any(stage.tools for stage in wanted):
        tooling.ensure()
    _coverage("erase")
    minutes: dict[str, float] = {}
    failed = []
    for stage in wanted:
        say(f"{stage.name} ({stage.environment})", style="bold")
        began = time.monotonic()
        environment = os.environ | stage.variables
        if subprocess.run(command_line(stage, long, short), cwd=checkout.ROOT, env=environment, check=False).returncode:
            failed.append(stage.name)
        minutes[stage.name] = (time.monotonic() - began) / 60
    for name, taken in minutes.items():
        say(f"{name:<16}{taken:5.1f} min  {'FAILED' if name in failed else 'passed'}")
    if failed:
        raise StackError("tests", f"{', '.join(failed)} failed", f"again: make test ONLY={failed[0]}")
    if not only:
        check_coverage()


def _coverage(*arguments: str) -> int:
    command = [sys.executable, "-m", "coverage", *arguments]
    return subprocess.run(command, cwd=checkout.ROOT, check=False, env=dict(os.environ)).returncode


def check_coverage() -> None:
    """Combine what the stages left in the checkout, and report it.

    Raises:
        StackError: there is nothing, or it is too little.
    """
    if _coverage("combine", "--quiet"):
        raise StackError("coverage", "no stage left any data", "see the output of the stages above")
    for what, (files, minimum) in COVERAGE_MINIMA.items():
        say(f"coverage of {what}", style="bold")
        if _coverage("report", f"--fail-under={minimum}", *([f"--include={files}"] if files else [])):
            problem = f"that of {what} is below {minimum} %"
            raise StackError("coverage", problem, "the table above names the missing lines")
