"""SQL over second factors: authenticator apps, passkeys, recovery codes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.tables import (
    PasskeyChallengeRow,
    PasskeyRow,
    RecoveryCodeRow,
    TotpRow,
)


@dataclass(frozen=True, slots=True)
class FactorCounts:
    """What a user has to show besides the password."""

    totp: int
    passkeys: int
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Whether there is a second factor; recovery codes alone are none."""
        return self.totp + self.passkeys > 0


async def count_factors(session: AsyncSession, user_id: UUID) -> FactorCounts:
    """Returns how many of each the user has that are good."""
    totp = select(func.count()).where(TotpRow.user_id == user_id, TotpRow.confirmed_at.is_not(None))
    passkeys = select(func.count()).where(PasskeyRow.user_id == user_id)
    codes = select(func.count()).where(RecoveryCodeRow.user_id == user_id, RecoveryCodeRow.used_at.is_(None))
    statement = select(totp.scalar_subquery(), passkeys.scalar_subquery(), codes.scalar_subquery())
    return FactorCounts(*(await session.execute(statement)).one())


async def has_second_factor(session: AsyncSession, user_id: UUID) -> bool:
    """Returns whether the user has an authenticator app or a passkey."""
    totp = exists().where(TotpRow.user_id == user_id, TotpRow.confirmed_at.is_not(None))
    passkey = exists().where(PasskeyRow.user_id == user_id)
    return bool(await session.scalar(select(or_(totp, passkey))))


async def put_totp(session: AsyncSession, row: TotpRow) -> bool:
    """Writes an authenticator app that waits for its first code; False when a good one is there."""
    values = {"id": row.id, "sealed_secret": row.sealed_secret, "created_at": row.created_at}
    statement = (
        insert(TotpRow)
        .values(user_id=row.user_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values, where=TotpRow.confirmed_at.is_(None))
        .returning(TotpRow.id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def find_totp(session: AsyncSession, user_id: UUID, *, confirmed: bool) -> TotpRow | None:
    """Returns the user's authenticator app: the good one, or the one that waits for its first code."""
    is_good = TotpRow.confirmed_at.is_not(None)
    statement = select(TotpRow).where(TotpRow.user_id == user_id, is_good if confirmed else ~is_good)
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def use_totp_step(session: AsyncSession, totp_id: UUID, step: int, now: datetime) -> bool:
    """Returns whether this call took the code of the time step; each is taken once, and none before it."""
    statement = (
        update(TotpRow)
        .where(TotpRow.id == totp_id, TotpRow.last_step < step)
        .values(last_step=step, confirmed_at=func.coalesce(TotpRow.confirmed_at, now))
        .returning(TotpRow.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def delete_totp(session: AsyncSession, user_id: UUID) -> bool:
    """Returns whether there was an authenticator app."""
    statement = delete(TotpRow).where(TotpRow.user_id == user_id).returning(TotpRow.id)
    return (await session.execute(statement)).one_or_none() is not None


async def replace_recovery_codes(session: AsyncSession, user_id: UUID, hashes: Sequence[bytes]) -> None:
    """Writes new codes; the old ones are good for nothing."""
    await session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
    session.add_all(RecoveryCodeRow(user_id=user_id, code_hash=each) for each in hashes)
    await session.flush()


async def use_recovery_code(
    session: AsyncSession, user_id: UUID, hashes: Collection[bytes], now: datetime
) -> bool:
    """Returns whether this call used the code up; of any number of callers, one."""
    statement = (
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.user_id == user_id,
            RecoveryCodeRow.code_hash.in_(hashes),
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCodeRow.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def passkeys_of(session: AsyncSession, user_id: UUID) -> Sequence[PasskeyRow]:
    """Returns the user's passkeys, the oldest first."""
    statement = select(PasskeyRow).where(PasskeyRow.user_id == user_id)
    return (await session.scalars(statement.order_by(PasskeyRow.created_at, PasskeyRow.id))).all()


async def find_passkey(session: AsyncSession, credential_id: bytes) -> PasskeyRow | None:
    """Returns the passkey of a credential."""
    statement = select(PasskeyRow).where(PasskeyRow.credential_id == credential_id)
    return (await session.scalars(statement)).one_or_none()


async def insert_passkey(session: AsyncSession, row: PasskeyRow) -> None:
    """Writes a passkey; a credential that is known already is refused by its unique index."""
    session.add(row)
    await session.flush()


async def use_passkey(session: AsyncSession, row: PasskeyRow, sign_count: int, now: datetime) -> bool:
    """Returns whether the authenticator's counter moved on; one that does not count stays at 0."""
    statement = (
        update(PasskeyRow)
        .where(
            PasskeyRow.id == row.id,
            or_(PasskeyRow.sign_count < sign_count, (PasskeyRow.sign_count == 0) & (sign_count == 0)),
        )
        .values(sign_count=sign_count, last_used_at=now)
        .returning(PasskeyRow.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def delete_passkey(session: AsyncSession, user_id: UUID, passkey_id: UUID) -> bool:
    """Returns whether the user had this passkey."""
    chosen = (PasskeyRow.id == passkey_id, PasskeyRow.user_id == user_id)
    statement = delete(PasskeyRow).where(*chosen).returning(PasskeyRow.id)
    return (await session.execute(statement)).one_or_none() is not None


async def add_passkey_challenge(session: AsyncSession, row: PasskeyChallengeRow) -> None:
    """Writes a challenge."""
    session.add(row)
    await session.flush()


async def take_passkey_challenge(
    session: AsyncSession, challenge_id: UUID, purpose: str, user_id: UUID | None, now: datetime
) -> bytes | None:
    """Returns the challenge if this call took it; it is gone then, whatever becomes of the answer."""
    mine = PasskeyChallengeRow.user_id.is_not_distinct_from(user_id)
    statement = (
        delete(PasskeyChallengeRow)
        .where(PasskeyChallengeRow.id == challenge_id, PasskeyChallengeRow.purpose == purpose, mine)
        .returning(PasskeyChallengeRow.challenge, PasskeyChallengeRow.expires_at)
    )
    taken = (await session.execute(statement)).one_or_none()
    return taken.challenge if taken is not None and taken.expires_at > now else None


async def delete_factors(session: AsyncSession, user_id: UUID) -> None:
    """Deletes all second factors of a user."""
    for table in (TotpRow, PasskeyRow, PasskeyChallengeRow, RecoveryCodeRow):
        await session.execute(delete(table).where(table.user_id == user_id))


async def delete_expired_challenges(session: AsyncSession, before: datetime) -> None:
    """Deletes challenges nobody has answered."""
    await session.execute(delete(PasskeyChallengeRow).where(PasskeyChallengeRow.expires_at < before))
