"""The subscriptions of notifications: events of theirs, read by the router."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import strawberry

from subgraphs.kit.event_feeds import event_feed, read_by_the_router
from subgraphs.notifications.schema.enums import Topic
from subgraphs.notifications.schema.types import Notification, User

_OWN = "data.user_id = viewer.sub"


@strawberry.type
class Subscription:
    @event_feed(
        "notification.received",
        where=(_OWN, "data.topic = $topic"),
        description="Each new notification in one's own inbox, of one topic where given; can be resumed.",
    )
    async def notification_received(
        self, topic: Topic | None = None
    ) -> AsyncGenerator[Notification | None, None]:
        async for _ in read_by_the_router():
            yield None

    @event_feed(
        "notification.received",
        "notification.inbox_changed",
        object="id: data.user_id",
        where=(_OWN,),
        description="Oneself, with `unreadNotificationCount`, whenever it may have changed.",
    )
    async def unread_count_changed(self) -> AsyncGenerator[User | None, None]:
        async for _ in read_by_the_router():
            yield None
