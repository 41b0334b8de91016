"""boto3, and requests as no SDK makes them, against small services."""

import json
import logging
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest
from botocore.exceptions import ClientError

from laketop.wire import dispatch
from laketop.wire.errors import AwsError
from laketop.wire.service import Caller, create_app

from .servers import running

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)


class MissingError(Exception):
    pass


class MissingDatabaseError(MissingError):
    pass


def glue(**operations):
    return create_app(
        service="glue",
        operations=operations,
        validation_code="ValidationException",
        errors={MissingError: ("EntityNotFoundException", 400)},
    )


def post(app, target, body, **headers):
    sent = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"} | headers
    with running(app) as url:
        return httpx.post(url, content=body, headers=sent)


def test_boto3_gets_what_the_operation_returns(serving, client):
    seen = []

    def get_database(parameters, caller):
        seen.append((parameters, caller))
        return {"Database": {"Name": parameters["Name"], "CreateTime": MOMENT, "Description": None}}

    answer = client("glue", serving(glue(GetDatabase=get_database))).get_database(Name="sales")
    assert answer["Database"] == {"Name": "sales", "CreateTime": MOMENT}
    assert seen == [({"Name": "sales"}, Caller("AKIDEXAMPLE", "us-east-1", "000000000000"))]
    assert UUID.fullmatch(answer["ResponseMetadata"]["RequestId"])


def test_athena_speaks_too(serving, client):
    app = create_app(
        service="athena",
        operations={"StartQueryExecution": lambda parameters, _: {"QueryExecutionId": parameters["QueryString"][:3]}},
        validation_code="InvalidRequestException",
    )
    athena = client("athena", serving(app))
    assert athena.start_query_execution(QueryString="SELECT 1")["QueryExecutionId"] == "SEL"
    with pytest.raises(athena.exceptions.InvalidRequestException) as caught:
        athena.start_query_execution(QueryString="x" * 262_145)
    assert caught.value.response["AthenaErrorCode"] == "INVALID_INPUT"
    assert caught.value.response["Error"]["Message"].endswith("Member must have length less than or equal to 262144")


def test_the_caller_is_read_from_the_signature_where_there_is_one():
    callers = []
    app = glue(GetDatabases=lambda _, caller: callers.append(caller) or {"DatabaseList": []})
    signature = (
        "AWS4-HMAC-SHA256 Credential=ASIAX/20260102/eu-west-1/glue/aws4_request, SignedHeaders=host, Signature=0"
    )
    for headers in ({"Authorization": signature}, {"Authorization": "Bearer x"}, {}):
        assert post(app, "AWSGlue.GetDatabases", b"{}", **headers).status_code == 200
    assert callers == [Caller("ASIAX", "eu-west-1"), Caller("", "us-east-1"), Caller("", "us-east-1")]


def test_domain_errors_become_aws_errors_by_their_base_class(serving, client):
    def missing(parameters, _):
        raise MissingDatabaseError(f"Database {parameters['Name']} not found.")

    service = client("glue", serving(glue(GetDatabase=missing)))
    with pytest.raises(service.exceptions.EntityNotFoundException) as caught:
        service.get_database(Name="x")
    assert caught.value.response["Error"] == {
        "Code": "EntityNotFoundException",
        "Message": "Database x not found.",
    }
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_error_on_the_wire():
    def refuse(*_):
        raise AwsError("EntityNotFoundException", "no", members={"FromFederationSource": True})

    answer = post(glue(GetDatabase=refuse), "AWSGlue.GetDatabase", b'{"Name": "x"}')
    assert answer.status_code == 400
    assert answer.json() == {"__type": "EntityNotFoundException", "Message": "no", "FromFederationSource": True}
    assert answer.headers["x-amzn-errortype"] == "EntityNotFoundException"
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert UUID.fullmatch(answer.headers["x-amzn-requestid"])


def test_members_that_an_error_does_not_have_are_logged_and_left_out(caplog):
    def refuse(*_):
        raise AwsError("EntityNotFoundException", "no", members={"Colour": "red"})

    answer = post(glue(GetDatabase=refuse), "AWSGlue.GetDatabase", b'{"Name": "x"}')
    assert answer.json() == {"__type": "EntityNotFoundException", "Message": "no"}
    assert "the members of EntityNotFoundException are not the model's" in caplog.text


def test_constraints_and_types_are_checked_before_the_operation_runs():
    app = glue(GetDatabase=lambda *_: pytest.fail("called"))
    broken = post(app, "AWSGlue.GetDatabase", b"{}")
    assert (broken.status_code, broken.json()) == (
        400,
        {
            "__type": "ValidationException",
            "Message": "1 validation error detected: Value null at 'name' failed to satisfy constraint: "
            "Member must not be null",
        },
    )
    wrong = post(app, "AWSGlue.GetDatabase", b'{"Name": 1}').json()
    assert wrong == {"__type": "SerializationException", "Message": "NUMBER_VALUE can not be converted to a String"}


def test_what_is_not_supported_says_so_and_is_asked_once(serving, client, caplog):
    caplog.set_level(logging.INFO, "laketop.wire")
    service = client("glue", serving(glue()))
    with pytest.raises(ClientError) as caught:
        service.get_tables(DatabaseName="d")
    assert caught.value.response["Error"] == {
        "Code": "NotImplemented",
        "Message": "Laketop's glue does not support GetTables yet",
    }
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert caplog.text.count("glue.GetTables 501") == 1


@pytest.mark.parametrize(
    ("target", "content_type"),
    [
        ("AWSGlue.MakeCoffee", "application/x-amz-json-1.1"),
        ("AmazonAthena.GetDatabase", "application/x-amz-json-1.1"),
        ("GetDatabases", "application/x-amz-json-1.1"),
        ("AWSGlue.GetDatabases", "text/plain"),
        ("AWSGlue.GetDatabases", "application/x-amz-json-1.0"),
    ],
)
def test_an_unknown_operation(target, content_type):
    app = glue(GetDatabases=lambda *_: {"DatabaseList": []})
    answer = post(app, target, b"{}", **{"Content-Type": content_type})
    assert answer.status_code == 400
    assert answer.json()["__type"] == "UnknownOperationException"


def test_a_service_with_an_operation_that_aws_lacks_does_not_start():
    with pytest.raises(ValueError, match="botocore's model of glue has no operation MakeCoffee, MakeTea"):
        glue(MakeTea=dict, MakeCoffee=dict, GetDatabase=dict)


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("glue", "GetTables", "InternalServiceException"),
        ("glue", "GetCrawler", "InternalServiceException"),
        ("glue", "ListEntities", "InternalServiceException"),
        ("athena", "ListWorkGroups", "InternalServerException"),
    ],
)
def test_a_defect_of_ours_is_an_internal_error_whose_trace_stays_here(service, operation, code, caplog):
    def fail(*_):
        raise RuntimeError("hunter2")

    app = create_app(service=service, operations={operation: fail}, validation_code="ValidationException")
    body = {"GetTables": {"DatabaseName": "d"}, "GetCrawler": {"Name": "c"}, "ListEntities": {}}.get(operation, {})
    target = f"{'AWSGlue' if service == 'glue' else 'AmazonAthena'}.{operation}"
    answer = post(app, target, json.dumps(body).encode())
    assert (answer.status_code, answer.json()["__type"]) == (500, code)
    assert "hunter2" not in answer.text
    assert "RuntimeError: hunter2" in caplog.text
    assert answer.headers["x-amzn-requestid"] in answer.json()["Message"]
    assert answer.headers["x-amzn-requestid"] in caplog.text


@pytest.mark.parametrize("returned", [{"Colour": 1}, {"DatabaseList": "x"}, {"DatabaseList": [{}]}, {}, None])
def test_an_answer_that_is_not_of_the_shape_is_a_defect_of_ours(returned, caplog):
    answer = post(glue(GetDatabases=lambda *_: returned), "AWSGlue.GetDatabases", b"{}")
    assert (answer.status_code, answer.json()["__type"]) == (500, "InternalServiceException")
    assert "EncodingError" in caplog.text


def test_the_log_names_the_request_but_shows_nothing_of_it(caplog):
    caplog.set_level(logging.INFO, "laketop.wire")
    answer = post(glue(GetDatabase=lambda *_: {}), "AWSGlue.GetDatabase", b'{"Name": "hunter2"}')
    lines = [record.getMessage() for record in caplog.records if record.name == "laketop.wire"]
    request_id = answer.headers["x-amzn-requestid"]
    assert len(lines) == 1
    assert re.fullmatch(rf"glue\.GetDatabase 200 ok \d+\.\d ms request={request_id}", lines[0])


def test_a_body_past_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(dispatch, "BODY_LIMIT", 1000)
    app = glue(GetDatabase=lambda *_: {})
    assert post(app, "AWSGlue.GetDatabase", b'{"Name": "x"}'.ljust(1000)).status_code == 200
    answer = post(app, "AWSGlue.GetDatabase", b'{"Name": "x"}'.ljust(1001))
    assert (answer.status_code, answer.json()["__type"]) == (413, "RequestEntityTooLargeException")


def test_boto3_sees_the_refusal_of_a_body_that_is_really_too_large(serving, client):
    service = client("glue", serving(glue(GetDatabase=lambda *_: {})))
    with pytest.raises(ClientError) as caught:
        service.create_database(DatabaseInput={"Name": "x", "Description": "x" * (dispatch.BODY_LIMIT + 1)})
    assert caught.value.response["Error"]["Code"] == "RequestEntityTooLargeException"


def test_health(serving):
    state = {"value": None}
    app = create_app(service="glue", operations={}, validation_code="x", health=lambda: state["value"])
    url = serving(app)
    assert httpx.get(f"{url}/health").status_code == 503
    state["value"] = {"tables": 2}
    answer = httpx.get(f"{url}/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "tables": 2})
    plain = create_app(service="glue", operations={}, validation_code="x")
    assert httpx.get(f"{serving(plain)}/health").json() == {"status": "ready"}


def test_lifespan_runs_around_the_service():
    seen = []

    @asynccontextmanager
    async def lifespan(_):
        seen.append("up")
        yield
        seen.append("down")

    app = create_app(service="glue", operations={}, validation_code="x", lifespan=lifespan)
    with running(app):
        assert seen == ["up"]
    assert seen == ["up", "down"]
