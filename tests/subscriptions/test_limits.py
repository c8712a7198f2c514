"""Who may have what, for how long, and what a slow client costs the others: nothing."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from router.config import RevocationConfig, SubscriptionsConfig
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.subscriptions import Delivery, Ending, EndReason, Subscriber
from router.response.result import GraphQLResult
from tests.subscriptions.clients import open_socket, ready_socket, request
from tests.subscriptions.subgraphs import ORDERS
from tests.subscriptions.world import DEADLINE_S, World, until, world

PLACED = "subscription { orderPlaced { id total } }"
CHANGED = "subscription { orderChanged { id viewer } }"
SECRET = "subscription { myOrder { id viewer } }"


def amina(**claims: Any) -> dict[str, Any]:
    """Amina's claims; `lifetime_s` is how long they hold."""
    lifetime_s = claims.pop("lifetime_s", None)
    times = {"exp": time.time() + lifetime_s} if lifetime_s is not None else {}
    return {"sub": "u1", "org": "t1", "sid": "s1", "jti": time.time(), **times, **claims}


async def open_at(running: World, query: str, **headers: str) -> Subscriber:
    """Subscribes at the hub itself: the client's pace is the test's."""
    found = await running.hub.subscribe(GraphQLRequest(query), RequestContext(headers=headers))
    assert isinstance(found, Subscriber), found.errors
    return found


async def test_expired_credentials_close_the_socket_and_end_streams() -> None:
    async with world(verifies=True) as running:
        running.claims["short"] = amina(lifetime_s=1.0)
        headers = {"authorization": "Bearer short"}
        async with (
            ready_socket(running.port, headers) as socket,
            request(running.port, body={"query": CHANGED}, accept="text/event-stream", **headers) as stream,
        ):
            await socket.subscribe("a", CHANGED)
            assert (await socket.closing())[0] == 4403
            event = await stream.next_event()
            assert '"code":"UNAUTHENTICATED"' in event["data"]
            assert (await stream.next_event())["event"] == "complete"
        async with request(
            running.port, body={"query": CHANGED}, accept="text/event-stream", **headers
        ) as answer:
            assert answer.status == 401


async def test_bad_credentials_are_refused_at_the_start() -> None:
    async with world(verifies=True) as running, open_socket(running.port) as socket:
        await socket.send(type="connection_init", payload={"authorization": "Bearer forged"})
        assert await socket.closing() == (4403, "Forbidden")


async def test_newer_credentials_take_over_and_running_subscriptions_go_on() -> None:
    async with world(verifies=True) as running:
        running.claims["first"] = amina(lifetime_s=2.0)
        running.claims["second"] = amina(lifetime_s=600.0, role="manager")
        async with ready_socket(running.port, {"authorization": "Bearer first"}) as socket:
            await socket.subscribe_to_feed("a", SECRET)
            running.place(1, tenant="t1", data={"customer": "u1"})
            assert (await socket.payload())["data"]["myOrder"]["viewer"] == "Bearer first"
            await socket.send(type="ping", payload={"authorization": "Bearer second"})
            pong = await socket.receive()
            assert pong["payload"]["renewed"] is True
            expired_at = running.claims["first"]["exp"] or 0.0
            await until(lambda: time.time() > expired_at + 0.2)
            running.place(2, tenant="t1", data={"customer": "u1"})
            assert (await socket.payload())["data"]["myOrder"] == {"id": "o2", "viewer": "Bearer second"}


async def test_credentials_of_somebody_else_are_no_renewal() -> None:
    async with world(verifies=True) as running:
        running.claims["amina"] = amina()
        running.claims["bilal"] = {"sub": "u2"}
        async with ready_socket(running.port, {"authorization": "Bearer amina"}) as socket:
            await socket.send(type="ping", payload={"authorization": "Bearer bilal"})
            assert (await socket.closing())[0] == 4403


async def test_a_revoked_session_ends_its_subscriptions_and_opens_no_more() -> None:
    config = SubscriptionsConfig(revocation=RevocationConfig(event="session.revoked"))
    async with world(config, verifies=True) as running:
        running.claims["amina"] = amina()
        running.claims["other"] = amina(sid="s2")
        async with (
            ready_socket(running.port, {"authorization": "Bearer amina"}) as socket,
            ready_socket(running.port, {"authorization": "Bearer other"}) as other,
        ):
            for each in (socket, other):
                await each.subscribe_to_feed("a", SECRET)
            running.publish("session.revoked", "u1", {"session_id": "s1"})
            assert (await socket.closing())[0] == 4403
            running.place(1, tenant="t1", data={"customer": "u1"})
            assert (await other.payload())["data"]["myOrder"]["id"] == "o1"
        async with request(
            running.port,
            body={"query": SECRET},
            accept="text/event-stream",
            authorization="Bearer amina",
        ) as answer:
            assert answer.status == 401


async def test_viewers_share_only_what_they_may_both_see() -> None:
    async with world() as running:
        one = await open_at(running, CHANGED, authorization="a")
        two = await open_at(running, CHANGED, authorization="b")
        three = await open_at(running, CHANGED, authorization="a")
        assert running.hub.snapshot() == {"subscribers": 3, "groups": 2, "viewers": 2}
        await until(lambda: len(running.changes.listeners) == 2)
        running.changes.publish({"__typename": "Order", "id": "o1"})
        for subscriber, viewer in ((one, "a"), (two, "b"), (three, "a")):
            delivery = await subscriber.next()
            assert isinstance(delivery, Delivery)
            assert f'"viewer":"{viewer}"'.encode() in subscriber.render(delivery)
            subscriber.close()


async def test_subscriptions_of_one_viewer_and_of_the_process_are_bounded() -> None:
    config = SubscriptionsConfig(subscriptions_per_viewer_max=2, subscriptions_max=3)
    async with world(config) as running:
        opened = [await open_at(running, PLACED, authorization="a") for _ in range(2)]
        context = RequestContext(headers={"authorization": "a"})
        refused = await running.hub.subscribe(GraphQLRequest(PLACED), context)
        assert isinstance(refused, GraphQLResult)
        assert refused.errors[0].code == "SUBSCRIPTION_LIMIT_EXCEEDED"
        opened.append(await open_at(running, PLACED, authorization="b"))
        refused = await running.hub.subscribe(GraphQLRequest(PLACED), RequestContext())
        assert isinstance(refused, GraphQLResult)
        assert refused.errors[0].code == "OVERLOADED"
        opened.pop().close()
        opened.append(await open_at(running, PLACED))
        for subscriber in opened:
            subscriber.close()
        assert running.hub.snapshot() == {"subscribers": 0, "groups": 0, "viewers": 0}


async def drain(subscriber: Subscriber, count: int) -> list[str]:
    """Takes so many deliveries."""
    bodies: list[str] = []
    while len(bodies) < count:
        item = await subscriber.next()
        if isinstance(item, Delivery):
            bodies.append(subscriber.render(item).decode())
        else:
            assert not isinstance(item, Ending), item
    return bodies


async def test_a_slow_client_of_a_feed_catches_up_and_the_others_never_wait() -> None:
    config = SubscriptionsConfig(queue_events_max=4, replay_events_max=4)
    async with world(config) as running:
        slow, quick = await open_at(running, PLACED), await open_at(running, PLACED)
        for number in range(1, 41):
            running.place(number)
            (body,) = await drain(quick, 1)
            assert f'"id":"o{number}"' in body
        assert slow.is_behind
        bodies = await drain(slow, 40)
        assert [f'"id":"o{number}"' in body for number, body in enumerate(bodies, 1)] == [True] * 40
        for subscriber in (slow, quick):
            subscriber.close()


async def test_a_slow_client_can_lose_the_oldest_and_is_told_how_many() -> None:
    config = SubscriptionsConfig(queue_events_max=2, when_slow="drop_oldest")
    async with world(config) as running:
        slow, quick = await open_at(running, PLACED), await open_at(running, PLACED)
        for number in range(1, 6):
            running.place(number)
            await drain(quick, 1)
        first, second = await drain(slow, 2)
        assert '"id":"o4"' in first
        assert '"dropped":3' in first
        assert '"id":"o5"' in second
        assert "dropped" not in second
        for subscriber in (slow, quick):
            subscriber.close()


@pytest.mark.parametrize("query", [PLACED, CHANGED])
async def test_a_slow_client_can_be_closed_after_what_it_has(query: str) -> None:
    when_slow = "close" if query == PLACED else "catch_up"  # what is no feed cannot be read again
    async with world(SubscriptionsConfig(queue_events_max=2, when_slow=when_slow)) as running:
        slow, quick = await open_at(running, query), await open_at(running, query)
        if query == CHANGED:
            await until(lambda: running.changes.listeners)
        for number in range(1, 4):
            if query == PLACED:
                running.place(number)
            else:
                running.changes.publish({"__typename": "Order", "id": f"o{number}"})
            await drain(quick, 1)
        await drain(slow, 2)
        ending = await slow.next()
        assert isinstance(ending, Ending)
        assert ending.reason is EndReason.FAILED
        assert ending.error is not None
        assert ending.error.code == "SLOW_CONSUMER"
        for subscriber in (slow, quick):
            subscriber.close()


async def test_more_events_than_may_wait_are_read_from_the_topic() -> None:
    config = SubscriptionsConfig(events_pending_max=5, events_resolving_max=2, replay_events_max=4)
    async with world(config) as running:
        running.billing.delay_s = 0.01
        subscriber = await open_at(running, PLACED)
        for number in range(1, 61):
            running.place(number)
        bodies = await drain(subscriber, 60)
        assert [f'"id":"o{number}"' in body for number, body in enumerate(bodies, 1)] == [True] * 60
        subscriber.close()


# --- another supergraph


async def test_a_reload_keeps_what_it_does_not_touch_and_ends_the_rest() -> None:
    async with world() as running, ready_socket(running.port) as socket:
        await socket.subscribe_to_feed("feed", PLACED)
        await socket.subscribe("upstream", "subscription { orderChanged { id } }")
        await socket.subscribe("gone", "subscription { orderNews { kind } }")
        await until(lambda: running.changes.listeners and running.hub.snapshot()["groups"] == 3)
        changed = ORDERS.replace("orderNews: OrderNews", "news: OrderNews").replace(
            "number: Int!", "number: Int! note: String"
        )
        router = running.router(changed)
        await running.hub.adopt(router, running.streams)
        message = await socket.receive()
        assert (message["id"], message["type"]) == ("gone", "error")
        assert message["payload"][0]["extensions"]["code"] == "SUBSCRIPTION_SCHEMA_RELOAD"
        running.place(3)
        assert (await socket.payload())["data"] == {"orderPlaced": {"id": "o3", "total": 30}}
        running.changes.publish({"__typename": "Order", "id": "o4"})
        assert (await socket.payload())["data"] == {"orderChanged": {"id": "o4"}}
        await socket.subscribe("new", "subscription { news { kind } }")
        await until(lambda: running.hub.snapshot()["groups"] == 3)
        await router.close()


async def test_a_reload_ends_also_those_who_are_still_reading_what_they_missed() -> None:
    config = SubscriptionsConfig(queue_events_max=2, replay_events_max=2)
    async with world(config) as running:
        slow, quick = await open_at(running, PLACED), await open_at(running, PLACED)
        for number in range(1, 21):
            running.place(number)
            await drain(quick, 1)
        await drain(slow, 3)
        assert slow.is_behind
        running.billing.delay_s = 0.2
        reading = asyncio.create_task(drain_to_the_end(slow))
        await asyncio.sleep(0.05)
        router = running.router(ORDERS.replace("orderPlaced(", "placed("))
        await running.hub.adopt(router, running.streams)
        for ending in (await reading, await drain_to_the_end(quick)):
            assert ending.reason is EndReason.FAILED
            assert ending.error is not None
            assert ending.error.code == "SUBSCRIPTION_SCHEMA_RELOAD"
        for subscriber in (slow, quick):
            subscriber.close()
        await router.close()


async def drain_to_the_end(subscriber: Subscriber) -> Ending:
    """Takes everything and returns why it ended."""
    async with asyncio.timeout(DEADLINE_S):
        while not isinstance(item := await subscriber.next(), Ending):
            pass
    return item
