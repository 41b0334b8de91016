"""What goes in and comes out: an event of API Gateway as a request, and an answer as what API Gateway wants."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

# No inline script, no other origin, no frame around the page. HTTPS once is HTTPS for two years.
GUARDS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
NO_STORE = "no-store"


class ApiError(Exception):
    """What the caller is told instead of an answer.

    Attributes:
        status: the HTTP status.
        code: one word for programs.
        message: what is wrong and what to do, for people; nothing of the inside.
        parameter: the parameter that is wrong, or None.
        headers: headers of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        parameter: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.parameter = status, code, message, parameter
        self.headers = dict(headers or {})


def bad(parameter: str, message: str) -> ApiError:
    """A parameter that cannot be used; the message begins with its name."""
    return ApiError(400, "BadParameter", f"{parameter}: {message}", parameter=parameter)


@dataclass(frozen=True)
class Request:
    """A request: method, path below the stage, parameters (name → all values), headers (by names in small letters)."""

    method: str
    path: str
    parameters: Mapping[str, list[str]]
    headers: Mapping[str, str]

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Request":
        """Read an event of a REST API's proxy integration."""
        headers = {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}
        found = event.get("multiValueQueryStringParameters")
        if found is None:
            found = {name: [value] for name, value in (event.get("queryStringParameters") or {}).items()}
        return cls(event["httpMethod"], event.get("path") or "/", found, headers)


@dataclass(frozen=True)
class Response:
    """An answer: HTTP status, text, its type, and headers besides those that every answer has."""

    status: int
    body: str
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def told(self, request: Request) -> dict[str, Any]:
        """The answer as the proxy integration wants it; a caller that has these very bytes already gets none."""
        headers = {"Content-Type": self.content_type, "Cache-Control": NO_STORE, **GUARDS, **self.headers}
        answer = {"statusCode": self.status, "headers": headers, "body": self.body, "isBase64Encoded": False}
        if self.status == 200:
            headers["ETag"] = etag = f'"{hashlib.sha256(self.body.encode()).hexdigest()[:32]}"'
            if _matches(request.headers.get("if-none-match", ""), etag):
                headers.pop("Content-Type")
                return answer | {"statusCode": 304, "body": ""}
        return answer


def _matches(asked: str, etag: str) -> bool:
    """Whether `If-None-Match` names the ETag (RFC 9110, 13.1.2: compared weakly; a gateway may have weakened it)."""
    tags = [tag.strip().removeprefix("W/") for tag in asked.split(",")]
    return etag in tags or tags == ["*"]


def _as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"  # as text: no cent is lost in a float
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON here")


def json_response(document: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A document as JSON: decimals as text, days and times (UTC) as ISO 8601."""
    text = json.dumps(document, default=_as_json, ensure_ascii=False, separators=(",", ":"))
    return Response(status, text, "application/json; charset=utf-8", headers or {})


def error_response(error: ApiError, request_id: str | None) -> Response:
    """An error as JSON, with the id that its log lines have."""
    told = {"code": error.code, "message": error.message, "parameter": error.parameter, "request_id": request_id}
    document = {"error": {name: value for name, value in told.items() if value is not None}}
    return json_response(document, status=error.status, headers=error.headers)
