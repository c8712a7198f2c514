"""A bus whose connections are cut tells so, and serves again with the same object."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from subgraphs.kit.events.bus import BEGINNING, BusUnavailableError, EventBus
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.cloud_event import CloudEvent
from tests.events.conftest import OpenBus
from tests.events.parcels import MIRROR, numbers, parcel, publish, read, take
from tests.support.proxy import Proxy

SECONDS_MAX = 60.0


@pytest.fixture
async def cable(bus_settings: BusSettings) -> AsyncIterator[Proxy]:
    parts, proxy = urlsplit(bus_settings.url), Proxy()
    proxy.target = (parts.hostname or "127.0.0.1", parts.port or 6379)
    await proxy.start()
    yield proxy
    await proxy.stop()


@pytest.fixture
def far_bus(bus_settings: BusSettings, new_bus: OpenBus, cable: Proxy) -> EventBus:
    """A bus at the other end of the cable."""
    parts = urlsplit(bus_settings.url)
    account = parts.netloc.rpartition("@")[0]
    host = f"{account}@127.0.0.1:{cable.port}" if account else f"127.0.0.1:{cable.port}"
    return new_bus(url=replace_host(bus_settings, host))


def replace_host(settings: BusSettings, host: str) -> str:
    """Returns the bus's address at another host."""
    return urlsplit(replace(settings).url)._replace(netloc=host).geturl()


async def publish_until_kept(bus: EventBus, *events: CloudEvent) -> None:
    """Publishes as a relay does: again until it is known to be kept."""
    async with asyncio.timeout(SECONDS_MAX):
        while True:
            try:
                await publish(bus, *events)
            except BusUnavailableError:
                await asyncio.sleep(0.05)
            else:
                return


async def test_publishing_goes_on_after_a_cut(far_bus: EventBus, cable: Proxy) -> None:
    await far_bus.subscribe(MIRROR)
    for number in range(5):
        await publish_until_kept(far_bus, parcel(number))
        cable.cut()
    logged = await read_until_whole(far_bus, 5)
    assert numbers(logged) == list(range(5))


async def read_until_whole(bus: EventBus, count: int) -> list[CloudEvent | None]:
    async with asyncio.timeout(SECONDS_MAX):
        while True:
            try:
                return [each.event for each in await read(bus, "parcel", count, BEGINNING)]
            except BusUnavailableError:
                await asyncio.sleep(0.05)


async def test_a_receiver_is_told_of_the_cut_and_the_next_gets_what_was_not_ended(
    far_bus: EventBus, bus: EventBus, cable: Proxy
) -> None:
    await bus.subscribe(MIRROR)
    await publish(bus, *(parcel(number) for number in range(3)))
    with pytest.raises(BusUnavailableError):
        async with far_bus.receive(MIRROR, window=10) as deliveries:
            taken = await take(deliveries, 3)
            await taken[0].ack()
            cable.cut()
            async with asyncio.timeout(SECONDS_MAX):
                while True:
                    await anext(deliveries)
    got: list[int] = []
    async with asyncio.timeout(SECONDS_MAX):
        while 2 not in got:
            with suppress(BusUnavailableError):
                async with far_bus.receive(MIRROR, window=10) as deliveries:
                    while 2 not in got:
                        (delivery,) = await take(deliveries, 1)
                        got += numbers([delivery.event])
                        await delivery.ack()
    # An acknowledgement may be lost in the cut: RabbitMQ confirms none.
    assert got in ([1, 2], [0, 1, 2])


async def test_a_reader_is_told_of_the_cut_and_goes_on_after_its_position(
    far_bus: EventBus, bus: EventBus, cable: Proxy
) -> None:
    await publish(bus, parcel(0), parcel(1))
    log = far_bus.read("parcel", BEGINNING)
    first = await anext(log)
    cable.cut()
    with pytest.raises(BusUnavailableError):
        async with asyncio.timeout(SECONDS_MAX):
            while True:
                await anext(log)
    await publish(bus, parcel(2))
    assert numbers([each.event for each in await read(far_bus, "parcel", 2, first.position)]) == [1, 2]
