"""Identity, wired."""

from __future__ import annotations

import json

from fastapi import APIRouter, Response

from subgraphs.identity.schema import build_schema
from subgraphs.identity.service.access_tokens import TokenSigner
from subgraphs.identity.service.passwords import PasswordHashing
from subgraphs.kit.app import SubgraphApp, Wiring
from subgraphs.kit.auth.key_set import published_jwks
from subgraphs.kit.clock import Clock, SystemClock
from subgraphs.kit.settings import KitSettings

JWKS_AGE_S_MAX = 300


def create_app(
    settings: KitSettings, *, clock: Clock | None = None, hashing: PasswordHashing | None = None
) -> SubgraphApp:
    """Returns the identity subgraph; it needs `settings.signing_key`."""
    hashing = hashing or PasswordHashing()
    wiring = Wiring(
        clock=clock or SystemClock(),
        ports={PasswordHashing: hashing, TokenSigner: TokenSigner(settings)},
        routers=[_publish_keys(settings)],
        on_shutdown=[hashing.close],
    )
    return SubgraphApp("identity", settings, build_schema(), wiring)


def _publish_keys(settings: KitSettings) -> APIRouter:
    router = APIRouter()
    jwks = json.dumps(published_jwks(settings))

    @router.get("/.well-known/jwks.json")
    async def read_keys() -> Response:
        headers = {"cache-control": f"public, max-age={JWKS_AGE_S_MAX}"}
        return Response(jwks, media_type="application/jwk-set+json", headers=headers)

    return router
