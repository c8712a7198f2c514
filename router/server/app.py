"""The router as one ASGI application: the hot endpoint in front, FastAPI for everything else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from starlette.types import ASGIApp

from router.config import LimitsConfig, ServerConfig
from router.server.asgi import Message, Receive, Scope, Send, read_headers
from router.server.cors import HeaderList
from router.server.endpoint import GraphQLEndpoint
from router.server.executes import ExecutesInParts
from router.server.graphiql.page import graphiql_routes
from router.server.health import IsReady, health_routes
from router.server.request_id import choose_request_id
from router.server.security_headers import security_headers

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    router: ExecutesInParts,
    config: ServerConfig,
    *,
    is_ready: IsReady,
    limits: LimitsConfig | None = None,
    lifespan: Lifespan | None = None,
    access_log: bool = True,
) -> FastAPI:
    """Returns the ASGI application; `lifespan` opens and closes what `router` needs, if anything."""
    app = FastAPI(title="Zellige", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.include_router(health_routes(is_ready))
    if config.graphiql.enabled:
        app.include_router(graphiql_routes(config))
    endpoint = GraphQLEndpoint(router, config, limits or LimitsConfig(), access_log=access_log)
    app.add_middleware(_Dispatch, endpoint=endpoint, path=config.path, headers=security_headers(config))
    return app


class _Dispatch:
    """Takes the GraphQL path out before FastAPI's routing; gives the other pages their common headers."""

    def __init__(self, app: ASGIApp, *, endpoint: GraphQLEndpoint, path: str, headers: HeaderList) -> None:
        self._app = app
        self._endpoint = endpoint
        self._path = path
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == self._path:
            await self._endpoint(scope, receive, send)
        else:
            await self._app(scope, receive, self._with_headers(scope, send))

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        request_id = choose_request_id(read_headers(scope["headers"]).get("x-request-id"))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                added = [(name, value) for name, value in self._headers if name not in own]
                message["headers"] = [*message["headers"], *added, (b"x-request-id", request_id.encode())]
            await send(message)

        return send_with_headers
