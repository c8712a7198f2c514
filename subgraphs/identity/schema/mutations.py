"""Identity's mutations: sessions first, then organizations and their members."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.identity.errors import InvalidRefreshToken
from subgraphs.identity.schema.account_mutations import AccountMutations
from subgraphs.identity.schema.account_types import LoginChallengeType
from subgraphs.identity.schema.inputs import (
    LoginInput,
    LogoutInput,
    MemberAddInput,
    MemberRoleSetInput,
    OrganizationCreateInput,
    RefreshInput,
    RegisterInput,
    RoleUpsertInput,
)
from subgraphs.identity.schema.oauth_fields import OauthMutations
from subgraphs.identity.schema.organization_mutations import OrganizationMutations
from subgraphs.identity.schema.payloads import (
    LoginPayload,
    LogoutPayload,
    MemberRemovePayload,
    MembershipPayload,
    OrganizationCreatePayload,
    RefreshPayload,
    RegisterPayload,
    RoleUpsertPayload,
    SwitchOrganizationPayload,
)
from subgraphs.identity.schema.session_mutations import SessionMutations
from subgraphs.identity.schema.types import AuthTokens, Membership, Organization, Role, User
from subgraphs.identity.service.add_member import add_member
from subgraphs.identity.service.create_organization import create_organization
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.log_in import Credentials, LoginChallenge, log_in
from subgraphs.identity.service.log_out import log_out
from subgraphs.identity.service.refresh_session import refresh_session
from subgraphs.identity.service.register_user import Registration, register_user
from subgraphs.identity.service.remove_member import remove_member
from subgraphs.identity.service.set_member_role import set_member_role
from subgraphs.identity.service.switch_organization import switch_organization
from subgraphs.identity.service.upsert_role import RoleDraft, upsert_role
from subgraphs.kit import fields
from subgraphs.kit.access import HasPermission, IsUser, Public
from subgraphs.kit.context import Info
from subgraphs.kit.errors import NotFound
from subgraphs.kit.ids import read_id
from subgraphs.kit.user_errors import refused_payload


@strawberry.type
class Mutation(AccountMutations, SessionMutations, OrganizationMutations, OauthMutations):
    @fields.saga(allow=Public(), description="Signs up; then log in. A known e-mail is answered alike.")
    async def register(self, info: Info, input: RegisterInput) -> RegisterPayload:
        context = info.context
        given = Registration(input.email, input.password, input.name, input.locale, input.organization_name)
        hashing = context.port(Doorway).hashing
        await register_user(context.database, hashing, given, context.clock.now())
        return RegisterPayload(accepted=True)

    @fields.saga(allow=Public(), description="Opens a session.")
    async def login(self, info: Info, input: LoginInput) -> LoginPayload:
        context = info.context
        organization_id = read_id(input.organization_id) if input.organization_id is not None else None
        if input.organization_id is not None and organization_id is None:
            raise NotFound("No such organization", field=["input", "organizationId"])
        given = Credentials(input.email, input.password, organization_id, context.client)
        outcome = await log_in(context.database, context.port(Doorway), given, context.clock.now())
        if isinstance(outcome, LoginChallenge):
            return LoginPayload(challenge=LoginChallengeType.of(outcome))
        # The rest of the answer is read as the person who has just come in.
        context.act_as(outcome.tokens.viewer)
        return LoginPayload(tokens=AuthTokens.of(outcome.tokens), user=User.of(outcome.user))

    @fields.mutation(allow=Public(), description="Renews the tokens; each refresh token is good once.")
    async def refresh(self, info: Info, input: RefreshInput) -> RefreshPayload:
        context = info.context
        signer, now = context.port(Doorway).signer, context.clock.now()
        outcome = await refresh_session(context.session, signer, input.refresh_token, now)
        if isinstance(outcome, InvalidRefreshToken):
            # Returned, not raised: the revocation of a stolen family has to be committed.
            return refused_payload(RefreshPayload, [outcome])
        return RefreshPayload(tokens=AuthTokens.of(outcome))

    @fields.mutation(allow=Public(), description="Ends a session and all its refresh tokens.")
    async def logout(self, info: Info, input: LogoutInput | None = None) -> LogoutPayload:
        context = info.context
        refresh_token = input.refresh_token if input is not None else None
        await log_out(context.session, context.viewer, refresh_token, context.clock.now())
        return LogoutPayload(logged_out=True)

    @fields.mutation(allow=IsUser(), description="Acts in another organization; null for none.")
    async def switch_organization(
        self, info: Info, organization_id: strawberry.ID | None = None
    ) -> SwitchOrganizationPayload:
        context = info.context
        wanted = read_id(organization_id) if organization_id is not None else None
        if organization_id is not None and wanted is None:
            raise NotFound("No such organization", field=["organizationId"])
        signer, now = context.port(Doorway).signer, context.clock.now()
        tokens = await switch_organization(context.session, signer, context.viewer, wanted, now)
        return SwitchOrganizationPayload(tokens=AuthTokens.of(tokens))

    @fields.mutation(allow=IsUser(), audit=True, description="Founds an organization owned by the viewer.")
    async def organization_create(
        self, info: Info, input: OrganizationCreateInput
    ) -> OrganizationCreatePayload:
        context = info.context
        assert context.viewer.user_id is not None, "IsUser admits users alone"
        organization = await create_organization(
            context.session, context.viewer.user_id, input.name, context.clock.now()
        )
        return OrganizationCreatePayload(organization=Organization.of(organization))

    @fields.mutation(allow=HasPermission("members:write"), description="Adds a user, named by id.")
    async def member_add(self, info: Info, input: MemberAddInput) -> MembershipPayload:
        context = info.context
        user_id, now = read_id(input.user_id), context.clock.now()
        membership = await add_member(context.session, context.viewer, user_id, input.role, now)
        return MembershipPayload(membership=Membership.of(membership))

    @fields.mutation(allow=IsUser(), audit=True, description="Removes a member; anybody may leave.")
    async def member_remove(self, info: Info, user_id: strawberry.ID) -> MemberRemovePayload:
        context = info.context
        removed = await remove_member(context.session, context.viewer, read_id(user_id), context.clock.now())
        return MemberRemovePayload(removed_user_id=strawberry.ID(str(removed)))

    @fields.mutation(allow=HasPermission("members:write"), description="Gives a member another role.")
    async def member_role_set(
        self, info: Info, user_id: strawberry.ID, input: MemberRoleSetInput
    ) -> MembershipPayload:
        context = info.context
        member_id, now = read_id(user_id), context.clock.now()
        membership = await set_member_role(context.session, context.viewer, member_id, input.role, now)
        return MembershipPayload(membership=Membership.of(membership))

    @fields.mutation(allow=HasPermission("roles:write"), description="Makes or changes a custom role.")
    async def role_upsert(self, info: Info, input: RoleUpsertInput) -> RoleUpsertPayload:
        context = info.context
        draft = RoleDraft(input.name, input.permissions, input.expected_version)
        role = await upsert_role(context.session, context.viewer, draft, context.clock.now())
        return RoleUpsertPayload(role=Role.of(role))
