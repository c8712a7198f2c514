"""What a member may do in single projects, beyond the role: tokens carry it, `Viewer.may_in` reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.events import ProjectGrantSet
from subgraphs.identity.model.invitation_queries import delete_project_grant, put_project_grant
from subgraphs.identity.model.organization_queries import project_grants_of
from subgraphs.identity.model.tables import ProjectGrantRow
from subgraphs.identity.service.members import MANAGE_MEMBERS, find_changeable_member, lock_own_organization
from subgraphs.identity.service.roles import check_holds, check_permissions
from subgraphs.identity.service.sessions import PROJECT_GRANTS_MAX
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput, NotFound
from subgraphs.kit.events.outbox import record_event


@dataclass(frozen=True, slots=True)
class GrantDraft:
    """What a member shall be permitted in a project; nothing takes the grant away."""

    user_id: UUID | None
    project_id: UUID | None
    permissions: Sequence[str]


async def set_project_grant(
    session: AsyncSession, viewer: Viewer, draft: GrantDraft, now: datetime
) -> Sequence[ProjectGrantRow]:
    """Returns all grants of the member; the viewer must hold what they give."""
    if draft.project_id is None:
        raise NotFound("No such project", field=["input", "projectId"])
    permissions = check_permissions(draft.permissions)
    actor = await lock_own_organization(session, viewer, MANAGE_MEMBERS)
    membership = await find_changeable_member(session, actor, draft.user_id)
    check_holds(actor.viewer, permissions)
    key = (actor.organization_id, membership.user_id)
    if permissions:
        await put_project_grant(session, *key, draft.project_id, permissions)
    else:
        await delete_project_grant(session, *key, draft.project_id)
    granted = await project_grants_of(session, *key, PROJECT_GRANTS_MAX + 1)
    if len(granted) > PROJECT_GRANTS_MAX:
        raise InvalidInput(f"A member has grants in at most {PROJECT_GRANTS_MAX} projects; a role says more")
    changed = ProjectGrantSet(
        subject=str(membership.user_id),
        occurred_at=now,
        organization_id=actor.organization_id,
        project_id=draft.project_id,
        permissions=tuple(permissions),
        actor_id=actor.user_id,
    )
    await record_event(session, changed)
    return granted
