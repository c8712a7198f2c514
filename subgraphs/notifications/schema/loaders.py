"""What is loaded once for all the fields that ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from subgraphs.kit.context import RequestContext
from subgraphs.kit.loaders import in_order
from subgraphs.notifications.model.inbox_queries import own_items_by_ids, unread_counts
from subgraphs.notifications.model.message_queries import transitions_by_messages
from subgraphs.notifications.model.people_queries import contacts_by_users, devices_by_users
from subgraphs.notifications.model.preference_queries import Choice, choices_by_users, quiet_hours_by_users
from subgraphs.notifications.model.tables import (
    ContactRow,
    DeviceRow,
    InboxItemRow,
    MessageTransitionRow,
    QuietHoursRow,
)


async def load_inbox_items(context: RequestContext, ids: Sequence[UUID]) -> list[InboxItemRow | None]:
    """Returns the items that lie in the viewer's own inbox."""
    viewer = context.viewer
    if viewer.user_id is None or viewer.is_service:
        return [None] * len(ids)
    return in_order(ids, await own_items_by_ids(context.session, viewer.user_id, ids))


async def load_unread_counts(context: RequestContext, user_ids: Sequence[UUID]) -> list[int]:
    """Returns how many items each user has not read."""
    found = await unread_counts(context.session, user_ids)
    return [found.get(each, 0) for each in user_ids]


async def load_choices(context: RequestContext, user_ids: Sequence[UUID]) -> list[Mapping[Choice, bool]]:
    """Returns what each user chose to hear of."""
    found = await choices_by_users(context.session, user_ids)
    return [found.get(each, {}) for each in user_ids]


async def load_quiet_hours(context: RequestContext, user_ids: Sequence[UUID]) -> list[QuietHoursRow | None]:
    """Returns each user's quiet hours."""
    return in_order(user_ids, await quiet_hours_by_users(context.session, user_ids))


async def load_contacts(context: RequestContext, user_ids: Sequence[UUID]) -> list[ContactRow | None]:
    """Returns how each user is reached."""
    return in_order(user_ids, await contacts_by_users(context.session, user_ids))


async def load_devices(context: RequestContext, user_ids: Sequence[UUID]) -> list[Sequence[DeviceRow]]:
    """Returns each user's devices."""
    found = await devices_by_users(context.session, user_ids)
    return [found.get(each, ()) for each in user_ids]


async def load_transitions(
    context: RequestContext, message_ids: Sequence[UUID]
) -> list[Sequence[MessageTransitionRow]]:
    """Returns the steps each message took."""
    found = await transitions_by_messages(context.session, message_ids)
    return [found.get(each, ()) for each in message_ids]
