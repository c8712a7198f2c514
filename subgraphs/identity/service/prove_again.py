"""Step-up: the person at a running session proves once more who they are.

Who has a second factor shows that one, anybody else the password. Wrong guesses count; a session in which too
many were made is ended, for whoever sits there is not its owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import (
    InvalidCredentials,
    InvalidRefreshToken,
    InvalidSecondFactor,
)
from subgraphs.identity.model.factor_queries import has_second_factor
from subgraphs.identity.model.session_queries import lock_session, session_of_id
from subgraphs.identity.model.tables import SessionRow
from subgraphs.identity.model.user_queries import find_user
from subgraphs.identity.service.attempts import Attempt
from subgraphs.identity.service.complete_login import GivenProof
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.end_sessions import end_sessions
from subgraphs.identity.service.passkeys import STEP_UP, take_challenge
from subgraphs.identity.service.passwords import LENGTH_MAX
from subgraphs.identity.service.proofs import take_proof
from subgraphs.identity.service.sessions import SessionTokens, sign_tokens
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.client_origin import ClientOrigin
from subgraphs.kit.database import Database

WRONG_PROOFS = "wrong_proofs"


@dataclass(frozen=True, slots=True)
class Renewal:
    """What is shown: the password, or a second factor; a passkey with the id of its challenge."""

    password: str | None = None
    proof: GivenProof = GivenProof()  # noqa: RUF009 - frozen
    challenge_id: UUID | None = None


async def prove_again(
    database: Database,
    doorway: Doorway,
    viewer: Viewer,
    given: Renewal,
    origin: ClientOrigin,
    *,
    now: datetime,
) -> SessionTokens:
    """Returns an access token that tells of the new proof; the refresh token stays good."""
    assert viewer.session_id is not None, "users alone get here"
    attempt = Attempt(f"step-up of {viewer.session_id}", origin.address)
    await doorway.attempts.check(attempt)
    try:
        needs_factor = await _check_password(database, doorway, viewer, given)
        async with database.transaction() as session:
            return await _prove(session, doorway, viewer, given, needs_factor=needs_factor, now=now)
    except (InvalidCredentials, InvalidSecondFactor):
        await _count(database, doorway, viewer, attempt, now)
        raise


async def _count(
    database: Database, doorway: Doorway, viewer: Viewer, attempt: Attempt, now: datetime
) -> None:
    is_last = True
    try:
        is_last = await doorway.attempts.fail(attempt)
    finally:
        if is_last:
            assert viewer.session_id is not None, "users alone get here"
            async with database.transaction() as session:
                await end_sessions(session, session_of_id(viewer.session_id), WRONG_PROOFS, now)


async def _check_password(database: Database, doorway: Doorway, viewer: Viewer, given: Renewal) -> bool:
    """Returns whether a second factor has to be shown; else the password has been, outside a transaction."""
    async with database.read_session() as session:
        user = await find_user(session, viewer.user_id) if viewer.user_id is not None else None
        if user is None or not user.is_open:
            raise InvalidRefreshToken("Log in again")
        if await has_second_factor(session, user.id):
            return True
    shown = (given.password or "")[: LENGTH_MAX + 1]
    if not await doorway.hashing.verify(user.password_hash, shown):
        raise InvalidCredentials("The password is another one", field=["input", "password"])
    return False


async def _prove(
    session: AsyncSession,
    doorway: Doorway,
    viewer: Viewer,
    given: Renewal,
    *,
    needs_factor: bool,
    now: datetime,
) -> SessionTokens:
    assert viewer.session_id is not None, "users alone get here"
    family = await lock_session(session, viewer.session_id)
    if family is None or family.revoked_at is not None or family.expires_at <= now:
        raise InvalidRefreshToken("Log in again")
    if needs_factor:
        await _show_factor(session, doorway, family, given, now)
    family.authenticated_at = now
    await session.flush()
    return await sign_tokens(session, doorway.signer, family, None, now)


async def _show_factor(
    session: AsyncSession, doorway: Doorway, family: SessionRow, given: Renewal, now: datetime
) -> None:
    challenge = None
    if given.challenge_id is not None:
        challenge = await take_challenge(session, given.challenge_id, STEP_UP, family.user_id, now)
    method = await take_proof(session, doorway, family.user_id, given.proof.against(challenge), now)
    if method is None:
        raise InvalidSecondFactor("This is not your second factor", field=["input"])
    family.second_factor_at = now
    family.methods = sorted({*family.methods, method, "mfa"})
