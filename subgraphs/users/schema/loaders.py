"""Profiles of many people at once, each with what the viewer is to its person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from subgraphs.kit.context import RequestContext
from subgraphs.users.model.queries import members_among, profiles_by_users
from subgraphs.users.model.tables import ProfileRow

READ_USERS = "users:read"


@dataclass(frozen=True, slots=True)
class SeenProfile:
    """A profile and the audiences the viewer belongs to."""

    user_id: UUID
    row: ProfileRow | None
    audiences: frozenset[str]
    is_own: bool


async def load_seen_profiles(context: RequestContext, ids: Sequence[UUID]) -> list[SeenProfile | None]:
    """Loads profiles in two statements; None where the viewer is not even signed in."""
    viewer = context.viewer
    if not viewer.is_authenticated:
        return [None] * len(ids)
    rows = await profiles_by_users(context.session, ids)
    colleagues: frozenset[UUID] = frozenset()
    if viewer.organization_id is not None and viewer.may(READ_USERS):
        colleagues = await members_among(context.session, viewer.organization_id, ids)
    own = viewer.user_id if not viewer.is_service else None
    found: list[SeenProfile | None] = []
    for user_id in ids:
        row = rows.get(user_id)
        if row is None and user_id != own:
            found.append(None)
            continue
        audiences = {"everybody", "organization"} if user_id in colleagues else {"everybody"}
        found.append(SeenProfile(user_id, row, frozenset(audiences), user_id == own))
    return found
