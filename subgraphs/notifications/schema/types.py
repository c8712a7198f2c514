"""The entities of notifications."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import strawberry
from strawberry import federation

from subgraphs.kit.context import Info
from subgraphs.kit.entities import Representation, ids_of
from subgraphs.kit.ids import read_id
from subgraphs.notifications.schema.loaders import load_choices, load_quiet_hours
from subgraphs.notifications.schema.wishes import NotificationPreference, NotificationQuietHours
from subgraphs.notifications.service.preferences.choices import all_preferences


def own_id(info: Info, user_id: strawberry.ID) -> UUID | None:
    """Returns the id when it is the viewer's own; what a person is told is for nobody else."""
    viewer = info.context.viewer
    if viewer.is_service or viewer.user_id is None or viewer.user_id != read_id(user_id):
        return None
    return viewer.user_id


@federation.type(keys=["id"], description="A person; here, as somebody who is told things.")
class User:
    id: strawberry.ID

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[User | None]:
        """Returns the users by id; only the viewer themself sees more of them."""
        return [
            cls(id=strawberry.ID(str(each))) if each is not None else None for each in ids_of(representations)
        ]

    @strawberry.field(description="Every topic over every channel; null for anybody else.")
    async def notification_preferences(self, info: Info) -> list[NotificationPreference] | None:
        user_id = own_id(info, self.id)
        if user_id is None:
            return None
        chosen = await info.context.loaders.get(load_choices).load(user_id)
        return [NotificationPreference.of(each) for each in all_preferences(chosen)]

    @strawberry.field(description="One's own; null without any, and for anybody else.")
    async def notification_quiet_hours(self, info: Info) -> NotificationQuietHours | None:
        user_id = own_id(info, self.id)
        row = await info.context.loaders.get(load_quiet_hours).load(user_id) if user_id is not None else None
        return NotificationQuietHours.of(row) if row is not None else None
