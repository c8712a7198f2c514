"""Who registers and buys is told of it, all the way: domains, relay, bus, consumers, inbox, router."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from redis.asyncio import Redis

from subgraphs.kit.events.bus import BEGINNING
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.redis_bus.bus import RedisBus
from tests.commerce.shopkeeping import open_shop
from tests.events.parcels import read
from tests.subgraphs.identity.people import PASSWORD
from tests.support.engines import redis_url
from tests.support.platform import RunningPlatform, running_platform
from tests.support.subgraph import Caller
from zellige.assembly.background import Background, Part
from zellige.assembly.domains import pick_domains
from zellige.assembly.supergraph_file import DEFAULT_PATH, read_supergraph_file

REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { accepted } }"
LOG_IN = "mutation ($input: LoginInput!) { login(input: $input) { user { id } } }"
INBOX = """
{ me { name unreadNotificationCount notifications { nodes {
  id workflow title { ar } order { number total { amountMinor } } organization { id }
} } } }
"""
ARRIVES_S_MAX = 30.0


@asynccontextmanager
async def working(platform: RunningPlatform) -> AsyncIterator[BusSettings]:
    """Relays and consumes on a bus of its own while the block runs."""
    bus = BusSettings(url=redis_url(), name=f"ztnt-{uuid4().hex[:10]}")
    own = {"event_bus_url": bus.url, "event_bus_name": bus.name}
    settings = platform.app("orders").settings.model_copy(update=own)
    entries = pick_domains(read_supergraph_file(DEFAULT_PATH))
    domains = tuple(zip(entries, platform.platform.domains, strict=True))
    stop = asyncio.Event()
    work = asyncio.create_task(
        Background(domains, settings, frozenset({Part.relay, Part.consumers})).run(stop)
    )
    try:
        yield bus
    finally:
        stop.set()
        await work
        async with Redis.from_url(bus.url) as redis:
            async for key in redis.scan_iter(f"{bus.name}:*", count=1000):
                await redis.delete(key)


async def inbox_with(platform: RunningPlatform, caller: Caller, workflow: str) -> dict[str, Any]:
    """Returns what the caller sees of themself once a notification of the workflow has arrived."""
    async with asyncio.timeout(ARRIVES_S_MAX):
        while True:
            me = (await platform.data(INBOX, None, caller))["me"]
            if any(each["workflow"] == workflow for each in me["notifications"]["nodes"]):
                return me
            await asyncio.sleep(0.05)


async def test_who_registers_and_buys_is_told_of_it_and_sees_the_order_in_the_notification() -> None:
    async with running_platform() as platform, working(platform) as bus_settings:
        shop = await open_shop(platform)
        person = {"email": "amina@example.dz", "name": "Amina", "password": PASSWORD, "locale": "AR"}
        await platform.data(REGISTER, {"input": person})
        credentials = {"email": person["email"], "password": PASSWORD}
        user = (await platform.data(LOG_IN, {"input": credentials}))["login"]["user"]
        amina = platform.customer(UUID(user["id"]))
        await inbox_with(platform, amina, "welcome")
        [goods] = await shop.sell(1, on_hand=9)
        order = await shop.buy(amina, (goods, 2))
        me = await inbox_with(platform, amina, "order_confirmation")
        [told] = [each for each in me["notifications"]["nodes"] if each["workflow"] == "order_confirmation"]
        assert (me["name"], me["unreadNotificationCount"]) == ("Amina", len(me["notifications"]["nodes"]))
        assert told["order"] == {
            "number": order["number"],
            "total": {"amountMinor": order["total"]["amountMinor"]},
        }
        assert str(order["number"]) in told["title"]["ar"]
        bus = RedisBus(bus_settings)
        logged = await read(bus, "notification", len(me["notifications"]["nodes"]), BEGINNING)
        await bus.close()
        assert {each.event.data["user_id"] for each in logged} == {user["id"]}
        assert told["id"] in {each.event.subject for each in logged}
