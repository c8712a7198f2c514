"""What a user wants to hear of and how they are reached, as the API shows it."""

from __future__ import annotations

from datetime import time

import strawberry

from subgraphs.kit.value_types import LocaleEnum
from subgraphs.notifications.model.tables import ContactRow, QuietHoursRow
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


@strawberry.type(description="Where somebody's letters and messages go, and in which language.")
class NotificationContact:
    email: str | None = strawberry.field(description="The one of their account.")
    phone: str | None = strawberry.field(description="As they stated it.")
    locale: LocaleEnum  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
    zone: str

    @classmethod
    def of(cls, row: ContactRow) -> NotificationContact:
        """Returns the contact as the API shows it."""
        return cls(email=row.email, phone=row.phone, locale=row.locale, zone=row.zone)
