"""What the mutations of an organization's staff answer."""

from __future__ import annotations

from typing import Any

import strawberry

from subgraphs.notifications.schema.administration_types import NotificationTemplate
from subgraphs.notifications.schema.payloads import NotificationsError


def _user_errors() -> Any:
    return strawberry.field(default_factory=list)


@strawberry.type
class TriggerNotificationPayload:
    transaction_key: str | None = strawberry.field(
        default=None, description="For `cancelScheduledNotification`."
    )
    notification_ids: list[strawberry.ID] | None = None
    user_errors: list[NotificationsError] = _user_errors()


@strawberry.type
class ScheduledNotificationCancelledPayload:
    cancelled_count: int | None = strawberry.field(
        default=None, description="How many messages will not be sent."
    )
    user_errors: list[NotificationsError] = _user_errors()


@strawberry.type
class NotificationTemplatePayload:
    template: NotificationTemplate | None = None
    user_errors: list[NotificationsError] = _user_errors()


@strawberry.type
class NotificationSuppressionRemovedPayload:
    removed_suppression_id: strawberry.ID | None = None
    user_errors: list[NotificationsError] = _user_errors()
