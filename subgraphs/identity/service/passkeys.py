"""Passkeys: made, taken away, and used to come in without a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import InvalidSecondFactor, SecondFactorMissing
from subgraphs.identity.events import SecondFactorAdded, SecondFactorRemoved
from subgraphs.identity.model.factor_queries import (
    add_passkey_challenge,
    delete_passkey,
    insert_passkey,
    passkeys_of,
    take_passkey_challenge,
)
from subgraphs.identity.model.session_queries import find_session, sessions_of_user
from subgraphs.identity.model.tables import PasskeyChallengeRow, PasskeyRow
from subgraphs.identity.model.user_queries import find_user
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.end_sessions import end_sessions
from subgraphs.identity.service.log_in import LoggedIn
from subgraphs.identity.service.proofs import PasskeyAnswer, take_passkey_answer
from subgraphs.identity.service.relying_party import RelyingParty
from subgraphs.identity.service.sessions import Arrival, start_session
from subgraphs.identity.service.step_up import check_recently_proved
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.client_origin import ClientOrigin
from subgraphs.kit.errors import InvalidInput, NotFound
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import new_id

CHALLENGE_LIFETIME = timedelta(minutes=5)
NAME_LENGTH_MAX = 60
PASSKEYS_MAX = 10
REGISTER, LOG_IN, STEP_UP = "register", "log_in", "step_up"
FACTOR_RESET = "second_factor_reset"


@dataclass(frozen=True, slots=True)
class PasskeyChallenge:
    """What a browser's passkey is asked; `options` is the JSON for `navigator.credentials`."""

    id: UUID
    options: str


@dataclass(frozen=True, slots=True)
class PasskeyAnswered:
    """The browser's JSON, to the challenge of this id."""

    challenge_id: UUID
    credential: str


async def start_registration(
    session: AsyncSession, party: RelyingParty, viewer: Viewer, now: datetime
) -> PasskeyChallenge:
    """Returns what the browser needs to make a passkey."""
    await check_recently_proved(session, viewer, now)
    user = await find_user(session, viewer.user_id) if viewer.user_id is not None else None
    if user is None:
        raise NotFound("No such user")
    known = await passkeys_of(session, user.id)
    if len(known) >= PASSKEYS_MAX:
        raise InvalidInput(f"A person has at most {PASSKEYS_MAX} passkeys")
    challenge = party.new_challenge()
    challenge_id = await _store(session, challenge, REGISTER, user.id, now)
    return PasskeyChallenge(challenge_id, party.registration_options(user, known, challenge))


async def register_passkey(
    session: AsyncSession,
    party: RelyingParty,
    viewer: Viewer,
    answer: PasskeyAnswered,
    name: str,
    *,
    now: datetime,
) -> PasskeyRow:
    """Returns the new passkey."""
    await check_recently_proved(session, viewer, now)
    if not 0 < len(name.strip()) <= NAME_LENGTH_MAX:
        raise InvalidInput(f"A name has 1 to {NAME_LENGTH_MAX} characters", field=["input", "name"])
    assert viewer.user_id is not None, "users alone get here"
    challenge = await take_challenge(session, answer.challenge_id, REGISTER, viewer.user_id, now)
    made = party.read_registration(answer.credential, challenge)
    row = PasskeyRow(
        id=new_id(),
        user_id=viewer.user_id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name.strip(),
        created_at=now,
    )
    try:
        await insert_passkey(session, row)
    except IntegrityError as error:
        raise InvalidSecondFactor("This passkey is registered already") from error
    await _mark_second_factor(session, viewer, now)
    added = SecondFactorAdded(subject=str(viewer.user_id), occurred_at=now, kind="passkey")
    await record_event(session, added)
    return row


async def remove_passkey(
    session: AsyncSession, viewer: Viewer, passkey_id: UUID | None, now: datetime
) -> None:
    """Takes the passkey away and ends the person's other sessions."""
    await check_recently_proved(session, viewer, now)
    assert viewer.user_id is not None, "users alone get here"
    if passkey_id is None or not await delete_passkey(session, viewer.user_id, passkey_id):
        raise SecondFactorMissing("You have no such passkey", field=["id"])
    await end_sessions(session, sessions_of_user(viewer.user_id, but=viewer.session_id), FACTOR_RESET, now)
    removed = SecondFactorRemoved(subject=str(viewer.user_id), occurred_at=now, kind="passkey")
    await record_event(session, removed)


async def start_passkey_login(session: AsyncSession, party: RelyingParty, now: datetime) -> PasskeyChallenge:
    """Returns what the browser needs to ask any passkey of this installation; the same for everybody."""
    challenge = party.new_challenge()
    challenge_id = await _store(session, challenge, LOG_IN, None, now)
    return PasskeyChallenge(challenge_id, party.authentication_options((), challenge))


async def start_passkey_step_up(
    session: AsyncSession, party: RelyingParty, viewer: Viewer, now: datetime
) -> PasskeyChallenge:
    """Returns what the browser needs to ask one of the viewer's own passkeys."""
    assert viewer.user_id is not None, "users alone get here"
    known = await passkeys_of(session, viewer.user_id)
    if not known:
        raise SecondFactorMissing("You have no passkey")
    challenge = party.new_challenge()
    challenge_id = await _store(session, challenge, STEP_UP, viewer.user_id, now)
    return PasskeyChallenge(challenge_id, party.authentication_options(known, challenge))


async def log_in_by_passkey(
    session: AsyncSession,
    doorway: Doorway,
    answer: PasskeyAnswered,
    organization_id: UUID | None,
    origin: ClientOrigin,
    *,
    now: datetime,
) -> LoggedIn:
    """Returns the user with a new session; the passkey, unlocked by its owner, is two factors."""
    challenge = await take_challenge(session, answer.challenge_id, LOG_IN, None, now)
    user_id = await take_passkey_answer(session, doorway, PasskeyAnswer(answer.credential, challenge), now)
    user = await find_user(session, user_id)
    if user is None or not user.is_open:
        raise InvalidSecondFactor("This passkey is not known here")
    arrival = Arrival(("hwk", "user", "mfa"), origin, has_second_factor=True)
    row, tokens = await start_session(session, doorway.signer, user, organization_id, arrival, now=now)
    return LoggedIn(user, row, tokens)


async def take_challenge(
    session: AsyncSession, challenge_id: UUID, purpose: str, user_id: UUID | None, now: datetime
) -> bytes:
    """Returns the challenge and uses it up; raises InvalidSecondFactor."""
    challenge = await take_passkey_challenge(session, challenge_id, purpose, user_id, now)
    if challenge is None:
        raise InvalidSecondFactor("This passkey was asked too long ago; try again")
    return challenge


async def _store(
    session: AsyncSession, challenge: bytes, purpose: str, user_id: UUID | None, now: datetime
) -> UUID:
    row = PasskeyChallengeRow(
        id=new_id(),
        user_id=user_id,
        challenge=challenge,
        purpose=purpose,
        expires_at=now + CHALLENGE_LIFETIME,
    )
    await add_passkey_challenge(session, row)
    return row.id


async def _mark_second_factor(session: AsyncSession, viewer: Viewer, now: datetime) -> None:
    """Notes that this session has just shown the factor that was made in it."""
    row = await find_session(session, viewer.session_id) if viewer.session_id is not None else None
    if row is not None:
        row.second_factor_at = now
        await session.flush()
