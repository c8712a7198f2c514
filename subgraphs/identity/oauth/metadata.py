"""Where everything is, for clients that find out by themselves (RFC 8414, OpenID Connect Discovery)."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Response

from subgraphs.identity.oauth.parts import OauthParts
from subgraphs.identity.oauth.token_routes import CORS
from subgraphs.identity.service.oauth.clients import GRANT_TYPES
from subgraphs.identity.service.oauth.scopes import PERSONAL
from subgraphs.kit.locales import Locale

AGE_S_MAX = 300


def provider_metadata(issuer: str) -> dict[str, Any]:
    """Returns the document."""
    proofs = ["client_secret_basic", "client_secret_post", "none"]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "device_authorization_endpoint": f"{issuer}/oauth/device_authorization",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": list(PERSONAL),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": proofs,
        "revocation_endpoint_auth_methods_supported": proofs,
        "introspection_endpoint_auth_methods_supported": proofs[:2],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "claims_supported": ["sub", "name", "locale", "updated_at", "email", "email_verified", "auth_time"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": [each.value for each in Locale],
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


def metadata_routes(parts: OauthParts) -> APIRouter:
    """Returns the routes of the document, under its two names."""
    document = orjson.dumps(provider_metadata(parts.issuer))
    router = APIRouter()

    async def read_metadata() -> Response:
        headers = {**CORS, "cache-control": f"public, max-age={AGE_S_MAX}"}
        return Response(document, media_type="application/json", headers=headers)

    for name in ("openid-configuration", "oauth-authorization-server"):
        router.add_api_route(f"/.well-known/{name}", read_metadata, methods=["GET"], response_model=None)
    return router
