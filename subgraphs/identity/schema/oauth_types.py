"""OAuth clients and grants as the API shows them."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from subgraphs.identity.model.oauth_tables import OauthClientRow, OauthGrantRow
from subgraphs.identity.schema.loaders import load_oauth_clients
from subgraphs.identity.schema.payloads import IdentityError
from subgraphs.identity.service.oauth.clients import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    DEVICE_CODE,
    REFRESH_TOKEN,
    ClientDraft,
)
from subgraphs.kit.context import Info


@strawberry.enum(description="How a client gets its tokens.")
class OauthGrantType(Enum):
    AUTHORIZATION_CODE = AUTHORIZATION_CODE
    REFRESH_TOKEN = REFRESH_TOKEN
    CLIENT_CREDENTIALS = CLIENT_CREDENTIALS
    DEVICE_CODE = DEVICE_CODE


@strawberry.type(description="A program that an organization registered with the OAuth provider.")
class OauthClient:
    id: strawberry.ID = strawberry.field(description="Its `client_id`.")
    name: str
    confidential: bool
    redirect_uris: list[str]
    grant_types: list[OauthGrantType]
    scopes: list[str]
    created_at: datetime
    disabled_at: datetime | None
    version: int

    @classmethod
    def of(cls, row: OauthClientRow) -> OauthClient:
        """Returns the client as the API shows it."""
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            confidential=row.secret_hash is not None,
            redirect_uris=list(row.redirect_uris),
            grant_types=[OauthGrantType(each) for each in row.grant_types],
            scopes=list(row.scopes),
            created_at=row.created_at,
            disabled_at=row.disabled_at,
            version=row.version,
        )


@strawberry.type(description="What the viewer lets a program do.")
class OauthGrant:
    row: strawberry.Private[OauthGrantRow]
    id: strawberry.ID
    scopes: list[str]
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, row: OauthGrantRow) -> OauthGrant:
        """Returns the grant as the API shows it."""
        return cls(
            row=row,
            id=strawberry.ID(str(row.id)),
            scopes=list(row.scopes),
            created_at=row.created_at,
            expires_at=row.expires_at,
        )

    @strawberry.field(description="The program's name.")
    async def client_name(self, info: Info) -> str | None:
        client = await info.context.loaders.get(load_oauth_clients).load(self.row.client_id)
        return client.name if client is not None else None


@strawberry.input
class OauthClientInput:
    name: str
    confidential: bool = strawberry.field(
        default=True, description="Whether it can keep a secret: a server can, a browser or phone cannot."
    )
    redirect_uris: list[str] = strawberry.field(default_factory=list)
    grant_types: list[OauthGrantType]
    scopes: list[str]
    expected_version: int | None = None

    def to_draft(self) -> ClientDraft:
        """Returns the client as it shall be."""
        return ClientDraft(
            self.name,
            self.confidential,
            self.redirect_uris,
            [each.value for each in self.grant_types],
            self.scopes,
        )


@strawberry.type
class OauthClientPayload:
    client: OauthClient | None = None
    client_secret: str | None = strawberry.field(default=None, description="Shown this once.")
    user_errors: list[IdentityError] = strawberry.field(default_factory=list)


@strawberry.type
class OauthGrantRevokePayload:
    revoked_grant_id: strawberry.ID | None = None
    user_errors: list[IdentityError] = strawberry.field(default_factory=list)
