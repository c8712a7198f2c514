"""Adding a user to the organization."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import AlreadyAMember
from subgraphs.identity.events import MemberAdded
from subgraphs.identity.model.organization_queries import find_membership, insert_membership
from subgraphs.identity.model.tables import MembershipRow
from subgraphs.identity.model.user_queries import find_user
from subgraphs.identity.service.members import MANAGE_MEMBERS, find_grantable_role, lock_own_organization
from subgraphs.identity.service.roles import permissions_of
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotFound
from subgraphs.kit.events.outbox import record_event


async def add_member(
    session: AsyncSession, viewer: Viewer, user_id: UUID | None, role_name: str, now: datetime
) -> MembershipRow:
    """Returns the new membership.

    The user is named by id, which only they can hand out: by e-mail, anybody with an organization of their
    own could learn who has an account.
    """
    actor = await lock_own_organization(session, viewer, MANAGE_MEMBERS)
    role = await find_grantable_role(session, actor, role_name)
    user = await find_user(session, user_id) if user_id is not None else None
    if user is None:
        raise NotFound("No such user", field=["input", "userId"])
    if not await insert_membership(session, actor.organization_id, user.id, role.id):
        raise AlreadyAMember("This user belongs to the organization already", field=["input", "userId"])
    added = MemberAdded(
        subject=str(user.id),
        occurred_at=now,
        organization_id=actor.organization_id,
        role=role.name,
        actor_id=actor.user_id,
        permissions=permissions_of(role),
    )
    await record_event(session, added)
    membership = await find_membership(session, actor.organization_id, user.id)
    assert membership is not None, "it was inserted in this transaction"
    return membership
