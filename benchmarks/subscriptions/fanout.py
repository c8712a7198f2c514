"""Memory of an idle subscriber, and how fast one event reaches all."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from benchmarks.subscriptions.clients import Subscriber, open_many

DEADLINE_S = 300.0
SETTLE_S = 3.0


@dataclass(frozen=True, slots=True)
class Fanout:
    """The figures of one server with one kind of client."""

    name: str
    subscribers: int
    kilobytes_each: float
    events: int
    received_percent: float
    latency_p50_ms: float
    latency_p99_ms: float
    deliveries_per_second: float

    def to_map(self) -> dict[str, object]:
        """Returns the figures as JSON values."""
        return asdict(self)


class Arrivals:
    """Waits until so many events in all have arrived."""

    def __init__(self, subscribers: list[Subscriber]) -> None:
        self.count = 0
        self._wanted = 0
        self._reached = asyncio.Event()
        for subscriber in subscribers:
            subscriber.on_event = self._arrived

    def _arrived(self) -> None:
        self.count += 1
        if self.count >= self._wanted:
            self._reached.set()

    async def wait(self, wanted: int) -> None:
        """Returns when all are there, or at the deadline."""
        self._wanted = wanted
        self._reached.clear()
        if self.count < wanted:
            try:
                await asyncio.wait_for(self._reached.wait(), DEADLINE_S)
            except TimeoutError:
                print(f"  only {self.count} of {wanted} events arrived")


async def get(port: int, target: str) -> int:
    """Returns the number a control request answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {target} HTTP/1.1\r\nhost: control\r\nconnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return int(answer.rpartition(b"\r\n\r\n")[2])


@dataclass(frozen=True, slots=True)
class Arena:
    """What is measured: the router's port, where events are published, how to tell its memory."""

    name: str
    port: int
    control_port: int
    memory: Callable[[], int] | None = None

    async def resident(self) -> int:
        """Returns the memory of the router."""
        return self.memory() if self.memory is not None else await get(self.port, "/memory")


async def measure_fanout(arena: Arena, kind: str, count: int, rounds: int, burst: int) -> Fanout:
    """Connects, waits until all is quiet, publishes event by event and then many at once."""
    for subscriber in await open_many(arena.port, kind, min(count, 50)):
        _cut(subscriber)  # what is allocated once is not a subscriber's
    await asyncio.sleep(SETTLE_S)
    before = await arena.resident()
    subscribers = await open_many(arena.port, kind, count)
    await asyncio.sleep(SETTLE_S)
    each = (await arena.resident() - before) / count / 1024
    arrivals = Arrivals(subscribers)
    for number in range(1, rounds + 1):
        await get(arena.control_port, "/publish?count=1")
        await arrivals.wait(number * count)
    latencies = sorted(one for subscriber in subscribers for one in subscriber.latencies)
    began = time.perf_counter()
    await get(arena.control_port, f"/publish?count={burst}")
    await arrivals.wait((rounds + burst) * count)
    rate = burst * count / (time.perf_counter() - began)
    received = arrivals.count / ((rounds + burst) * count) * 100
    for subscriber in subscribers:
        _cut(subscriber)
    await asyncio.sleep(SETTLE_S)
    return Fanout(
        f"{arena.name}, {kind}",
        count,
        round(each, 1),
        rounds + burst,
        received,
        round(statistics.median(latencies) * 1000, 1),
        round(latencies[int(len(latencies) * 0.99) - 1] * 1000, 1),
        round(rate),
    )


def _cut(subscriber: Subscriber) -> None:
    assert subscriber.transport is not None, "it is connected"
    subscriber.transport.abort()
