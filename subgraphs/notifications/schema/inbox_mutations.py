"""The mutations by which users read and archive what they were told."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.kit import fields
from subgraphs.kit.access import IsUser
from subgraphs.kit.context import Info
from subgraphs.kit.errors import NotFound
from subgraphs.kit.ids import read_id
from subgraphs.notifications.schema.enums import Topic
from subgraphs.notifications.schema.payloads import NotificationPayload, NotificationsReadPayload
from subgraphs.notifications.schema.types import Notification, User
from subgraphs.notifications.schema.viewers import user_of
from subgraphs.notifications.service.inbox.read_items import (
    archive_item,
    read_all_items,
    read_item,
    see_all_items,
)


@strawberry.type
class InboxMutations:
    @fields.mutation(
        allow=IsUser(), description="Makes one's own notification read, or unread again with `read: false`."
    )
    async def mark_notification_read(
        self, info: Info, id: strawberry.ID, read: bool = True
    ) -> NotificationPayload:
        user_id, now = user_of(info), info.context.clock.now()
        row = await read_item(info.context.session, user_id, read_id(id), now, read=read)
        return NotificationPayload(notification=Notification.of(row), user=_user(info))

    @fields.mutation(
        allow=IsUser(),
        description="Makes all of one's own read: of a topic, and none newer than `upTo`, where given.",
    )
    async def mark_all_notifications_read(
        self, info: Info, topic: Topic | None = None, up_to: strawberry.ID | None = None
    ) -> NotificationsReadPayload:
        last = read_id(up_to) if up_to is not None else None
        if up_to is not None and last is None:
            raise NotFound("You have no such notification", field=["upTo"])
        user_id, now = user_of(info), info.context.clock.now()
        count = await read_all_items(info.context.session, user_id, now, topic, last)
        return NotificationsReadPayload(changed_count=count, user=_user(info))

    @fields.mutation(allow=IsUser(), description="Says that all of one's own were on a screen.")
    async def mark_all_notifications_seen(self, info: Info) -> NotificationsReadPayload:
        count = await see_all_items(info.context.session, user_of(info), info.context.clock.now())
        return NotificationsReadPayload(changed_count=count, user=_user(info))

    @fields.mutation(allow=IsUser(), description="Takes one's own notification out of the inbox.")
    async def archive_notification(self, info: Info, id: strawberry.ID) -> NotificationPayload:
        now = info.context.clock.now()
        row = await archive_item(info.context.session, user_of(info), read_id(id), now)
        return NotificationPayload(notification=Notification.of(row), user=_user(info))


def _user(info: Info) -> User:
    return User(id=strawberry.ID(str(user_of(info))))
