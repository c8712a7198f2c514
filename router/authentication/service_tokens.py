"""Tokens our own services show: HS256 by a shared secret, a minute long, perhaps on behalf of a user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from router.authentication.refusal import refuse_credential
from router.authentication.tokens import check_times, verified_claims
from router.config import ServiceTokensConfig

ALGORITHM = "HS256"
_LEEWAY_S = 5.0


def verify_service_token(
    token: str, config: ServiceTokensConfig, now: Callable[[], float]
) -> tuple[str, Mapping[str, Any]]:
    """Returns the service's name and its claims; raises ClientError."""
    if config.secret is None:
        raise refuse_credential()
    secret = config.secret.get_secret_value()
    claims = verified_claims(token, secret, ALGORITHM, audience=config.audience, issuer=config.issuer)
    check_times(claims, now(), _LEEWAY_S)
    service, issued_at = claims.get("sub"), claims.get("iat")
    if not isinstance(service, str) or not service or issued_at is None:
        raise refuse_credential()
    if claims["exp"] - issued_at > config.lifetime_s_max:
        raise refuse_credential()
    return service, claims
