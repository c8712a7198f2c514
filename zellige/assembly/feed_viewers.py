"""Lets the platform's own tokens speak for subscribers: verified as the subgraphs verify them."""

from __future__ import annotations

from collections.abc import Mapping

from router.errors import ClientError
from router.pipeline.subscriptions import Authenticate, Claims
from router.pipeline.subscriptions.viewer import claimed_expiry
from subgraphs.kit.auth.authentication import Authenticator
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.clock import SystemClock
from subgraphs.kit.errors import ClientError as DomainClientError
from subgraphs.kit.settings import KitSettings


def authenticate_viewers(settings: KitSettings) -> Authenticate:
    """Returns what verifies the platform's access tokens and tells their claims to feeds."""
    authenticator = Authenticator(settings, SystemClock())

    async def authenticate(headers: Mapping[str, str]) -> Claims:
        try:
            viewer = await authenticator.viewer_of(headers)
        except DomainClientError as error:
            raise ClientError(error.message, "UNAUTHENTICATED") from error
        if not viewer.is_authenticated:
            return Claims()
        # The token was verified just now, so its own word on its expiry holds.
        return Claims(_claims_of(viewer), _account_of(viewer), claimed_expiry(headers.get("authorization")))

    return authenticate


def _claims_of(viewer: Viewer) -> dict[str, object]:
    claims: dict[str, object] = {
        "sub": str(viewer.user_id) if viewer.user_id else None,
        "org": str(viewer.organization_id) if viewer.organization_id else None,
        "sid": str(viewer.session_id) if viewer.session_id else None,
        "service": viewer.service,
        "roles": sorted(viewer.roles),
        "permissions": sorted(viewer.permissions),
    }
    return {name: value for name, value in claims.items() if value is not None}


def _account_of(viewer: Viewer) -> str:
    return str(viewer.user_id or viewer.service)
