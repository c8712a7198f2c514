"""The router as one ASGI application: the hot endpoint in front, FastAPI for everything else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from urllib.parse import urlencode

from fastapi import FastAPI

from router.cache.cache import Cache
from router.config import LimitsConfig, ServerConfig
from router.pipeline.executes import ExecutesInParts
from router.server.asgi import Message, Receive, Scope, Send, read_headers
from router.server.authentication import EdgeAuthentication
from router.server.cache_invalidation import cache_invalidation_routes
from router.server.endpoint import GraphQLEndpoint
from router.server.graphiql.page import graphiql_routes
from router.server.health import IsReady, health_routes
from router.server.request_id import choose_request_id
from router.server.security_headers import security_headers
from router.server.subscriptions import SubscriptionEdge
from router.server.subscriptions.stream_endpoint import StreamEndpoint
from router.server.subscriptions.stream_request import may_stream
from router.server.subscriptions.websocket import WebSocketEndpoint
from router.telemetry.telemetry import Telemetry

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(  # noqa: PLR0913 - one for each part
    router: ExecutesInParts,
    config: ServerConfig,
    *,
    is_ready: IsReady,
    limits: LimitsConfig | None = None,
    lifespan: Lifespan | None = None,
    telemetry: Telemetry | None = None,
    authentication: EdgeAuthentication | None = None,
) -> RouterApp:
    """Returns the ASGI application; `lifespan` opens and closes what `router` needs, if anything.

    Without `authentication` credentials are not looked at. Without `telemetry` there is the access log, and
    plans are shown where GraphiQL is.
    """
    telemetry = telemetry or Telemetry(is_inspectable=config.graphiql.enabled)
    pages = FastAPI(title="Zellige", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    endpoint = GraphQLEndpoint(router, config, limits or LimitsConfig(), telemetry, authentication)
    pages.include_router(health_routes(is_ready, endpoint.drain))
    if config.graphiql.enabled:
        pages.include_router(graphiql_routes(config, shows_plans=telemetry.is_inspectable))
    return RouterApp(endpoint, pages, config)


class RouterApp:
    """Takes the GraphQL path out before FastAPI's routing; gives the other pages their common headers."""

    def __init__(self, endpoint: GraphQLEndpoint, pages: FastAPI, config: ServerConfig) -> None:
        self.pages = pages
        self.admission = endpoint.admission
        self.drain = endpoint.drain
        self._endpoint = endpoint
        self._path = config.path
        self._documents_path = config.path.rstrip("/") + "/"
        self._headers = security_headers(config)
        self._streams: StreamEndpoint | None = None
        self._sockets: WebSocketEndpoint | None = None
        self.message_bytes_max = LimitsConfig().max_body_bytes

    def serve_cache(self, cache: Cache) -> None:
        """Lets whoever has the key of the settings invalidate what is kept."""
        self.pages.include_router(cache_invalidation_routes(cache, cache.config.invalidation))

    def serve_subscriptions(self, edge: SubscriptionEdge) -> None:
        """Serves subscriptions, too; without it they are refused."""
        edge.admission = self.admission
        self._streams = StreamEndpoint(edge, self._endpoint)
        self._sockets = WebSocketEndpoint(edge)
        self.message_bytes_max = edge.limits.max_body_bytes
        self.drain.tell(edge.begin_drain)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or goes through the lifespan of the server."""
        if scope["type"] != "http":
            is_socket = scope["type"] == "websocket" and scope["path"] == self._path
            app = self._sockets if is_socket and self._sockets is not None else self.pages
            await app(scope, receive, send)
        elif scope["path"] == self._path:
            streams = self._streams
            app = streams if streams is not None and may_stream(scope) else self._endpoint
            await app(scope, receive, send)
        elif scope["method"] == "GET" and scope["path"].startswith(self._documents_path):
            await self._endpoint(self._naming_document(scope), receive, send)
        else:
            await self.pages(scope, receive, self._with_headers(scope, send))

    def _naming_document(self, scope: Scope) -> Scope:
        """Returns the request for `/graphql/<id>` or `/graphql/<id>/<operation>` in its ordinary form."""
        id_, _, operation = scope["path"].removeprefix(self._documents_path).partition("/")
        named = {"documentId": id_, **({"operationName": operation} if operation else {})}
        query_string = urlencode(named).encode() + b"&" + scope["query_string"]
        return {**scope, "path": self._path, "query_string": query_string}

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        request_id = choose_request_id(read_headers(scope["headers"]).get("x-request-id"))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                added = [(name, value) for name, value in self._headers if name not in own]
                message["headers"] = [*message["headers"], *added, (b"x-request-id", request_id.encode())]
            await send(message)

        return send_with_headers
