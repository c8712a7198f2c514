"""Users' access tokens: EdDSA signed by identity, verified here against its published keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import jwt

from subgraphs.kit.auth.key_set import KeySet
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.clock import Clock
from subgraphs.kit.errors import Unauthenticated
from subgraphs.kit.settings import KitSettings

CLOCK_SKEW_S = 5
SERVICE_ACCOUNT = "service_account"
SECOND_FACTOR = "urn:zellige:acr:2"
"""The `acr` of a session in which a second factor was shown; else `ONE_FACTOR`."""
ONE_FACTOR = "urn:zellige:acr:1"
_REQUIRED = ["exp", "nbf", "iat", "iss", "aud", "sub", "jti", "sid"]


def refuse_token() -> Unauthenticated:
    """Returns the one answer to every bad token; which check failed is nobody's business."""
    return Unauthenticated("The access token is not valid or has expired")


def decode(token: str, key: Any, algorithm: str, required: list[str], **expected: str) -> dict[str, Any]:
    """Returns the claims of a token signed by `key` with exactly `algorithm`; `check_times` does the rest."""
    options: Any = {"require": required, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
    try:
        return jwt.decode(token, key, algorithms=[algorithm], options=options, **expected)  # pyright: ignore[reportArgumentType]  # audience and issuer by name
    except jwt.PyJWTError as error:
        raise refuse_token() from error


def check_times(claims: Mapping[str, Any], clock: Clock) -> float:
    """Returns the expiry in Unix seconds, or raises when the token is not in force by our own clock."""
    now = clock.now().timestamp()
    times = [claims.get(name) for name in ("exp", "nbf", "iat")]
    if any(isinstance(time, bool) or not isinstance(time, int | float) for time in times if time is not None):
        raise refuse_token()
    latest_start = max(claims["iat"], claims.get("nbf", claims["iat"]))
    if claims["exp"] <= now or latest_start > now + CLOCK_SKEW_S:
        raise refuse_token()
    return float(claims["exp"])


async def verify_access_token(
    token: str, kid: str, keys: KeySet, clock: Clock, settings: KitSettings
) -> tuple[Viewer, float]:
    """Returns the viewer of a user's token and when it expires."""
    key = await keys.find(kid)
    if key is None:
        raise refuse_token()
    claims = decode(
        token, key, "EdDSA", _REQUIRED, audience=settings.token_audience, issuer=settings.token_issuer
    )
    expires_at = check_times(claims, clock)
    return viewer_of_claims(claims), expires_at


def viewer_of_claims(claims: Mapping[str, Any]) -> Viewer:
    """Returns the viewer that verified claims stand for; raises Unauthenticated when they do not add up.

    `sub` is a user, or a service account where `kind` says so.
    """
    is_program = claims.get("kind") == SERVICE_ACCOUNT
    try:
        subject = UUID(claims["sub"])
        return Viewer(
            user_id=None if is_program else subject,
            service_account_id=subject if is_program else None,
            session_id=UUID(claims["sid"]) if claims.get("sid") else None,
            organization_id=UUID(claims["org"]) if claims.get("org") else None,
            roles=tuple(claims.get("roles", ())),
            permissions=frozenset(claims.get("permissions", ())),
            project_grants=_project_grants(claims.get("grants")),
            authenticated_at=claims.get("auth_time"),
            has_second_factor=claims.get("acr") == SECOND_FACTOR,
            is_delegated=claims.get("delegated") is True,
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise refuse_token() from error


def _project_grants(grants: Mapping[str, Any] | None) -> tuple[tuple[UUID, frozenset[str]], ...]:
    return tuple((UUID(project), frozenset(held)) for project, held in (grants or {}).items())
