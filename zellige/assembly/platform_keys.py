"""The settings of a router in front of the platform: whose word it takes, and what subgraphs are shown.

Apart from `border`, because a router over other subgraphs has no use for the platform's kit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import SecretStr

from router.config import (
    AuthenticationConfig,
    IssuerConfig,
    PassportConfig,
    RouterConfig,
    ServiceTokensConfig,
    SessionsConfig,
    TokenIntrospectionConfig,
)
from subgraphs.kit.auth.key_set import published_jwks
from subgraphs.kit.settings import KitSettings

PLATFORM_ALGORITHM = "EdDSA"
IDENTITY = "identity"
SESSION_COOKIE = "zellige_session"
_IDENTITY_KEYS = "http://identity/.well-known/jwks.json"
_IDENTITY_VIEWER = "http://identity/internal/viewer"


def with_platform_keys(
    config: RouterConfig, settings: KitSettings, *, has_identity: bool = False
) -> RouterConfig:
    """Returns the settings with the platform's own issuer and secret, unless they name issuers themselves.

    With identity in the same process, its own routes tell its keys and what opaque credentials stand for.
    """
    own = config.authentication
    if own.is_enabled:
        return config
    secret = SecretStr(settings.internal_secret) if settings.internal_secret else None
    changed: dict[str, object] = {
        "issuers": (
            IssuerConfig.model_validate(
                {
                    "issuer": settings.token_issuer,
                    "audiences": (settings.token_audience,),
                    "algorithms": (PLATFORM_ALGORITHM,),
                    "required_claims": ("exp", "nbf", "iat", "sub", "jti"),
                    **({"jwks_url": _IDENTITY_KEYS} if has_identity else _keys_of(settings)),
                }
            ),
        ),
        "services": ServiceTokensConfig(secret=secret, issuer=settings.token_issuer),
        "passport": PassportConfig(secret=secret),
        "sessions": SessionsConfig(
            redis_url=settings.redis_url, key_prefix=f"{settings.event_bus_name}:revoked:"
        ),
    }
    if has_identity and secret is not None:
        changed["introspection"] = TokenIntrospectionConfig(
            url=_IDENTITY_VIEWER, audience=IDENTITY, cookies=(SESSION_COOKIE,)
        )
    authentication = AuthenticationConfig.model_validate({**own.model_dump(), **changed})
    authorization = config.authorization.model_copy(update={"wildcard_scopes": True})
    return config.model_copy(update={"authentication": authentication, "authorization": authorization})


def _keys_of(settings: KitSettings) -> Mapping[str, str]:
    source = settings.jwks if settings.jwks is not None else json.dumps(published_jwks(settings))
    if source.lstrip().startswith("{"):
        return {"jwks": source}
    return {"jwks_url" if source.startswith(("http://", "https://")) else "jwks_file": source}
