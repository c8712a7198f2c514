"""Identity's root queries."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.identity.model.factor_queries import count_factors, passkeys_of
from subgraphs.identity.model.invitation_queries import open_invitations_of
from subgraphs.identity.model.organization_queries import (
    members_of_organization,
    project_grants_of,
    roles_of_organization,
)
from subgraphs.identity.model.program_queries import service_accounts_of
from subgraphs.identity.model.session_queries import running_sessions_of
from subgraphs.identity.model.tables import (
    InvitationRow,
    MembershipRow,
    RoleRow,
    ServiceAccountRow,
    SessionRow,
    UserRow,
)
from subgraphs.identity.model.user_queries import users_of_organization
from subgraphs.identity.schema.account_types import Passkey, SecondFactors, SessionType
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
from subgraphs.identity.schema.oauth_fields import OauthQueries
from subgraphs.identity.schema.organization_types import Invitation, ProjectGrant, ServiceAccount
from subgraphs.identity.schema.types import Membership, Organization, Role, User
from subgraphs.identity.service.sessions import PROJECT_GRANTS_MAX
from subgraphs.kit import fields
from subgraphs.kit.access import HasPermission, IsAuthenticated, IsUser, Public
from subgraphs.kit.context import Info
from subgraphs.kit.filtering.ordering import keyset_of
from subgraphs.kit.filtering.where import compile_where
from subgraphs.kit.ids import read_id
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.connection import Connection
from subgraphs.kit.pagination.keyset import SortKey
from subgraphs.kit.pagination.page import fetch_page


@strawberry.type
class Query(OauthQueries):
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
        listed = users_of_organization(info.context.viewer.organization_id).where(
            compile_where(where, USER_WHERE_COLUMNS)
        )
        keyset = keyset_of(order_by, USER_ORDER_COLUMNS, UserRow.id)
        return Connection.of(await fetch_page(info.context.session, listed, keyset, page), User.of)

    @fields.listing(allow=HasPermission("users:read"), description="Its members, with their roles.")
    async def members(
        self,
        info: Info,
        page: PageArguments,
        where: MembershipWhere | None = None,
        order_by: list[MembershipOrder] | None = None,
    ) -> Connection[Membership]:
        listed = members_of_organization(info.context.viewer.organization_id).where(
            compile_where(where, MEMBERSHIP_WHERE_COLUMNS)
        )
        keyset = keyset_of(order_by, MEMBERSHIP_ORDER_COLUMNS, MembershipRow.user_id)
        return Connection.of(await fetch_page(info.context.session, listed, keyset, page), Membership.of)

    @fields.listing(allow=HasPermission("roles:read"), description="The roles of the viewer's organization.")
    async def roles(self, info: Info, page: PageArguments) -> Connection[Role]:
        listed = roles_of_organization(info.context.viewer.organization_id)
        keyset = keyset_of(None, {}, RoleRow.id, default=[SortKey("name", RoleRow.name)])
        return Connection.of(await fetch_page(info.context.session, listed, keyset, page), Role.of)

    @fields.listing(allow=IsUser(), description="The viewer's own running sessions, the last used first.")
    async def sessions(self, info: Info, page: PageArguments) -> Connection[SessionType]:
        context = info.context
        statement = running_sessions_of(context.viewer.user_id, context.clock.now())
        newest = SortKey("last_seen_at", SessionRow.last_seen_at, descending=True)
        keyset = keyset_of(None, {}, SessionRow.id, default=[newest])
        return Connection.of(await fetch_page(context.session, statement, keyset, page), SessionType.of)

    @fields.query(allow=IsUser(), description="What the viewer can show besides the password.")
    async def second_factors(self, info: Info) -> SecondFactors:
        context = info.context
        assert context.viewer.user_id is not None, "IsUser admits users alone"
        counts = await count_factors(context.session, context.viewer.user_id)
        passkeys = await passkeys_of(context.session, context.viewer.user_id)
        return SecondFactors(
            has_totp=counts.totp > 0,
            passkeys=[Passkey.of(row) for row in passkeys],
            recovery_codes_left=counts.recovery_codes,
        )

    @fields.listing(allow=HasPermission("programs:read"), description="The organization's programs.")
    async def service_accounts(self, info: Info, page: PageArguments) -> Connection[ServiceAccount]:
        context = info.context
        statement = service_accounts_of(context.viewer.organization_id)
        by_name = [SortKey("name", ServiceAccountRow.name)]
        keyset = keyset_of(None, {}, ServiceAccountRow.id, default=by_name)
        return Connection.of(await fetch_page(context.session, statement, keyset, page), ServiceAccount.of)

    @fields.listing(allow=HasPermission("members:read"), description="Invitations nobody has accepted yet.")
    async def invitations(self, info: Info, page: PageArguments) -> Connection[Invitation]:
        context = info.context
        statement = open_invitations_of(context.viewer.organization_id, context.clock.now())
        by_email = [SortKey("email", InvitationRow.email_normalized)]
        keyset = keyset_of(None, {}, InvitationRow.id, default=by_email)
        return Connection.of(await fetch_page(context.session, statement, keyset, page), Invitation.of)

    @fields.query(allow=HasPermission("members:read"), description="What a member may do in single projects.")
    async def project_grants(self, info: Info, user_id: strawberry.ID) -> list[ProjectGrant]:
        context = info.context
        member_id, organization_id = read_id(user_id), context.viewer.organization_id
        if member_id is None or organization_id is None:
            return []
        rows = await project_grants_of(context.session, organization_id, member_id, PROJECT_GRANTS_MAX)
        return [ProjectGrant.of(row) for row in rows]
