"""Event feeds: the router reads the topic, filters by arguments and claims, resolves the rest."""

from __future__ import annotations

import asyncio

import pytest

from router.config import SubscriptionsConfig
from router.errors import InvalidSupergraphError
from tests.subscriptions.clients import ready_socket
from tests.subscriptions.subgraphs import ORDERS
from tests.subscriptions.world import until, world

PLACED = "subscription Placed($w: Int) { orderPlaced(wilaya: $w) { id number total } }"
MINE = "subscription { myOrder { id viewer } }"


async def test_the_root_is_made_of_the_event_and_the_rest_is_fetched() -> None:
    async with world() as running, ready_socket(running.port) as socket:
        await socket.subscribe_to_feed("a", PLACED)
        running.place(5)
        payload = await socket.payload()
        assert payload["data"] == {"orderPlaced": {"id": "o5", "number": 5, "total": 50}}
        assert payload["extensions"] == {"position": "1-0"}


async def test_arguments_filter_and_an_argument_left_out_does_not() -> None:
    async with world() as running, ready_socket(running.port) as socket:
        await socket.subscribe_to_feed("all", PLACED)
        await socket.subscribe_to_feed("oran", PLACED, variables={"w": 31})
        running.place(1, wilaya=16)
        running.place(2, wilaya=31)
        seen = [await socket.receive() for _ in range(3)]
        found = [(one["id"], one["payload"]["data"]["orderPlaced"]["id"]) for one in seen]
        assert sorted(found) == [("all", "o1"), ("all", "o2"), ("oran", "o2")]


async def test_an_argument_left_out_filters_by_its_default() -> None:
    async with world() as running, ready_socket(running.port) as socket:
        await socket.subscribe_to_feed("near", "subscription { placedNear { id } }")
        running.place(1, wilaya=31)
        running.place(2, wilaya=16)
        assert (await socket.payload())["data"] == {"placedNear": {"id": "o2"}}


async def test_only_events_of_the_types_named_count() -> None:
    async with world() as running, ready_socket(running.port) as socket:
        await socket.subscribe_to_feed("a", "subscription { orderNews { kind order { total } } }")
        running.publish("order.shipped", "o1")
        running.publish("order.cancelled", "o2")
        data = {"orderNews": {"kind": "order.cancelled", "order": {"total": 20}}}
        assert (await socket.payload())["data"] == data


async def test_a_feed_reads_several_topics_and_tells_a_position_over_them() -> None:
    query = "subscription { stockOrOrder { kind order { id } } }"
    async with world() as running, ready_socket(running.port) as socket:
        start = await socket.subscribe_to_feed("a", query)
        running.place(1)
        running.publish("stock.low", "o2")
        running.place(3)
        seen = [await socket.payload() for _ in range(3)]
        ids = [one["data"]["stockOrOrder"]["order"]["id"] for one in seen]
        assert sorted(ids) == ["o1", "o2", "o3"]
        assert seen[-1]["extensions"]["position"] == "2-0~1-0"
        second = seen[1]["extensions"]["position"]
        for position, expected in ((start, {"o1", "o2", "o3"}), (second, {ids[2]})):
            async with ready_socket(running.port) as other:
                await other.subscribe("b", query, extensions={"resumeFrom": position})
                again = [await other.payload() for _ in expected]
                assert {one["data"]["stockOrOrder"]["order"]["id"] for one in again} == expected


async def test_claims_filter_and_a_viewer_without_them_is_refused() -> None:
    async with world(verifies=True) as running:
        running.claims["amina"] = {"org": "t1", "sub": "u1", "sid": "s1"}
        running.claims["bilal"] = {"org": "t2", "sub": "u2", "sid": "s2"}
        async with (
            ready_socket(running.port, {"authorization": "Bearer amina"}) as amina,
            ready_socket(running.port, {"headers": {"Authorization": "Bearer bilal"}}) as bilal,
            ready_socket(running.port) as nobody,
        ):
            for socket in (amina, bilal):
                await socket.subscribe_to_feed("a", MINE)
            await nobody.subscribe("a", MINE)
            refusal = await nobody.receive()
            assert refusal["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
            running.place(1, tenant="t2", data={"customer": "u2"})
            running.place(2, tenant="t1", data={"customer": "u2"})
            running.place(3, tenant="t1", data={"customer": "u1"})
            assert (await amina.payload())["data"]["myOrder"] == {"id": "o3", "viewer": "Bearer amina"}
            assert (await bilal.payload())["data"]["myOrder"] == {"id": "o1", "viewer": "Bearer bilal"}


async def test_a_burst_of_events_asks_each_subgraph_once_for_its_entities() -> None:
    async with world() as running, ready_socket(running.port) as socket:
        await socket.subscribe_to_feed("a", PLACED)
        for number in range(1, 9):
            running.place(number)
        for number in range(1, 9):
            assert (await socket.payload())["data"]["orderPlaced"]["total"] == 10 * number
        sent = [len(one.variables["representations"]) for one in running.billing.seen]
        assert sum(sent) == 8
        assert len(sent) <= 2, sent


async def test_events_are_delivered_in_order_however_long_each_takes() -> None:
    config = SubscriptionsConfig(events_resolving_max=4)
    async with world(config) as running, ready_socket(running.port) as socket:
        await socket.subscribe_to_feed("a", PLACED)
        for number in range(1, 13):
            running.billing.delay_s = 0.03 if number % 3 == 1 else 0.0
            running.place(number)
            await asyncio.sleep(0)
        seen = [(await socket.payload())["data"]["orderPlaced"]["id"] for _ in range(12)]
        assert seen == [f"o{number}" for number in range(1, 13)]


async def test_a_fetch_that_fails_costs_its_fields_and_no_later_event() -> None:
    async with world() as running, ready_socket(running.port) as socket:
        await socket.subscribe_to_feed("a", "subscription { orderPlaced { id total } }")
        running.publish("order.placed", "broken")
        payload = await socket.payload()
        assert payload["data"] == {"orderPlaced": None}
        assert payload["errors"][0]["extensions"]["serviceName"] == "billing"
        running.place(2)
        assert (await socket.payload())["data"] == {"orderPlaced": {"id": "o2", "total": 20}}


async def test_the_supergraph_is_refused_for_a_feed_that_cannot_work() -> None:
    faults = {
        'object: "kind: type, order { id: subject }"': ('object: "nothing: type"', "has no field nothing"),
        '"data.wilaya = $wilaya"': ('"data.wilaya = $region"', "has no argument $region"),
        '"tenant = viewer.org"': ('"tenant viewer.org"', "is not"),
    }
    async with world() as running:
        for right, (wrong, why) in faults.items():
            assert right in ORDERS
            with pytest.raises(InvalidSupergraphError, match="@eventFeed on Subscription") as refused:
                running.router(ORDERS.replace(right, wrong))
            assert why in str(refused.value)


async def test_the_topic_is_let_go_when_nobody_listens() -> None:
    async with world() as running:
        async with ready_socket(running.port) as socket:
            await socket.subscribe_to_feed("a", PLACED)
            assert running.hub.snapshot() == {"subscribers": 1, "groups": 1, "viewers": 0}
        await until(lambda: running.hub.snapshot() == {"subscribers": 0, "groups": 0, "viewers": 0})
        tail = running.hub._tail
        assert tail is not None
        assert not tail._topics
