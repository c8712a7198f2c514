"""The second half of a log-in: a proof for the challenge that the right password has opened.

Wrong answers are counted in the challenge's row, under its lock, and end it; they also count as wrong guesses
at the account, so that opening challenge after challenge leads nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import InvalidSecondFactor, LoginChallengeOver
from subgraphs.identity.events import LoginChallengeFailed
from subgraphs.identity.model.challenge_queries import find_challenge, lock_login_challenge
from subgraphs.identity.model.tables import LoginChallengeRow, UserRow
from subgraphs.identity.model.user_queries import find_user
from subgraphs.identity.service.attempts import Attempt
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.letters import hash_token
from subgraphs.identity.service.log_in import LoggedIn
from subgraphs.identity.service.proofs import PasskeyAnswer, Proof, RecoveryCode, TotpCode, take_proof
from subgraphs.identity.service.sessions import Arrival, start_session
from subgraphs.kit.client_origin import ClientOrigin
from subgraphs.kit.database import Database
from subgraphs.kit.events.outbox import record_event

WRONG_ANSWERS_MAX = 5


@dataclass(frozen=True, slots=True)
class GivenProof:
    """What a client shows; exactly one of the three is set. `passkey` is the browser's JSON."""

    totp_code: str | None = None
    recovery_code: str | None = None
    passkey: str | None = None

    def against(self, challenge: bytes | None) -> Proof:
        """Returns the proof; raises InvalidSecondFactor when there is none, or several."""
        given = [each for each in (self.totp_code, self.recovery_code, self.passkey) if each is not None]
        if len(given) != 1:
            raise InvalidSecondFactor("Show one second factor: a code, a recovery code or a passkey")
        if self.totp_code is not None:
            return TotpCode(self.totp_code)
        if self.recovery_code is not None:
            return RecoveryCode(self.recovery_code)
        if self.passkey is None or challenge is None:
            raise InvalidSecondFactor("No passkey was asked for")
        return PasskeyAnswer(self.passkey, challenge)


async def complete_login(
    database: Database,
    doorway: Doorway,
    challenge_token: str,
    given: GivenProof,
    origin: ClientOrigin,
    *,
    now: datetime,
) -> LoggedIn:
    """Returns the user with a new session; raises what a wrong, late or one too many answer deserves."""
    async with database.read_session() as session:
        account = await _account_of(session, challenge_token)
    attempt = Attempt(account, origin.address)
    await doorway.attempts.check(attempt)
    async with database.transaction() as session:
        waiting = await lock_login_challenge(session, hash_token(challenge_token), now)
        user = await find_user(session, waiting.user_id) if waiting is not None else None
        if waiting is None or user is None or not user.is_open:
            raise LoginChallengeOver("This log-in has ended; begin again")
        proof = given.against(waiting.webauthn_challenge)
        method = await take_proof(session, doorway, user.id, proof, now)
        if method is not None:
            waiting.ended_at = now
            arrival = Arrival(("pwd", method, "mfa"), origin, has_second_factor=True)
            row, tokens = await start_session(
                session, doorway.signer, user, waiting.organization_id, arrival, now=now
            )
            return LoggedIn(user, row, tokens)
        is_over = await _count_wrong_answer(session, waiting, user, origin, now)
    # The wrong answer is committed; only now it may be refused.
    await doorway.attempts.fail(attempt)
    if is_over:
        raise LoginChallengeOver("Too many wrong answers; log in again")
    raise InvalidSecondFactor("This is not the second factor; try again", field=["input"])


async def _account_of(session: AsyncSession, challenge_token: str) -> str:
    found = await find_challenge(session, hash_token(challenge_token))
    user = await find_user(session, found.user_id) if found is not None else None
    if user is None:
        raise LoginChallengeOver("This log-in has ended; begin again")
    return f"second factor of {user.id}"


async def _count_wrong_answer(
    session: AsyncSession, waiting: LoginChallengeRow, user: UserRow, origin: ClientOrigin, now: datetime
) -> bool:
    waiting.wrong_answers += 1
    is_over = waiting.wrong_answers >= WRONG_ANSWERS_MAX
    if is_over:
        waiting.ended_at = now
        failed = LoginChallengeFailed(subject=str(user.id), occurred_at=now, address=origin.address)
        await record_event(session, failed)
    await session.flush()
    return is_over
