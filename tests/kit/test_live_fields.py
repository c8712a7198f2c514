"""Subscriptions a domain resolves itself: in process, by WebSocket, by event stream, through the router."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import strawberry
from strawberry import federation

from router.config import SubscriptionsConfig, TransportConfig, UpstreamConfig
from router.executor.transport.build_stream import build_stream
from router.executor.transport.in_process import InProcessClient
from router.executor.transport.in_process_stream import InProcessStream
from router.executor.transport.stream import StreamingClient
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.pipeline.subscriptions import Delivery, Ending, Subscriber, SubscriptionHub
from router.supergraph import load_supergraph
from subgraphs.kit import fields
from subgraphs.kit.access import HasPermission, Public
from subgraphs.kit.app import SubgraphApp, Wiring
from subgraphs.kit.auth.passport import PASSPORT_HEADER
from subgraphs.kit.context import Info
from subgraphs.kit.entities import Representation
from subgraphs.kit.errors import ClientError
from subgraphs.kit.ids import new_id
from subgraphs.kit.live_fields import live_field
from subgraphs.kit.schema import KitSchema
from tests.subscriptions.clients import Socket, open_socket, request
from tests.subscriptions.world import DEADLINE_S, listen, until
from tests.support.database import test_settings as settings_for_tests
from tests.support.run_router import compose
from tests.support.subgraph import Caller, MovableClock, RunningSubgraph

COUNT = "subscription Count($to: Int!) { count(to: $to) { id twice } }"


class Sources:
    """How many sources run."""

    def __init__(self) -> None:
        self.running = 0


@federation.type(keys=["id"])
class Counted:
    id: strawberry.ID

    @strawberry.field
    async def twice(self) -> int:
        return 2 * int(self.id)

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[Counted | None]:
        return [cls(id=strawberry.ID(str(each["id"]))) for each in representations]


@strawberry.type
class Query:
    @fields.query(allow=Public())
    async def hello(self) -> str:
        return "hello"


class Exhausted(ClientError):  # noqa: N818 - a refusal reads as a sentence
    code = "EXHAUSTED"


@strawberry.type
class Subscription:
    @live_field(allow=Public())
    async def count(self, info: Info, to: int) -> AsyncGenerator[Counted, None]:
        sources = info.context.port(Sources)
        sources.running += 1
        try:
            for number in range(1, to + 1):
                yield Counted(id=strawberry.ID(str(number)))
            if to == 99:
                await asyncio.Event().wait()
        finally:
            sources.running -= 1

    @live_field(allow=HasPermission("counts:read"))
    async def secret(self, info: Info) -> AsyncGenerator[str, None]:
        while True:
            yield str(info.context.viewer.user_id)

    @live_field(allow=Public())
    async def failing(self, coded: bool) -> AsyncGenerator[int, None]:
        yield 1
        if coded:
            raise Exhausted("There are no more")
        raise RuntimeError("the password is hunter2")


def counter(clock: MovableClock | None = None, **settings: Any) -> tuple[SubgraphApp, Sources]:
    """Returns a domain of subscriptions, without a database."""
    schema, sources = KitSchema(query=Query, subscription=Subscription, types=[Counted]), Sources()
    wiring = Wiring(clock=clock or MovableClock(), ports={Sources: sources})
    return SubgraphApp("counter", settings_for_tests("ztlive", **settings), schema, wiring), sources


async def responses(
    app: SubgraphApp, query: str, caller: Caller | None = None, **variables: Any
) -> list[Any]:
    """Returns all the responses of a subscription that ends."""
    headers = caller.headers if caller else {}
    async with asyncio.timeout(DEADLINE_S):
        return [each async for each in app.subscribe(query, variables, None, headers)]


async def test_each_event_is_a_whole_response_and_the_source_ends_with_its_reader() -> None:
    app, sources = counter()
    assert await responses(app, COUNT, to=2) == [
        {"data": {"count": {"id": "1", "twice": 2}}},
        {"data": {"count": {"id": "2", "twice": 4}}},
    ]
    assert await responses(app, "{ hello }") == [{"data": {"hello": "hello"}}]
    stream = app.subscribe(COUNT, {"to": 99})
    assert await anext(stream) == {"data": {"count": {"id": "1", "twice": 2}}}
    assert sources.running == 1
    await stream.aclose()
    assert sources.running == 0


async def test_what_a_source_refuses_is_told_and_what_it_breaks_over_is_masked() -> None:
    app, _ = counter()
    first, coded = await responses(app, "subscription { failing(coded: true) }")
    assert first == {"data": {"failing": 1}}
    assert coded == {"errors": [{"message": "There are no more", "extensions": {"code": "EXHAUSTED"}}]}
    _, masked = await responses(app, "subscription { failing(coded: false) }")
    (error,) = masked["errors"]
    assert (error["message"], error["extensions"]["code"]) == (
        "Internal server error",
        "INTERNAL_SERVER_ERROR",
    )


async def test_viewers_without_the_permission_are_refused_and_expired_ones_cut_off() -> None:
    clock = MovableClock()
    app, _ = counter(clock)
    running = RunningSubgraph(app)
    for caller, code in ((None, "UNAUTHENTICATED"), (running.user(), "FORBIDDEN")):
        (refused,) = await responses(app, "subscription { secret }", caller)
        assert [error["extensions"]["code"] for error in refused["errors"]] == [code]
    reader = running.user(permissions=["counts:read"])
    stream = app.subscribe("subscription { secret }", {}, None, reader.headers)
    assert await anext(stream) == {"data": {"secret": str(reader.viewer.user_id)}}
    clock.advance(hours=1)
    expired = await anext(stream)
    assert [error["extensions"]["code"] for error in expired["errors"]] == ["UNAUTHENTICATED"]
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_subscriptions_at_once_are_bounded() -> None:
    app, _ = counter(subscriptions_max=1)
    stream = app.subscribe(COUNT, {"to": 99})
    await anext(stream)
    (refused,) = await responses(app, COUNT, to=1)
    assert refused["errors"][0]["extensions"]["code"] == "OVERLOADED"
    await stream.aclose()
    assert len(await responses(app, COUNT, to=1)) == 1


def test_a_subscription_says_who_may_reach_it() -> None:
    @strawberry.type(name="Subscription")
    class Open:
        @strawberry.subscription
        async def ticks(self) -> AsyncGenerator[int, None]:
            yield 1

    with pytest.raises(TypeError, match=r"Subscription\.ticks does not say which events make it, nor who"):
        KitSchema(query=Query, subscription=Open)


# --- through the router


@asynccontextmanager
async def through_router(
    app: SubgraphApp, kind: str, port: int
) -> AsyncIterator[tuple[SubscriptionHub, Router]]:
    """Subscribes at a router whose way to the subgraph is of that kind."""
    sdl = compose({"counter": app.sdl()}).supergraph_sdl
    assert sdl is not None
    router = Router(load_supergraph(sdl), {"counter": InProcessClient("counter", app.execute)})
    stream: StreamingClient = InProcessStream("counter", app.subscribe)
    config = SubscriptionsConfig()
    if kind != "in process":
        upstream = UpstreamConfig.model_validate({"protocol": kind})
        config = config.model_copy(update={"upstream": upstream})
        url, transport = f"http://127.0.0.1:{port}/graphql", TransportConfig()
        stream = build_stream("counter", url, config, transport)
    hub = SubscriptionHub(config, ("authorization",))
    await hub.adopt(router, {"counter": stream})
    try:
        yield hub, router
    finally:
        await hub.close()
        await stream.close()
        await router.close()


@pytest.mark.parametrize("kind", ["in process", "websocket", "sse"])
async def test_the_router_carries_it_with_the_viewer_over_every_way(kind: str) -> None:
    app, sources = counter()
    reader = RunningSubgraph(app).user(permissions=["counts:read"])
    async with listen(app.asgi) as port, through_router(app, kind, port) as (hub, _):
        counted = await _subscribe(hub, "subscription { count(to: 99) { twice } }", {})
        assert [await _next(counted) for _ in range(2)] == [
            '{"data":{"count":{"twice":2}}}',
            '{"data":{"count":{"twice":4}}}',
        ]
        secret = await _subscribe(hub, "subscription { secret }", reader.headers)
        assert await _next(secret) == f'{{"data":{{"secret":"{reader.viewer.user_id}"}}}}'
        refused = await _subscribe(hub, "subscription { secret }", {})
        assert "UNAUTHENTICATED" in await _next(refused)
        assert sources.running == 1
        for subscriber in (counted, secret, refused):
            subscriber.close()
        await until(lambda: not sources.running)


async def _subscribe(hub: SubscriptionHub, query: str, headers: dict[str, str]) -> Subscriber:
    found = await hub.subscribe(GraphQLRequest(query), RequestContext(headers=headers))
    assert isinstance(found, Subscriber), found.errors
    return found


async def _next(subscriber: Subscriber) -> str:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            item = await subscriber.next()
            if isinstance(item, Delivery):
                return subscriber.render(item).decode()
            if isinstance(item, Ending):
                assert item.error is not None
                return item.error.code


# --- the protocol


async def test_a_socket_carries_many_operations_and_refuses_what_breaks_the_protocol() -> None:
    app, sources = counter()
    async with listen(app.asgi) as port:
        async with open_socket(port) as socket:
            await socket.initialise({"authorization": f"Bearer {new_id()}"})
            await socket.subscribe("bad", "{ hello }")
            message = await socket.receive()
            assert (message["id"], message["type"]) == ("bad", "error")
            assert message["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        async with open_socket(port) as socket:
            await socket.initialise()
            await socket.subscribe("a", COUNT, variables={"to": 99})
            assert (await socket.payload())["data"] == {"count": {"id": "1", "twice": 2}}
            await socket.send(type="complete", id="a")
            await until(lambda: not sources.running)
            await socket.subscribe("b", "subscription { failing(coded: true) }")
            while (message := await socket.receive())["id"] == "a":
                pass
            assert message == {"id": "b", "type": "next", "payload": {"data": {"failing": 1}}}
            assert (await socket.receive())["type"] == "error"
            await socket.subscribe("c", COUNT, variables={"to": 99})
            await socket.subscribe("c", COUNT, variables={"to": 99})
            assert (await socket.closing())[0] == 4409
        await until(lambda: not sources.running)
        for messages, code in (
            ([{"type": "subscribe", "id": "1", "payload": {"query": "{ hello }"}}], 4401),
            ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
            ([{"type": "shout"}], 4400),
            ([{"type": "connection_init"}, {"type": "subscribe", "id": "1", "payload": {}}], 4400),
        ):
            async with open_socket(port) as socket:
                await _send_all(socket, messages)
                assert (await socket.closing())[0] == code
        async with open_socket(port, subprotocol=None) as socket:
            assert (await socket.closing())[0] == 4406


async def test_a_subgraph_for_the_router_alone_refuses_a_socket_without_a_passport() -> None:
    app, _ = counter(router_only=True)
    async with listen(app.asgi) as port:
        async with open_socket(port) as socket:
            await socket.initialise()
            await socket.subscribe("a", "{ hello }")
            assert await socket.closing() == (4403, "Only the router may ask this subgraph")
        async with open_socket(port) as socket:
            await socket.initialise({PASSPORT_HEADER: "forged"})
            await socket.subscribe("a", "{ hello }")
            message = await socket.receive()
            assert message["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def _send_all(socket: Socket, messages: Sequence[dict[str, Any]]) -> None:
    for message in messages:
        await socket.send(**message)


async def test_an_event_stream_tells_each_response_and_its_end() -> None:
    app, sources = counter()
    async with listen(app.asgi) as port:
        body: dict[str, Any] = {"query": COUNT, "variables": {"to": 1}}
        async with request(port, body=body, accept="text/event-stream") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            data = '{"data":{"count":{"id":"1","twice":2}}}'
            assert await stream.next_event() == {"event": "next", "data": data}
            assert await stream.next_event() == {"event": "complete", "data": ""}
        async with request(
            port, body={**body, "variables": {"to": 99}}, accept="text/event-stream"
        ) as stream:
            await stream.next_event()
            assert sources.running == 1
        await until(lambda: not sources.running)
