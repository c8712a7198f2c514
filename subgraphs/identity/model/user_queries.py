"""SQL over users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.tables import MembershipRow, UserRow
from subgraphs.kit.auth.viewer import Viewer

READ_USERS = "users:read"


async def insert_user(session: AsyncSession, values: Mapping[str, Any]) -> UserRow | None:
    """Returns the new user, or None when the e-mail is taken; waits for a concurrent registration to end."""
    statement = insert(UserRow).values(values).on_conflict_do_nothing(index_elements=["email_normalized"])
    return (await session.scalars(statement.returning(UserRow))).one_or_none()


async def find_user_by_email(session: AsyncSession, email_normalized: str) -> UserRow | None:
    """Returns the user of a normalised e-mail."""
    statement = select(UserRow).where(UserRow.email_normalized == email_normalized)
    return (await session.scalars(statement)).one_or_none()


async def find_user(session: AsyncSession, user_id: UUID) -> UserRow | None:
    """Returns the user, whoever asks; for use-cases, not for readers."""
    return await session.get(UserRow, user_id)


async def lock_user(session: AsyncSession, user_id: UUID) -> UserRow | None:
    """Returns the user as they are now, held until the transaction ends."""
    statement = (
        select(UserRow)
        .where(UserRow.id == user_id)
        # Not against rows that refer to the user: those need no turn.
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def visible_users_by_ids(
    session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
) -> Mapping[UUID, UserRow]:
    """Returns those of the users whom the viewer may see."""
    statement = select(UserRow).where(UserRow.id.in_(ids), _visible_to(viewer))
    return {row.id: row for row in await session.scalars(statement)}


def users_of_organization(organization_id: UUID | None) -> Select[UserRow]:
    """Returns the statement of an organization's users."""
    return select(UserRow).where(_is_member(organization_id))


def _visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Oneself, and the members of the organization one acts in with users:read."""
    rules: list[ColumnElement[bool]] = []
    if viewer.user_id is not None and not viewer.is_service:
        rules.append(UserRow.id == viewer.user_id)
    if viewer.organization_id is not None and viewer.may(READ_USERS):
        rules.append(_is_member(viewer.organization_id))
    return or_(false(), *rules)


def _is_member(organization_id: UUID | None) -> ColumnElement[bool]:
    return exists().where(
        and_(MembershipRow.user_id == UserRow.id, MembershipRow.organization_id == organization_id)
    )
