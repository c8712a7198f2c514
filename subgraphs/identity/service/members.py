"""What every change to an organization's members begins with."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import LastOwner, NotAMember
from subgraphs.identity.model.organization_queries import (
    count_members_with_role,
    find_membership,
    find_role,
    lock_organization,
)
from subgraphs.identity.model.tables import MembershipRow, RoleRow
from subgraphs.identity.service.roles import OWNER, check_holds, permissions_of
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotAllowed, NotFound

MANAGE_MEMBERS = "members:write"
MANAGE_ROLES = "roles:write"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes the members: the viewer with the permissions of this moment."""

    organization_id: UUID
    user_id: UUID
    viewer: Viewer


async def lock_own_organization(session: AsyncSession, viewer: Viewer, permission: str | None) -> Actor:
    """Returns the viewer as they stand now, in their organization, which is locked until the end.

    Two changes to the members thus never see the same owners, and a token signed before its holder was
    demoted gives nothing here: the permissions are read again. Leaving takes no permission (None).
    """
    organization_id, user_id = viewer.organization_id, viewer.user_id
    if organization_id is None or user_id is None:
        raise NotFound("No such organization")
    if await lock_organization(session, organization_id) is None:
        raise NotFound("No such organization")
    membership = await find_membership(session, organization_id, user_id)
    if membership is None:
        raise NotAllowed("You no longer belong to this organization")
    permissions = frozenset(permissions_of(membership.role))
    actor = Actor(organization_id, user_id, Viewer(user_id, organization_id, permissions=permissions))
    if permission is not None and not actor.viewer.may(permission):
        raise NotAllowed("You no longer have the permission for this")
    return actor


async def find_grantable_role(session: AsyncSession, actor: Actor, name: str) -> RoleRow:
    """Returns the role, provided the actor holds everything in it."""
    role = await find_role(session, actor.organization_id, name)
    if role is None:
        raise NotFound("No such role", field=["input", "role"])
    check_holds(actor.viewer, permissions_of(role))
    return role


async def find_changeable_member(session: AsyncSession, actor: Actor, user_id: UUID | None) -> MembershipRow:
    """Returns the membership, provided the actor holds everything it gives: admins cannot depose owners."""
    membership = None
    if user_id is not None:
        membership = await find_membership(session, actor.organization_id, user_id)
    if membership is None:
        raise NotAMember("This user does not belong to the organization", field=["userId"])
    check_holds(actor.viewer, permissions_of(membership.role))
    return membership


async def check_not_last_owner(session: AsyncSession, membership: MembershipRow) -> None:
    """Raises LastOwner when this member is the only one; holds because the organization is locked."""
    role = membership.role
    if role.built_in and role.name == OWNER and await count_members_with_role(session, role.id) == 1:
        raise LastOwner("An organization keeps at least one owner; appoint another first")
