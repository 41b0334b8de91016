"""The agent over HTTP: start, stop, look at and read the logs of runs.

| request | answer |
|---|---|
| `POST /runs` | 201 `{"run_id"}` · 400 not a run · 409 the id is known |
| `GET /runs/{id}` | 200 the run · 404 |
| `DELETE /runs/{id}` | 200 the run, ended, with all it started · 404 |
| `GET /runs/{id}/logs/{output,error}?offset=N` | 200 text from byte N, `X-Next-Offset` · 404 |
| `GET /health` | 200 `{"status", "warm", "warming", "running", "pool"}` |
"""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from laketop.spark.dispatcher import STREAMS, Dispatcher, RunExists, UnknownRun
from laketop.spark.pool import Pool
from laketop.spark.requests import BadRequest, parse
from laketop.spark.runs import Run

_TEND_SECONDS = 0.2
_STATUS: dict[type[Exception], int] = {BadRequest: 400, UnknownRun: 404, RunExists: 409}


def create_app(dispatcher: Dispatcher, pool: Pool) -> Starlette:
    """The agent's application; while it lives, the pool is tended, and when it ends, everything ends."""

    async def start(request: Request) -> Response:
        run = await run_in_threadpool(dispatcher.start, parse(await request.body()))
        return JSONResponse({"run_id": run.run_id}, 201)

    def get(request: Request) -> Response:
        return JSONResponse(shape(dispatcher.get(request.path_params["run_id"])))

    def stop(request: Request) -> Response:
        return JSONResponse(shape(dispatcher.stop(request.path_params["run_id"])))

    def logs(request: Request) -> Response:
        stream, offset = request.path_params["stream"], request.query_params.get("offset", "0")
        if stream not in STREAMS:
            raise BadRequest(f"stream {stream!r}: output or error is needed")
        if not (offset.isascii() and offset.isdigit()):
            raise BadRequest(f"offset {offset!r}: a number of bytes is needed")
        data, following = dispatcher.read_log(request.path_params["run_id"], stream, int(offset))
        return Response(data, media_type="text/plain", headers={"X-Next-Offset": str(following)})

    def health(_request: Request) -> Response:
        warm, warming = pool.counts()
        counts = {"warm": warm, "warming": warming, "running": dispatcher.running, "pool": pool.size}
        return JSONResponse({"status": "ready", **counts})

    routes = [
        Route("/runs", start, methods=["POST"]),
        Route("/runs/{run_id}", get, methods=["GET"]),
        Route("/runs/{run_id}", stop, methods=["DELETE"]),
        Route("/runs/{run_id}/logs/{stream}", logs, methods=["GET"]),
        Route("/health", health, methods=["GET"]),
    ]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        with _Tending(lambda: pool.tend(busy=dispatcher.running > 0)):
            yield
        await run_in_threadpool(_end, dispatcher, pool)

    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=dict.fromkeys(_STATUS, _refuse))


def shape(run: Run) -> dict[str, Any]:
    """A run as the agent answers it."""
    return {
        "run_id": run.run_id,
        "state": run.state.value,
        "error_message": run.error_message,
        "exit_code": run.exit_code,
        "started_on": _iso(run.started_on),
        "completed_on": _iso(run.completed_on),
        "driver": run.driver,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _refuse(_request: Request, error: Exception) -> Response:
    return JSONResponse({"message": str(error)}, _STATUS[type(error)])


def _end(dispatcher: Dispatcher, pool: Pool) -> None:
    closing = [threading.Thread(target=dispatcher.close), threading.Thread(target=pool.close)]
    for thread in closing:
        thread.start()
    for thread in closing:
        thread.join()


class _Tending:
    """Calls something again and again, in a thread of its own."""

    def __init__(self, task: Callable[[], None]) -> None:
        self._task, self._stop = task, threading.Event()
        self._thread = threading.Thread(target=self._run, name="pool", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._task()
            self._stop.wait(_TEND_SECONDS)
