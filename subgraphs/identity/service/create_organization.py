"""Founding an organization: its built-in roles, and its founder as owner."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.events import OrganizationCreated
from subgraphs.identity.model.organization_queries import insert_membership
from subgraphs.identity.model.tables import OrganizationRow, RoleRow
from subgraphs.identity.service.roles import BUILT_IN_PERMISSIONS, OWNER, permissions_of
from subgraphs.kit.errors import InvalidInput
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import new_id

NAME_LENGTH_MAX = 200


def check_organization_name(name: str) -> str:
    """Returns the trimmed name, or raises InvalidInput."""
    trimmed = name.strip()
    if not 0 < len(trimmed) <= NAME_LENGTH_MAX:
        raise InvalidInput(
            f"An organization's name has 1 to {NAME_LENGTH_MAX} characters",
            field=["input", "organizationName"],
        )
    return trimmed


async def create_organization(
    session: AsyncSession, owner_id: UUID, name: str, now: datetime
) -> OrganizationRow:
    """Returns the new organization, owned by the user."""
    organization = OrganizationRow(id=new_id(), name=check_organization_name(name))
    session.add(organization)
    await session.flush()
    roles = {
        role_name: RoleRow(
            id=new_id(), organization_id=organization.id, name=role_name, permissions=[], built_in=True
        )
        for role_name in BUILT_IN_PERMISSIONS
    }
    session.add_all(roles.values())
    await session.flush()
    await insert_membership(session, organization.id, owner_id, roles[OWNER].id)
    await record_event(
        session,
        OrganizationCreated(
            subject=str(organization.id),
            occurred_at=now,
            organization_id=organization.id,
            name=organization.name,
            owner_id=owner_id,
            owner_role=OWNER,
            owner_permissions=permissions_of(roles[OWNER]),
        ),
    )
    return organization
