"""Clients that are cut at random and resume: none misses an event, none gets one twice."""

from __future__ import annotations

import asyncio
import random
from dataclasses import asdict, dataclass

from benchmarks.subscriptions.clients import Subscriber, open_subscriber
from benchmarks.subscriptions.fanout import get

PUBLISH_EVERY_S = 0.05
DEADLINE_S = 900.0


@dataclass(frozen=True, slots=True)
class Resumed:
    """What came of it."""

    clients: int
    cuts_each: int
    events: int
    missed: int
    repeated: int

    def to_map(self) -> dict[str, object]:
        """Returns the figures as JSON values."""
        return asdict(self)


async def measure_resume(port: int, clients: int, cuts: int, events: int, seed: int) -> Resumed:
    """Publishes steadily while every client is cut at random moments; counts what each got."""
    generator = random.Random(seed)
    begun: set[int] = set()
    readers = [
        asyncio.create_task(_read(port, cuts, events, begun, random.Random(generator.random())))
        for _ in range(clients)
    ]
    while len(begun) < clients:  # noqa: ASYNC110 - they begin one by one
        await asyncio.sleep(0.05)
    for _ in range(events):
        await get(port, "/publish?count=1")
        await asyncio.sleep(PUBLISH_EVERY_S)
    seen = await asyncio.wait_for(asyncio.gather(*readers), DEADLINE_S)
    start = min(min(numbers) for numbers in seen)
    wanted = set(range(start, start + events))
    missed = sum(len(wanted - set(numbers)) for numbers in seen)
    repeated = sum(len(numbers) - len(set(numbers)) for numbers in seen)
    return Resumed(clients, cuts, events, missed, repeated)


async def _read(port: int, cuts: int, events: int, begun: set[int], generator: random.Random) -> list[int]:
    """Reads all events over as many connections as it takes; returns their numbers as they came."""
    kind = generator.choice(["sse", "websocket"])
    stops = sorted(generator.sample(range(1, events), min(cuts, events - 1)))
    numbers: list[int] = []
    position: str | None = None
    while len(numbers) < events:
        subscriber = await open_subscriber(port, kind, position)
        await _until_position(subscriber)
        begun.add(id(generator))
        wanted = (stops.pop(0) if stops else events) - len(numbers)
        await _until_numbers(subscriber, wanted)
        _cut(subscriber)
        numbers += subscriber.numbers
        position = subscriber.position
        await asyncio.sleep(generator.random() * 0.2)
    return numbers


async def _until_position(subscriber: Subscriber) -> None:
    while subscriber.position is None and not subscriber.lost.done():  # noqa: ASYNC110 - told by the protocol
        await asyncio.sleep(0.01)


async def _until_numbers(subscriber: Subscriber, wanted: int) -> None:
    """Waits for so many events; what comes in the same moment is taken, too."""
    reached = asyncio.Event()

    def arrived() -> None:
        if len(subscriber.numbers) >= wanted:
            reached.set()

    subscriber.on_event = arrived
    arrived()
    waiting = asyncio.create_task(reached.wait())
    await asyncio.wait((waiting, subscriber.lost), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def _cut(subscriber: Subscriber) -> None:
    assert subscriber.transport is not None, "it is connected"
    subscriber.transport.abort()
