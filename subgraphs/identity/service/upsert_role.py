"""Making or changing a custom role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.errors import BuiltInRole
from subgraphs.identity.events import RoleUpserted
from subgraphs.identity.model.organization_queries import find_role
from subgraphs.identity.model.tables import RoleRow
from subgraphs.identity.service.members import MANAGE_ROLES, lock_own_organization
from subgraphs.identity.service.roles import (
    BUILT_IN_PERMISSIONS,
    check_holds,
    check_permissions,
    check_role_name,
)
from subgraphs.identity.service.step_up import check_recently_proved
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import new_id
from subgraphs.kit.versions import check_version


@dataclass(frozen=True, slots=True)
class RoleDraft:
    """A custom role as it shall be."""

    name: str
    permissions: Sequence[str]
    expected_version: int | None = None


async def upsert_role(session: AsyncSession, viewer: Viewer, draft: RoleDraft, now: datetime) -> RoleRow:
    """Returns the role. The viewer must hold what it had and what it gets: roles are no way upwards."""
    name = check_role_name(draft.name)
    if name in BUILT_IN_PERMISSIONS:
        raise BuiltInRole("Built-in roles cannot be changed", field=["input", "name"])
    permissions = check_permissions(draft.permissions)
    await check_recently_proved(session, viewer, now)
    actor = await lock_own_organization(session, viewer, MANAGE_ROLES)
    check_holds(actor.viewer, permissions)
    role = await find_role(session, actor.organization_id, name)
    if role is None:
        role = RoleRow(
            id=new_id(),
            organization_id=actor.organization_id,
            name=name,
            permissions=permissions,
            built_in=False,
        )
        session.add(role)
    else:
        check_version(role, draft.expected_version)
        check_holds(actor.viewer, role.permissions)
        role.permissions = permissions
    await session.flush()
    upserted = RoleUpserted(
        subject=str(role.id),
        occurred_at=now,
        organization_id=actor.organization_id,
        name=name,
        permissions=tuple(permissions),
        actor_id=actor.user_id,
    )
    await record_event(session, upserted)
    return role
