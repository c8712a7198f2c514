"""Identity's root queries."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.identity.model.organization_queries import members_of_organization, roles_of_organization
from subgraphs.identity.model.tables import MembershipRow, RoleRow, UserRow
from subgraphs.identity.model.user_queries import users_of_organization
from subgraphs.identity.schema.inputs import (
    MEMBERSHIP_ORDER_COLUMNS,
    MEMBERSHIP_WHERE_COLUMNS,
    USER_ORDER_COLUMNS,
    USER_WHERE_COLUMNS,
    MembershipOrder,
    MembershipWhere,
    UserOrder,
    UserWhere,
)
from subgraphs.identity.schema.loaders import load_organizations, load_users
from subgraphs.identity.schema.types import Membership, Organization, Role, User
from subgraphs.kit import fields
from subgraphs.kit.access import HasPermission, IsAuthenticated, Public
from subgraphs.kit.context import Info
from subgraphs.kit.filtering.ordering import keyset_of
from subgraphs.kit.filtering.where import compile_where
from subgraphs.kit.ids import read_id
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.connection import Connection
from subgraphs.kit.pagination.keyset import SortKey
from subgraphs.kit.pagination.page import fetch_page


@strawberry.type
class Query:
    @fields.query(allow=Public(), description="The user behind the access token; null without one.")
    async def me(self, info: Info) -> User | None:
        user_id = info.context.viewer.user_id
        row = await info.context.loaders.get(load_users).load(user_id) if user_id is not None else None
        return User.of(row) if row is not None else None

    @fields.query(allow=IsAuthenticated(), description="An organization the viewer belongs to.")
    async def organization(self, info: Info, id: strawberry.ID) -> Organization | None:
        organization_id = read_id(id)
        if organization_id is None:
            return None
        row = await info.context.loaders.get(load_organizations).load(organization_id)
        return Organization.of(row) if row is not None else None

    @fields.listing(allow=HasPermission("users:read"), description="The users of the viewer's organization.")
    async def users(
        self,
        info: Info,
        page: PageArguments,
        where: UserWhere | None = None,
        order_by: list[UserOrder] | None = None,
    ) -> Connection[User]:
        statement = users_of_organization(info.context.viewer.organization_id).where(
            compile_where(where, USER_WHERE_COLUMNS)
        )
        keyset = keyset_of(order_by, USER_ORDER_COLUMNS, UserRow.id)
        return Connection.of(await fetch_page(info.context.session, statement, keyset, page), User.of)

    @fields.listing(allow=HasPermission("users:read"), description="Its members, with their roles.")
    async def members(
        self,
        info: Info,
        page: PageArguments,
        where: MembershipWhere | None = None,
        order_by: list[MembershipOrder] | None = None,
    ) -> Connection[Membership]:
        statement = members_of_organization(info.context.viewer.organization_id).where(
            compile_where(where, MEMBERSHIP_WHERE_COLUMNS)
        )
        keyset = keyset_of(order_by, MEMBERSHIP_ORDER_COLUMNS, MembershipRow.user_id)
        return Connection.of(await fetch_page(info.context.session, statement, keyset, page), Membership.of)

    @fields.listing(allow=HasPermission("roles:read"), description="The roles of the viewer's organization.")
    async def roles(self, info: Info, page: PageArguments) -> Connection[Role]:
        statement = roles_of_organization(info.context.viewer.organization_id)
        keyset = keyset_of(None, {}, RoleRow.id, default=[SortKey("name", RoleRow.name)])
        return Connection.of(await fetch_page(info.context.session, statement, keyset, page), Role.of)
