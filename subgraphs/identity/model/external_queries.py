"""SQL over accounts elsewhere."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.oauth_tables import ExternalIdentityRow
from subgraphs.kit.ids import new_id


async def find_external_identity(
    session: AsyncSession, issuer: str, subject: str
) -> ExternalIdentityRow | None:
    """Returns whose account elsewhere it is."""
    statement = select(ExternalIdentityRow).where(
        ExternalIdentityRow.issuer == issuer, ExternalIdentityRow.subject == subject
    )
    return (await session.scalars(statement)).one_or_none()


async def link_external_identity(
    session: AsyncSession, issuer: str, subject: str, user_id: UUID, email: str | None, now: datetime
) -> UUID:
    """Returns whose the account is after this: of two who link one account at once, the first one's."""
    values = {
        "id": new_id(),
        "issuer": issuer,
        "subject": subject,
        "user_id": user_id,
        "email": email,
        "created_at": now,
    }
    await session.execute(insert(ExternalIdentityRow).values(values).on_conflict_do_nothing())
    linked = await find_external_identity(session, issuer, subject)
    assert linked is not None, "it was there or was inserted"
    return linked.user_id
