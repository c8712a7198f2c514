"""What the mutations of notifications take."""

from __future__ import annotations

from datetime import time

import strawberry

from subgraphs.notifications.schema.enums import Channel, Topic
from subgraphs.notifications.service.preferences.quiet_hours import QuietHours


@strawberry.input
class NotificationPreferenceInput:
    channel: Channel
    topic: Topic
    enabled: bool


@strawberry.input
class UpdateNotificationPreferencesInput:
    changes: list[NotificationPreferenceInput]

    def to_changes(self) -> list[tuple[Channel, Topic, bool]]:
        """Returns the changes for the use-case."""
        return [(each.channel, each.topic, each.enabled) for each in self.changes]


@strawberry.input
class SetNotificationQuietHoursInput:
    starts_at: time
    ends_at: time
    zone: str = "Africa/Algiers"

    def to_quiet_hours(self) -> QuietHours:
        """Returns the hours for the use-case."""
        return QuietHours(self.starts_at, self.ends_at, self.zone)
