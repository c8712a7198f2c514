"""Authenticator apps (TOTP, RFC 6238) and the recovery codes that go with any second factor."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from pyotp.totp import TOTP
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import InvalidSecondFactor, SecondFactorMissing
from subgraphs.identity.events import SecondFactorAdded, SecondFactorRemoved
from subgraphs.identity.model.factor_queries import (
    delete_totp,
    find_totp,
    has_second_factor,
    put_totp,
    replace_recovery_codes,
)
from subgraphs.identity.model.session_queries import find_session, sessions_of_user
from subgraphs.identity.model.tables import TotpRow
from subgraphs.identity.model.user_queries import find_user
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.end_sessions import end_sessions
from subgraphs.identity.service.passkeys import FACTOR_RESET
from subgraphs.identity.service.proofs import RECOVERY_CODE, TOTP_SECRET, canonical_code, take_totp_code
from subgraphs.identity.service.relying_party import NAME
from subgraphs.identity.service.step_up import check_recently_proved
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import Conflict, NotFound
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import new_id
from subgraphs.kit.sealing import Sealing

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstvwxyz0123456789"  # none that is easily taken for another
_CODE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class TotpEnrolment:
    """What an app is set up with: the secret in base32, and as the URI a QR code holds."""

    secret: str
    uri: str


async def enrol_totp(session: AsyncSession, doorway: Doorway, viewer: Viewer, now: datetime) -> TotpEnrolment:
    """Returns a new secret; it counts for nothing until a first code of it was shown."""
    await check_recently_proved(session, viewer, now)
    user = await find_user(session, viewer.user_id) if viewer.user_id is not None else None
    if user is None:
        raise NotFound("No such user")
    secret = pyotp.random_base32()
    row = TotpRow(
        id=new_id(),
        user_id=user.id,
        sealed_secret=doorway.storage.seal(secret, TOTP_SECRET),
        created_at=now,
    )
    if not await put_totp(session, row):
        raise Conflict("You have an authenticator app; take it away first")
    return TotpEnrolment(secret, TOTP(secret).provisioning_uri(name=user.email, issuer_name=NAME))


async def confirm_totp(
    session: AsyncSession, doorway: Doorway, viewer: Viewer, code: str, now: datetime
) -> list[str]:
    """Makes the app count by its first code; returns recovery codes, which are shown this once."""
    await check_recently_proved(session, viewer, now)
    assert viewer.user_id is not None, "users alone get here"
    totp = await find_totp(session, viewer.user_id, confirmed=False)
    if totp is None:
        raise SecondFactorMissing("No authenticator app waits for its first code")
    if not await take_totp_code(session, doorway, totp, code, now):
        raise InvalidSecondFactor("This is not the app's code", field=["code"])
    row = await find_session(session, viewer.session_id) if viewer.session_id is not None else None
    if row is not None:
        row.second_factor_at = now
        await session.flush()
    added = SecondFactorAdded(subject=str(viewer.user_id), occurred_at=now, kind="totp")
    await record_event(session, added)
    return await _new_codes(session, doorway.storage, viewer, now)


async def remove_totp(session: AsyncSession, viewer: Viewer, now: datetime) -> None:
    """Takes the app away and ends the person's other sessions."""
    await check_recently_proved(session, viewer, now)
    assert viewer.user_id is not None, "users alone get here"
    if not await delete_totp(session, viewer.user_id):
        raise SecondFactorMissing("You have no authenticator app")
    await end_sessions(session, sessions_of_user(viewer.user_id, but=viewer.session_id), FACTOR_RESET, now)
    removed = SecondFactorRemoved(subject=str(viewer.user_id), occurred_at=now, kind="totp")
    await record_event(session, removed)


async def renew_recovery_codes(
    session: AsyncSession, sealing: Sealing, viewer: Viewer, now: datetime
) -> list[str]:
    """Returns new recovery codes; the old ones open nothing any more."""
    await check_recently_proved(session, viewer, now)
    assert viewer.user_id is not None, "users alone get here"
    if not await has_second_factor(session, viewer.user_id):
        raise SecondFactorMissing("Recovery codes stand in for a second factor; add one first")
    return await _new_codes(session, sealing, viewer, now)


async def _new_codes(session: AsyncSession, sealing: Sealing, viewer: Viewer, now: datetime) -> list[str]:
    assert viewer.user_id is not None, "users alone get here"
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    hashes = [sealing.fingerprint(canonical_code(code), RECOVERY_CODE) for code in codes]
    await replace_recovery_codes(session, viewer.user_id, hashes)
    made = SecondFactorAdded(subject=str(viewer.user_id), occurred_at=now, kind="recovery_codes")
    await record_event(session, made)
    return codes


def _new_code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    return f"{letters[:5]}-{letters[5:]}"
