"""What the mutations of notifications answer, and its codes of refusal."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry

from subgraphs.kit.user_errors import UserError
from subgraphs.notifications.schema.devices import NotificationDevice
from subgraphs.notifications.schema.types import Notification, User
from subgraphs.notifications.schema.wishes import (
    NotificationContact,
    NotificationPreference,
    NotificationQuietHours,
)


@strawberry.enum
class NotificationsErrorCode(Enum):
    CRITICAL_TOPIC = "CRITICAL_TOPIC"
    UNKNOWN_WORKFLOW = "UNKNOWN_WORKFLOW"
    INVALID_PAYLOAD = "INVALID_PAYLOAD"
    RECIPIENT_NOT_REACHABLE = "RECIPIENT_NOT_REACHABLE"
    NOT_SCHEDULED = "NOT_SCHEDULED"
    INVALID_TEMPLATE = "INVALID_TEMPLATE"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    INVALID_INPUT = "INVALID_INPUT"
    NOT_ALLOWED = "NOT_ALLOWED"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"


@strawberry.type
class NotificationsError(UserError):
    code: NotificationsErrorCode


def _user_errors() -> Any:
    return strawberry.field(default_factory=list)


@strawberry.type
class NotificationPreferencesPayload:
    preferences: list[NotificationPreference] | None = strawberry.field(
        default=None, description="All of them, as they are now."
    )
    user_errors: list[NotificationsError] = _user_errors()


@strawberry.type
class NotificationQuietHoursPayload:
    quiet_hours: NotificationQuietHours | None = None
    user_errors: list[NotificationsError] = _user_errors()


@strawberry.type
class NotificationContactPayload:
    contact: NotificationContact | None = None
    user_errors: list[NotificationsError] = _user_errors()


@strawberry.type
class NotificationDevicePayload:
    device: NotificationDevice | None = None
    user_errors: list[NotificationsError] = _user_errors()


@strawberry.type
class NotificationDeviceRemovedPayload:
    removed_device_id: strawberry.ID | None = None
    user_errors: list[NotificationsError] = _user_errors()


@strawberry.type
class NotificationPayload:
    notification: Notification | None = None
    user: User | None = strawberry.field(default=None, description="With the count as it is now.")
    user_errors: list[NotificationsError] = _user_errors()


@strawberry.type
class NotificationsReadPayload:
    changed_count: int | None = strawberry.field(default=None, description="How many this call changed.")
    user: User | None = strawberry.field(default=None, description="With the count as it is now.")
    user_errors: list[NotificationsError] = _user_errors()
