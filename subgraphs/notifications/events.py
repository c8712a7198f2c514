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
