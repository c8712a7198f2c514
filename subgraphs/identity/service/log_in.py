"""Logging in by e-mail and password.

An unknown e-mail, a wrong password, a disabled user: one answer, after one hash verification each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.identity.errors import InvalidCredentials, NotAMember
from subgraphs.identity.events import UserLoggedIn
from subgraphs.identity.model.tables import UserRow
from subgraphs.identity.model.user_queries import find_user, find_user_by_email
from subgraphs.identity.service.access_tokens import TokenSigner
from subgraphs.identity.service.emails import normalize_email
from subgraphs.identity.service.passwords import LENGTH_MAX, PasswordHashing
from subgraphs.identity.service.sessions import SessionTokens, start_session
from subgraphs.kit.database import Database
from subgraphs.kit.events.outbox import record_event


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person gives to log in; an organization only when they want a particular one."""

    email: str
    password: str
    organization_id: UUID | None = None


async def log_in(
    database: Database, hashing: PasswordHashing, signer: TokenSigner, given: Credentials, now: datetime
) -> tuple[UserRow, SessionTokens]:
    """Returns the user and the tokens of a new session."""
    user_id, password_hash = await _read_credentials(database, given.email)
    # A longer password than any we accepted is cut, not refused early: refusing would answer faster.
    matches = await hashing.verify(password_hash, given.password[: LENGTH_MAX + 1])
    if not matches or user_id is None or password_hash is None:
        raise InvalidCredentials("The e-mail and the password do not go together")
    renewed = await hashing.hash(given.password) if hashing.is_outdated(password_hash) else None
    async with database.transaction() as session:
        user = await find_user(session, user_id)
        if user is None or user.disabled_at is not None:
            raise InvalidCredentials("The e-mail and the password do not go together")
        if renewed is not None:
            user.password_hash = renewed
        row, tokens = await start_session(session, signer, user.id, given.organization_id, now)
        if given.organization_id is not None and tokens.viewer.organization_id is None:
            raise NotAMember("You do not belong to this organization", field=["input", "organizationId"])
        started = UserLoggedIn(
            subject=str(user.id), occurred_at=now, organization_id=row.organization_id, session_id=row.id
        )
        await record_event(session, started)
        return user, tokens


async def _read_credentials(database: Database, email: str) -> tuple[UUID | None, str | None]:
    async with database.read_session() as session:
        user = await find_user_by_email(session, normalize_email(email))
        if user is None or user.disabled_at is not None:
            return None, None
        return user.id, user.password_hash
