"""`laketop dashboard`: where the dashboard is, and how to get its key."""

import os
import webbrowser
from typing import Annotated

import typer

from laketop import settings as configuration
from laketop.stack import accounts, dashboard, terraform
from laketop.stack.clients import client, require_running
from laketop.stack.environments import Environment
from laketop.stack.messages import ExitCode, StackError, say
from laketop.stack.terraform import LOCAL


def run(
    env: Environment = LOCAL,
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    key: Annotated[bool, typer.Option("--key", help="Print the key of the lake of this machine instead.")] = False,
) -> None:
    """Print the address of the dashboard's page."""
    settings = configuration.load()
    terraform.require_environment(env)
    if key and env != LOCAL:
        hint = "aws apigateway get-api-key --include-value --api-key <id>, with the id of `make dashboard`"
        raise StackError(f"key of {env}", "this prints the key of this machine's lake only", hint, ExitCode.REFUSED)
    if env == LOCAL:
        require_running(settings)
        gateway, endpoint = client(settings, "apigateway"), settings.endpoint
    else:
        gateway, endpoint = accounts.client("apigateway"), os.environ.get("AWS_ENDPOINT_URL", "")
    found = dashboard.find(gateway, env)
    if key:
        print(dashboard.value_of_key(gateway, found.key))
        return
    address = found.address(endpoint)
    print(address)
    at = f"--endpoint-url {endpoint} " if endpoint else ""
    say(f"key: aws {at}apigateway get-api-key --include-value --api-key {found.key} --query value --output text")
    if env == LOCAL:
        say("     or: make dashboard KEY=1")
    if show and not webbrowser.open(address):
        say("no browser could be opened", style="yellow")
