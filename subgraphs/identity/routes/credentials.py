"""`POST /internal/viewer`: whom an API key or a cookie stands for. Only the router is answered.

In: a form with `token`, perhaps `token_type_hint` and `client_address`. Out: RFC 7662's `active`, and claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

import orjson
from fastapi import APIRouter, Request, Response

from subgraphs.identity.routes.bodies import read_bounded
from subgraphs.identity.service.access_tokens import TokenSigner
from subgraphs.identity.service.resolve_credential import resolve_credential
from subgraphs.kit.auth.authentication import Authenticator
from subgraphs.kit.clock import Clock
from subgraphs.kit.database import Database
from subgraphs.kit.errors import Unauthenticated
from subgraphs.kit.settings import KitSettings

ASKER = "router"
IDENTITY = "identity"
BODY_BYTES_MAX = 4_096
FIELDS_MAX = 10


def credential_routes(
    signer: TokenSigner, database: Database, clock: Clock, settings: KitSettings
) -> APIRouter:
    """Returns the route the router asks."""
    router = APIRouter()
    authenticator = Authenticator(settings, clock, IDENTITY)

    @router.post("/internal/viewer")
    async def read_viewer(request: Request) -> Response:
        if not await _is_router(authenticator, dict(request.headers)):
            return _json({"error": "unauthorized_client"}, 401)
        body = await read_bounded(request, BODY_BYTES_MAX)
        form = _read_form(body) if body is not None else None
        if form is None or "token" not in form:
            return _json({"error": "invalid_request"}, 400)
        async with database.transaction() as session:
            await signer.keys.freshen(session, clock.now())
            claims = await resolve_credential(
                session, signer, settings, form["token"], form.get("client_address"), now=clock.now()
            )
        return _json(claims, 200)

    return router


async def _is_router(authenticator: Authenticator, headers: Mapping[str, str]) -> bool:
    try:
        viewer = await authenticator.viewer_of(headers)
    except Unauthenticated:
        return False
    return viewer.service == ASKER


def _read_form(body: bytes) -> dict[str, str] | None:
    try:
        fields = parse_qs(body.decode(), max_num_fields=FIELDS_MAX, strict_parsing=True)
    except ValueError:
        return None
    return {name: values[0] for name, values in fields.items()}


def _json(content: Mapping[str, object], status: int) -> Response:
    # An answer about a secret is kept by nobody on the way.
    return Response(
        orjson.dumps(content), status, {"cache-control": "no-store"}, media_type="application/json"
    )
