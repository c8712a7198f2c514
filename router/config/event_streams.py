"""Where topics of an event bus are read from."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import field_validator

from router.config.section import Section

SCHEMES = ("redis", "rediss", "unix", "amqp", "amqps")


class EventStreamsConfig(Section):
    """Topics of an event bus: a Redis stream or a RabbitMQ stream queue for each."""

    url: str | None = None
    """redis:// or amqp:// of the bus; without it no events are read."""
    stream_prefix: str = "zellige:events:"
    """On Redis, a topic's stream is this and the topic; `order.placed` is of the topic `order`."""
    envelope_field: str = "event"
    """The field of a Redis stream's entry that holds the event as CloudEvents JSON."""
    queue_prefix: str = "zellige.log."
    """On RabbitMQ, a topic's stream queue is this and the topic; bodies are CloudEvents JSON."""

    @field_validator("url")
    @classmethod
    def _check_scheme(cls, url: str | None) -> str | None:
        if url is not None and urlsplit(url).scheme not in SCHEMES:
            raise ValueError(f"begins with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}")
        return url
