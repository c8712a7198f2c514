"""What is loaded once for all the fields that ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from subgraphs.kit.context import RequestContext
from subgraphs.kit.loaders import in_order
from subgraphs.notifications.model.preference_queries import Choice, choices_by_users, quiet_hours_by_users
from subgraphs.notifications.model.tables import QuietHoursRow


async def load_choices(context: RequestContext, user_ids: Sequence[UUID]) -> list[Mapping[Choice, bool]]:
    """Returns what each user chose to hear of."""
    found = await choices_by_users(context.session, user_ids)
    return [found.get(each, {}) for each in user_ids]


async def load_quiet_hours(context: RequestContext, user_ids: Sequence[UUID]) -> list[QuietHoursRow | None]:
    """Returns each user's quiet hours."""
    return in_order(user_ids, await quiet_hours_by_users(context.session, user_ids))
