"""The public keys tokens are verified with."""

from __future__ import annotations

import json

from fastapi import APIRouter, Response

from subgraphs.identity.service.access_tokens import TokenSigner
from subgraphs.kit.clock import Clock
from subgraphs.kit.database import Database

JWKS_AGE_S_MAX = 300


def key_routes(signer: TokenSigner, database: Database, clock: Clock) -> APIRouter:
    """Returns the route of the JWKS."""
    router = APIRouter()

    @router.get("/.well-known/jwks.json")
    async def read_keys() -> Response:
        async with database.read_session() as session:
            await signer.keys.freshen(session, clock.now())
        headers = {"cache-control": f"public, max-age={JWKS_AGE_S_MAX}"}
        body = json.dumps(signer.keys.published())
        return Response(body, media_type="application/jwk-set+json", headers=headers)

    return router
