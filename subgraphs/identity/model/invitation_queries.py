"""SQL over invitations and grants in projects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from subgraphs.identity.model.tables import InvitationRow, ProjectGrantRow


async def add_invitation(session: AsyncSession, row: InvitationRow) -> None:
    """Writes the invitation; an open one to the same address ends, so that the newest letter works."""
    ended = (
        update(InvitationRow)
        .where(
            InvitationRow.organization_id == row.organization_id,
            InvitationRow.email_normalized == row.email_normalized,
            InvitationRow.accepted_at.is_(None),
            InvitationRow.revoked_at.is_(None),
        )
        .values(revoked_at=row.created_at)
        .execution_options(synchronize_session=False)
    )
    await session.execute(ended)
    session.add(row)
    await session.flush()


async def find_open_invitation(
    session: AsyncSession, token_hash: bytes, now: datetime
) -> InvitationRow | None:
    """Returns the invitation of a token, if it can be accepted."""
    statement = select(InvitationRow).where(InvitationRow.token_hash == token_hash, *_open(now))
    return (await session.scalars(statement)).one_or_none()


async def accept_invitation_row(
    session: AsyncSession, invitation_id: UUID, user_id: UUID, now: datetime
) -> bool:
    """Returns whether this call accepted it; of any number of callers, one."""
    statement = (
        update(InvitationRow)
        .where(InvitationRow.id == invitation_id, *_open(now))
        .values(accepted_at=now, accepted_by=user_id)
        .returning(InvitationRow.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def revoke_invitation_row(
    session: AsyncSession, organization_id: UUID, invitation_id: UUID, now: datetime
) -> bool:
    """Returns whether this call took it back."""
    statement = (
        update(InvitationRow)
        .where(
            InvitationRow.id == invitation_id, InvitationRow.organization_id == organization_id, *_open(now)
        )
        .values(revoked_at=now)
        .returning(InvitationRow.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def read_invitation(session: AsyncSession, invitation_id: UUID) -> InvitationRow:
    """Returns the invitation with its role."""
    statement = (
        select(InvitationRow)
        .where(InvitationRow.id == invitation_id)
        .options(joinedload(InvitationRow.role))
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one()


def open_invitations_of(organization_id: UUID | None, now: datetime) -> Select[InvitationRow]:
    """Returns the statement of an organization's invitations that can be accepted, with their roles."""
    return (
        select(InvitationRow)
        .join(InvitationRow.role)
        .where(InvitationRow.organization_id == organization_id, *_open(now))
        .options(contains_eager(InvitationRow.role))
    )


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        InvitationRow.accepted_at.is_(None),
        InvitationRow.revoked_at.is_(None),
        InvitationRow.expires_at > now,
    )


async def put_project_grant(
    session: AsyncSession, organization_id: UUID, user_id: UUID, project_id: UUID, permissions: Sequence[str]
) -> None:
    """Writes what the member may do in the project."""
    key = {"organization_id": organization_id, "user_id": user_id, "project_id": project_id}
    statement = insert(ProjectGrantRow).values(**key, permissions=list(permissions))
    await session.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_={"permissions": list(permissions)})
    )


async def delete_project_grant(
    session: AsyncSession, organization_id: UUID, user_id: UUID, project_id: UUID
) -> None:
    """Takes away what the member may do in the project."""
    chosen = (
        ProjectGrantRow.organization_id == organization_id,
        ProjectGrantRow.user_id == user_id,
        ProjectGrantRow.project_id == project_id,
    )
    await session.execute(delete(ProjectGrantRow).where(*chosen))
