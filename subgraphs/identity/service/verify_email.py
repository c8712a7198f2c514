"""Proving that an address is the user's: a letter, and what its link carries."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.events import EmailVerificationRequested, EmailVerified
from subgraphs.identity.model.tables import UserRow
from subgraphs.identity.model.user_queries import find_user, lock_user
from subgraphs.identity.service.letters import Purpose, invalid_link, may_write, use_letter, write_letter
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.sealing import Sealing


async def request_verification(session: AsyncSession, sealing: Sealing, user_id: UUID, now: datetime) -> bool:
    """Writes the letter unless the address is proved, the last letter is fresh, or the account closed."""
    user = await lock_user(session, user_id)
    if user is None or not user.is_open or user.email_verified_at is not None:
        return False
    if not await may_write(session, user, Purpose.VERIFY_EMAIL, now):
        return False
    letter = await write_letter(session, sealing, user, Purpose.VERIFY_EMAIL, now)
    requested = EmailVerificationRequested(
        subject=str(user.id),
        occurred_at=now,
        email=user.email,
        name=user.name,
        locale=user.locale,
        sealed_token=letter.sealed_token,
        expires_at=letter.expires_at,
    )
    await record_event(session, requested)
    return True


async def verify_email(session: AsyncSession, token: str, now: datetime) -> UserRow:
    """Returns the user whose address is proved; a link to an address they have left proves nothing."""
    used = await use_letter(session, (Purpose.VERIFY_EMAIL,), token, now)
    user = await find_user(session, used.user_id)
    if user is None or not user.is_open or user.email_normalized != used.email_normalized:
        raise invalid_link()
    if user.email_verified_at is None:
        user.email_verified_at = now
        await session.flush()
        await record_event(session, EmailVerified(subject=str(user.id), occurred_at=now, email=user.email))
    return user
