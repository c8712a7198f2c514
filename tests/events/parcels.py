"""Events about parcels and letters, to try a bus with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from subgraphs.kit.events.bus import Delivery, EventBus, LoggedEvent, Publication
from subgraphs.kit.events.cloud_event import CloudEvent
from subgraphs.kit.events.consumer import Subscription
from subgraphs.kit.ids import new_id

SECONDS_MAX = 30.0
MIRROR = Subscription("mirror", frozenset({"parcel.sent", "parcel.lost", "letter.sent"}))


def parcel(number: int, *, subject: str = "p1", kind: str = "parcel.sent", **data: Any) -> CloudEvent:
    """Returns an event; its number tells it from the others."""
    return CloudEvent(
        id=new_id(),
        source="/zellige/post",
        type=kind,
        subject=subject,
        time=datetime.now(UTC),
        data={"number": number, **data},
        tenant=new_id(),
    )


async def publish(bus: EventBus, *events: CloudEvent, edition: int = 0) -> None:
    """Publishes, and finds none refused."""
    assert await bus.publish([Publication(event, edition) for event in events]) == {}


def numbers(events: Sequence[CloudEvent | None]) -> list[int]:
    """Returns the numbers of the events."""
    return [event.data["number"] for event in events if event is not None]


async def take(deliveries: AsyncIterator[Delivery], count: int) -> list[Delivery]:
    """Returns the next deliveries, not yet ended."""
    async with asyncio.timeout(SECONDS_MAX):
        return [await anext(deliveries) for _ in range(count)]


async def receive(bus: EventBus, count: int, subscription: Subscription = MIRROR) -> list[Delivery]:
    """Receives and acknowledges so many."""
    async with bus.receive(subscription, window=count) as deliveries:
        taken = await take(deliveries, count)
        for delivery in taken:
            await delivery.ack()
    return taken


async def read(bus: EventBus, topic: str, count: int, after: str | None) -> list[LoggedEvent]:
    """Reads so many events of the log."""
    async with asyncio.timeout(SECONDS_MAX), aclosing(bus.read(topic, after)) as log:  # pyright: ignore[reportArgumentType]  # both engines give generators
        return [await anext(log) for _ in range(count)]
