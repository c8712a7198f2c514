"""Access tokens: who, in which organization, with which permissions, for a quarter of an hour."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from subgraphs.identity.service.signing_keys import KeyRing
from subgraphs.kit.auth.keys import key_id
from subgraphs.kit.auth.tokens import ONE_FACTOR, SECOND_FACTOR
from subgraphs.kit.ids import new_id
from subgraphs.kit.settings import KitSettings

ACCESS_LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Grant:
    """What an access token says."""

    user_id: UUID
    session_id: UUID
    authenticated_at: datetime
    has_second_factor: bool = False
    methods: Sequence[str] = ()
    organization_id: UUID | None = None
    roles: Sequence[str] = ()
    permissions: Sequence[str] = ()
    project_grants: Mapping[UUID, Sequence[str]] = field(default_factory=dict)


class TokenSigner:
    """Signs access tokens with identity's private key, and derives refresh tokens from their predecessors."""

    def __init__(self, settings: KitSettings) -> None:
        self.keys = KeyRing(settings)
        self._issuer = settings.token_issuer
        self._audience = settings.token_audience
        derivation = HKDF(SHA256(), length=32, salt=None, info=b"zellige refresh token succession")
        self._succession_key = derivation.derive(self.keys.first.private_bytes_raw())

    def sign(self, grant: Grant, now: datetime) -> tuple[str, datetime]:
        """Returns the token and when it expires."""
        expires_at = now + ACCESS_LIFETIME
        claims = self.claims_of(grant, now) | {"exp": int(expires_at.timestamp())}
        key = self.keys.current
        headers = {"kid": key_id(key.public_key())}
        return jwt.encode(claims, key, algorithm="EdDSA", headers=headers), expires_at

    def claims_of(self, grant: Grant, now: datetime) -> dict[str, Any]:
        """Returns what is said of a viewer, whoever carries it: our token, or the router's."""
        issued_at = int(now.timestamp())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(grant.user_id),
            "sid": str(grant.session_id),
            "jti": str(new_id()),
            "iat": issued_at,
            "nbf": issued_at,
            "auth_time": int(grant.authenticated_at.timestamp()),
            "acr": SECOND_FACTOR if grant.has_second_factor else ONE_FACTOR,
            "amr": list(grant.methods),
            "org": str(grant.organization_id) if grant.organization_id else None,
            "roles": list(grant.roles),
            "permissions": list(grant.permissions),
        }
        if grant.project_grants:
            claims["grants"] = {str(project): list(held) for project, held in grant.project_grants.items()}
        return claims

    def sign_claims(self, claims: Mapping[str, Any], kind: str) -> str:
        """Returns a token of these claims; `kind` is its `typ`, by which one is not taken for another."""
        key = self.keys.current
        return jwt.encode(
            dict(claims), key, algorithm="EdDSA", headers={"kid": key_id(key.public_key()), "typ": kind}
        )

    def read_claims(self, token: str, audience: str, now: datetime) -> dict[str, Any] | None:
        """Returns the claims of a token of ours for this audience that is in force; None for any other."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            known = {each["kid"]: each for each in self.keys.published()["keys"]}
            if kid not in known:
                return None
            claims = jwt.decode(
                token,
                jwt.PyJWK.from_dict(known[kid], algorithm="EdDSA").key,
                algorithms=["EdDSA"],
                audience=audience,
                issuer=self._issuer,
                # Held against our own clock below.
                options={
                    "require": ["exp", "sid"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError:
            return None
        return claims if claims["exp"] > now.timestamp() else None

    def successor_of(self, refresh_token: str) -> str:
        """Returns the refresh token that follows: always the same, and unknowable without our key.

        So two tabs that refresh at once are given one and the same successor, though only its hash is kept.
        """
        digest = hmac.digest(self._succession_key, refresh_token.encode(), "sha256")
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_refresh_token(token: str) -> bytes:
    """Returns what is stored of a refresh token; it has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).digest()
