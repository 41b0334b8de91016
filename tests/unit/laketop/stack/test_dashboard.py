"""Where a dashboard is, found by the names that Terraform gave, in an API Gateway of our own process."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from laketop.stack import checkout, dashboard, streamlit
from laketop.stack.accounts import Account
from laketop.stack.commands import dashboard as command
from laketop.stack.dashboard import Dashboard
from laketop.stack.messages import ExitCode, StackError
from tests.ports import free_ports


@pytest.fixture
def gateway() -> Iterator[Any]:
    with mock_aws():
        session: Any = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
        yield session.client("apigateway")


def deployed(gateway: Any, name: str) -> tuple[str, str]:
    """An API with a stage and a key of one name; returns the ids of API and key. The key's value is its name."""
    api = gateway.create_rest_api(name=name)["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    gateway.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    gateway.create_deployment(restApiId=api, stageName="v1")
    return api, gateway.create_api_key(name=name, value=f"{name:-<30}")["id"]


def test_it_is_found_by_its_name_among_others(gateway: Any) -> None:
    deployed(gateway, "laketop-staging-dashboard")
    api, key = deployed(gateway, "laketop-dev-dashboard")
    gateway.create_api_key(name="laketop-dev-dashboard-of-somebody", value="x" * 30)
    found = dashboard.find(gateway, "dev")
    assert found == Dashboard(api, "v1", key)
    assert dashboard.value_of_key(gateway, found.key) == f"{'laketop-dev-dashboard':-<30}"


def test_an_address_ends_with_the_slash_that_the_page_s_links_need() -> None:
    found = Dashboard("abc", "v1", "k")
    assert found.address() == "https://abc.execute-api.us-east-1.amazonaws.com/v1/"
    assert found.address("http://127.0.0.1:4566") == "http://127.0.0.1:4566/_aws/execute-api/abc/v1/"


def test_what_is_not_deployed_is_named(gateway: Any) -> None:
    with pytest.raises(StackError, match="dashboard of dev: one of each is needed") as caught:
        dashboard.find(gateway, "dev")
    assert caught.value.hint == "make deploy ENV=dev"
    with pytest.raises(StackError, match="API key gone: "):
        dashboard.value_of_key(gateway, "gone")


def test_the_names_are_those_of_the_module() -> None:
    text = "".join(path.read_text() for path in (checkout.ROOT / "infra/modules/dashboard-api").glob("*.tf"))
    assert text.count('name        = "${var.name}-dashboard"') == 3  # API, key, plan


def test_the_command_prints_the_address_on_stdout_and_the_way_to_the_key_beside_it(
    gateway: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api, key = deployed(gateway, "laketop-dev-dashboard")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(command.accounts, "client", lambda service: {"apigateway": gateway}[service])
    opened: list[str] = []
    monkeypatch.setattr(command.webbrowser, "open", lambda address: not opened.append(address))
    command.run("dev", page=True, show=True)
    out, err = capsys.readouterr()
    assert out == f"https://{api}.execute-api.us-east-1.amazonaws.com/v1/\n"
    assert f"--api-key {key} " in err
    assert "dashboard---" not in out + err
    assert opened == [out.strip()]


def test_the_team_s_dashboard_of_an_environment_of_aws_is_served_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    became: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(command.accounts, "current", lambda: Account("123456789012", "arn:aws:iam::1:user/me", ""))
    monkeypatch.setattr(command, "PORT", free_ports(1))
    monkeypatch.setattr(streamlit.os, "execve", lambda *call: became.append(call))
    monkeypatch.setenv("AWS_PROFILE", "mine")
    command.run("dev")
    ((program, line, environment),) = became
    assert line == [program, *line[1:-2], "--server.port", str(command.PORT)]
    assert line[-3] == str(checkout.ROOT / "streamlit_app" / "app.py")
    assert (environment["AWS_PROFILE"], environment["LAKEHOUSE_PREFIX"]) == ("mine", "laketop-dev")
    out, err = capsys.readouterr()
    assert out == ""
    assert f"account 123456789012 as arn:aws:iam::1:user/me: http://127.0.0.1:{command.PORT}" in err


def test_a_taken_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command.accounts, "current", lambda: Account("123456789012", "arn:aws:iam::1:user/me", ""))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(command, "PORT", taken.getsockname()[1])
        with pytest.raises(StackError, match=rf"port {command.PORT}: taken by .*pid {os.getpid()} \("):
            command.run("dev")


def test_only_the_lake_s_own_key_is_printed() -> None:
    with pytest.raises(StackError, match="key of dev") as caught:
        command.run("dev", key=True)
    assert caught.value.code == ExitCode.REFUSED
