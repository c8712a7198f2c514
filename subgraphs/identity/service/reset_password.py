"""A forgotten password: a letter to the address, and a new password by its link.

Asking does the same work whoever is named: it leaves a job behind, and only the job looks who that is.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.events import (
    EmailVerified,
    PasswordChanged,
    PasswordResetRequested,
    UserReactivated,
)
from subgraphs.identity.model.letter_queries import delete_one_time_tokens
from subgraphs.identity.model.session_queries import sessions_of_user
from subgraphs.identity.model.tables import UserRow
from subgraphs.identity.model.user_queries import find_user, find_user_by_email, lock_user
from subgraphs.identity.service.emails import check_email
from subgraphs.identity.service.end_sessions import end_sessions
from subgraphs.identity.service.letters import (
    Purpose,
    invalid_link,
    may_write,
    read_letter,
    use_letter,
    write_letter,
)
from subgraphs.identity.service.passwords import PasswordHashing, check_password
from subgraphs.kit.database import Database
from subgraphs.kit.events.event import Event
from subgraphs.kit.events.outbox import record_event, record_events
from subgraphs.kit.jobs.request import request_job
from subgraphs.kit.sealing import Sealing

RESET = "password_reset"
SEND_RESET_LETTER = "send_reset_letter"
"""The job that `jobs.py` declares."""


async def request_password_reset(session: AsyncSession, email: str, now: datetime) -> None:
    """Leaves the job behind, for any address that can be one."""
    await request_job(session, SEND_RESET_LETTER, check_email(email, field=["email"]), now=now)


async def write_reset_letter(
    session: AsyncSession, sealing: Sealing, email_normalized: str, now: datetime
) -> bool:
    """Writes the letter if somebody has this address; one who closed the account comes back this way."""
    found = await find_user_by_email(session, email_normalized)
    user = await lock_user(session, found.id) if found is not None else None
    if user is None or user.disabled_at is not None or user.deleted_at is not None:
        return False
    if not await may_write(session, user, Purpose.RESET_PASSWORD, now):
        return False
    letter = await write_letter(session, sealing, user, Purpose.RESET_PASSWORD, now)
    requested = PasswordResetRequested(
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


async def reset_password(
    database: Database, hashing: PasswordHashing, token: str, new_password: str, now: datetime
) -> None:
    """Gives the user the new password and ends every session; the link proves the address as well.

    A second factor stays what it was: whoever reads the letters does not come in by that alone.
    """
    async with database.read_session() as session:
        letter = await read_letter(session, Purpose.RESET_PASSWORD, token, now)
        user = await find_user(session, letter.user_id)
    if user is None:
        raise invalid_link()
    check_password(new_password, user.email_normalized, user.name, field=["input", "newPassword"])
    password_hash = await hashing.hash(new_password)
    async with database.transaction() as session:
        used = await use_letter(session, (Purpose.RESET_PASSWORD,), token, now)
        locked = await lock_user(session, used.user_id)
        if locked is None or locked.disabled_at or locked.deleted_at:
            raise invalid_link()
        if locked.email_normalized != used.email_normalized:
            raise invalid_link()
        await _renew(session, locked, password_hash, now)


async def _renew(session: AsyncSession, user: UserRow, password_hash: str, now: datetime) -> None:
    told: list[Event] = [PasswordChanged(subject=str(user.id), occurred_at=now, how="reset")]
    if user.email_verified_at is None:
        user.email_verified_at = now
        told.append(EmailVerified(subject=str(user.id), occurred_at=now, email=user.email))
    if user.deactivated_at is not None:
        user.deactivated_at = None
        told.append(UserReactivated(subject=str(user.id), occurred_at=now))
    user.password_hash = password_hash
    user.password_changed_at = now
    await session.flush()
    await delete_one_time_tokens(session, user.id, (Purpose.RESET_PASSWORD, Purpose.LEAVE_EMAIL))
    await end_sessions(session, sessions_of_user(user.id), RESET, now)
    await record_events(session, *told)
