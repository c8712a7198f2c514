"""SQL over service accounts and their keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from subgraphs.identity.model.tables import ApiKeyRow, ServiceAccountRow


async def find_service_account_by_name(
    session: AsyncSession, organization_id: UUID, name: str
) -> ServiceAccountRow | None:
    """Returns the organization's account of that name."""
    chosen = (ServiceAccountRow.organization_id == organization_id, ServiceAccountRow.name == name)
    return (await session.scalars(select(ServiceAccountRow).where(*chosen))).one_or_none()


async def lock_service_account(
    session: AsyncSession, organization_id: UUID, account_id: UUID
) -> ServiceAccountRow | None:
    """Returns the organization's account, held until the transaction ends."""
    chosen = (ServiceAccountRow.organization_id == organization_id, ServiceAccountRow.id == account_id)
    statement = select(ServiceAccountRow).where(*chosen).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def count_live_keys(session: AsyncSession, account_id: UUID, now: datetime) -> int:
    """Returns how many keys of the account open something."""
    statement = select(func.count()).where(
        ApiKeyRow.service_account_id == account_id,
        ApiKeyRow.revoked_at.is_(None),
        or_(ApiKeyRow.expires_at.is_(None), ApiKeyRow.expires_at > now),
    )
    return await session.scalar(statement) or 0


async def revoke_key(
    session: AsyncSession, organization_id: UUID, key_id: UUID, now: datetime
) -> ApiKeyRow | None:
    """Returns the organization's key if this call revoked it."""
    statement = (
        update(ApiKeyRow)
        .where(
            ApiKeyRow.id == key_id,
            ApiKeyRow.organization_id == organization_id,
            ApiKeyRow.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(ApiKeyRow)
        .execution_options(synchronize_session=False)
    )
    return (await session.scalars(statement)).one_or_none()


async def find_live_key(session: AsyncSession, key_hash: bytes, now: datetime) -> ApiKeyRow | None:
    """Returns the key with its account, if both are good."""
    statement = (
        select(ApiKeyRow)
        .join(ApiKeyRow.service_account)
        .where(
            ApiKeyRow.key_hash == key_hash,
            ApiKeyRow.revoked_at.is_(None),
            or_(ApiKeyRow.expires_at.is_(None), ApiKeyRow.expires_at > now),
            ServiceAccountRow.disabled_at.is_(None),
        )
        .options(joinedload(ApiKeyRow.service_account))
    )
    return (await session.scalars(statement)).one_or_none()


async def note_key_use(session: AsyncSession, key_id: UUID, now: datetime, since: datetime) -> None:
    """Notes when the key was used, unless that was noted since."""
    statement = (
        update(ApiKeyRow)
        .where(ApiKeyRow.id == key_id, or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at < since))
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)


def service_accounts_of(organization_id: UUID | None) -> Select[ServiceAccountRow]:
    """Returns the statement of an organization's accounts."""
    return select(ServiceAccountRow).where(ServiceAccountRow.organization_id == organization_id)


async def keys_by_accounts(
    session: AsyncSession, organization_id: UUID | None, account_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[ApiKeyRow]]:
    """Returns the keys of the organization's accounts, the newest first."""
    statement = (
        select(ApiKeyRow)
        .where(ApiKeyRow.organization_id == organization_id, ApiKeyRow.service_account_id.in_(account_ids))
        .order_by(ApiKeyRow.created_at.desc(), ApiKeyRow.id.desc())
    )
    found: dict[UUID, list[ApiKeyRow]] = defaultdict(list)
    for row in await session.scalars(statement):
        found[row.service_account_id].append(row)
    return found
