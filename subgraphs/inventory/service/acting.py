"""In whose name a use-case runs."""

from __future__ import annotations

from uuid import UUID

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput, NotAllowed
from subgraphs.kit.idempotency import IdempotentRequest
from subgraphs.kit.ids import read_id


def own_organization(viewer: Viewer) -> UUID:
    """Returns the organization the viewer acts in."""
    assert viewer.organization_id is not None, "HasPermission admits nobody without an organization"
    return viewer.organization_id


def seller_organization(viewer: Viewer, given: str) -> UUID:
    """Returns whose stock is meant: a service names any seller, staff only their own organization."""
    organization_id = read_id(given)
    if organization_id is None:
        raise InvalidInput("This is no organization's id", field=["input", "organizationId"])
    if not viewer.is_service and organization_id != viewer.organization_id:
        raise NotAllowed("This is not your organization", field=["input", "organizationId"])
    return organization_id


def service_request(viewer: Viewer, mutation: str, key: str, body: object) -> IdempotentRequest:
    """Returns the request under its key. A service's keys are its own, on whosever behalf it calls: the job
    that repairs a checkout is not the shopper who began it.
    """
    owner = Viewer(service=viewer.service) if viewer.is_service else viewer
    return IdempotentRequest.of(owner, mutation, key, body)
