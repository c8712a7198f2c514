"""What a user wants to hear of, as the API shows it."""

from __future__ import annotations

from datetime import time

import strawberry

from subgraphs.notifications.model.tables import QuietHoursRow
from subgraphs.notifications.schema.enums import Channel, Topic
from subgraphs.notifications.service.preferences.choices import Preference


@strawberry.type(description="Whether a topic comes over a channel.")
class NotificationPreference:
    channel: Channel
    topic: Topic
    enabled: bool
    changeable: bool = strawberry.field(description="False for critical topics, which always come.")

    @classmethod
    def of(cls, preference: Preference) -> NotificationPreference:
        """Returns the preference as the API shows it."""
        return cls(
            channel=preference.channel,
            topic=preference.topic,
            enabled=preference.is_enabled,
            changeable=preference.is_changeable,
        )


@strawberry.type(
    description="When only critical notifications leave; an end before the start is on the next day."
)
class NotificationQuietHours:
    starts_at: time
    ends_at: time
    zone: str

    @classmethod
    def of(cls, row: QuietHoursRow) -> NotificationQuietHours:
        """Returns the quiet hours as the API shows them."""
        return cls(starts_at=row.starts_at, ends_at=row.ends_at, zone=row.zone)
