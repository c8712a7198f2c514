"""Messages as the bus hands them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractExchange, AbstractIncomingMessage

from subgraphs.kit.events.cloud_event import CONTENT_TYPE, CloudEvent, MalformedEventError
from subgraphs.kit.events.rabbit_bus.connection import rabbit_errors

REASON = "x-zellige-reason"
BURIED_AT = "x-zellige-buried-at"


@dataclass(frozen=True, slots=True)
class RabbitDelivery:
    """A message handed to a service."""

    service: str
    message: AbstractIncomingMessage
    event: CloudEvent | None
    dead: AbstractExchange

    @property
    def body(self) -> bytes:
        """The message as it came."""
        return self.message.body

    @property
    def deliveries(self) -> int:
        """How often it was handed out, this time included."""
        before = self.message.headers.get("x-delivery-count", 0)
        return 1 + (before if isinstance(before, int) else 0)

    async def ack(self) -> None:
        """Says that the event has had its effect."""
        with rabbit_errors():
            await self.message.ack()

    async def bury(self, reason: str) -> None:
        """Puts the message into the queue of dead letters; after a crash it may stand there twice."""
        headers = {REASON: reason, BURIED_AT: datetime.now(UTC).isoformat()}
        letter = copy_of(self.message, headers)
        with rabbit_errors():
            await self.dead.publish(letter, routing_key=self.service, mandatory=True)
            await self.message.ack()


def message_of(event: CloudEvent) -> Message:
    """Returns the message that carries an event."""
    return Message(
        event.to_json(),
        content_type=CONTENT_TYPE,
        message_id=str(event.id),
        type=event.type,
        timestamp=event.time,
        delivery_mode=DeliveryMode.PERSISTENT,
    )


def copy_of(message: AbstractIncomingMessage, headers: Mapping[str, Any]) -> Message:
    """Returns the same message under other headers."""
    return Message(
        message.body,
        content_type=message.content_type,
        message_id=message.message_id,
        type=message.type,
        headers=dict(headers),
        delivery_mode=DeliveryMode.PERSISTENT,
    )


def event_of(body: bytes) -> CloudEvent | None:
    """Returns the event of a message, or None when it holds none."""
    try:
        return CloudEvent.from_json(body)
    except MalformedEventError:
        return None
