"""The router's word on who asks: HS256, a minute long, for one subgraph; nobody else can give it.

Its key is made from the shared secret for this one purpose, so that what the secret signs elsewhere, like
the tokens services show each other, is no passport.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from subgraphs.kit.auth.internal import SECRET_LENGTH_MIN
from subgraphs.kit.auth.tokens import check_times, decode, refuse_token, viewer_of_claims
from subgraphs.kit.auth.viewer import ANONYMOUS, Viewer
from subgraphs.kit.clock import Clock
from subgraphs.kit.settings import KitSettings

PASSPORT_HEADER = "x-zellige-viewer"
PASSPORT_ISSUER = "zellige-router"
ROUTER = "router"
"""The service that asks when the router asks for itself."""
LIFETIME_S_MAX = 601
_PURPOSE = b"zellige passport 1"
_REQUIRED = ["exp", "iat", "iss", "aud", "jti"]


def verify_passport(token: str, audience: str, clock: Clock, settings: KitSettings) -> tuple[Viewer, float]:
    """Returns the viewer of a passport for `audience`, and when it expires; raises Unauthenticated."""
    secret = settings.internal_secret
    if secret is None or len(secret) < SECRET_LENGTH_MIN:
        raise refuse_token()
    key = hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).digest()
    claims = decode(token, key, "HS256", _REQUIRED, audience=audience, issuer=PASSPORT_ISSUER)
    expires_at = check_times(claims, clock)
    if expires_at - claims["iat"] > LIFETIME_S_MAX:
        raise refuse_token()
    viewer, service = claims.get("viewer"), claims.get("service")
    if viewer is None:
        return ANONYMOUS, expires_at
    if not isinstance(viewer, dict) or not (service is None or isinstance(service, str)):
        raise refuse_token()
    return (viewer_of_claims(viewer) if service is None else _service_viewer(service, viewer)), expires_at


def _service_viewer(service: str, claims: dict[str, object]) -> Viewer:
    user, organization, permissions = claims.get("user"), claims.get("org"), claims.get("permissions")
    try:
        return Viewer(
            service=service,
            user_id=UUID(str(user)) if user else None,
            organization_id=UUID(str(organization)) if organization else None,
            permissions=frozenset(map(str, permissions)) if isinstance(permissions, list) else frozenset(),
        )
    except ValueError as error:
        raise refuse_token() from error
