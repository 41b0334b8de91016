"""`laketop dashboard`: where the dashboards are, and how to get the page's key."""

import os
import webbrowser
from typing import Annotated

import typer

from laketop import settings as configuration
from laketop.settings import Settings
from laketop.stack import accounts, dashboard, ports, streamlit, terraform
from laketop.stack.clients import client
from laketop.stack.dashboard import Dashboard
from laketop.stack.environments import Environment
from laketop.stack.messages import ExitCode, StackError, say
from laketop.stack.running import require_running
from laketop.stack.terraform import LOCAL

# of an environment of AWS: Streamlit's own, for the lake's may be in use
PORT = 8501


def run(
    env: Environment = LOCAL,
    page: Annotated[bool, typer.Option("--page", help="The page for everybody, not the team's dashboard.")] = False,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    key: Annotated[bool, typer.Option("--key", help="Print the page's key on this machine's lake instead.")] = False,
) -> None:
    """Print the address of the team's dashboard, or of the page; of an environment of AWS, serve the first here."""
    settings = configuration.load()
    terraform.require_environment(env)
    if key and env != LOCAL:
        hint = "aws apigateway get-api-key --include-value --api-key <id>, with the id of `make dashboard PAGE=1`"
        raise StackError(f"key of {env}", "this prints the key of this machine's lake only", hint, ExitCode.REFUSED)
    if env == LOCAL:
        require_running(settings)
    if key:
        print(dashboard.value_of_key(client(settings, "apigateway"), _page(settings, env)[0].key))
    elif page:
        _tell_page(settings, env, show)
    elif env == LOCAL:
        _tell(settings.url("streamlit"), show)
        say("the page for everybody: make dashboard PAGE=1")
    else:
        _serve(env)


def _page(settings: Settings, env: str) -> tuple[Dashboard, str]:
    """The page of an environment, and the endpoint that it is behind, "" for AWS itself."""
    if env == LOCAL:
        return dashboard.find(client(settings, "apigateway"), env), settings.endpoint
    return dashboard.find(accounts.client("apigateway"), env), os.environ.get("AWS_ENDPOINT_URL", "")


def _tell_page(settings: Settings, env: str, show: bool) -> None:
    found, endpoint = _page(settings, env)
    _tell(found.address(endpoint), show)
    at = f"--endpoint-url {endpoint} " if endpoint else ""
    say(f"key: aws {at}apigateway get-api-key --include-value --api-key {found.key} --query value --output text")
    if env == LOCAL:
        say("     or: make dashboard KEY=1")


def _tell(address: str, show: bool) -> None:
    print(address)
    if show and not webbrowser.open(address):
        say("no browser could be opened", style="yellow")


def _serve(env: str) -> None:
    """Serve the team's dashboard of an environment of AWS until Ctrl-C."""
    account = accounts.current()
    if holder := ports.holder(PORT):
        raise StackError(f"port {PORT}", str(holder), "end it", ExitCode.REFUSED)
    say(f"the dashboard of {env}, {account}: http://127.0.0.1:{PORT} (Ctrl-C ends it)")
    streamlit.serve(env, PORT)
