"""The server itself: when it is ready, what it keeps, and services that need nothing from the internet."""

import json
import time
from http.client import HTTPConnection
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import psutil
import pytest


def test_health(lake: Any) -> None:
    with urlopen(f"{lake.url}/_laketop/health", timeout=10) as answer:
        said = json.load(answer)
    assert (answer.status, said["status"]) == (200, "ready")
    assert len(said["session"]) == 32


def test_it_listens_on_this_machine_only(lake: Any) -> None:
    listening = {
        connection.laddr.ip
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == lake.port
    }
    assert listening == {"127.0.0.1"}


def test_a_connection_that_rests_is_not_closed(lake: Any) -> None:
    connection = HTTPConnection("127.0.0.1", lake.port, timeout=10)
    connection.request("GET", "/no-such-bucket")
    connection.getresponse().read()
    opened = connection.sock
    time.sleep(6)  # a second longer than LocalStack's own patience
    connection.request("GET", "/no-such-bucket")
    assert connection.getresponse().status == 404
    assert opened is not None
    assert connection.sock is opened
    connection.close()


def test_the_index_of_services_is_not_built_in_the_server(lake: Any) -> None:
    lake.client("sts").get_caller_identity()

    assert not list(lake.state.rglob("*.dill"))


def test_temporary_files_belong_to_the_state(lake: Any, functions: Any) -> None:
    name = functions.create("def handler(e, c):\n    return __file__\n")

    assert functions.invoke(name).payload.startswith(str(lake.state))


def test_dynamodb_needs_no_download(lake: Any) -> None:
    client, name = lake.client("dynamodb"), f"t{uuid4().hex}"
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.put_item(TableName=name, Item={"k": {"S": "a"}, "n": {"N": "1.5"}})

    assert client.get_item(TableName=name, Key={"k": {"S": "a"}})["Item"] == {"k": {"S": "a"}, "n": {"N": "1.5"}}


def test_a_repeated_call_gets_the_answer_that_was_lost(lake: Any) -> None:
    client, name = lake.client("iam"), f"role-{uuid4().hex[:12]}"
    trust = '{"Version": "2012-10-17", "Statement": []}'
    tries = iter((1, 2))

    def as_one_call(request: Any, **_: Any) -> None:
        request.headers["amz-sdk-invocation-id"] = name
        request.headers["amz-sdk-request"] = f"attempt={next(tries)}; max=3"

    client.meta.events.register("before-send.iam.CreateRole", as_one_call)
    first = client.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    assert client.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["RoleId"] == first["RoleId"]
    client.meta.events.unregister("before-send.iam.CreateRole", as_one_call)
    with pytest.raises(client.exceptions.EntityAlreadyExistsException):
        client.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
