"""Inviting people into an organization by letter: bound to the address, good once, for a week."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import AlreadyAMember
from subgraphs.identity.events import InvitationAccepted, InvitationCreated, InvitationRevoked, MemberAdded
from subgraphs.identity.model.invitation_queries import (
    accept_invitation_row,
    add_invitation,
    find_open_invitation,
    read_invitation,
    revoke_invitation_row,
)
from subgraphs.identity.model.organization_queries import (
    find_membership,
    insert_membership,
    lock_organization,
)
from subgraphs.identity.model.tables import InvitationRow, MembershipRow
from subgraphs.identity.model.user_queries import find_user
from subgraphs.identity.service.emails import check_email
from subgraphs.identity.service.letters import hash_token, invalid_link
from subgraphs.identity.service.members import MANAGE_MEMBERS, find_grantable_role, lock_own_organization
from subgraphs.identity.service.roles import permissions_of
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotFound
from subgraphs.kit.events.outbox import record_events
from subgraphs.kit.ids import new_id
from subgraphs.kit.sealing import Sealing

LIFETIME = timedelta(days=7)
INVITATION = "invitation"
"""What the token is sealed for."""


async def create_invitation(
    session: AsyncSession, sealing: Sealing, viewer: Viewer, to: tuple[str, str], now: datetime
) -> InvitationRow:
    """Returns the invitation of an e-mail to a role; whether the address has an account is told to nobody."""
    email, role_name = to
    normalized = check_email(email)
    actor = await lock_own_organization(session, viewer, MANAGE_MEMBERS)
    role = await find_grantable_role(session, actor, role_name)
    organization = await lock_organization(session, actor.organization_id)
    inviter = await find_user(session, actor.user_id)
    assert organization is not None and inviter is not None, "a member of it stands behind the actor"
    token = secrets.token_urlsafe(32)
    row = InvitationRow(
        id=new_id(),
        organization_id=organization.id,
        role_id=role.id,
        email=email.strip(),
        email_normalized=normalized,
        token_hash=hash_token(token),
        invited_by=actor.user_id,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    await add_invitation(session, row)
    created = InvitationCreated(
        subject=str(row.id),
        occurred_at=now,
        organization_id=organization.id,
        email=row.email,
        organization_name=organization.name,
        inviter_name=inviter.name,
        role=role.name,
        locale=inviter.locale,
        sealed_token=sealing.seal(token, INVITATION),
        expires_at=row.expires_at,
    )
    await record_events(session, created)
    return await read_invitation(session, row.id)


async def accept_invitation(
    session: AsyncSession, viewer: Viewer, token: str, now: datetime
) -> MembershipRow:
    """Returns the new membership of the viewer, whose address must be the one invited.

    The letter reached that address, so it is proved by the same stroke.
    """
    invitation = await find_open_invitation(session, hash_token(token), now)
    user = await find_user(session, viewer.user_id) if viewer.user_id is not None else None
    if invitation is None or user is None or user.email_normalized != invitation.email_normalized:
        raise invalid_link()
    await lock_organization(session, invitation.organization_id)
    if not await accept_invitation_row(session, invitation.id, user.id, now):
        raise invalid_link()
    about = {"occurred_at": now, "organization_id": invitation.organization_id}
    if not await insert_membership(session, invitation.organization_id, user.id, invitation.role_id):
        raise AlreadyAMember("You belong to this organization already")
    if user.email_verified_at is None:
        user.email_verified_at = now
        await session.flush()
    membership = await find_membership(session, invitation.organization_id, user.id)
    assert membership is not None, "it was inserted in this transaction"
    role = membership.role.name
    await record_events(
        session,
        InvitationAccepted(subject=str(invitation.id), user_id=user.id, role=role, **about),
        MemberAdded(
            subject=str(user.id),
            role=role,
            actor_id=invitation.invited_by,
            permissions=permissions_of(membership.role),
            **about,
        ),
    )
    return membership


async def revoke_invitation(
    session: AsyncSession, viewer: Viewer, invitation_id: UUID | None, now: datetime
) -> UUID:
    """Returns the id of the invitation that nobody can accept any more."""
    actor = await lock_own_organization(session, viewer, MANAGE_MEMBERS)
    if invitation_id is None or not await revoke_invitation_row(
        session, actor.organization_id, invitation_id, now
    ):
        raise NotFound("No such open invitation", field=["id"])
    revoked = InvitationRevoked(
        subject=str(invitation_id),
        occurred_at=now,
        organization_id=actor.organization_id,
        actor_id=actor.user_id,
    )
    await record_events(session, revoked)
    return invitation_id
