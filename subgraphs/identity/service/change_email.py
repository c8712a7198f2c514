"""Changing the address: it takes the word of both, the one before and the new one.

Steps: two letters; each link confirms its side; with the second the address changes. Whether the new address
has an account is told to nobody but its owner, by the link that reached them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import EmailTaken
from subgraphs.identity.events import EmailChanged, EmailChangeRequested
from subgraphs.identity.model.letter_queries import (
    delete_email_change,
    delete_one_time_tokens,
    lock_email_change,
    put_email_change,
)
from subgraphs.identity.model.tables import EmailChangeRow, UserRow
from subgraphs.identity.model.user_queries import lock_user
from subgraphs.identity.service.emails import check_email
from subgraphs.identity.service.letters import Purpose, invalid_link, may_write, use_letter, write_letter
from subgraphs.identity.service.step_up import check_recently_proved
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput, NotFound
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import new_id
from subgraphs.kit.sealing import Sealing

LIFETIME = timedelta(days=1)
SIDES = {Purpose.LEAVE_EMAIL: "old", Purpose.TAKE_EMAIL: "new"}


async def request_email_change(
    session: AsyncSession, sealing: Sealing, viewer: Viewer, new_email: str, now: datetime
) -> None:
    """Writes both letters; a change that was under way is given up."""
    await check_recently_proved(session, viewer, now)
    normalized = check_email(new_email, field=["newEmail"])
    assert viewer.user_id is not None, "users alone get here"
    user = await lock_user(session, viewer.user_id)
    if user is None:
        raise NotFound("No such user")
    if normalized == user.email_normalized:
        raise InvalidInput("This is the address you have", field=["newEmail"])
    if not await may_write(session, user, Purpose.TAKE_EMAIL, now):
        raise InvalidInput("The last letters are not a minute old; look for them first", field=["newEmail"])
    change = EmailChangeRow(
        id=new_id(),
        user_id=user.id,
        email=new_email.strip(),
        email_normalized=normalized,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    await put_email_change(session, change)
    await _write_letter(session, sealing, user, change, Purpose.LEAVE_EMAIL, now=now)
    await _write_letter(session, sealing, user, change, Purpose.TAKE_EMAIL, now=now)


async def confirm_email_change(session: AsyncSession, token: str, now: datetime) -> bool:
    """Confirms the side whose letter carried the token; returns whether the address has changed with it."""
    used = await use_letter(session, tuple(SIDES), token, now)
    user = await lock_user(session, used.user_id)
    change = await lock_email_change(session, used.user_id, now)
    if user is None or not user.is_open or change is None:
        raise invalid_link()
    if used.purpose == Purpose.LEAVE_EMAIL:
        change.old_confirmed_at = now
    else:
        change.new_confirmed_at = now
    await session.flush()
    if change.old_confirmed_at is None or change.new_confirmed_at is None:
        return False
    await _take_address(session, user, change, now)
    return True


async def cancel_email_change(session: AsyncSession, viewer: Viewer) -> bool:
    """Returns whether there was a change to give up."""
    assert viewer.user_id is not None, "users alone get here"
    await delete_one_time_tokens(session, viewer.user_id, tuple(SIDES))
    return await delete_email_change(session, viewer.user_id)


async def _take_address(session: AsyncSession, user: UserRow, change: EmailChangeRow, now: datetime) -> None:
    before = user.email
    user.email, user.email_normalized = change.email, change.email_normalized
    user.email_verified_at = now
    try:
        await session.flush()
    except IntegrityError as error:
        raise EmailTaken("This address belongs to another account") from error
    await delete_email_change(session, user.id)
    # Letters to the address before open nothing any more.
    await delete_one_time_tokens(session, user.id, tuple(Purpose))
    changed = EmailChanged(subject=str(user.id), occurred_at=now, email_before=before, email=user.email)
    await record_event(session, changed)


async def _write_letter(
    session: AsyncSession,
    sealing: Sealing,
    user: UserRow,
    change: EmailChangeRow,
    purpose: Purpose,
    *,
    now: datetime,
) -> None:
    to_old = purpose is Purpose.LEAVE_EMAIL
    to_normalized = user.email_normalized if to_old else change.email_normalized
    letter = await write_letter(session, sealing, user, purpose, now, email_normalized=to_normalized)
    requested = EmailChangeRequested(
        subject=str(user.id),
        occurred_at=now,
        email=user.email if to_old else change.email,
        name=user.name,
        locale=user.locale,
        sealed_token=letter.sealed_token,
        expires_at=letter.expires_at,
        side=SIDES[purpose],
        new_email=change.email,
    )
    await record_event(session, requested)
