"""What comes over a socket or a shared stream is logged, counted and shed as requests of their own are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from router.config import ServerConfig, SheddingConfig, SubscriptionsConfig
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.subscriptions import Subscriber
from router.realtime import FeedUnavailableError, MemoryFeedSource
from router.response.codes import ErrorCode
from router.response.result import GraphQLResult
from router.telemetry import catalogue
from router.telemetry.metrics import Metrics
from router.telemetry.record import RequestRecord
from router.telemetry.telemetry import Telemetry
from tests.subscriptions.clients import ready_socket, request
from tests.subscriptions.test_event_streams import TOKEN, reserve, start
from tests.subscriptions.world import World, until, world

PLACED = "subscription Placed { orderPlaced { id total } }"
SLOW = "query Slow { order(id: 1) { id total } }"


class Kept(Metrics):
    """Metrics that keep what they count, which the access log is written from as well."""

    def __init__(self) -> None:
        super().__init__(operations_max=50, buckets_s=(1.0,), codes=[*ErrorCode.__members__])
        self.requests: list[RequestRecord] = []

    def count(self, request: RequestRecord) -> None:
        """Keeps and counts."""
        self.requests.append(request)
        super().count(request)

    def short(self) -> list[tuple[Any, ...]]:
        """Returns what is known of each operation."""
        return [
            (
                *(each.method, each.path, each.status, each.client_address, each.error_code),
                *((one.name, one.kind) for one in each.operations),
            )
            for each in self.requests
        ]


def watch(running: World) -> Kept:
    """Makes the world count its operations."""
    metrics = Kept()
    running.edge.telemetry = Telemetry(metrics=metrics)
    return metrics


async def test_each_operation_of_a_socket_is_recorded_once_from_its_message_to_its_end() -> None:
    async with world() as running:
        metrics = watch(running)
        async with ready_socket(running.port) as socket:
            await socket.subscribe("a", "query Hello { hello }")
            assert (await socket.receive())["type"] == "next"
            assert (await socket.receive())["type"] == "complete"
            await socket.subscribe("b", "query Wrong { nothing }")
            assert (await socket.receive())["type"] == "error"
            await socket.subscribe_to_feed("c", PLACED)
            await until(lambda: len(metrics.requests) == 2)
            assert metrics.in_flight == 1
        await until(lambda: len(metrics.requests) == 3)
        assert metrics.in_flight == 0
    came = ("WEBSOCKET", "/graphql")
    assert metrics.short() == [
        (*came, 200, "127.0.0.1", None, ("Hello", "query")),
        (*came, 400, "127.0.0.1", "GRAPHQL_VALIDATION_FAILED", (None, "")),
        (*came, 200, "127.0.0.1", None, ("Placed", "subscription")),
    ]
    page = metrics.text().decode()
    for labels in ('kind="query",operation="Hello"', 'kind="subscription",operation="Placed"'):
        assert f"zellige_router_operation_duration_seconds_count{{{labels}}} 1" in page


async def test_operations_of_streams_are_recorded_too() -> None:
    async with world() as running:
        metrics = watch(running)
        token = await reserve(running)
        async with request(running.port, "GET", accept="text/event-stream", **{TOKEN: token}) as stream:
            assert (await start(running, token, "hello", "query Hello { hello }")).status == 202
            assert (await stream.next_event())["event"] == "next"
        await until(lambda: len(metrics.requests) == 1)
        body = {"query": "subscription Count { count(to: 1) }"}
        async with request(running.port, body=body, accept="text/event-stream") as stream:
            assert (await stream.next_event())["event"] == "next"
        await until(lambda: len(metrics.requests) == 2)
    came = ("POST", "/graphql", 200, "127.0.0.1", None)
    assert metrics.short() == [(*came, ("Hello", "query")), (*came, ("Count", "subscription"))]


async def test_a_full_process_sheds_what_comes_over_sockets_and_streams() -> None:
    shedding = SheddingConfig(min_concurrency=1, max_concurrency=1, queue_max=0)
    async with world(server=ServerConfig(shedding=shedding)) as running:
        running.billing.delay_s = 3600.0
        async with ready_socket(running.port) as socket:
            await socket.subscribe("slow", SLOW)
            await until(lambda: running.billing.seen)
            for query in ("{ hello }", PLACED):
                await socket.subscribe("next", query)
                refused = await socket.receive()
                assert (refused["id"], refused["type"]) == ("next", "error")
                assert refused["payload"][0]["extensions"]["code"] == "OVERLOADED"
            body = {"query": PLACED}
            async with request(running.port, body=body, accept="text/event-stream") as answer:
                assert (answer.status, answer.headers["retry-after"]) == (503, "5")
            await socket.send(type="complete", id="slow")
            # A turn is held until the subscription runs, no longer.
            await until(lambda: running.app is not None and running.app.admission.try_enter())
            assert running.app is not None
            running.app.admission.leave()
            await socket.subscribe_to_feed("a", PLACED)
            await socket.subscribe_to_feed("b", PLACED)


async def test_subscriptions_from_one_address_are_bounded_and_a_network_of_ipv6_is_one() -> None:
    async with world(SubscriptionsConfig(subscriptions_per_address_max=2)) as running:

        async def subscribe(address: str) -> Subscriber | GraphQLResult:
            context = RequestContext(client_address=address)
            return await running.hub.subscribe(GraphQLRequest(PLACED), context)

        opened = [await subscribe("2001:db8::1"), await subscribe("2001:db8::2"), await subscribe("10.0.0.1")]
        refused = await subscribe("2001:db8::3")
        assert isinstance(refused, GraphQLResult)
        assert [(error.code, error.message) for error in refused.errors] == [
            ("SUBSCRIPTION_LIMIT_EXCEEDED", "More than 2 subscriptions from one address")
        ]
        first = opened.pop(0)
        assert isinstance(first, Subscriber)
        first.close()
        opened.append(await subscribe("2001:db8::3"))
        for subscriber in opened:
            assert isinstance(subscriber, Subscriber)
            subscriber.close()


async def test_a_stream_of_another_process_is_told_apart_from_one_that_never_was() -> None:
    async with world() as one, world() as other:
        token = await reserve(one)
        for method in ("GET", "POST", "DELETE"):
            body = {"query": "{ hello }"} if method == "POST" else None
            async with request(other.port, method, body=body, **{TOKEN: token}) as answer:
                assert answer.status == 421
                assert b'"code":"STREAM_ELSEWHERE"' in await answer.rest()
        async with request(other.port, "GET", **{TOKEN: "made-up"}) as answer:
            assert answer.status == 404


class Doubtful(MemoryFeedSource):
    """A bus that fails once."""

    has_failed = False

    async def next_events(self, after: Any, wait_s: float) -> Any:
        if not self.has_failed:
            self.has_failed = True
            raise FeedUnavailableError("away")
        return await super().next_events(after, wait_s)


async def test_reading_the_bus_is_counted_with_its_lag_and_its_failures() -> None:
    source = Doubtful()
    async with world(feed=source) as running, ready_socket(running.port) as socket:
        await socket.subscribe_to_feed("a", PLACED)
        an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        for number in (1, 2):
            event = {"type": "order.placed", "subject": f"o{number}", "time": an_hour_ago, "data": {}}
            source.publish("order", event)
            await socket.payload()
        found = {
            (each.metric, each.labels): each.value
            for each in running.hub.readings()
            if each.metric.name.startswith("zellige_router_feed")
        }
    lag = found.pop((catalogue.FEED_LAG, ("order",)))
    assert 3_600 <= lag < 3_900
    assert found == {
        (catalogue.FEED_UP, ()): 1,
        (catalogue.FEED_FAILURES, ()): 1,
        (catalogue.FEED_EVENTS, ("order",)): 2,
    }
