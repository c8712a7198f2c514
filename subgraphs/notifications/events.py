"""What happens to notifications, as live feeds and the other domains hear of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from subgraphs.kit.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationReceived(Event):
    """A notification lies in its recipient's inbox; the subject is the notification."""

    type: ClassVar[str] = "notification.received"

    user_id: UUID
    topic: str
    workflow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxChanged(Event):
    """A user read or archived notifications; the subject is the user."""

    type: ClassVar[str] = "notification.inbox_changed"

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(Event):
    """A message was given up; it is the subject. `code` says why and holds no address."""

    type: ClassVar[str] = "notification.delivery_failed"

    notification_id: UUID
    user_id: UUID
    workflow: str
    topic: str
    channel: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressSuppressed(Event):
    """An address bounced or its owner complained: nothing goes there any more. Subject: the suppression.

    `organization_id` is whose messages that concerns; everybody's when it is null.
    """

    type: ClassVar[str] = "address.suppressed"

    channel: str
    reason: str
