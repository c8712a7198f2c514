"""All routes of the provider."""

from __future__ import annotations

from fastapi import APIRouter

from subgraphs.identity.oauth.authorize import authorize_routes
from subgraphs.identity.oauth.device_pages import device_routes
from subgraphs.identity.oauth.external import external_routes
from subgraphs.identity.oauth.metadata import metadata_routes
from subgraphs.identity.oauth.parts import OauthParts
from subgraphs.identity.oauth.sign_in_pages import sign_in_routes
from subgraphs.identity.oauth.token_routes import token_routes


def oauth_routes(parts: OauthParts) -> APIRouter:
    """Returns the router."""
    if parts.settings.internal_secret is None:
        raise RuntimeError("The pages' forms need ZELLIGE_INTERNAL_SECRET")
    router = APIRouter()
    people = (authorize_routes, sign_in_routes, external_routes, device_routes)
    for routes in (metadata_routes, token_routes, *people):
        router.include_router(routes(parts))
    return router
