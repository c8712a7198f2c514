"""Mutations of an organization: invitations, grants, its policy, its programs and their keys."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.identity.schema.account_inputs import (
    ApiKeyCreateInput,
    InvitationCreateInput,
    ProjectGrantSetInput,
    ServiceAccountUpsertInput,
)
from subgraphs.identity.schema.organization_types import ApiKey, Invitation, ProjectGrant, ServiceAccount
from subgraphs.identity.schema.payloads import (
    ApiKeyCreatePayload,
    ApiKeyPayload,
    InvitationPayload,
    InvitationRevokePayload,
    MembershipPayload,
    OrganizationPayload,
    ProjectGrantsPayload,
    ServiceAccountPayload,
    SessionsEndedPayload,
)
from subgraphs.identity.schema.types import Membership, Organization
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.invitations import accept_invitation, create_invitation, revoke_invitation
from subgraphs.identity.service.mfa_requirement import MANAGE_ORGANIZATION, set_mfa_requirement
from subgraphs.identity.service.programs import (
    MANAGE_PROGRAMS,
    ApiKeyDraft,
    ServiceAccountDraft,
    create_api_key,
    revoke_api_key,
    upsert_service_account,
)
from subgraphs.identity.service.project_grants import GrantDraft, set_project_grant
from subgraphs.identity.service.revoke_session import revoke_member_sessions
from subgraphs.kit import fields
from subgraphs.kit.access import HasPermission, IsUser
from subgraphs.kit.context import Info
from subgraphs.kit.ids import read_id

MEMBERS = HasPermission("members:write")


@strawberry.type
class OrganizationMutations:
    @fields.mutation(allow=MEMBERS, description="Invites somebody by letter; an earlier letter ends.")
    async def invitation_create(self, info: Info, input: InvitationCreateInput) -> InvitationPayload:
        context = info.context
        letters, now = context.port(Doorway).letters, context.clock.now()
        row = await create_invitation(
            context.session, letters, context.viewer, (input.email, input.role), now
        )
        return InvitationPayload(invitation=Invitation.of(row))

    @fields.mutation(allow=MEMBERS, description="Takes an invitation back.")
    async def invitation_revoke(self, info: Info, id: strawberry.ID) -> InvitationRevokePayload:
        context = info.context
        revoked = await revoke_invitation(context.session, context.viewer, read_id(id), context.clock.now())
        return InvitationRevokePayload(revoked_invitation_id=strawberry.ID(str(revoked)))

    @fields.mutation(
        allow=IsUser(), audit=True, description="Joins by the letter's link, as the one it was sent to."
    )
    async def invitation_accept(self, info: Info, token: str) -> MembershipPayload:
        context = info.context
        membership = await accept_invitation(context.session, context.viewer, token, context.clock.now())
        return MembershipPayload(membership=Membership.of(membership))

    @fields.mutation(allow=MEMBERS, description="Ends the sessions in which a member acts here.")
    async def member_sessions_revoke(self, info: Info, user_id: strawberry.ID) -> SessionsEndedPayload:
        context = info.context
        now = context.clock.now()
        ended = await revoke_member_sessions(context.session, context.viewer, read_id(user_id), now)
        return SessionsEndedPayload(ended=ended)

    @fields.mutation(allow=MEMBERS, description="Says what a member may do in one project.")
    async def project_grant_set(self, info: Info, input: ProjectGrantSetInput) -> ProjectGrantsPayload:
        context = info.context
        draft = GrantDraft(read_id(input.user_id), read_id(input.project_id), input.permissions)
        rows = await set_project_grant(context.session, context.viewer, draft, context.clock.now())
        return ProjectGrantsPayload(grants=[ProjectGrant.of(row) for row in rows])

    @fields.mutation(
        allow=HasPermission(MANAGE_ORGANIZATION),
        description="Asks the members for a second factor, or no longer. Step-up.",
    )
    async def organization_mfa_set(self, info: Info, required: bool) -> OrganizationPayload:
        context = info.context
        row = await set_mfa_requirement(
            context.session, context.viewer, required=required, now=context.clock.now()
        )
        return OrganizationPayload(organization=Organization.of(row))

    @fields.mutation(
        allow=HasPermission(MANAGE_PROGRAMS), description="Makes or changes a service account. Step-up."
    )
    async def service_account_upsert(
        self, info: Info, input: ServiceAccountUpsertInput
    ) -> ServiceAccountPayload:
        context = info.context
        draft = ServiceAccountDraft(input.name, input.permissions, input.disabled)
        row = await upsert_service_account(context.session, context.viewer, draft, context.clock.now())
        return ServiceAccountPayload(service_account=ServiceAccount.of(row))

    @fields.mutation(
        allow=HasPermission(MANAGE_PROGRAMS), description="Makes a key, which is shown this once. Step-up."
    )
    async def api_key_create(self, info: Info, input: ApiKeyCreateInput) -> ApiKeyCreatePayload:
        context = info.context
        draft = ApiKeyDraft(
            read_id(input.service_account_id), input.scopes, input.expires_at, input.allowed_networks
        )
        row, key = await create_api_key(context.session, context.viewer, draft, context.clock.now())
        return ApiKeyCreatePayload(api_key=ApiKey.of(row), key=key)

    @fields.mutation(allow=HasPermission(MANAGE_PROGRAMS), description="Ends a key at once.")
    async def api_key_revoke(self, info: Info, id: strawberry.ID) -> ApiKeyPayload:
        context = info.context
        row = await revoke_api_key(context.session, context.viewer, read_id(id), context.clock.now())
        return ApiKeyPayload(api_key=ApiKey.of(row))
