"""Subscriptions at subgraphs over sockets: a Strawberry server, by WebSocket and by server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

import pytest
import strawberry
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL

from router.config import SubscriptionsConfig, TransportConfig, UpstreamConfig, UpstreamSubgraphConfig
from router.errors import SubgraphError
from router.executor.transport.build_stream import build_stream
from router.executor.transport.client import SubgraphRequest, SubgraphResponse
from router.executor.transport.event_stream import EventStreamParser, StreamedEvent
from router.executor.transport.failures import ResponseTooLargeFault
from router.executor.transport.stream import StreamingClient
from tests.subscriptions.world import listen, until

PROTOCOLS = ["websocket", "sse"]


class Watched:
    """What happened at the subgraph."""

    def __init__(self) -> None:
        self.running = 0
        self.connections = 0
        self.authorizations: list[str | None] = []


def subgraph(watched: Watched) -> GraphQL:
    """A Strawberry schema that counts, and notes who asks."""

    @strawberry.type
    class Query:
        @strawberry.field
        def hello(self) -> str:
            return "hello"

    @strawberry.type
    class Subscription:
        @strawberry.subscription
        async def count(self, to: int, wait_s: float = 0.0) -> AsyncGenerator[int, None]:
            watched.running += 1
            try:
                for number in range(1, to + 1):
                    yield number
                    await asyncio.sleep(wait_s)
            finally:
                watched.running -= 1

        @strawberry.subscription
        async def viewer(self, info: strawberry.Info) -> AsyncGenerator[str, None]:
            told = info.context.get("connection_params") or {}
            request = info.context["request"]
            yield told.get("authorization") or request.headers.get("authorization") or "nobody"

    class Counting(GraphQL):
        async def __call__(self, scope, receive, send) -> None:
            watched.connections += scope["type"] in {"websocket", "http"}
            await super().__call__(scope, receive, send)

    protocols = [GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL]
    return Counting(strawberry.Schema(Query, subscription=Subscription), subscription_protocols=protocols)


@contextlib.asynccontextmanager
async def upstream(
    protocol: str, config: UpstreamConfig | None = None
) -> AsyncIterator[tuple[StreamingClient, Watched]]:
    """Serves the subgraph and gives a client of it."""
    watched = Watched()
    async with listen(subgraph(watched)) as port:
        own = {"counter": UpstreamSubgraphConfig.model_validate({"protocol": protocol})}
        settings = SubscriptionsConfig(upstream=config or UpstreamConfig(), subgraphs=own)
        client = build_stream("counter", f"http://127.0.0.1:{port}/graphql", settings, TransportConfig())
        try:
            yield client, watched
        finally:
            await client.close()


async def collect(client: StreamingClient, query: str, **headers: str) -> list[SubgraphResponse]:
    """Returns all responses of a subscription."""
    return [each async for each in client.subscribe(SubgraphRequest(query, headers=headers))]


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_responses_come_one_after_another_to_the_end(protocol: str) -> None:
    async with upstream(protocol) as (client, _):
        request = SubgraphRequest("subscription C($to: Int!) { count(to: $to) }", {"to": 3}, "C")
        found = [each.data async for each in client.subscribe(request)]
        assert found == [{"count": 1}, {"count": 2}, {"count": 3}]


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_closing_stops_the_subgraph(protocol: str) -> None:
    async with upstream(protocol) as (client, watched):
        events = client.subscribe(SubgraphRequest("subscription { count(to: 100000, waitS: 0.01) }"))
        assert (await anext(events)).data == {"count": 1}
        await events.aclose()
        await until(lambda: watched.running == 0)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_refused_document_is_a_response_with_errors(protocol: str) -> None:
    async with upstream(protocol) as (client, _):
        (answer,) = await collect(client, "subscription { nothing }")
        assert answer.data is None
        assert "nothing" in answer.errors[0]["message"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_the_subgraph_is_shown_the_headers_of_the_client(protocol: str) -> None:
    async with upstream(protocol) as (client, _):
        for name in ("amina", "bilal"):
            (answer,) = await collect(client, "subscription { viewer }", authorization=name)
            assert answer.data == {"viewer": name}


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_subgraph_that_is_not_there_is_an_error(protocol: str) -> None:
    async with upstream(protocol) as (client, _):
        pass
    own = {"gone": UpstreamSubgraphConfig.model_validate({"protocol": protocol})}
    settings = SubscriptionsConfig(subgraphs=own)
    client = build_stream("gone", "http://127.0.0.1:1/graphql", settings, TransportConfig())
    with pytest.raises(SubgraphError) as failure:
        await collect(client, "subscription { count(to: 1) }")
    assert failure.value.code == "SUBGRAPH_UNREACHABLE"
    await client.close()


async def test_one_websocket_carries_the_subscriptions_of_one_audience() -> None:
    config = UpstreamConfig(subscriptions_per_connection_max=2)
    async with upstream("websocket", config) as (client, watched):
        query = "subscription { count(to: 100000, waitS: 0.05) }"
        running = [client.subscribe(SubgraphRequest(query)) for _ in range(3)]
        running += [client.subscribe(SubgraphRequest(query, headers={"authorization": "amina"}))]
        for each in running:
            await anext(each)
        assert watched.connections == 3  # two and one for nobody, one for Amina
        for each in running:
            await each.aclose()


async def test_an_idle_websocket_is_closed_and_another_opened_when_needed() -> None:
    async with upstream("websocket", UpstreamConfig(idle_timeout_ms=20)) as (client, watched):
        await collect(client, "subscription { count(to: 1) }")
        await until(lambda: not client._connections)  # pyright: ignore[reportAttributeAccessIssue]
        assert len(await collect(client, "subscription { count(to: 2) }")) == 2
        assert watched.connections == 2


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_connections_are_bounded(protocol: str) -> None:
    config = UpstreamConfig(connections_max=1, subscriptions_per_connection_max=1)
    async with upstream(protocol, config) as (client, _):
        first = client.subscribe(SubgraphRequest("subscription { count(to: 1000, waitS: 0.05) }"))
        await anext(first)
        with pytest.raises(SubgraphError) as failure:
            await collect(client, "subscription { count(to: 1) }")
        assert failure.value.code == "OVERLOADED"
        await first.aclose()


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_server_that_goes_breaks_its_subscriptions_off(protocol: str) -> None:
    watched = Watched()
    async with contextlib.AsyncExitStack() as stack:
        port = await stack.enter_async_context(listen(subgraph(watched)))
        own = {"counter": UpstreamSubgraphConfig.model_validate({"protocol": protocol})}
        settings = SubscriptionsConfig(subgraphs=own)
        client = build_stream("counter", f"http://127.0.0.1:{port}/graphql", settings, TransportConfig())
        events = client.subscribe(SubgraphRequest("subscription { count(to: 100000, waitS: 0.01) }"))
        await anext(events)
        closing = asyncio.create_task(stack.aclose())
        with pytest.raises(SubgraphError) as failure:
            async for _ in events:
                pass
        assert failure.value.code == "SUBGRAPH_UNREACHABLE"
        await client.close()
        await closing


def test_event_streams_are_read_in_any_portions() -> None:
    text = ":hello\r\nevent: next\r\ndata: {\ndata: }\n\nid: 1\rdata: é\r\revent: complete\n\n".encode()
    expected = [StreamedEvent("next", "{\n}"), StreamedEvent("message", "é"), StreamedEvent("complete", "")]
    for size in range(1, len(text) + 1):
        parser = EventStreamParser(1_000)
        portions = [text[start : start + size] for start in range(0, len(text), size)]
        assert [event for portion in portions for event in parser.feed(portion)] == expected, size


def test_an_event_over_the_limit_is_refused() -> None:
    parser = EventStreamParser(50)
    with pytest.raises(ResponseTooLargeFault):
        list(parser.feed(b"data: " + b"x" * 60))
