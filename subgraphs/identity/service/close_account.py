"""Leaving: for a while, or for good.

A closed account is opened again by a password reset. A deleted one keeps its id, for what orders and ledgers
of other domains have recorded about it, and nothing that says whose it was.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.events import MemberRemoved, OrganizationAbandoned, UserDeactivated, UserDeleted
from subgraphs.identity.model.factor_queries import delete_factors
from subgraphs.identity.model.letter_queries import delete_email_change, delete_one_time_tokens
from subgraphs.identity.model.organization_queries import (
    count_members,
    find_membership,
    lock_organization,
    organization_ids_of,
)
from subgraphs.identity.model.session_queries import forget_session_origins, sessions_of_user
from subgraphs.identity.model.tables import UserRow
from subgraphs.identity.model.user_queries import lock_user
from subgraphs.identity.service.end_sessions import end_sessions
from subgraphs.identity.service.letters import Purpose
from subgraphs.identity.service.members import check_not_last_owner
from subgraphs.identity.service.step_up import check_recently_proved
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import NotFound
from subgraphs.kit.events.outbox import record_event

CLOSED, DELETED = "account_closed", "account_deleted"
NOBODY = "—"
NO_PASSWORD = "!"  # noqa: S105 - no hash at all, so no password matches it


async def deactivate_account(session: AsyncSession, viewer: Viewer, now: datetime) -> UserRow:
    """Returns the user whose account is closed and whose sessions have ended."""
    user = await _lock_own_account(session, viewer, now)
    user.deactivated_at = now
    await session.flush()
    await end_sessions(session, sessions_of_user(user.id), CLOSED, now)
    await record_event(session, UserDeactivated(subject=str(user.id), occurred_at=now))
    return user


async def delete_account(session: AsyncSession, viewer: Viewer, now: datetime) -> UUID:
    """Makes the user nobody and returns the id that stays; refused to the last owner of other people."""
    user = await _lock_own_account(session, viewer, now)
    for organization_id in await organization_ids_of(session, user.id):
        await _leave(session, user, organization_id, now)
    await end_sessions(session, sessions_of_user(user.id), DELETED, now)
    await forget_session_origins(session, user.id)
    await delete_one_time_tokens(session, user.id, tuple(Purpose))
    await delete_email_change(session, user.id)
    await delete_factors(session, user.id)
    user.email = user.email_normalized = f"deleted-{user.id}@deleted.invalid"
    user.name = NOBODY
    user.password_hash = NO_PASSWORD
    user.email_verified_at = None
    user.deleted_at = now
    await session.flush()
    await record_event(session, UserDeleted(subject=str(user.id), occurred_at=now))
    return user.id


async def _lock_own_account(session: AsyncSession, viewer: Viewer, now: datetime) -> UserRow:
    await check_recently_proved(session, viewer, now)
    assert viewer.user_id is not None, "users alone get here"
    user = await lock_user(session, viewer.user_id)
    if user is None or not user.is_open:
        raise NotFound("No such user")
    return user


async def _leave(session: AsyncSession, user: UserRow, organization_id: UUID, now: datetime) -> None:
    """Leaves an organization; the ids come in order, so that two who leave never wait for each other."""
    await lock_organization(session, organization_id)
    membership = await find_membership(session, organization_id, user.id)
    if membership is None:
        return
    is_alone = await count_members(session, organization_id) == 1
    if not is_alone:
        await check_not_last_owner(session, membership)
    await session.delete(membership)
    await session.flush()
    about = {"occurred_at": now, "organization_id": organization_id}
    removed = MemberRemoved(subject=str(user.id), role=membership.role.name, actor_id=user.id, **about)
    await record_event(session, removed)
    if is_alone:
        await record_event(session, OrganizationAbandoned(subject=str(organization_id), **about))
