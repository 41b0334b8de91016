"""One request: from its headers and body to an answer.

Reads by the model, checks, calls, writes by the model. Whatever goes wrong becomes an AWS error: a refusal in the
operation's words, or an internal error whose trace stays in our log.
"""

import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.model import OperationModel, ServiceModel, StructureShape
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from laketop.settings import ACCOUNT_ID, REGION
from laketop.wire.constraints import violations
from laketop.wire.decode import decode_body
from laketop.wire.encode import encode
from laketop.wire.errors import AwsError, EncodingError

CONTENT_TYPE = "application/x-amz-json-1.1"
BODY_LIMIT = 16 * 1024 * 1024
# A body that is somewhat too large is read to its end, so that the client sees the answer and not a reset connection.
_DRAIN_LIMIT = 4 * BODY_LIMIT
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([a-z0-9-]+)/")
_INTERNAL = ("InternalServiceException", "InternalServerException")
# Athena says in a member of its own why it refused.
_VALIDATION_MEMBERS: dict[str, Mapping[str, object]] = {"athena": {"AthenaErrorCode": "INVALID_INPUT"}}

_log = logging.getLogger("laketop.wire")


@dataclass(frozen=True)
class Caller:
    """Who calls, as the request's signature says; nothing of it is verified.

    Attributes:
        access_key_id: the key that signed the request; empty where it is not signed.
        region: the region that the request was signed for.
        account_id: the account, always the lake's.
    """

    access_key_id: str = ""
    region: str = REGION
    account_id: str = ACCOUNT_ID


type Operation = Callable[[dict[str, Any], Caller], Mapping[str, Any] | None]
type Errors = Mapping[type[Exception], tuple[str, int]]


@dataclass(frozen=True)
class _Answer:
    status: int
    content: bytes
    code: str = ""


@dataclass(frozen=True)
class Dispatcher:
    """Answers the requests of one service; `create_app` says what the attributes are."""

    service: str
    model: ServiceModel
    operations: Mapping[str, Operation]
    validation_code: str
    errors: Errors
    _models: dict[str, OperationModel] = field(default_factory=dict)

    async def answer(self, request: Request) -> Response:
        """The answer to one POST; raises nothing."""
        started = time.perf_counter()
        request_id = str(uuid.uuid4())
        operation = "-"
        try:
            operation = self._operation(request.headers)
            body = await _read(request)
            answer = await run_in_threadpool(self._run, operation, body, _caller(request.headers), request_id)
        except ClientDisconnect:
            answer = self._refusal(operation, AwsError("RequestAbortedException", "The client went away"))
        except AwsError as error:
            answer = self._refusal(operation, error)
        elapsed = (time.perf_counter() - started) * 1000
        _log.info(
            "%s.%s %d %s %.1f ms request=%s",
            self.service,
            operation,
            answer.status,
            answer.code or "ok",
            elapsed,
            request_id,
        )
        headers = {"x-amzn-RequestId": request_id} | ({"x-amzn-ErrorType": answer.code} if answer.code else {})
        return Response(answer.content, answer.status, headers, media_type=CONTENT_TYPE)

    def _operation(self, headers: Mapping[str, str]) -> str:
        """The operation that the headers name; raises where the model has none such."""
        prefix, _, name = headers.get("x-amz-target", "").rpartition(".")
        known = prefix == self.model.metadata["targetPrefix"] and name in self.model.operation_names
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if not known or media_type != CONTENT_TYPE:
            message = f"{self.service} has no such operation, or not as {CONTENT_TYPE}"
            raise AwsError("UnknownOperationException", message)
        return name

    def _run(self, name: str, body: bytes, caller: Caller, request_id: str) -> _Answer:
        try:
            return _Answer(200, self._call(name, body, caller))
        except AwsError as error:
            return self._refusal(name, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an AWS error, the log the trace
            for kind in type(error).__mro__:
                if kind in self.errors:
                    code, status = self.errors[kind]
                    return self._refusal(name, AwsError(code, str(error), status))
            _log.exception("%s.%s failed, request=%s", self.service, name, request_id)
            return self._refusal(name, self._internal(name, request_id))

    def _call(self, name: str, body: bytes, caller: Caller) -> bytes:
        operation = self.operations.get(name)
        if operation is None:
            raise AwsError("NotImplemented", f"Laketop's {self.service} does not support {name} yet", 501)
        model = self._model(name)
        parameters = decode_body(model.input_shape, body)
        if model.input_shape and (message := violations(model.input_shape, parameters)):
            raise AwsError(self.validation_code, message, members=_VALIDATION_MEMBERS.get(self.service, {}))
        return _dump(encode(model.output_shape, operation(parameters, caller) or {}))

    def _model(self, name: str) -> OperationModel:
        # Kept, since botocore builds a model's shapes anew at each call.
        if name not in self._models:
            self._models[name] = self.model.operation_model(name)
        return self._models[name]

    def _internal(self, name: str, request_id: str) -> AwsError:
        declared = [shape.name for shape in self._model(name).error_shapes if shape.name in _INTERNAL]
        code = declared[0] if declared else _INTERNAL[0 if self.service == "glue" else 1]
        return AwsError(code, f"Laketop failed inside {name}; its log has the trace under request {request_id}", 500)

    def _refusal(self, name: str, error: AwsError) -> _Answer:
        """The error as its shape spells it. Members that the shape does not have are a defect: logged, left out."""
        shape = next((shape for shape in self.model.error_shapes if shape.name == error.code), None)
        names = shape.members if isinstance(shape, StructureShape) else ()
        spelled = next((key for key in names if key.lower() == "message"), "Message")
        members: Mapping[str, Any] = {}
        if error.members:
            try:
                members = encode(shape, error.members)
            except EncodingError:
                _log.exception("%s.%s: the members of %s are not the model's", self.service, name, error.code)
        content = _dump({"__type": error.code, **members, spelled: error.message})
        return _Answer(error.status, content, error.code)


def _dump(value: object) -> bytes:
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


async def _read(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _DRAIN_LIMIT:
            break
        if size <= BODY_LIMIT:
            chunks.append(chunk)
    if size > BODY_LIMIT:
        raise AwsError("RequestEntityTooLargeException", f"A request may have at most {BODY_LIMIT} bytes", 413)
    return b"".join(chunks)


def _caller(headers: Mapping[str, str]) -> Caller:
    found = _CREDENTIAL.search(headers.get("authorization", ""))
    return Caller(found[1], found[2]) if found else Caller()
