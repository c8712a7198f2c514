"""Logging in by e-mail and password, and by a second factor where there is one.

An unknown e-mail, a wrong password, a closed account: one answer, after one hash verification each. Who has
a second factor gets no session yet but a challenge of a few minutes, which `complete_login` takes.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import InvalidCredentials
from subgraphs.identity.model.challenge_queries import add_login_challenge
from subgraphs.identity.model.factor_queries import FactorCounts, count_factors, passkeys_of
from subgraphs.identity.model.tables import LoginChallengeRow, SessionRow, UserRow
from subgraphs.identity.model.user_queries import find_user, find_user_by_email
from subgraphs.identity.service.attempts import Attempt
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.emails import normalize_email
from subgraphs.identity.service.letters import hash_token
from subgraphs.identity.service.passwords import LENGTH_MAX
from subgraphs.identity.service.sessions import Arrival, SessionTokens, start_session
from subgraphs.kit.client_origin import UNKNOWN_ORIGIN, ClientOrigin
from subgraphs.kit.database import Database

CHALLENGE_LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person gives to log in; an organization only when they want a particular one."""

    email: str
    password: str
    organization_id: UUID | None = None
    origin: ClientOrigin = UNKNOWN_ORIGIN


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The person is in."""

    user: UserRow
    session: SessionRow
    tokens: SessionTokens


@dataclass(frozen=True, slots=True)
class LoginChallenge:
    """The password was right; `token` waits for one of the factors. `passkey_options` is JSON."""

    token: str
    expires_at: datetime
    factors: FactorCounts
    passkey_options: str | None


async def log_in(
    database: Database, doorway: Doorway, given: Credentials, now: datetime
) -> LoggedIn | LoginChallenge:
    """Returns the user with a new session, or what still has to be shown."""
    attempt = Attempt(normalize_email(given.email), given.origin.address)
    await doorway.attempts.check(attempt)
    user_id, password_hash = await _read_credentials(database, attempt.account)
    # A longer password than any we accepted is cut, not refused early: refusing would answer faster.
    matches = await doorway.hashing.verify(password_hash, given.password[: LENGTH_MAX + 1])
    if not matches or user_id is None or password_hash is None:
        await doorway.attempts.fail(attempt)
        raise wrong_credentials()
    await doorway.attempts.succeed(attempt)
    renewed = None
    if doorway.hashing.is_outdated(password_hash):
        renewed = await doorway.hashing.hash(given.password)
    async with database.transaction() as session:
        user = await find_user(session, user_id)
        # A password that was changed while we verified the one before opens nothing.
        if user is None or not user.is_open or user.password_hash != password_hash:
            raise wrong_credentials()
        if renewed is not None:
            user.password_hash = renewed
        return await come_in(session, doorway, user, given, now)


def wrong_credentials() -> InvalidCredentials:
    """Returns the one answer to everything that is wrong with a log-in."""
    return InvalidCredentials("The e-mail and the password do not go together")


async def come_in(
    session: AsyncSession,
    doorway: Doorway,
    user: UserRow,
    given: Credentials,
    now: datetime,
    method: str = "pwd",
) -> LoggedIn | LoginChallenge:
    """Returns the session of a user who has shown one proof, or what still has to be shown."""
    factors = await count_factors(session, user.id)
    if factors.any:
        return await _challenge(session, doorway, user, given.organization_id, factors, now=now)
    arrival = Arrival((method,), given.origin)
    row, tokens = await start_session(session, doorway.signer, user, given.organization_id, arrival, now=now)
    return LoggedIn(user, row, tokens)


async def _challenge(
    session: AsyncSession,
    doorway: Doorway,
    user: UserRow,
    organization_id: UUID | None,
    factors: FactorCounts,
    *,
    now: datetime,
) -> LoginChallenge:
    token = secrets.token_urlsafe(32)
    webauthn_challenge, options = None, None
    if factors.passkeys:
        webauthn_challenge = doorway.relying_party.new_challenge()
        known = await passkeys_of(session, user.id)
        options = doorway.relying_party.authentication_options(known, webauthn_challenge)
    row = LoginChallengeRow(
        user_id=user.id,
        organization_id=organization_id,
        token_hash=hash_token(token),
        webauthn_challenge=webauthn_challenge,
        created_at=now,
        expires_at=now + CHALLENGE_LIFETIME,
        wrong_answers=0,
    )
    await add_login_challenge(session, row)
    return LoginChallenge(token, row.expires_at, factors, options)


async def _read_credentials(database: Database, email_normalized: str) -> tuple[UUID | None, str | None]:
    async with database.read_session() as session:
        user = await find_user_by_email(session, email_normalized)
        if user is None or not user.is_open:
            return None, None
        return user.id, user.password_hash
