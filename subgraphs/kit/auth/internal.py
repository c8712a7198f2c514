"""Tokens one service shows another: HS256 with a shared secret, a minute long, on behalf of a user."""

from __future__ import annotations

from uuid import UUID

import jwt

from subgraphs.kit.auth.tokens import check_times, decode, refuse_token
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.clock import Clock
from subgraphs.kit.ids import new_id
from subgraphs.kit.settings import KitSettings

INTERNAL_AUDIENCE = "internal"
LIFETIME_S_MAX = 60
SECRET_LENGTH_MIN = 32
_REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti"]


def service_token(
    settings: KitSettings,
    clock: Clock,
    service: str,
    on_behalf_of: Viewer,
    permissions: frozenset[str] = frozenset(),
) -> str:
    """Returns a token by which `service` acts for the viewer with exactly these permissions."""
    now = int(clock.now().timestamp())
    claims = {
        "iss": settings.token_issuer,
        "aud": INTERNAL_AUDIENCE,
        "sub": service,
        "jti": str(new_id()),
        "iat": now,
        "exp": now + LIFETIME_S_MAX,
        "user": str(on_behalf_of.user_id) if on_behalf_of.user_id else None,
        "org": str(on_behalf_of.organization_id) if on_behalf_of.organization_id else None,
        "permissions": sorted(permissions),
    }
    return jwt.encode(claims, _secret_of(settings), algorithm="HS256")


def verify_service_token(token: str, clock: Clock, settings: KitSettings) -> tuple[Viewer, float]:
    """Returns the service viewer of the token and when it expires."""
    if settings.internal_secret is None:
        raise refuse_token()
    claims = decode(
        token,
        _secret_of(settings),
        "HS256",
        _REQUIRED,
        audience=INTERNAL_AUDIENCE,
        issuer=settings.token_issuer,
    )
    expires_at = check_times(claims, clock)
    if expires_at - claims["iat"] > LIFETIME_S_MAX:
        raise refuse_token()
    try:
        viewer = Viewer(
            service=claims["sub"],
            user_id=UUID(claims["user"]) if claims.get("user") else None,
            organization_id=UUID(claims["org"]) if claims.get("org") else None,
            permissions=frozenset(claims.get("permissions", ())),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise refuse_token() from error
    return viewer, expires_at


def _secret_of(settings: KitSettings) -> str:
    secret = settings.internal_secret
    if secret is None or len(secret) < SECRET_LENGTH_MIN:
        raise RuntimeError(f"ZELLIGE_INTERNAL_SECRET must have at least {SECRET_LENGTH_MIN} characters")
    return secret
