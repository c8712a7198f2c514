"""SQL over what letters carry: one-time tokens, and changes of address under way."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.tables import EmailChangeRow, OneTimeTokenRow


async def add_one_time_token(session: AsyncSession, row: OneTimeTokenRow) -> None:
    """Writes a token; earlier ones of the same user and purpose are good for nothing from now on."""
    await delete_one_time_tokens(session, row.user_id, (row.purpose,))
    session.add(row)
    await session.flush()


async def delete_one_time_tokens(session: AsyncSession, user_id: UUID, purposes: Collection[str]) -> None:
    """Deletes a user's tokens of these purposes."""
    chosen = (OneTimeTokenRow.user_id == user_id, OneTimeTokenRow.purpose.in_(purposes))
    await session.execute(delete(OneTimeTokenRow).where(*chosen))


async def last_token_made_at(session: AsyncSession, user_id: UUID, purpose: str) -> datetime | None:
    """Returns when the user's last token of the purpose was made."""
    chosen = (OneTimeTokenRow.user_id == user_id, OneTimeTokenRow.purpose == purpose)
    return await session.scalar(select(func.max(OneTimeTokenRow.created_at)).where(*chosen))


async def find_live_token(
    session: AsyncSession, purposes: Collection[str], token_hash: bytes, now: datetime
) -> OneTimeTokenRow | None:
    """Returns the token if it can still be used."""
    statement = select(OneTimeTokenRow).where(
        OneTimeTokenRow.token_hash == token_hash,
        OneTimeTokenRow.purpose.in_(purposes),
        OneTimeTokenRow.used_at.is_(None),
        OneTimeTokenRow.expires_at > now,
    )
    return (await session.scalars(statement)).one_or_none()


async def use_one_time_token(
    session: AsyncSession, purposes: Collection[str], token_hash: bytes, now: datetime
) -> OneTimeTokenRow | None:
    """Returns the token if this call used it up; of any number of callers, one."""
    statement = (
        update(OneTimeTokenRow)
        .where(
            OneTimeTokenRow.token_hash == token_hash,
            OneTimeTokenRow.purpose.in_(purposes),
            OneTimeTokenRow.used_at.is_(None),
            OneTimeTokenRow.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeTokenRow)
        .execution_options(synchronize_session=False)
    )
    return (await session.scalars(statement)).one_or_none()


async def put_email_change(session: AsyncSession, row: EmailChangeRow) -> None:
    """Writes the user's change of address; one that was under way is given up."""
    values = {
        "email": row.email,
        "email_normalized": row.email_normalized,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "old_confirmed_at": None,
        "new_confirmed_at": None,
    }
    statement = insert(EmailChangeRow).values(id=row.id, user_id=row.user_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))


async def lock_email_change(session: AsyncSession, user_id: UUID, now: datetime) -> EmailChangeRow | None:
    """Returns the user's change under way, held until the transaction ends."""
    statement = (
        select(EmailChangeRow)
        .where(EmailChangeRow.user_id == user_id, EmailChangeRow.expires_at > now)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def delete_email_change(session: AsyncSession, user_id: UUID) -> bool:
    """Returns whether there was one to give up."""
    statement = delete(EmailChangeRow).where(EmailChangeRow.user_id == user_id).returning(EmailChangeRow.id)
    return (await session.execute(statement)).one_or_none() is not None


async def delete_expired_letters(session: AsyncSession, before: datetime) -> None:
    """Deletes tokens and changes that are over since before then."""
    await session.execute(delete(OneTimeTokenRow).where(OneTimeTokenRow.expires_at < before))
    await session.execute(delete(EmailChangeRow).where(EmailChangeRow.expires_at < before))
