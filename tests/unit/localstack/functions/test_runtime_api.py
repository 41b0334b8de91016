import http.client
import json
from collections.abc import Iterator

import pytest
from laketop_localstack.functions.runtime_api import Event, Outcome, RuntimeApi


@pytest.fixture
def api() -> Iterator[RuntimeApi]:
    served = RuntimeApi()
    yield served
    served.close()


def call(
    api: RuntimeApi, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(api.address, timeout=10)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_an_event_goes_out_and_its_response_comes_back(api: RuntimeApi) -> None:
    outcome = api.submit(Event("id-1", b'{"a":1}', {"Lambda-Runtime-Aws-Request-Id": "id-1"}))

    status, headers, body = call(api, "GET", "/2018-06-01/runtime/invocation/next")
    posted = call(api, "POST", "/2018-06-01/runtime/invocation/id-1/response", b'"done"')

    assert (status, headers["Lambda-Runtime-Aws-Request-Id"], body) == (200, "id-1", b'{"a":1}')
    assert posted[0] == 202
    assert api.initialised.result(0) is True
    assert outcome.result(5) == Outcome(b'"done"', is_error=False)


def test_an_error_and_its_names(api: RuntimeApi) -> None:
    outcome = api.submit(Event("id-2", b"null", {}))
    error = json.dumps({"errorType": "ValueError", "errorMessage": "bad"}).encode()

    call(api, "POST", "/2018-06-01/runtime/invocation/id-2/error", error)

    found = outcome.result(5)
    assert (found.is_error, found.error_type, found.error_message) == (True, "ValueError", "bad")


def test_an_answer_to_another_request_is_not_taken(api: RuntimeApi) -> None:
    outcome = api.submit(Event("id-3", b"null", {}))

    assert call(api, "POST", "/2018-06-01/runtime/invocation/id-2/response", b"1")[0] == 404
    assert call(api, "POST", "/elsewhere", b"1")[0] == 404
    assert call(api, "GET", "/2018-06-01/runtime/other")[0] == 404
    assert not outcome.done()


def test_an_error_of_the_start(api: RuntimeApi) -> None:
    call(api, "POST", "/2018-06-01/runtime/init/error", b'{"errorType":"Runtime.ImportModuleError"}')

    found = api.initialised.result(5)
    assert isinstance(found, Outcome)
    assert found.error_type == "Runtime.ImportModuleError"


def test_a_response_in_chunks(api: RuntimeApi) -> None:
    outcome = api.submit(Event("id-4", b"null", {}))
    connection = http.client.HTTPConnection(api.address, timeout=10)
    connection.request(
        "POST", "/2018-06-01/runtime/invocation/id-4/response", iter([b'"a', b"", b'b"']), encode_chunked=True
    )
    assert connection.getresponse().status == 202
    connection.close()

    assert outcome.result(5).body == b'"ab"'


@pytest.mark.parametrize(("size", "error_type"), [(6_291_556, ""), (6_291_557, "Function.ResponseSizeTooLarge")])
def test_the_size_of_a_response(api: RuntimeApi, size: int, error_type: str) -> None:
    outcome = api.submit(Event("id-5", b"null", {}))

    call(api, "POST", "/2018-06-01/runtime/invocation/id-5/response", b"x" * size)

    assert outcome.result(5).error_type == error_type
