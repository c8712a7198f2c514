"""The keys access tokens are signed with: one signs, the next one is published already, older ones still.

A token outlives the rotation of its key, and nobody meets a key they have not been able to read before:
`next` becomes `current`, `current` becomes `previous` until its last token has expired. Before the first
rotation the key of the settings signs, and no row is there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.signing_key_queries import (
    delete_retired_keys,
    insert_signing_key,
    lock_signing_keys,
    read_signing_keys,
    set_key_state,
)
from subgraphs.identity.model.tables import SigningKeyRow
from subgraphs.kit.auth.key_set import published_jwks
from subgraphs.kit.auth.keys import generate_signing_key, key_id, public_jwks, read_signing_key
from subgraphs.kit.sealing import Sealing, storage_sealing
from subgraphs.kit.settings import KitSettings

NEXT, CURRENT, PREVIOUS = "next", "current", "previous"
READ_AGAIN = timedelta(seconds=15)
PUBLISHED_AFTER = timedelta(minutes=30)
"""A quarter of an hour for the last token, as much for those who read the keys late."""
_PURPOSE = "signing key"


@dataclass(frozen=True, slots=True)
class KeyState:
    """One published key; `retires_at` is when a previous one is published no longer."""

    kid: str
    state: str
    retires_at: datetime | None


class KeyRing:
    """The keys as this process knows them; read again when they are a few seconds old."""

    def __init__(self, settings: KitSettings) -> None:
        if settings.signing_key is None:
            raise RuntimeError("identity needs ZELLIGE_SIGNING_KEY: an Ed25519 private key, PEM or path")
        self.first = read_signing_key(settings.signing_key)
        """The key of the settings; refresh tokens are derived from it for good."""
        self.current = self.first
        self._sealing = storage_sealing(settings)
        self._settings = settings
        self._published = published_jwks(settings)
        self._read_at: datetime | None = None

    async def freshen(self, session: AsyncSession, now: datetime) -> None:
        """Reads the keys again if they may have been rotated meanwhile."""
        if self._read_at is not None and self._read_at <= now < self._read_at + READ_AGAIN:
            return
        rows = await read_signing_keys(session, now)
        self._read_at = now
        current = [row for row in rows if row.state == CURRENT and row.sealed_key is not None]
        if current:
            self.current = read_signing_key(self._sealing.open(current[0].sealed_key or "", _PURPOSE))
            self._published = self._all_published(rows)

    def published(self) -> dict[str, Any]:
        """Returns the JWKS of every key that tokens in force may be signed with, and of the next one."""
        return self._published

    def _all_published(self, rows: Sequence[SigningKeyRow]) -> dict[str, Any]:
        stored = public_jwks(*(Ed25519PublicKey.from_public_bytes(row.public_key) for row in rows))["keys"]
        retired = json.loads(self._settings.retired_jwks)["keys"] if self._settings.retired_jwks else []
        return {"keys": [*stored, *retired]}


async def rotate_signing_keys(
    session: AsyncSession, settings: KitSettings, now: datetime
) -> tuple[KeyState, ...]:
    """Makes the next key sign and another the next, and returns all; rotations at once go one by one."""
    sealing = storage_sealing(settings)
    await lock_signing_keys(session)
    await delete_retired_keys(session, now)
    rows = {row.state: row for row in await read_signing_keys(session, now)}
    retires_at = now + PUBLISHED_AFTER
    if CURRENT in rows:
        await set_key_state(session, rows[CURRENT].kid, PREVIOUS, retires_at)
    elif settings.signing_key is not None:
        first = read_signing_key(settings.signing_key)
        await _store(session, first, PREVIOUS, None, now=now, retires_at=retires_at)
    if NEXT in rows:
        await set_key_state(session, rows[NEXT].kid, CURRENT, None)
    else:
        await _store(session, _new_key(), CURRENT, sealing, now=now)
    await _store(session, _new_key(), NEXT, sealing, now=now)
    return await list_signing_keys(session, now)


async def list_signing_keys(session: AsyncSession, now: datetime) -> tuple[KeyState, ...]:
    """Returns the keys that are published, the newest first; none before the first rotation."""
    rows = await read_signing_keys(session, now)
    return tuple(KeyState(row.kid, row.state, row.retires_at) for row in rows)


def _new_key() -> Ed25519PrivateKey:
    return read_signing_key(generate_signing_key())


async def _store(
    session: AsyncSession,
    key: Ed25519PrivateKey,
    state: str,
    sealing: Sealing | None,
    *,
    now: datetime,
    retires_at: datetime | None = None,
) -> None:
    """Writes a key; without a sealing its public half alone, for one that signs no more."""
    public = key.public_key()
    row = SigningKeyRow(
        kid=key_id(public),
        state=state,
        public_key=public.public_bytes_raw(),
        sealed_key=_sealed(key, sealing) if sealing is not None else None,
        created_at=now,
        retires_at=retires_at,
    )
    await insert_signing_key(session, row)


def _sealed(key: Ed25519PrivateKey, sealing: Sealing) -> str:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return sealing.seal(pem, _PURPOSE)
