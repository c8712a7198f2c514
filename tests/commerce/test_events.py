"""What happens in the shop is told: every event the domains record reaches the bus and keeps its word."""

from __future__ import annotations

from uuid import uuid4

from redis.asyncio import Redis

from subgraphs.kit.events.bus import BEGINNING
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.outbox_queries import outbox_state
from subgraphs.kit.events.redis_bus.bus import RedisBus
from subgraphs.kit.events.relay import Relay
from subgraphs.kit.events.schemas import EventSchemas, find_event_classes
from subgraphs.kit.jobs.queue import JobQueue
from tests.commerce.shopkeeping import Shop
from tests.events.parcels import read
from tests.subgraphs.identity.people import PASSWORD
from tests.support.engines import redis_url

REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { accepted } }"
LOG_IN = "mutation ($input: LoginInput!) { login(input: $input) { user { id } } }"


async def test_registering_buying_and_cancelling_are_told_to_everybody(shop: Shop) -> None:
    await shop.platform.data(
        REGISTER, {"input": {"email": "amina@example.dz", "name": "Amina", "password": PASSWORD}}
    )
    await shop.platform.data(LOG_IN, {"input": {"email": "amina@example.dz", "password": PASSWORD}})
    customer = shop.platform.customer()
    [goods] = await shop.sell(1, on_hand=9)
    order = await shop.buy(customer, (goods, 9))
    await shop.cancel(customer, order["id"])
    settings = BusSettings(url=redis_url(), name=f"ztcm-{uuid4().hex[:10]}")
    bus = RedisBus(settings)
    told: set[str] = set()
    for domain in ("identity", "products", "inventory", "orders"):
        app = shop.platform.app(domain)
        schemas = EventSchemas(find_event_classes(f"subgraphs.{domain}"), domain)
        jobs = JobQueue(app.settings.model_copy(update={"event_bus_name": settings.name}), domain)
        while await Relay(domain, app.database, schemas, bus, jobs).publish_batch():
            pass
        await jobs.close()
        async with app.database.transaction() as session:
            state = await outbox_state(session)
        assert (state.waiting, state.poisoned) == (0, 0), f"{domain} breaks its contract"
        told |= {kind for (kind,) in await shop.rows(domain, "SELECT type FROM outbox_events")}
    assert told >= {
        *("user.registered", "user.logged_in", "order.placed", "order.cancelled"),
        *("stock.reserved", "stock.low", "product.published"),
    }
    (placed, *_) = [
        each.event
        for each in await read(bus, "order", 3, BEGINNING)
        if each.event.type == "order.placed" and each.event.subject == order["id"]
    ]
    assert placed.data["customer_id"] == str(customer.viewer.user_id)
    await bus.close()
    async with Redis.from_url(settings.url) as redis:
        async for key in redis.scan_iter(f"*{settings.name}*", count=1000):
            await redis.delete(key)
