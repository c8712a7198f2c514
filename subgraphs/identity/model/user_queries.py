"""SQL over users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.identity.model.tables import MembershipRow, UserRow
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.pagination.listed import Listed
from subgraphs.kit.prepared_select import PreparedSelect, one_of
from subgraphs.kit.row_reader import RowReader

READ_USERS = "users:read"

_USER = RowReader(UserRow)
_IS_MEMBER = exists().where(
    MembershipRow.user_id == UserRow.id,
    MembershipRow.organization_id == bindparam("organization_id", type_=Uuid()),
)
_OF_ORGANIZATION = Listed(_USER.select().where(_IS_MEMBER), _USER)
_VISIBLE_BY_IDS = PreparedSelect(
    _USER.select().where(
        one_of(UserRow.id, "ids"), or_(UserRow.id == bindparam("reader_id", type_=Uuid()), _IS_MEMBER)
    ),
    _USER,
)


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
    found = await _VISIBLE_BY_IDS.all(session, ids=ids, **_reader_of(viewer))
    return {row.id: row for row in found}


def users_of_organization(organization_id: UUID | None) -> Listed[UserRow]:
    """Returns an organization's users."""
    return _OF_ORGANIZATION.given(organization_id=organization_id)


def _reader_of(viewer: Viewer) -> dict[str, UUID | None]:
    """Returns who is seen: oneself, and the members of the organization one acts in with users:read.

    What is null is nobody.
    """
    return {
        "reader_id": None if viewer.is_service else viewer.user_id,
        "organization_id": viewer.organization_id if viewer.may(READ_USERS) else None,
    }
