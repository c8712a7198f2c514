"""The mutations by which users say what they want to hear of, where and when."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.kit import fields
from subgraphs.kit.access import IsUser
from subgraphs.kit.context import Info
from subgraphs.kit.ids import read_id
from subgraphs.notifications.schema.devices import NotificationDevice
from subgraphs.notifications.schema.inputs import (
    RegisterDeviceInput,
    SetNotificationContactInput,
    SetNotificationQuietHoursInput,
    UpdateNotificationPreferencesInput,
)
from subgraphs.notifications.schema.payloads import (
    NotificationContactPayload,
    NotificationDevicePayload,
    NotificationDeviceRemovedPayload,
    NotificationPreferencesPayload,
    NotificationQuietHoursPayload,
)
from subgraphs.notifications.schema.viewers import user_of
from subgraphs.notifications.schema.wishes import (
    NotificationContact,
    NotificationPreference,
    NotificationQuietHours,
)
from subgraphs.notifications.service.preferences.choices import change_preferences
from subgraphs.notifications.service.preferences.contact import change_contact
from subgraphs.notifications.service.preferences.devices import register_device, unregister_device
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

    @fields.mutation(
        allow=IsUser(), description="Says by which phone, in which language and zone one is reached."
    )
    async def set_notification_contact(
        self, info: Info, input: SetNotificationContactInput
    ) -> NotificationContactPayload:
        row = await change_contact(info.context.session, user_of(info), input.to_change())
        return NotificationContactPayload(contact=NotificationContact.of(row))

    @fields.mutation(
        allow=IsUser(), description="Lets push messages come to a phone or browser; again is fine."
    )
    async def register_device(self, info: Info, input: RegisterDeviceInput) -> NotificationDevicePayload:
        given = input.to_registration()
        row = await register_device(info.context.session, user_of(info), given, info.context.clock.now())
        return NotificationDevicePayload(device=NotificationDevice.of(row))

    @fields.mutation(allow=IsUser(), description="Ends push messages to a device of one's own.")
    async def unregister_device(self, info: Info, id: strawberry.ID) -> NotificationDeviceRemovedPayload:
        removed = await unregister_device(info.context.session, user_of(info), read_id(id))
        return NotificationDeviceRemovedPayload(removed_device_id=strawberry.ID(str(removed)))
