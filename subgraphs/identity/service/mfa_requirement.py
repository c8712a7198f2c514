"""Whether an organization admits its members with one factor."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import SecondFactorRequired
from subgraphs.identity.events import MfaRequirementSet
from subgraphs.identity.model.factor_queries import has_second_factor
from subgraphs.identity.model.organization_queries import lock_organization
from subgraphs.identity.model.session_queries import one_factor_sessions_in
from subgraphs.identity.model.tables import OrganizationRow
from subgraphs.identity.service.end_sessions import end_sessions
from subgraphs.identity.service.members import lock_own_organization
from subgraphs.identity.service.step_up import check_recently_proved
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.events.outbox import record_event

MANAGE_ORGANIZATION = "organization:write"
REQUIRED = "second_factor_required"


async def set_mfa_requirement(
    session: AsyncSession, viewer: Viewer, *, required: bool, now: datetime
) -> OrganizationRow:
    """Returns the organization; sessions acting in it without a second factor end.

    Who asks it of others has one themself: nobody shuts themself out.
    """
    await check_recently_proved(session, viewer, now)
    actor = await lock_own_organization(session, viewer, MANAGE_ORGANIZATION)
    if required and not await has_second_factor(session, actor.user_id):
        raise SecondFactorRequired("Add a second factor of your own first")
    organization = await lock_organization(session, actor.organization_id)
    assert organization is not None, "it was locked in this transaction"
    if organization.mfa_required == required:
        return organization
    organization.mfa_required = required
    await session.flush()
    if required:
        await end_sessions(session, one_factor_sessions_in(organization.id), REQUIRED, now)
    changed = MfaRequirementSet(
        subject=str(organization.id),
        occurred_at=now,
        organization_id=organization.id,
        required=required,
        actor_id=actor.user_id,
    )
    await record_event(session, changed)
    return organization
