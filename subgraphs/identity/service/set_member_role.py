"""Giving a member another role."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.events import MemberRoleSet
from subgraphs.identity.model.tables import MembershipRow
from subgraphs.identity.service.members import (
    MANAGE_MEMBERS,
    check_not_last_owner,
    find_changeable_member,
    find_grantable_role,
    lock_own_organization,
)
from subgraphs.identity.service.roles import permissions_of
from subgraphs.identity.service.step_up import check_recently_proved
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.events.outbox import record_event


async def set_member_role(
    session: AsyncSession, viewer: Viewer, user_id: UUID | None, role_name: str, now: datetime
) -> MembershipRow:
    """Returns the membership with its new role; setting the role it has changes nothing."""
    await check_recently_proved(session, viewer, now)
    actor = await lock_own_organization(session, viewer, MANAGE_MEMBERS)
    membership = await find_changeable_member(session, actor, user_id)
    role = await find_grantable_role(session, actor, role_name)
    before = membership.role
    if role.id == before.id:
        return membership
    await check_not_last_owner(session, membership)
    membership.role = role
    await session.flush()
    changed = MemberRoleSet(
        subject=str(membership.user_id),
        occurred_at=now,
        organization_id=actor.organization_id,
        role_before=before.name,
        role_after=role.name,
        actor_id=actor.user_id,
        permissions=permissions_of(role),
    )
    await record_event(session, changed)
    return membership
