"""The entities of notifications: what lies in an inbox, and the person it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import federation

from subgraphs.kit import fields
from subgraphs.kit.access import Public
from subgraphs.kit.context import Info
from subgraphs.kit.entities import Representation, ids_of, load_entities
from subgraphs.kit.ids import read_id
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.connection import Connection
from subgraphs.kit.pagination.page import fetch_page
from subgraphs.kit.value_types import LocalizedString
from subgraphs.notifications.model.inbox_queries import NEWEST_FIRST, inbox_of
from subgraphs.notifications.model.tables import InboxItemRow
from subgraphs.notifications.schema.devices import NotificationDevice
from subgraphs.notifications.schema.enums import Topic
from subgraphs.notifications.schema.inputs import NotificationFilter
from subgraphs.notifications.schema.loaders import (
    load_choices,
    load_contacts,
    load_devices,
    load_inbox_items,
    load_quiet_hours,
    load_unread_counts,
)
from subgraphs.notifications.schema.references import (
    Order,
    Organization,
    ProductVariant,
    caused_by,
    text_id,
)
from subgraphs.notifications.schema.wishes import (
    NotificationContact,
    NotificationPreference,
    NotificationQuietHours,
)
from subgraphs.notifications.service.preferences.choices import all_preferences


@federation.type(keys=["id"], description="Something a person is told; only they see it.")
class Notification:
    row: strawberry.Private[InboxItemRow]
    id: strawberry.ID
    topic: Topic
    workflow: str = strawberry.field(description="The kind of notification, as `order_confirmation`.")
    critical: bool = strawberry.field(description="Whether it comes whatever one's preferences are.")
    created_at: datetime
    seen_at: datetime | None = strawberry.field(description="When it was first on a screen.")
    read_at: datetime | None
    archived_at: datetime | None

    @classmethod
    def of(cls, row: InboxItemRow) -> Notification:
        """Returns the notification as the API shows it."""
        return cls(
            row=row,
            id=text_id(row.notification_id),
            topic=row.topic,
            workflow=row.workflow,
            critical=row.critical,
            created_at=row.created_at,
            seen_at=row.seen_at,
            read_at=row.read_at,
            archived_at=row.archived_at,
        )

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[Notification | None]:
        """Returns those of the notifications that lie in the viewer's own inbox."""
        return await load_entities(info.context.loaders.get(load_inbox_items), representations, cls.of)

    @strawberry.field
    def title(self) -> LocalizedString:
        return LocalizedString.of(self.row.title)

    @strawberry.field
    def body(self) -> LocalizedString:
        return LocalizedString.of(self.row.body)

    @strawberry.field(description="Who tells it; null for the platform, and where one may not see them.")
    def organization(self) -> Organization | None:
        id_ = self.row.organization_id
        return Organization(id=text_id(id_)) if id_ is not None else None

    @strawberry.field(description="The order it is about.")
    def order(self) -> Order | None:
        id_ = caused_by("order", self.row.cause)
        return Order(id=id_) if id_ is not None else None

    @strawberry.field(description="The variant it is about.")
    def product_variant(self) -> ProductVariant | None:
        id_ = caused_by("variant", self.row.cause)
        return ProductVariant(id=id_) if id_ is not None else None


@federation.type(keys=["id"], description="A person; here, as somebody who is told things.")
class User:
    id: strawberry.ID

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[User | None]:
        """Returns the users by id; only the viewer themself sees more of them."""
        return [cls(id=text_id(each)) if each is not None else None for each in ids_of(representations)]

    @fields.listing(
        allow=Public(),
        description="One's own inbox, the newest first, without what is archived; null for anybody else.",
    )
    async def notifications(
        self,
        info: Info,
        page: PageArguments,
        filter: NotificationFilter | None = None,  # noqa: A002 - the argument's name
    ) -> Connection[Notification] | None:
        user_id = self._own_id(info)
        if user_id is None:
            return None
        wanted = filter or NotificationFilter()
        statement = inbox_of(user_id, wanted.topic, unread=wanted.unread, archived=wanted.archived)
        found = await fetch_page(info.context.session, statement, NEWEST_FIRST, page)
        return Connection.of(found, Notification.of)

    @strawberry.field(description="How many of one's own are neither read nor archived; exact.")
    async def unread_notification_count(self, info: Info) -> int | None:
        user_id = self._own_id(info)
        if user_id is None:
            return None
        return await info.context.loaders.get(load_unread_counts).load(user_id)

    @strawberry.field(description="Every topic over every channel; null for anybody else.")
    async def notification_preferences(self, info: Info) -> list[NotificationPreference] | None:
        user_id = self._own_id(info)
        if user_id is None:
            return None
        chosen = await info.context.loaders.get(load_choices).load(user_id)
        return [NotificationPreference.of(each) for each in all_preferences(chosen)]

    @strawberry.field(description="One's own; null without any, and for anybody else.")
    async def notification_quiet_hours(self, info: Info) -> NotificationQuietHours | None:
        user_id = self._own_id(info)
        row = await info.context.loaders.get(load_quiet_hours).load(user_id) if user_id is not None else None
        return NotificationQuietHours.of(row) if row is not None else None

    @strawberry.field(description="Where one's own letters and messages go; null for anybody else.")
    async def notification_contact(self, info: Info) -> NotificationContact | None:
        user_id = self._own_id(info)
        row = await info.context.loaders.get(load_contacts).load(user_id) if user_id is not None else None
        return NotificationContact.of(row) if row is not None else None

    @strawberry.field(description="One's own phones and browsers, the newest first; null for anybody else.")
    async def notification_devices(self, info: Info) -> list[NotificationDevice] | None:
        user_id = self._own_id(info)
        if user_id is None:
            return None
        return [
            NotificationDevice.of(each) for each in await info.context.loaders.get(load_devices).load(user_id)
        ]

    def _own_id(self, info: Info) -> UUID | None:
        """Returns the id when it is the viewer's own; what a person is told is for nobody else."""
        viewer = info.context.viewer
        if viewer.is_service or viewer.user_id is None or viewer.user_id != read_id(self.id):
            return None
        return viewer.user_id
