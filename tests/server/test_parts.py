"""Answers in parts over a real socket: both formats, clients that leave, deadlines, faults."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from router.config import ServerConfig
from router.executor.transport.client import AwaitedOnly, SubgraphClient, SubgraphRequest, SubgraphResponse
from router.pipeline.router import Router
from router.server.app import create_app
from router.server.negotiation import PartsMedia, negotiate_parts
from router.supergraph import load_supergraph
from tests.interop.shop import RECORDS, SUBGRAPHS
from tests.server.serving import DEADLINE_S, HttpAnswer, listen, parse_answer, request_bytes
from tests.support.incremental import assemble_current, assemble_previous
from tests.support.local_subgraphs import local_federation
from tests.support.run_router import compose

PREVIOUS = "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json"
CURRENT = "multipart/mixed; incrementalSpec=v0.2, application/json"
QUERY = '{ me { name ... @defer(label: "taste") { favourite { name } } } }'
WHOLE = {"me": {"name": "Amel", "favourite": {"name": "Khatim"}}}


@dataclass(slots=True)
class GatedClient(AwaitedOnly):
    """A subgraph that answers once its gate is open, and tells how each wait ended."""

    inner: SubgraphClient
    gate: asyncio.Event
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    outcomes: list[str] = field(default_factory=list)
    fault: Exception | None = None

    @property
    def takes_body(self) -> bool:
        return self.inner.takes_body

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        self.asked.set()
        try:
            await self.gate.wait()
            self.outcomes.append("answered")
            if self.fault is not None:
                raise self.fault
            return await self.inner.execute(request)
        except asyncio.CancelledError:
            self.outcomes.append("cancelled")
            raise
        finally:
            self.ended.set()

    async def close(self) -> None:
        await self.inner.close()


@dataclass(slots=True)
class Shop:
    """The shop behind the edge; `products`, asked only for what is deferred, answers when told."""

    port: int
    products: GatedClient

    async def ask(self, query: str, accept: str) -> HttpAnswer:
        """Returns the whole answer."""
        reader, writer = await self.open(query, accept)
        async with asyncio.timeout(DEADLINE_S):
            raw = await reader.read()
        writer.close()
        return parse_answer(raw)

    async def open(self, query: str, accept: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Sends the request only."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        headers = {"content-type": "application/json", "accept": accept}
        writer.write(request_bytes("POST", "/graphql", headers, json.dumps({"query": query}).encode()))
        await writer.drain()
        return reader, writer


@contextlib.asynccontextmanager
async def serve_shop(config: ServerConfig | None = None, *, is_open: bool = True) -> AsyncIterator[Shop]:
    """Serves the shop while the block runs."""
    sdl = compose(SUBGRAPHS).supergraph_sdl
    assert sdl is not None
    clients = dict(local_federation(SUBGRAPHS, RECORDS).subgraph_clients())
    products = GatedClient(clients["products"], asyncio.Event())
    if is_open:
        products.gate.set()
    router = Router(load_supergraph(sdl), {**clients, "products": products})
    app = create_app(router, config or ServerConfig(), is_ready=lambda: True)
    async with listen(app) as port:
        yield Shop(port, products)


def unchunked(body: bytes) -> bytes:
    """Returns the content of an HTTP/1.1 chunked body."""
    content = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        content, body = content + body[:length], body[length + 2 :]
    return content


def bodies_of(answer: HttpAnswer) -> list[dict[str, Any]]:
    """Returns the JSON of every part, after checking the framing of RFC 2046."""
    assert answer.headers["transfer-encoding"] == "chunked"
    content = unchunked(answer.body)
    assert content.startswith(b"\r\n---\r\n")
    assert content.endswith(b"\r\n-----\r\n")
    parts = content.removesuffix(b"\r\n-----\r\n").split(b"\r\n---\r\n")[1:]
    heads, texts = zip(*(part.split(b"\r\n\r\n", 1) for part in parts), strict=True)
    assert set(heads) == {b"content-type: application/json; charset=utf-8"}
    return [json.loads(text) for text in texts]


async def test_the_previous_format() -> None:
    async with serve_shop() as shop:
        answer = await shop.ask(QUERY, PREVIOUS)
    assert answer.status == 200
    assert answer.headers["content-type"] == 'multipart/mixed; boundary="-"; deferSpec=20220824'
    assert bodies_of(answer) == [
        {"data": {"me": {"name": "Amel"}}, "hasNext": True},
        {
            "incremental": [
                {"data": {"favourite": {"name": "Khatim"}}, "path": ["me"], "label": "taste"},
            ],
            "hasNext": False,
        },
    ]
    assert assemble_previous(bodies_of(answer)).data == WHOLE


@pytest.mark.parametrize("accept", [CURRENT, "multipart/mixed", "multipart/mixed, application/json"])
async def test_the_current_format(accept: str) -> None:
    async with serve_shop() as shop:
        answer = await shop.ask(QUERY, accept)
    assert answer.headers["content-type"] == 'multipart/mixed; boundary="-"; incrementalSpec=v0.2'
    assert answer.headers["x-accel-buffering"] == "no"
    assert bodies_of(answer) == [
        {
            "data": {"me": {"name": "Amel"}},
            "pending": [{"id": "0", "path": ["me"], "label": "taste"}],
            "hasNext": True,
        },
        {
            "incremental": [{"id": "0", "data": {"favourite": {"name": "Khatim"}}}],
            "completed": [{"id": "0"}],
            "hasNext": False,
        },
    ]
    assert assemble_current(bodies_of(answer)).data == WHOLE


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/graphql-response+json"])
async def test_a_client_without_multipart_gets_everything_at_once(accept: str) -> None:
    async with serve_shop() as shop:
        answer = await shop.ask(QUERY, accept)
    assert (answer.status, answer.json) == (200, {"data": WHOLE})


async def test_nothing_deferred_is_answered_whole() -> None:
    async with serve_shop() as shop:
        answer = await shop.ask("{ me { name ... @defer(if: false) { email } } }", CURRENT)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json == {"data": {"me": {"name": "Amel", "email": "User:1.email"}}}


async def test_a_client_of_multipart_alone_gets_one_part_and_refusals_in_json() -> None:
    async with serve_shop() as shop:
        whole = await shop.ask("{ me { name } }", "multipart/mixed")
        refused = await shop.ask("{ nothing }", "multipart/mixed")
    assert bodies_of(whole) == [{"data": {"me": {"name": "Amel"}}, "hasNext": False}]
    assert refused.codes == ["GRAPHQL_VALIDATION_FAILED"]


async def test_stream_is_refused_by_name() -> None:
    async with serve_shop() as shop:
        answer = await shop.ask("{ products @stream { id } }", CURRENT)
    assert answer.codes == ["OPERATION_NOT_SUPPORTED"]
    assert "@stream" in answer.json["errors"][0]["message"]


async def test_the_initial_response_does_not_wait_for_what_is_deferred() -> None:
    async with serve_shop(is_open=False) as shop:
        reader, writer = await shop.open(QUERY, CURRENT)
        async with asyncio.timeout(DEADLINE_S):
            before = await reader.readuntil(b'"hasNext":true}\r\n---')
            assert b'{"me":{"name":"Amel"}}' in before
            await shop.products.asked.wait()
            assert shop.products.outcomes == []
            shop.products.gate.set()
            assert b"Khatim" in await reader.read()
        writer.close()


async def test_a_client_that_leaves_midway_cancels_the_fetches() -> None:
    async with serve_shop(is_open=False) as shop:
        reader, writer = await shop.open(QUERY, CURRENT)
        async with asyncio.timeout(DEADLINE_S):
            await reader.readuntil(b'"hasNext":true}')
            await shop.products.asked.wait()
            writer.close()
            await shop.products.ended.wait()
        assert shop.products.outcomes == ["cancelled"]
        shop.products.gate.set()
        assert (await shop.ask("{ me { name } }", CURRENT)).status == 200


@pytest.mark.parametrize("accept", [PREVIOUS, CURRENT])
async def test_the_deadline_of_the_request_ends_the_parts_in_good_form(accept: str) -> None:
    async with serve_shop(ServerConfig(request_timeout_ms=300), is_open=False) as shop:
        bodies = bodies_of(await shop.ask(QUERY, accept))
        assert shop.products.outcomes == ["cancelled"]
    found = assemble_previous(bodies) if accept == PREVIOUS else assemble_current(bodies)
    assert found.data == {"me": {"name": "Amel"}}
    assert found.failed == [("me",)]
    assert [error["extensions"]["code"] for error in found.errors] == ["REQUEST_TIMEOUT"]
    assert found.errors[0]["extensions"]["requestId"]


async def test_a_fault_of_ours_midway_is_masked() -> None:
    async with serve_shop(is_open=False) as shop:
        shop.products.fault = RuntimeError("password=hunter2 at db.internal")
        shop.products.gate.set()
        answer = await shop.ask(QUERY, CURRENT)
    found = assemble_current(bodies_of(answer))
    assert [error["message"] for error in found.errors] == ["Internal server error"]
    assert b"hunter2" not in answer.body


async def test_the_directive_is_part_of_the_schema() -> None:
    query = "{ __schema { directives { name args { name defaultValue } locations } } }"
    async with serve_shop() as shop:
        directives = (await shop.ask(query, "application/json")).json["data"]["__schema"]["directives"]
    assert [one for one in directives if one["name"] == "defer"] == [
        {
            "name": "defer",
            "args": [{"name": "if", "defaultValue": "true"}, {"name": "label", "defaultValue": None}],
            "locations": ["FRAGMENT_SPREAD", "INLINE_FRAGMENT"],
        }
    ]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", None),
        ("*/*", None),
        ("multipart/*", None),
        ("application/json", None),
        ("multipart/mixed", PartsMedia.CURRENT),
        ("Multipart/Mixed; IncrementalSpec=V0.2", PartsMedia.CURRENT),
        ('multipart/mixed;deferSpec="20220824"', PartsMedia.PREVIOUS),
        (PREVIOUS, PartsMedia.PREVIOUS),
        ("multipart/mixed;incrementalSpec=v0.2, multipart/mixed;deferSpec=20220824", PartsMedia.CURRENT),
        ("multipart/mixed;deferSpec=20220824, multipart/mixed;incrementalSpec=v0.2", PartsMedia.PREVIOUS),
        ("multipart/mixed;deferSpec=20220824;q=0.5, multipart/mixed", PartsMedia.CURRENT),
        ("multipart/mixed;deferSpec=19990101", None),
        ("multipart/mixed;incrementalSpec=v9", None),
        ("multipart/mixed;q=0", None),
        ('multipart/mixed;boundary="graphql";subscriptionSpec=1.0, application/json', None),
    ],
)
def test_the_format_is_what_the_client_names(accept: str, media: PartsMedia | None) -> None:
    assert negotiate_parts(accept) is media
