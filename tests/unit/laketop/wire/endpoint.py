"""An endpoint that records PutEvents and PutMetricData, and fails as it is told."""

import json
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

OK = (200, {})


@dataclass
class Endpoint:
    """Answers each call by the next of `script` (status, body), then by success."""

    script: list[tuple[int, dict]] = field(default_factory=list)
    events: list[dict] = field(default_factory=list)
    metrics: list[dict] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    calls: int = 0

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        status, body = self._next(request)
        sent = json.loads(await request.body())
        if status == 200 and not body.get("FailedEntryCount"):
            if request.headers["x-amz-target"] == "AWSEvents.PutEvents":
                self.events += sent["Entries"]
            else:
                assert request.headers["x-amz-target"] == "GraniteServiceVersion20100801.PutMetricData"
                self.metrics.append(sent)
        return Response(json.dumps({"FailedEntryCount": 0, "Entries": []} | body), status)

    def _next(self, request: Request) -> tuple[int, dict]:
        self.calls += 1
        self.keys.add(request.headers["authorization"].split("Credential=")[1].split("/")[0])
        return self.script.pop(0) if self.script else OK
