"""SQL over organizations, their roles and their members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from subgraphs.identity.model.tables import MembershipRow, OrganizationRow, ProjectGrantRow, RoleRow
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.pagination.listed import Listed
from subgraphs.kit.prepared_select import PreparedSelect, one_of
from subgraphs.kit.row_reader import RowReader

_ORGANIZATION, _ROLE = RowReader(OrganizationRow), RowReader(RoleRow)
_MEMBERSHIP = RowReader(MembershipRow, role=_ROLE)
_ORGANIZATION_ID = bindparam("organization_id", type_=Uuid())
_ONE_OF = _ORGANIZATION.select().where(one_of(OrganizationRow.id, "ids"))
_ONE_OF_SERVICE = PreparedSelect(_ONE_OF.where(OrganizationRow.id == _ORGANIZATION_ID), _ORGANIZATION)
_OF_MEMBER = PreparedSelect(
    _ONE_OF.where(
        OrganizationRow.id.in_(
            select(MembershipRow.organization_id).where(
                MembershipRow.user_id == bindparam("user_id", type_=Uuid())
            )
        )
    ),
    _ORGANIZATION,
)
_MEMBERS = Listed(
    _MEMBERSHIP.select().join(MembershipRow.role).where(MembershipRow.organization_id == _ORGANIZATION_ID),
    _MEMBERSHIP,
)
_ROLES = Listed(_ROLE.select().where(RoleRow.organization_id == _ORGANIZATION_ID), _ROLE)
_VISIBLE_MEMBERSHIPS = PreparedSelect(
    _MEMBERSHIP.select()
    .join(MembershipRow.role)
    .where(
        one_of(MembershipRow.user_id, "user_ids"),
        or_(
            MembershipRow.user_id == bindparam("reader_id", type_=Uuid()),
            MembershipRow.organization_id == _ORGANIZATION_ID,
        ),
    )
    .order_by(MembershipRow.created_at, MembershipRow.organization_id),
    _MEMBERSHIP,
)


async def lock_organization(session: AsyncSession, organization_id: UUID) -> OrganizationRow | None:
    """Returns the organization, held until the transaction ends, so that changes to its members queue up."""
    statement = select(OrganizationRow).where(OrganizationRow.id == organization_id).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def visible_organizations_by_ids(
    session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
) -> Mapping[UUID, OrganizationRow]:
    """Returns those of the organizations the viewer belongs to, or the one a service acts for."""
    if viewer.is_service:
        found = await _ONE_OF_SERVICE.all(session, ids=ids, organization_id=viewer.organization_id)
    else:
        found = await _OF_MEMBER.all(session, ids=ids, user_id=viewer.user_id)
    return {row.id: row for row in found}


async def find_membership(
    session: AsyncSession, organization_id: UUID, user_id: UUID
) -> MembershipRow | None:
    """Returns the membership with its role."""
    statement = (
        select(MembershipRow)
        .where(MembershipRow.organization_id == organization_id, MembershipRow.user_id == user_id)
        .options(joinedload(MembershipRow.role), joinedload(MembershipRow.organization))
        # Read again under the organization's lock, whatever this session saw before it.
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def find_first_membership(session: AsyncSession, user_id: UUID) -> MembershipRow | None:
    """Returns the user's oldest membership with its role."""
    statement = (
        select(MembershipRow)
        .where(MembershipRow.user_id == user_id)
        .options(joinedload(MembershipRow.role), joinedload(MembershipRow.organization))
        .order_by(MembershipRow.created_at, MembershipRow.organization_id)
        .limit(1)
    )
    return (await session.scalars(statement)).one_or_none()


async def project_grants_of(
    session: AsyncSession, organization_id: UUID, user_id: UUID, at_most: int
) -> Sequence[ProjectGrantRow]:
    """Returns what a member may do in single projects."""
    statement = (
        select(ProjectGrantRow)
        .where(ProjectGrantRow.organization_id == organization_id, ProjectGrantRow.user_id == user_id)
        .order_by(ProjectGrantRow.project_id)
        .limit(at_most)
    )
    return (await session.scalars(statement)).all()


async def insert_membership(
    session: AsyncSession, organization_id: UUID, user_id: UUID, role_id: UUID
) -> bool:
    """Returns whether the user was added; False when they were a member already."""
    statement = (
        insert(MembershipRow)
        .values(organization_id=organization_id, user_id=user_id, role_id=role_id)
        .on_conflict_do_nothing()
        .returning(MembershipRow.user_id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def count_members(session: AsyncSession, organization_id: UUID) -> int:
    """Returns how many members the organization has."""
    chosen = MembershipRow.organization_id == organization_id
    return await session.scalar(select(func.count()).select_from(MembershipRow).where(chosen)) or 0


async def organization_ids_of(session: AsyncSession, user_id: UUID) -> Sequence[UUID]:
    """Returns where the user is a member, in the order in which organizations are locked."""
    statement = select(MembershipRow.organization_id).where(MembershipRow.user_id == user_id)
    return (await session.scalars(statement.order_by(MembershipRow.organization_id))).all()


async def count_members_with_role(session: AsyncSession, role_id: UUID) -> int:
    """Returns how many members hold the role."""
    statement = select(func.count()).select_from(MembershipRow).where(MembershipRow.role_id == role_id)
    return await session.scalar(statement) or 0


async def find_role(session: AsyncSession, organization_id: UUID, name: str) -> RoleRow | None:
    """Returns the organization's role of that name."""
    statement = select(RoleRow).where(RoleRow.organization_id == organization_id, RoleRow.name == name)
    return (await session.scalars(statement)).one_or_none()


def members_of_organization(organization_id: UUID | None) -> Listed[MembershipRow]:
    """Returns an organization's memberships, each with its role."""
    return _MEMBERS.given(organization_id=organization_id)


def roles_of_organization(organization_id: UUID | None) -> Listed[RoleRow]:
    """Returns an organization's roles."""
    return _ROLES.given(organization_id=organization_id)


async def visible_memberships_by_users(
    session: AsyncSession, viewer: Viewer, user_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[MembershipRow]]:
    """Returns the users' memberships: all of one's own, of others only that in the viewer's organization."""
    found: dict[UUID, list[MembershipRow]] = defaultdict(list)
    reader = {"reader_id": viewer.user_id, "organization_id": viewer.organization_id}
    for row in await _VISIBLE_MEMBERSHIPS.all(session, user_ids=user_ids, **reader):
        found[row.user_id].append(row)
    return found
