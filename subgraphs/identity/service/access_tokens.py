"""Access tokens: who, in which organization, with which permissions, for a quarter of an hour."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from subgraphs.kit.auth.keys import key_id, read_signing_key
from subgraphs.kit.ids import new_id
from subgraphs.kit.settings import KitSettings

ACCESS_LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Grant:
    """What an access token says."""

    user_id: UUID
    session_id: UUID
    organization_id: UUID | None = None
    roles: Sequence[str] = ()
    permissions: Sequence[str] = ()


class TokenSigner:
    """Signs access tokens with identity's private key, and derives refresh tokens from their predecessors."""

    def __init__(self, settings: KitSettings) -> None:
        if settings.signing_key is None:
            raise RuntimeError("identity needs ZELLIGE_SIGNING_KEY: an Ed25519 private key, PEM or path")
        self._key = read_signing_key(settings.signing_key)
        self._kid = key_id(self._key.public_key())
        self._issuer = settings.token_issuer
        self._audience = settings.token_audience
        derivation = HKDF(SHA256(), length=32, salt=None, info=b"zellige refresh token succession")
        self._succession_key = derivation.derive(self._key.private_bytes_raw())

    def sign(self, grant: Grant, now: datetime) -> tuple[str, datetime]:
        """Returns the token and when it expires."""
        issued_at = int(now.timestamp())
        expires_at = now + ACCESS_LIFETIME
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(grant.user_id),
            "sid": str(grant.session_id),
            "jti": str(new_id()),
            "iat": issued_at,
            "nbf": issued_at,
            "exp": int(expires_at.timestamp()),
            "org": str(grant.organization_id) if grant.organization_id else None,
            "roles": list(grant.roles),
            "permissions": list(grant.permissions),
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._kid}), expires_at

    def successor_of(self, refresh_token: str) -> str:
        """Returns the refresh token that follows: always the same, and unknowable without our key.

        So two tabs that refresh at once are given one and the same successor, though only its hash is kept.
        """
        digest = hmac.digest(self._succession_key, refresh_token.encode(), "sha256")
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_refresh_token(token: str) -> bytes:
    """Returns what is stored of a refresh token; it has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).digest()
