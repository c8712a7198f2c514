"""SQL over addresses that must not be written to."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.ids import new_id
from subgraphs.notifications.model.tables import SuppressionRow
from subgraphs.notifications.states import Channel, SuppressionReason


def address_hash(channel: Channel, address: str) -> bytes:
    """Returns what an address is found by: spaces around it and, but for push tokens, case do not matter."""
    text = unicodedata.normalize("NFKC", address).strip()
    if channel is not Channel.PUSH:
        text = text.casefold()
    return hashlib.sha256(text.encode()).digest()


async def suppressions_of(
    session: AsyncSession, hashes: Iterable[bytes], organization_ids: Iterable[UUID]
) -> Sequence[SuppressionRow]:
    """Returns what the platform or one of the organizations has suppressed of these addresses."""
    statement = select(SuppressionRow).where(
        SuppressionRow.address_hash.in_(set(hashes)),
        or_(
            SuppressionRow.organization_id.is_(None),
            SuppressionRow.organization_id.in_(set(organization_ids)),
        ),
    )
    return (await session.scalars(statement)).all()


async def suppress_address(
    session: AsyncSession,
    organization_id: UUID | None,
    channel: Channel,
    address: str,
    reason: SuppressionReason,
    now: datetime,
) -> UUID | None:
    """Returns the id of a new suppression, or None when the address was suppressed already."""
    statement = (
        insert(SuppressionRow)
        .values(
            id=new_id(),
            organization_id=organization_id,
            channel=channel,
            address_hash=address_hash(channel, address),
            address=address,
            reason=reason,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(constraint="uq_suppressions_address")
        .returning(SuppressionRow.id)
    )
    return (await session.scalars(statement)).one_or_none()
