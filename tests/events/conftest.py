"""Buses of both engines, each test under names of its own that are removed afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import uuid4

import pytest

from subgraphs.kit.events.bus import EventBus
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.open_bus import open_bus
from tests.events.cleaning import remove_bus
from tests.support.engines import rabbitmq_url, redis_url

OpenBus = Callable[..., EventBus]


@pytest.fixture(params=["redis", "rabbitmq"])
def bus_settings(request: pytest.FixtureRequest) -> BusSettings:
    """Settings of a bus that nobody else uses, once for each engine that can be reached."""
    url = redis_url() if request.param == "redis" else rabbitmq_url()
    if url is None:
        pytest.skip("RABBITMQ_URL names no broker")
    return BusSettings(url=url, name=f"ztev-{uuid4().hex[:10]}", lease_s=1.0)


@pytest.fixture
async def new_bus(bus_settings: BusSettings) -> AsyncIterator[OpenBus]:
    """Opens buses on the same names, as several processes would."""
    opened: list[EventBus] = []

    def open_another(**changes: object) -> EventBus:
        bus = open_bus(replace(bus_settings, **changes))  # pyright: ignore[reportArgumentType]  # names of fields
        opened.append(bus)
        return bus

    yield open_another
    for bus in opened:
        await bus.close()
    await remove_bus(bus_settings)


@pytest.fixture
def bus(new_bus: OpenBus) -> EventBus:
    """One bus."""
    return new_bus()
