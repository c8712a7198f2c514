"""The mutations by which users say what they want to hear of, where and when."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.kit import fields
from subgraphs.kit.access import IsUser
from subgraphs.kit.context import Info
from subgraphs.notifications.schema.inputs import (
    SetNotificationQuietHoursInput,
    UpdateNotificationPreferencesInput,
)
from subgraphs.notifications.schema.payloads import (
    NotificationPreferencesPayload,
    NotificationQuietHoursPayload,
)
from subgraphs.notifications.schema.viewers import user_of
from subgraphs.notifications.schema.wishes import NotificationPreference, NotificationQuietHours
from subgraphs.notifications.service.preferences.choices import change_preferences
from subgraphs.notifications.service.preferences.quiet_hours import clear_quiet_hours, set_quiet_hours


@strawberry.type
class PreferenceMutations:
    @fields.mutation(
        allow=IsUser(), description="Says which topics one wants over which channels; critical ones stay on."
    )
    async def update_notification_preferences(
        self, info: Info, input: UpdateNotificationPreferencesInput
    ) -> NotificationPreferencesPayload:
        preferences = await change_preferences(info.context.session, user_of(info), input.to_changes())
        return NotificationPreferencesPayload(
            preferences=[NotificationPreference.of(each) for each in preferences]
        )

    @fields.mutation(allow=IsUser(), description="Sets the hours in which only critical topics disturb.")
    async def set_notification_quiet_hours(
        self, info: Info, input: SetNotificationQuietHoursInput
    ) -> NotificationQuietHoursPayload:
        row = await set_quiet_hours(info.context.session, user_of(info), input.to_quiet_hours())
        return NotificationQuietHoursPayload(quiet_hours=NotificationQuietHours.of(row))

    @fields.mutation(allow=IsUser(), description="Takes one's quiet hours away.")
    async def clear_notification_quiet_hours(self, info: Info) -> NotificationQuietHoursPayload:
        await clear_quiet_hours(info.context.session, user_of(info))
        return NotificationQuietHoursPayload()
