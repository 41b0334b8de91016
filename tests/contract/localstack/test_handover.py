"""Requests for Glue and Athena reach our servers as they came, and the answers come back as they were given."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/glue/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=5d672d79c15b13162d9279b0855cfba6"
)


def send(lake: Any, target: str, body: bytes, path: str = "/", headers: tuple[tuple[str, str], ...] = ()) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", lake.port, timeout=30)
    try:
        connection.putrequest("POST", path, skip_host=True, skip_accept_encoding=True)
        for name, value in (("Host", "glue.us-east-1.amazonaws.com"), ("X-Amz-Target", target), *headers):
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(("target", "part"), [("AWSGlue.GetTables", "glue"), ("AmazonAthena.ListWorkGroups", "athena")])
def test_request_arrives_byte_for_byte(lake: Any, target: str, part: str) -> None:
    body = b'{"Name" : "caf\xc3\xa9", "raw":"\xff\x00"}\n'
    headers = (
        ("X-Amz-Date", "20260101T000000Z"),
        ("Content-Type", "application/x-amz-json-1.1"),
        ("Authorization", AUTHORIZATION),
        ("Content-Encoding", "gzip"),
        ("X-Twice", "b"),
        ("X-Twice", "a"),
        ("x-lower", "  spaced"),
    )
    send(lake, target, body, "/a%20b//c?x=1&y=%2F&x=2", headers)

    (seen,) = getattr(lake, part).seen
    assert (seen.method, seen.path, seen.body) == ("POST", "/a%20b//c?x=1&y=%2F&x=2", body)
    arrived = [(name.lower(), value) for name, value in seen.headers if name.lower() != "content-length"]
    assert dict(arrived) == {name.lower(): value.strip() for name, value in headers} | {
        "host": "glue.us-east-1.amazonaws.com",
        "x-amz-target": target,
    }
    assert [value for name, value in arrived if name == "x-twice"] == ["b", "a"]


def test_answer_comes_back_byte_for_byte(lake: Any) -> None:
    lake.glue.status = 418
    lake.glue.headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "id-1"), ("X-Two", "1")]
    lake.glue.headers += [("X-Two", "2"), ("x-amz-crc32", "12345")]
    body = b'{"__type":"EntityNotFoundException" ,"Message":"\xe2\x82\xac"}'

    status, headers, answer = send(lake, "AWSGlue.GetDatabase", body)

    assert (status, answer) == (418, body)
    names = {"content-type", "x-amzn-requestid", "x-two", "x-amz-crc32", "content-length"}
    assert [(name.lower(), value) for name, value in headers if name.lower() in names] == [
        *((name.lower(), value) for name, value in lake.glue.headers),
        ("content-length", str(len(body))),
    ]
    assert {name.lower() for name, _ in headers} <= names | {"date", "server", "connection"}


def test_an_operation_that_localstack_has_never_heard_of_passes(lake: Any) -> None:
    status, _, answer = send(lake, "AWSGlue.InventedTomorrow", b'{"a":1}')

    assert (status, answer) == (200, b'{"a":1}')


def test_boto3_gets_data_and_errors(lake: Any) -> None:
    lake.glue.scripts["GetDatabases"] = lambda _: (200, {"DatabaseList": [{"Name": "sales"}]})
    lake.glue.scripts["GetTable"] = lambda _: (
        400,
        {"__type": "EntityNotFoundException", "Message": "Table x not found."},
    )
    client = lake.client("glue")

    assert client.get_databases()["DatabaseList"] == [{"Name": "sales"}]
    with pytest.raises(client.exceptions.EntityNotFoundException, match="Table x not found"):
        client.get_table(DatabaseName="a", Name="x")


def test_answers_of_concurrent_requests_are_not_mixed_up(lake: Any) -> None:
    bodies = [uuid4().hex.encode() * 500 for _ in range(120)]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda body: send(lake, "AmazonAthena.GetQueryExecution", body)[2], bodies))

    assert answers == bodies


def test_connections_are_kept(lake: Any) -> None:
    for _ in range(5):
        send(lake, "AWSGlue.GetTables", b"{}")

    assert len({seen.peer for seen in lake.glue.seen}) == 1


@pytest.fixture
def without_athena(lake: Any) -> Iterator[Any]:
    lake.athena.stop()
    yield lake
    lake.athena.start()


def test_a_part_that_is_away_is_named(without_athena: Any) -> None:
    client = without_athena.client("athena", retries={"total_max_attempts": 1})

    with pytest.raises(ClientError) as caught:
        client.list_work_groups()

    error = caught.value.response
    assert error["Error"]["Code"] == "ServiceUnavailableException"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert (
        f"Laketop's athena does not answer at http://127.0.0.1:{without_athena.athena.port}"
        in error["Error"]["Message"]
    )
    assert "make status" in error["Error"]["Message"]


def test_a_part_that_is_back_answers_again(lake: Any) -> None:
    send(lake, "AmazonAthena.GetWorkGroup", b"1")
    lake.athena.stop()
    lake.athena.start()

    assert send(lake, "AmazonAthena.GetWorkGroup", b"2")[::2] == (200, b"2")
