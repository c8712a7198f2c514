"""A bus whose connections are cut tells so, and serves again with the same object."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from subgraphs.kit.events import repeating
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


# What the client sends in the middle of each step: AMQP's class and method ids, and Redis's commands.
MOMENTS = {
    ("rabbitmq", "bind"): b"\x00\x32\x00\x14",
    ("rabbitmq", "declare"): b"\x00\x32\x00\x0a",
    ("rabbitmq", "publish"): b"\x00\x3c\x00\x28",
    ("rabbitmq", "consume"): b"\x00\x3c\x00\x14",
    ("redis", "declare"): b"XGROUP",
    ("redis", "publish"): b"EVAL",
    ("redis", "consume"): b"XINFO",
}


@pytest.mark.parametrize("moment", ["declare", "bind", "publish", "consume"])
async def test_a_step_that_may_be_repeated_outlives_the_ends_of_its_connection(
    bus_settings: BusSettings, far_bus: EventBus, cable: Proxy, moment: str
) -> None:
    engine = "redis" if urlsplit(bus_settings.url).scheme.startswith("redis") else "rabbitmq"
    if (engine, moment) not in MOMENTS:
        pytest.skip("Redis binds nothing")
    cable.cut_before(MOMENTS[engine, moment], times=2)
    await far_bus.subscribe(MIRROR)
    before = await far_bus.end_of("parcel")
    sent = [parcel(number) for number in range(3)]
    await publish(far_bus, *sent)
    assert [each.event for each in await read(far_bus, "parcel", 3, before)] == sent
    async with far_bus.receive(MIRROR, window=10) as deliveries:
        assert [each.event for each in await take(deliveries, 3)] == sent
    assert cable.cuts_left == 0


@pytest.mark.parametrize("is_lasting", [False, True])
async def test_repeating_ends_at_its_limit_and_what_lasts_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, is_lasting: bool
) -> None:
    monkeypatch.setattr(repeating, "REPEATED_S_MAX", 0.5)
    attempts: list[float] = []

    async def step() -> None:
        attempts.append(asyncio.get_running_loop().time())
        raise BusUnavailableError("cut", is_lasting=is_lasting)

    with pytest.raises(BusUnavailableError, match="cut"):
        await repeating.repeat(step)
    assert (len(attempts) == 1) is is_lasting
    assert len(attempts) < 20


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
