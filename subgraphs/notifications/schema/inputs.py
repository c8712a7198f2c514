"""What users send: which notifications they mean, and what they want to hear of, where and when."""

from __future__ import annotations

from datetime import time

import strawberry

from subgraphs.kit.locales import Locale
from subgraphs.kit.value_types import LocaleEnum
from subgraphs.notifications.schema.enums import Channel, DevicePlatform, Topic
from subgraphs.notifications.service.preferences.contact import ContactChange
from subgraphs.notifications.service.preferences.devices import Registration
from subgraphs.notifications.service.preferences.quiet_hours import QuietHours


@strawberry.input(description="Which part of an inbox.")
class NotificationFilter:
    unread: bool = strawberry.field(default=False, description="Only what is not read.")
    topic: Topic | None = None
    archived: bool = strawberry.field(default=False, description="What was archived instead of the rest.")


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


@strawberry.input
class SetNotificationContactInput:
    phone: str | None = strawberry.field(
        default=None, description="+213550123456 or 0550 12 34 56; null for no messages by phone."
    )
    locale: LocaleEnum = Locale.FR  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
    zone: str = "Africa/Algiers"

    def to_change(self) -> ContactChange:
        """Returns the change for the use-case."""
        return ContactChange(self.phone, self.locale, self.zone)


@strawberry.input
class RegisterDeviceInput:
    platform: DevicePlatform
    token: str = strawberry.field(description="What the push service gave the app; kept, never shown.")
    name: str | None = None

    def to_registration(self) -> Registration:
        """Returns the device for the use-case."""
        return Registration(self.platform, self.token, self.name)
