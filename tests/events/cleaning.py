"""Removing what a test left on an engine that others use too."""

from __future__ import annotations

from urllib.parse import urlsplit

import aio_pika
from redis.asyncio import Redis

from subgraphs.kit.events.bus_settings import BusSettings

SERVICES = ("mirror", "stranger", "audit")
TOPICS = ("parcel", "letter", "account", "order", "tick", "product", "cache", "counting", "stock")


async def remove_bus(settings: BusSettings) -> None:
    """Removes every key, queue and exchange below the bus's name."""
    if urlsplit(settings.url).scheme.startswith("amqp"):
        await _remove_queues(settings)
    else:
        await _remove_keys(settings)


async def _remove_keys(settings: BusSettings) -> None:
    async with Redis.from_url(settings.url) as redis:
        async for key in redis.scan_iter(f"{settings.name}:*", count=1000):
            await redis.delete(key)


async def _remove_queues(settings: BusSettings) -> None:
    async with await aio_pika.connect(settings.url) as connection, connection.channel() as channel:
        for service in SERVICES:
            await channel.queue_delete(f"{settings.name}.service.{service}")
            await channel.queue_delete(f"{settings.name}.dead.{service}")
        for topic in TOPICS:
            await channel.queue_delete(f"{settings.name}.log.{topic}")
        for exchange in ("events", "dead"):
            await channel.exchange_delete(f"{settings.name}.{exchange}")
