"""The subgraph over HTTP: POST /graphql and the two health checks; no pages, no documents about itself.

A POST that accepts text/event-stream is answered with a stream; subscriptions come over a WebSocket, too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request, Response, WebSocket
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import SQLAlchemyError

from subgraphs.kit.database import Database
from subgraphs.kit.event_stream import MEDIA_TYPE, events_of
from subgraphs.kit.operation_runner import OperationRunner
from subgraphs.kit.request_body import MalformedRequestError, read_request
from subgraphs.kit.socket_edge import serve_socket
from subgraphs.kit.subgraph_request import SubgraphRequest

Hook = Callable[[], Awaitable[None]]


_ROUTER_ONLY = {"message": "Only the router may ask this subgraph", "extensions": {"code": "ROUTER_ONLY"}}


def open_http(
    name: str,
    runner: OperationRunner,
    database: Database,
    bytes_max: int,
    hooks: tuple[Hook, Hook],
    routers: Sequence[APIRouter] = (),
) -> FastAPI:
    """Returns the ASGI app; `hooks` run when a server starts and stops it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        startup, shutdown = hooks
        await startup()
        yield
        await shutdown()

    app = FastAPI(title=name, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    for router in routers:
        app.include_router(router)
    _add_graphql(app, runner, bytes_max)
    _add_health(app, database)
    return app


def _add_graphql(app: FastAPI, runner: OperationRunner, bytes_max: int) -> None:
    @app.post("/graphql")
    async def graphql(request: Request) -> Response:
        if not runner.is_from_router(request.headers):
            return _json({"errors": [_ROUTER_ONLY]}, 403)
        try:
            body = await _read_body(request, bytes_max)
            subgraph_request = _read_request(body, dict(request.headers))
        except MalformedRequestError as error:
            entry = {"message": str(error), "extensions": {"code": "BAD_REQUEST"}}
            return _json({"errors": [entry]}, error.status)
        if MEDIA_TYPE in request.headers.get("accept", ""):
            return StreamingResponse(
                events_of(runner.subscribe(subgraph_request)),
                media_type=MEDIA_TYPE,
                headers={"cache-control": "no-store", "x-accel-buffering": "no"},
            )
        return _json(await runner.run(subgraph_request))

    @app.websocket("/graphql")
    async def subscriptions(socket: WebSocket) -> None:
        await serve_socket(socket, runner, bytes_max)


def _add_health(app: FastAPI, database: Database) -> None:
    @app.get("/health")
    async def health() -> Response:
        return _json({"status": "ok"})

    @app.get("/health/ready")
    async def ready() -> Response:
        try:
            await database.ping()
        except (SQLAlchemyError, OSError, TimeoutError):
            return _json({"status": "unavailable", "database": "unreachable"}, 503)
        return _json({"status": "ok", "database": "ok"})


async def _read_body(request: Request, bytes_max: int) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > bytes_max:
            raise MalformedRequestError(f"A request has at most {bytes_max} bytes", 413)
        chunks.append(chunk)
    return b"".join(chunks)


def _read_request(body: bytes, headers: dict[str, str]) -> SubgraphRequest:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedRequestError("The body is not JSON") from error
    return read_request(content, headers)


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
