"""SQL over the keys that sign access tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.tables import SigningKeyRow

_ROTATION_LOCK = 0x5A4B4559


async def lock_signing_keys(session: AsyncSession) -> None:
    """Holds the keys until the transaction ends: one rotation at a time, the first one included."""
    await session.execute(select(func.pg_advisory_xact_lock(_ROTATION_LOCK)))


async def read_signing_keys(session: AsyncSession, now: datetime) -> Sequence[SigningKeyRow]:
    """Returns the keys that are published, as they are now."""
    statement = (
        select(SigningKeyRow)
        .where(or_(SigningKeyRow.retires_at.is_(None), SigningKeyRow.retires_at > now))
        .order_by(SigningKeyRow.created_at.desc(), SigningKeyRow.kid)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


async def insert_signing_key(session: AsyncSession, row: SigningKeyRow) -> None:
    """Writes a new key."""
    session.add(row)
    await session.flush()


async def set_key_state(session: AsyncSession, kid: str, state: str, retires_at: datetime | None) -> None:
    """Moves a key on; one that signs no more loses its private half."""
    values = {"state": state, "retires_at": retires_at}
    if retires_at is not None:
        values["sealed_key"] = None
    statement = update(SigningKeyRow).where(SigningKeyRow.kid == kid).values(values)
    await session.execute(statement.execution_options(synchronize_session=False))


async def delete_retired_keys(session: AsyncSession, now: datetime) -> None:
    """Deletes the keys whose last token has expired."""
    await session.execute(delete(SigningKeyRow).where(SigningKeyRow.retires_at <= now))
