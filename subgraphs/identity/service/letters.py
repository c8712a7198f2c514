"""What letters carry: a token that is good once, for one purpose and one address, for a while.

The table keeps its hash, the event that makes the letter keeps it sealed. Asking again takes back the one
before, so that the newest letter is the one that works.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import InvalidLink
from subgraphs.identity.model.letter_queries import (
    add_one_time_token,
    find_live_token,
    last_token_made_at,
    use_one_time_token,
)
from subgraphs.identity.model.tables import OneTimeTokenRow, UserRow
from subgraphs.kit.sealing import Sealing


class Purpose(StrEnum):
    """What a letter is for."""

    VERIFY_EMAIL = "email_verification"
    RESET_PASSWORD = "password_reset"  # noqa: S105 - a purpose
    LEAVE_EMAIL = "email_change_old"
    TAKE_EMAIL = "email_change_new"


EMAIL_CHANGE = "email_change"
"""What the tokens of both sides of a change are sealed for."""
LIFETIMES = {
    Purpose.VERIFY_EMAIL: timedelta(days=3),
    Purpose.RESET_PASSWORD: timedelta(hours=1),
    Purpose.LEAVE_EMAIL: timedelta(days=1),
    Purpose.TAKE_EMAIL: timedelta(days=1),
}
PAUSE = timedelta(minutes=1)
"""Between two letters of one purpose to one person; asking in between sends none."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What the event of a letter says of its token."""

    sealed_token: str
    expires_at: datetime


async def may_write(session: AsyncSession, user: UserRow, purpose: Purpose, now: datetime) -> bool:
    """Whether the last letter of the kind is long enough ago; nobody's letter box is a weapon."""
    last = await last_token_made_at(session, user.id, purpose)
    return last is None or now - last >= PAUSE


async def write_letter(
    session: AsyncSession,
    sealing: Sealing,
    user: UserRow,
    purpose: Purpose,
    now: datetime,
    *,
    email_normalized: str | None = None,
) -> Letter:
    """Returns a new token as its event carries it; to the user's own address unless another is named."""
    token = secrets.token_urlsafe(32)
    expires_at = now + LIFETIMES[purpose]
    row = OneTimeTokenRow(
        user_id=user.id,
        purpose=purpose,
        token_hash=hash_token(token),
        email_normalized=email_normalized or user.email_normalized,
        created_at=now,
        expires_at=expires_at,
    )
    await add_one_time_token(session, row)
    sealed_for = EMAIL_CHANGE if purpose in (Purpose.LEAVE_EMAIL, Purpose.TAKE_EMAIL) else purpose
    return Letter(sealing.seal(token, sealed_for), expires_at)


async def use_letter(
    session: AsyncSession, purposes: Collection[Purpose], token: str, now: datetime
) -> OneTimeTokenRow:
    """Uses the token up and returns its row; raises InvalidLink."""
    used = await use_one_time_token(session, purposes, hash_token(token), now)
    if used is None:
        raise invalid_link()
    return used


async def read_letter(session: AsyncSession, purpose: Purpose, token: str, now: datetime) -> OneTimeTokenRow:
    """Returns the token's row and leaves it good; raises InvalidLink."""
    found = await find_live_token(session, (purpose,), hash_token(token), now)
    if found is None:
        raise invalid_link()
    return found


def invalid_link() -> InvalidLink:
    """Returns the one answer to every token that opens nothing."""
    return InvalidLink("This link is not valid any more; ask for a new one")


def hash_token(token: str) -> bytes:
    """Returns what is stored of a token; it has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).digest()
