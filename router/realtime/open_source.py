"""Which engine an address means."""

from __future__ import annotations

from urllib.parse import urlsplit

from router.config import EventStreamsConfig
from router.realtime.source import FeedSource


def open_feed_source(streams: EventStreamsConfig) -> FeedSource | None:
    """Returns the topics at the address, which connect when they are first read; None without an address."""
    # The client of an engine takes megabytes: it is loaded by who has the engine.
    if streams.url is None:
        return None
    if urlsplit(streams.url).scheme in {"amqp", "amqps"}:
        from router.realtime.rabbit_source import RabbitFeedSource  # noqa: PLC0415

        return RabbitFeedSource(streams.url, prefix=streams.queue_prefix)
    from router.realtime.redis_source import RedisFeedSource  # noqa: PLC0415

    return RedisFeedSource(streams.url, prefix=streams.stream_prefix, envelope_field=streams.envelope_field)
