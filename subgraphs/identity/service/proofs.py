"""What a person shows as a second factor, and whether it holds.

Each proof is good once: a code's time step, a recovery code and a passkey's challenge are each taken by one
conditional statement, so that of two who show the same one, one comes in.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pyotp.totp import TOTP
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import InvalidSecondFactor
from subgraphs.identity.events import RecoveryCodeUsed
from subgraphs.identity.model.factor_queries import (
    count_factors,
    find_passkey,
    find_totp,
    use_passkey,
    use_recovery_code,
    use_totp_step,
)
from subgraphs.identity.model.tables import TotpRow
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.relying_party import credential_id_of
from subgraphs.kit.events.outbox import record_event

STEP_S = 30
STEPS_AROUND = 1
"""Codes of the step before and after count as well: clocks differ."""
TOTP_SECRET = "totp secret"  # noqa: S105 - a purpose
RECOVERY_CODE = "recovery code"


@dataclass(frozen=True, slots=True)
class TotpCode:
    """Six figures of an authenticator app."""

    code: str


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    """One of the codes for the day the phone is lost."""

    code: str


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """The JSON a browser got from a passkey, to this challenge."""

    credential: str
    challenge: bytes


Proof = TotpCode | RecoveryCode | PasskeyAnswer


async def take_proof(
    session: AsyncSession, doorway: Doorway, user_id: UUID, proof: Proof, now: datetime
) -> str | None:
    """Returns the method by its name in RFC 8176 if the proof holds for the user, and uses it up."""
    match proof:
        case TotpCode(code):
            totp = await find_totp(session, user_id, confirmed=True)
            holds = totp is not None and await take_totp_code(session, doorway, totp, code, now)
            return "otp" if holds else None
        case RecoveryCode(code):
            return "kba" if await _take_recovery_code(session, doorway, user_id, code, now) else None
        case PasskeyAnswer():
            try:
                owner = await take_passkey_answer(session, doorway, proof, now)
            except InvalidSecondFactor:
                return None
            return "hwk" if owner == user_id else None


async def take_totp_code(
    session: AsyncSession, doorway: Doorway, totp: TotpRow, code: str, now: datetime
) -> bool:
    """Whether the code is one of this moment that nobody has shown before."""
    secret = TOTP(doorway.storage.open(totp.sealed_secret, TOTP_SECRET), interval=STEP_S)
    given = code.replace(" ", "")
    present = int(now.timestamp()) // STEP_S
    for step in range(present - STEPS_AROUND, present + STEPS_AROUND + 1):
        expected = secret.generate_otp(step)
        if secrets.compare_digest(given.encode(), expected.encode()):
            return await use_totp_step(session, totp.id, step, now)
    return False


async def take_passkey_answer(
    session: AsyncSession, doorway: Doorway, answer: PasskeyAnswer, now: datetime
) -> UUID:
    """Returns whose passkey has signed the challenge; raises InvalidSecondFactor."""
    passkey = await find_passkey(session, credential_id_of(answer.credential))
    if passkey is None:
        raise InvalidSecondFactor("This passkey is not known here")
    sign_count = doorway.relying_party.read_assertion(answer.credential, answer.challenge, passkey)
    if not await use_passkey(session, passkey, sign_count, now):
        raise InvalidSecondFactor("This passkey has been copied: its counter went back")
    return passkey.user_id


async def _take_recovery_code(
    session: AsyncSession, doorway: Doorway, user_id: UUID, code: str, now: datetime
) -> bool:
    hashes = doorway.storage.fingerprints(canonical_code(code), RECOVERY_CODE)
    if not await use_recovery_code(session, user_id, hashes, now):
        return False
    left = (await count_factors(session, user_id)).recovery_codes
    await record_event(session, RecoveryCodeUsed(subject=str(user_id), occurred_at=now, codes_left=left))
    return True


def canonical_code(code: str) -> str:
    """Returns the code as it was made, however a person has written it down."""
    return "".join(each for each in code.casefold() if each.isalnum())
