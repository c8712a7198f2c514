"""Which engine an address means."""

from __future__ import annotations

from urllib.parse import urlsplit

from subgraphs.kit.events.bus import EventBus
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.rabbit_bus.bus import RabbitBus
from subgraphs.kit.events.redis_bus.bus import RedisBus

ENGINES = {
    "redis": RedisBus,
    "rediss": RedisBus,
    "unix": RedisBus,
    "amqp": RabbitBus,
    "amqps": RabbitBus,
}


class UnknownBusError(ValueError):
    """The address names no engine we know."""


def open_bus(settings: BusSettings) -> EventBus:
    """Returns the bus of the address; it connects when it is first used."""
    engine = ENGINES.get(urlsplit(settings.url).scheme)
    if engine is None:
        known = ", ".join(f"{scheme}://" for scheme in ENGINES)
        raise UnknownBusError(f"EVENT_BUS_URL must begin with one of {known}")
    return engine(settings)
