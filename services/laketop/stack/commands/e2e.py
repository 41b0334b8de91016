"""`laketop e2e`: the e2e suite against an environment, the lake's or one that is deployed in an AWS account."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from laketop.stack import accounts, checkout, environments
from laketop.stack.accounts import Account
from laketop.stack.commands import test
from laketop.stack.environments import Confirm, Environment
from laketop.stack.messages import ExitCode, StackError, say
from laketop.stack.terraform import LOCAL

# People rely on the figures of these: made-up sales must not get in between.
REFUSED = ("prod",)
# What the suite leaves behind, for the person who is asked to say yes.
WRITES = (
    "made-up sales, products, clicks and reviews, good and bad, below s3://{name}-raw-{account}/landing/",
    "what the pipeline makes of them in every zone, {database}_processed and {database}_curated",
    "a job and a queue named e2e-…, a script below s3://{name}-artifacts-{account}/jobs/: deleted afterwards",
    "messages to the topic {name}-alerts: whoever listens there hears of the failures that are tested",
)


def require_deployed(account: Account, environment: str) -> None:
    """Check that there is something to test.

    Raises:
        StackError: the environment is not deployed in the account.
    """
    if not accounts.has_bucket(f"laketop-{environment}-raw-{account.id}"):
        hint = f"make deploy ENV={environment} CONFIRM={account.id}"
        raise StackError(f"environment {environment}", f"it is not deployed in account {account.id}", hint)


def run(
    env: Environment = LOCAL,
    confirm: Confirm = None,
    containers: Annotated[bool, typer.Option("--docker", help="On a lake in containers.")] = False,
    short: Annotated[bool, typer.Option("--short", help="With --docker: a part of it, as in CI.")] = False,
) -> None:
    """Run the e2e suite against an environment."""
    if containers and env != LOCAL:
        hint = "leave --docker away"
        raise StackError(f"e2e {env} --docker", "only the lake's parts run in containers", hint, ExitCode.USAGE)
    if env in REFUSED:
        hint = "run it on an environment whose data nobody relies on"
        raise StackError(f"e2e {env}", "the suite writes made-up sales", hint, ExitCode.REFUSED)
    account = environments.account(env, "e2e", confirm)
    if account is None:
        test.run(only=["e2e-docker" if containers else "e2e"], short=short)
        return
    require_deployed(account, env)
    name = f"laketop-{env}"
    say("the tests write, and leave there unless it says otherwise:")
    for line in WRITES:
        say(f"  {line.format(name=name, account=account.id, database=name.replace('-', '_'))}")
    marks = "not long and not local"
    if accounts.holds(f"{name}-raw-{account.id}", "claims/"):
        say("it has data already: the tests that need an environment without are left out", style="yellow")
        marks += " and not fresh"
    # The environment is not held: the tests themselves ask for a plan of it.
    command = [sys.executable, "-m", "pytest", "-q", "-m", marks, "tests/e2e"]
    variables = {"LAKETOP_E2E_ENV": env, "LAKETOP_E2E_ACCOUNT": account.id}
    if subprocess.run(command, cwd=checkout.ROOT, env=dict(os.environ) | variables, check=False).returncode:
        raise StackError(f"e2e {env}", "tests failed", "see the output above")
