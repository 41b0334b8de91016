"""`laketop cost`: what the last run of the pipeline, or its last days, would have cost on AWS, or has cost there."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated, Any

import typer

from laketop import settings as configuration
from laketop.stack import checkout, terraform
from laketop.stack.clients import aws_environment
from laketop.stack.environments import Environment
from laketop.stack.messages import ExitCode, StackError, say
from laketop.stack.running import require_running
from laketop.stack.tables import show
from laketop.stack.terraform import LOCAL

# The lake sends S3's request metrics every ten seconds, which takes a moment.
LATE_HERE = 15
ATHENA_READS = "besides, Athena's own: here it reads files, on AWS it asks S3"
NOTHING_RAN = "`make demo` runs the pipeline; what ran before the last `make up` is forgotten"


class Format(StrEnum):
    """How the bill is written."""

    TABLE = "table"
    JSON = "json"


def run(
    env: Environment = LOCAL,
    days: Annotated[int | None, typer.Option("--days", min=1, max=14, help="The last days, not the last run.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How it is printed.")] = Format.TABLE,
) -> None:
    """Print what the last run of the pipeline would have cost on AWS."""
    terraform.require_environment(env)
    found = bill(env, days)
    if env == LOCAL:
        found["lines"] = with_athena_reads(found["lines"])
    if form is Format.JSON:
        print(json.dumps(found, indent=2))
        return
    say(found["title"])
    total = ["total", "of what is known", "", "", "", "", dollars(found["total_usd"]), ""]
    show(
        ("service", "what", "quantity", "unit", "USD", "for", "costs USD", "of"),
        [*(row(one) for one in found["lines"]), total],
    )
    for note in filter(None, [without(found["lines"]), *found["notes"]]):
        say(note, style="yellow")
    say(f"list prices of {found['region']}, read on {found['prices_read']}, no free tier taken off: docs/COSTS.md")


def bill(environment: str, days: int | None) -> dict[str, Any]:
    """The bill of an environment, as `python -m lakehouse.cost` gives it.

    Args:
        environment: `local`, or one on AWS, which the person's own credentials reach.
        days: the last days; None for the last run.

    Raises:
        StackError: the lake does not run, nothing has run on it, or AWS refuses.
    """
    command = [sys.executable, "-m", "lakehouse.cost", "--prefix", f"laketop-{environment}"]
    variables: Mapping[str, str] = os.environ
    if environment == LOCAL:
        settings = configuration.load()
        require_running(settings)
        variables = aws_environment(settings)
        command += ["--late", str(LATE_HERE)]
    elif endpoint := variables.get("AWS_ENDPOINT_URL"):
        hint = "unset it, and have the account's credentials in its place"
        raise StackError(f"AWS_ENDPOINT_URL={endpoint}", f"{environment} is on AWS, not there", hint, ExitCode.REFUSED)
    command += [] if days is None else ["--days", str(days)]
    answer = subprocess.run(command, cwd=checkout.ROOT, env=variables, capture_output=True, text=True, check=False)
    if answer.returncode:
        said = " ".join(answer.stderr.strip().splitlines()[-1:]) or f"exit {answer.returncode}"
        hint = NOTHING_RAN if environment == LOCAL else "are the account's credentials and region set?"
        raise StackError(f"cost of {environment}", said, hint)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def with_athena_reads(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines with one more behind S3's GETs: what this machine's Athena does not ask S3 for."""
    place = max(number for number, line in enumerate(lines) if line["item"] == "s3.get")
    unknown = {**lines[place], "quantity": None, "usd": None, "note": ATHENA_READS}
    return [*lines[: place + 1], unknown, *lines[place + 1 :]]


def row(line: Mapping[str, Any]) -> list[str]:
    """A line of the bill as cells of the table."""
    quantity, usd = line["quantity"], line["usd"]
    return [
        line["service"],
        line["what"],
        "unknown" if quantity is None else amount(quantity),
        line["unit"],
        line["price_usd"],
        f"{Decimal(line['price_per']):,f}",
        "unknown" if usd is None else dollars(usd),
        line["note"],
    ]


def amount(number: str) -> str:
    """A quantity as people read it: thousands apart, at most three decimals."""
    text = _rounded(number, "0.001")
    return text.rstrip("0").rstrip(".") if text[0] != "<" else text


def dollars(number: str) -> str:
    """An amount of USD with six decimals, for a run costs little."""
    return _rounded(number, "0.000001")


def _rounded(number: str, least: str) -> str:
    """A number by steps of `least`; little is not nothing."""
    if 0 < Decimal(number) < Decimal(least):
        return f"< {least}"
    return f"{Decimal(number).quantize(Decimal(least), ROUND_HALF_UP):,f}"


def without(lines: list[dict[str, Any]]) -> str:
    """What the total is without, in words; "" where all is known."""
    unknown = dict.fromkeys(f"{line['service']} {line['what']}" for line in lines if line["usd"] is None)
    return f"the total is without what is unknown: {'; '.join(unknown)}" if unknown else ""
