"""Acting in another of one's organizations, or in none."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import InvalidRefreshToken, NotAMember, SecondFactorRequired
from subgraphs.identity.model.organization_queries import find_membership
from subgraphs.identity.model.session_queries import lock_session
from subgraphs.identity.service.access_tokens import TokenSigner
from subgraphs.identity.service.sessions import SessionTokens, admits, sign_tokens
from subgraphs.kit.auth.viewer import Viewer


async def switch_organization(
    session: AsyncSession,
    signer: TokenSigner,
    viewer: Viewer,
    organization_id: UUID | None,
    now: datetime,
) -> SessionTokens:
    """Returns a new access token; the session remembers the organization for its next refreshes."""
    family = await lock_session(session, viewer.session_id) if viewer.session_id is not None else None
    if family is None or family.revoked_at is not None or family.expires_at <= now:
        raise InvalidRefreshToken("Log in again")
    if organization_id is not None and viewer.user_id is not None:
        membership = await find_membership(session, organization_id, viewer.user_id)
        if membership is None:
            raise NotAMember("You do not belong to this organization", field=["organizationId"])
        if not admits(membership, family.second_factor_at is not None):
            raise SecondFactorRequired(
                "This organization asks for a second factor; show one first", field=["organizationId"]
            )
    family.organization_id = organization_id
    await session.flush()
    return await sign_tokens(session, signer, family, None, now)
