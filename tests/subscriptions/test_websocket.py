"""graphql-transport-ws: every message, every close code, queries and mutations over the same socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from websockets.exceptions import InvalidStatus

from router.config import CorsConfig, ServerConfig, SubscriptionsConfig
from tests.subscriptions.clients import open_socket, ready_socket
from tests.subscriptions.world import World, until, world

COUNT = "subscription { count(to: 3) }"
CHANGED = "subscription { orderChanged { id number total } }"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[World]:
    """One router for all tests of the file."""
    async with world() as running:
        yield running


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_subscription_gives_each_event_and_completes(served: World) -> None:
    async with ready_socket(served.port) as socket:
        await socket.subscribe("a", COUNT)
        for number in (1, 2, 3):
            message = {"id": "a", "type": "next", "payload": {"data": {"count": number}}}
            assert await socket.receive() == message
        assert await socket.receive() == {"id": "a", "type": "complete"}


async def test_fields_of_other_subgraphs_are_fetched_for_each_event(served: World) -> None:
    async with ready_socket(served.port) as socket:
        await socket.subscribe("a", CHANGED)
        await until(lambda: served.changes.listeners)
        served.changes.publish({"__typename": "Order", "id": "o7"})
        data = {"orderChanged": {"id": "o7", "number": 7, "total": 70}}
        assert await socket.payload() == {"data": data}


async def test_queries_and_mutations_run_over_the_socket(served: World) -> None:
    async with ready_socket(served.port) as socket:
        await socket.subscribe("q", '{ order(id: "o4") { name total } }')
        assert await socket.payload() == {"data": {"order": {"name": "Order o4", "total": 40}}}
        assert await socket.receive() == {"id": "q", "type": "complete"}
        query = 'mutation Rename($name: String!) { rename(id: "o4", name: $name) { name } }'
        await socket.subscribe("m", query, variables={"name": "Zellige"}, operationName="Rename")
        assert await socket.payload() == {"data": {"rename": {"name": "Zellige"}}}
        assert await socket.receive() == {"id": "m", "type": "complete"}


async def test_errors_of_the_document_end_the_operation_alone(served: World) -> None:
    async with ready_socket(served.port) as socket:
        await socket.subscribe("a", "subscription { nothing }")
        message = await socket.receive()
        assert (message["id"], message["type"]) == ("a", "error")
        assert [error["extensions"]["code"] for error in message["payload"]] == ["GRAPHQL_VALIDATION_FAILED"]
        await socket.subscribe("a", "{ hello }")
        assert await socket.payload() == {"data": {"hello": "hello"}}


async def test_a_failing_upstream_ends_the_subscription_with_an_error(served: World) -> None:
    async with ready_socket(served.port) as socket:
        await socket.subscribe("a", "subscription { broken }")
        assert await socket.payload() == {"data": {"broken": 1}}
        message = await socket.receive()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "SUBGRAPH_HTTP_ERROR"


async def test_completing_stops_the_upstream_and_frees_the_id(served: World) -> None:
    async with ready_socket(served.port) as socket:
        await socket.subscribe("a", CHANGED)
        await until(lambda: served.changes.listeners)
        await socket.send(type="complete", id="a")
        await until(lambda: not served.changes.listeners)
        await socket.subscribe("a", "{ hello }")
        assert await socket.payload() == {"data": {"hello": "hello"}}


async def test_a_client_that_leaves_stops_its_upstreams(served: World) -> None:
    async with ready_socket(served.port) as socket:
        await socket.subscribe("a", CHANGED)
        await until(lambda: served.changes.listeners)
        socket.connection.transport.abort()
    await until(lambda: not served.changes.listeners and not served.edge.connections)


async def test_many_operations_share_a_socket(served: World) -> None:
    async with ready_socket(served.port) as socket:
        for name in "abc":
            await socket.subscribe(name, COUNT)
        seen = [await socket.receive() for _ in range(12)]
        for name in "abc":
            own = [message["type"] for message in seen if message["id"] == name]
            assert own == ["next", "next", "next", "complete"]


async def test_pings_are_answered_with_their_payload(served: World) -> None:
    async with open_socket(served.port) as socket:
        await socket.send(type="ping")
        assert await socket.receive() == {"type": "pong"}
        await socket.initialise()
        await socket.send(type="ping", payload={"n": 1})
        assert await socket.receive() == {"type": "pong", "payload": {"n": 1}}
        await socket.send(type="pong")
        await socket.subscribe("a", "{ hello }")
        assert (await socket.payload())["data"] == {"hello": "hello"}


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        "{}",
        '{"type": "unheard"}',
        '{"type": "connection_init", "payload": 1}',
        '{"type": "complete"}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ hello }"}}',
        '{"type": "subscribe", "id": "a"}',
        '{"type": "subscribe", "id": "a", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "a", "payload": {"query": "{ hello }", "variables": []}}',
        '{"type": "subscribe", "id": "a", "payload": {"query": "{ hello }", "operationName": 1}}',
    ],
)
async def test_4400_for_what_is_no_message(served: World, text: str) -> None:
    async with open_socket(served.port) as socket:
        await socket.connection.send(text)
        assert (await socket.closing())[0] == 4400


async def test_4400_for_binary_messages(served: World) -> None:
    async with open_socket(served.port) as socket:
        await socket.connection.send(json.dumps({"type": "ping"}).encode())
        assert (await socket.closing())[0] == 4400


async def test_4401_for_subscribing_before_the_acknowledgement(served: World) -> None:
    async with open_socket(served.port) as socket:
        await socket.subscribe("a", "{ hello }")
        assert await socket.closing() == (4401, "Unauthorized")


async def test_4406_for_another_subprotocol(served: World) -> None:
    async with open_socket(served.port, subprotocol=None) as socket:
        assert await socket.closing() == (4406, "Subprotocol not acceptable")


async def test_4408_for_silence_before_connection_init() -> None:
    config = SubscriptionsConfig(init_timeout_ms=50)
    async with world(config) as running, open_socket(running.port) as socket:
        assert await socket.closing() == (4408, "Connection initialisation timeout")


async def test_4409_for_an_id_in_use(served: World) -> None:
    async with ready_socket(served.port) as socket:
        await socket.subscribe("a", CHANGED)
        await socket.subscribe("a", COUNT)
        assert await socket.closing() == (4409, "Subscriber for a already exists")


async def test_4429_for_introducing_itself_twice(served: World) -> None:
    async with ready_socket(served.port) as socket:
        await socket.send(type="connection_init")
        assert await socket.closing() == (4429, "Too many initialisation requests")


async def test_foreign_pages_are_refused_and_allowed_ones_not() -> None:
    server = ServerConfig(cors=CorsConfig(allow_origins=("https://shop.example",)))
    async with world(server=server) as running:
        with pytest.raises(InvalidStatus) as refused:
            async with open_socket(running.port, origin="https://evil.example"):
                pass
        assert refused.value.response.status_code == 403
        async with open_socket(running.port, origin="https://shop.example") as socket:
            await socket.initialise()


async def test_operations_beyond_the_limit_of_a_connection_are_refused() -> None:
    config = SubscriptionsConfig(subscriptions_per_connection_max=2)
    async with world(config) as running, ready_socket(running.port) as socket:
        for name in "ab":
            await socket.subscribe(name, CHANGED)
        await socket.subscribe("c", CHANGED)
        message = await socket.receive()
        assert (message["id"], message["type"]) == ("c", "error")
        assert message["payload"][0]["extensions"]["code"] == "SUBSCRIPTION_LIMIT_EXCEEDED"


async def test_connections_beyond_the_limit_of_the_process_are_refused() -> None:
    async with world(SubscriptionsConfig(connections_max=1)) as running, open_socket(running.port):
        await until(lambda: running.edge.connections == 1)
        with pytest.raises(InvalidStatus) as refused:
            async with open_socket(running.port):
                pass
        assert refused.value.response.status_code == 503


async def test_identical_subscriptions_share_one_upstream(served: World) -> None:
    async with ready_socket(served.port) as one, ready_socket(served.port) as other:
        for socket in (one, other):
            await socket.subscribe("a", CHANGED)
        await until(lambda: len(served.hub._subscribers) == 2)
        await until(lambda: served.changes.listeners)
        before = len(served.billing.seen)
        served.changes.publish({"__typename": "Order", "id": "o1"})
        for socket in (one, other):
            assert (await socket.payload())["data"]["orderChanged"]["total"] == 10
        assert len(served.changes.listeners) == 1
        assert len(served.billing.seen) == before + 1


async def test_the_stop_of_the_router_sends_clients_away_to_come_back() -> None:
    async with world(SubscriptionsConfig(drain_ms=10)) as running, ready_socket(running.port) as socket:
        await socket.subscribe("a", CHANGED)
        await until(lambda: running.changes.listeners)
        draining = asyncio.create_task(running.edge.drain())
        assert (await socket.closing())[0] == 1012
        await draining
        with pytest.raises(InvalidStatus):
            async with open_socket(running.port):
                pass
