"""An AWS JSON service from a table of operations.

Shapes, names and error members come from botocore's model of the service, so an operation is a plain function from a
dict to a dict.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from botocore.session import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from laketop.wire.dispatch import Caller, Dispatcher, Errors, Operation

__all__ = ["Caller", "Errors", "Lifespan", "Operation", "create_app"]

type Lifespan = Callable[[Starlette], AbstractAsyncContextManager[Any]]


def create_app(
    *,
    service: str,
    operations: Mapping[str, Operation],
    validation_code: str,
    errors: Errors | None = None,
    health: Callable[[], Mapping[str, Any] | None] = dict,
    lifespan: Lifespan | None = None,
) -> Starlette:
    """Make the ASGI application of one AWS service.

    Args:
        service: botocore's name of it, e.g. `glue`.
        operations: AWS operation name → function from the request's members and the caller to the answer's. They run in
            threads.
        validation_code: the error code for values that break the model's constraints.
        errors: domain exception → (AWS error code, HTTP status), looked up along the exception's base classes; the
            message is the exception's text.
        health: what `GET /health` adds to `{"status": "ready"}`; None while requests cannot be taken (503).
        lifespan: Starlette's, for what starts and stops with the server.

    Raises:
        ValueError: `operations` names what the service's model does not have.

    Source: Smithy, "AWS JSON 1.1 protocol"; the service's API reference, "Common Errors".
    """
    model = Session().get_service_model(service)
    unknown = sorted(set(operations) - set(model.operation_names))
    if unknown:
        raise ValueError(f"botocore's model of {service} has no operation {', '.join(unknown)}")
    dispatcher = Dispatcher(service, model, operations, validation_code, errors or {})

    async def call(request: Request) -> Response:
        return await dispatcher.answer(request)

    def ready(_: Request) -> Response:
        state = health()
        if state is None:
            return JSONResponse({"status": "starting"}, status_code=503)
        return JSONResponse({"status": "ready", **state})

    routes = [Route("/", call, methods=["POST"]), Route("/health", ready, methods=["GET"])]
    return Starlette(routes=routes, lifespan=lifespan)
