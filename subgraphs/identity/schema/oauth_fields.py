"""The OAuth provider's part of the API: an organization's clients, a person's grants."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.identity.model.oauth_queries import clients_of_organization, grants_of_user
from subgraphs.identity.model.oauth_tables import OauthClientRow, OauthGrantRow
from subgraphs.identity.schema.oauth_types import (
    OauthClient,
    OauthClientInput,
    OauthClientPayload,
    OauthGrant,
    OauthGrantRevokePayload,
)
from subgraphs.identity.service.oauth.clients import (
    change_client,
    disable_client,
    register_client,
    rotate_client_secret,
)
from subgraphs.identity.service.oauth.grants import revoke_own_grant
from subgraphs.identity.service.programs import MANAGE_PROGRAMS
from subgraphs.kit import fields
from subgraphs.kit.access import HasPermission, IsUser
from subgraphs.kit.context import Info
from subgraphs.kit.filtering.ordering import keyset_of
from subgraphs.kit.ids import read_id
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.connection import Connection
from subgraphs.kit.pagination.keyset import SortKey
from subgraphs.kit.pagination.page import fetch_page

_MANAGE = HasPermission(MANAGE_PROGRAMS)


@strawberry.type
class OauthQueries:
    @fields.listing(
        allow=HasPermission("programs:read"), description="The organization's clients of the OAuth provider."
    )
    async def oauth_clients(self, info: Info, page: PageArguments) -> Connection[OauthClient]:
        statement = clients_of_organization(info.context.viewer.organization_id)
        keyset = keyset_of(None, {}, OauthClientRow.id, default=[SortKey("name", OauthClientRow.name)])
        return Connection.of(await fetch_page(info.context.session, statement, keyset, page), OauthClient.of)

    @fields.listing(allow=IsUser(), description="What the viewer lets programs do, the newest first.")
    async def oauth_grants(self, info: Info, page: PageArguments) -> Connection[OauthGrant]:
        context = info.context
        statement = grants_of_user(context.viewer.user_id, context.clock.now())
        newest = SortKey("created_at", OauthGrantRow.created_at, descending=True)
        keyset = keyset_of(None, {}, OauthGrantRow.id, default=[newest])
        return Connection.of(await fetch_page(context.session, statement, keyset, page), OauthGrant.of)


@strawberry.type
class OauthMutations:
    @fields.mutation(allow=_MANAGE, description="Registers a client. Step-up.")
    async def oauth_client_register(self, info: Info, input: OauthClientInput) -> OauthClientPayload:
        context = info.context
        now = context.clock.now()
        row, secret = await register_client(context.session, context.viewer, input.to_draft(), now)
        return OauthClientPayload(client=OauthClient.of(row), client_secret=secret)

    @fields.mutation(allow=_MANAGE, description="Changes a client's addresses, grant types and scopes.")
    async def oauth_client_update(
        self, info: Info, id: strawberry.ID, input: OauthClientInput
    ) -> OauthClientPayload:
        context = info.context
        row = await change_client(
            context.session, context.viewer, read_id(id), input.to_draft(), input.expected_version
        )
        return OauthClientPayload(client=OauthClient.of(row))

    @fields.mutation(allow=_MANAGE, description="Gives a client another secret. Step-up.")
    async def oauth_client_secret_rotate(self, info: Info, id: strawberry.ID) -> OauthClientPayload:
        context = info.context
        now = context.clock.now()
        row, secret = await rotate_client_secret(context.session, context.viewer, read_id(id), now)
        return OauthClientPayload(client=OauthClient.of(row), client_secret=secret)

    @fields.mutation(allow=_MANAGE, description="Ends a client: it gets no tokens any more.")
    async def oauth_client_disable(self, info: Info, id: strawberry.ID) -> OauthClientPayload:
        context = info.context
        row = await disable_client(context.session, context.viewer, read_id(id), context.clock.now())
        return OauthClientPayload(client=OauthClient.of(row))

    @fields.mutation(allow=IsUser(), description="Takes back what the viewer lets a program do.")
    async def oauth_grant_revoke(self, info: Info, id: strawberry.ID) -> OauthGrantRevokePayload:
        context = info.context
        revoked = await revoke_own_grant(context.session, context.viewer, read_id(id), context.clock.now())
        return OauthGrantRevokePayload(revoked_grant_id=strawberry.ID(str(revoked)))
