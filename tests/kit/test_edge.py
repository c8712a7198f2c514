"""The subgraph over a real socket, and the router reached over one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import uvicorn

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.auth.key_set import published_jwks
from subgraphs.kit.http_client import HttpAnswer, HttpCallError, call_http
from subgraphs.kit.router_client import HttpRouterClient, RouterUnreachableError
from subgraphs.kit.settings import KitSettings
from tests.kit.shelf import create_app
from tests.support.database import test_settings as settings_for_tests
from tests.support.subgraph import RunningSubgraph, sign_access_token

LOOPBACK = "127.0.0.1"


class Served:
    """An app behind uvicorn on a port of its own."""

    def __init__(self, app: SubgraphApp | Callable[..., Any], **options: Any) -> None:
        asgi = app.asgi if isinstance(app, SubgraphApp) else app
        config = uvicorn.Config(asgi, LOOPBACK, 0, log_level="error", ws="none", **options)
        self.server = uvicorn.Server(config)

    async def __aenter__(self) -> Served:
        self._running = asyncio.create_task(self.server.serve())
        async with asyncio.timeout(30):
            while not self.server.started:  # noqa: ASYNC110 - uvicorn has a flag and no event
                await asyncio.sleep(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://{LOOPBACK}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.should_exit = True
        await self._running

    async def post(self, body: bytes, **headers: str) -> tuple[int, Any]:
        answer = await call_http("POST", f"{self.url}/graphql", timeout_s=10, headers=headers, body=body)
        return answer.status, json.loads(answer.body)

    async def get(self, path: str) -> HttpAnswer:
        return await call_http("GET", f"{self.url}{path}", timeout_s=10)


@pytest.fixture
async def served(shelf: RunningSubgraph) -> AsyncIterator[Served]:
    async with Served(shelf.app) as running:
        yield running


async def test_http_answers_what_in_process_execution_does(shelf: RunningSubgraph, served: Served) -> None:
    caller = shelf.user(permissions=["books:write"])
    token = sign_access_token(shelf.settings, caller.viewer, {})
    query = "query W($t: String!) { whoami backroom echo(text: $t) }"
    body = json.dumps({"query": query, "variables": {"t": "مرحبا"}, "operationName": "W"}).encode()
    status, response = await served.post(body, authorization=f"Bearer {token}")
    assert (status, response) == (200, await shelf.execute(query, {"t": "مرحبا"}, caller))
    assert response["data"]["whoami"] == str(caller.viewer.user_id)
    status, response = await served.post(body, authorization="Bearer forged")
    assert (status, response) == (
        200,
        {
            "errors": [
                {
                    "message": "The access token is not valid or has expired",
                    "extensions": {"code": "UNAUTHENTICATED"},
                }
            ]
        },
    )


async def test_bodies_that_are_no_requests_are_refused(served: Served) -> None:
    for body, message in (
        (b"", "The body is not JSON"),
        (b"{", "The body is not JSON"),
        (b"\xff\xfe", "The body is not JSON"),
        (b"[]", "The body must be one JSON object"),
        (b'"text"', "The body must be one JSON object"),
        (b"{}", "`query` must be text"),
        (b'{"query": 5}', "`query` must be text"),
        (b'{"query": "{ whoami }", "variables": []}', "`variables` must be an object"),
        (b'{"query": "{ whoami }", "operationName": 5}', "`operationName` must be text"),
    ):
        error = {"message": message, "extensions": {"code": "BAD_REQUEST"}}
        assert await served.post(body) == (400, {"errors": [error]})
    status, response = await served.post(b'{"query": "' + b" " * 1_000_000 + b'{ whoami }"}')
    assert (status, response["errors"][0]["message"]) == (413, "A request has at most 1000000 bytes")
    assert (await served.get("/health")).status == 200


async def test_there_are_no_pages_about_itself(served: Served) -> None:
    for path in ("/", "/docs", "/redoc", "/openapi.json"):
        assert (await served.get(path)).status == 404
    assert (await served.get("/graphql")).status == 405


async def test_readiness_tells_the_truth_about_the_database(served: Served) -> None:
    assert json.loads((await served.get("/health/ready")).body) == {"status": "ok", "database": "ok"}
    app = create_app(settings_for_tests("there_is_no_such_database_"))
    async with Served(app) as orphan:
        assert (await orphan.get("/health")).status == 200
        answer = await orphan.get("/health/ready")
    assert (answer.status, json.loads(answer.body)["status"]) == (503, "unavailable")


async def test_published_keys_are_fetched_over_http_to_verify_tokens(shelf: RunningSubgraph) -> None:
    keys = published_jwks(shelf.settings)

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(keys).encode()})

    async with Served(answer, lifespan="off") as issuer:
        keys_url = f"{issuer.url}/.well-known/jwks.json"
        remote = shelf.settings.model_copy(update={"signing_key": None, "jwks": keys_url})
        app = create_app(remote)
        caller = shelf.user()
        response = await app.execute("{ whoami }", headers=caller.headers)
        assert response == {"data": {"whoami": str(caller.viewer.user_id)}}
    down = create_app(remote)
    refused = await down.execute("{ whoami }", headers=caller.headers)
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    still = await app.execute("{ whoami }", headers=shelf.user().headers)
    assert "errors" not in still
    for each in (app, down):
        await each.shutdown()


async def test_the_router_client_returns_the_response_map(shelf: RunningSubgraph, served: Served) -> None:
    settings = shelf.settings.model_copy(update={"router_url": f"{served.url}/graphql"})
    client = HttpRouterClient(settings)
    service = shelf.service("orders")
    response = await client.execute("query($t: String!) { echo(text: $t) }", {"t": "x"}, token=service.token)
    assert response == {"data": {"echo": "x"}}
    response = await client.execute("{ engineRoom }", {}, token=service.token)
    assert response == {"data": {"engineRoom": "orders for None"}}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "ConnectionClosed"),
        (b"nonsense\r\n\r\n", "illegal status line"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nshort", "received 5 bytes"),
        (b"HTTP/1.1 502 Bad\r\ncontent-length: 4\r\n\r\noops", "unexpected character"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "without a GraphQL response"),
        (None, "TimeoutError"),
    ],
)
async def test_a_broken_router_is_unreachable(answer: bytes | None, message: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
            await writer.drain()
        writer.close()
        await writer.wait_closed()
        served.set()

    served = asyncio.Event()
    server = await asyncio.start_server(serve, LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    settings = KitSettings(router_url=f"http://{LOOPBACK}:{port}/graphql", router_timeout_s=0.5)
    with pytest.raises(RouterUnreachableError, match=message):
        await HttpRouterClient(settings).execute("{ x }", {}, token="t")
    await served.wait()
    server.close()
    await server.wait_closed()


async def test_a_closed_port_is_a_failed_call() -> None:
    server = await asyncio.start_server(lambda *_: None, LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(HttpCallError):
        await call_http("GET", f"http://{LOOPBACK}:{port}/", timeout_s=2)
