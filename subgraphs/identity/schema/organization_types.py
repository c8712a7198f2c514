"""What an organization's administrators see: programs and their keys, invitations, grants."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from subgraphs.identity.model.tables import ApiKeyRow, InvitationRow, ProjectGrantRow, ServiceAccountRow
from subgraphs.identity.schema.loaders import load_keys_of_accounts
from subgraphs.identity.schema.types import Role
from subgraphs.kit.context import Info


@strawberry.type(description="A service account's key; the key itself was shown once, when it was made.")
class ApiKey:
    id: strawberry.ID
    prefix: str = strawberry.field(description="What the key begins with, after `zlg_`.")
    scopes: list[str]
    allowed_networks: list[str] = strawberry.field(description="CIDR blocks; empty for everywhere.")
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = strawberry.field(description="To the minute.")
    revoked_at: datetime | None

    @classmethod
    def of(cls, row: ApiKeyRow) -> ApiKey:
        """Returns the key as the API shows it."""
        return cls(
            id=strawberry.ID(str(row.id)),
            prefix=row.prefix,
            scopes=list(row.scopes),
            allowed_networks=list(row.allowed_networks),
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
        )


@strawberry.type(description="A program that acts in the organization.")
class ServiceAccount:
    id: strawberry.ID
    name: str
    permissions: list[str]
    created_at: datetime
    disabled_at: datetime | None
    version: int

    @classmethod
    def of(cls, row: ServiceAccountRow) -> ServiceAccount:
        """Returns the account as the API shows it."""
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            permissions=list(row.permissions),
            created_at=row.created_at,
            disabled_at=row.disabled_at,
            version=row.version,
        )

    @strawberry.field(description="Live and former ones, the newest first.")
    async def keys(self, info: Info) -> list[ApiKey]:
        rows = await info.context.loaders.get(load_keys_of_accounts).load(UUID(self.id))
        return [ApiKey.of(row) for row in rows]


@strawberry.type(description="A letter that lets the owner of an address join.")
class Invitation:
    row: strawberry.Private[InvitationRow]
    id: strawberry.ID
    email: str
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, row: InvitationRow) -> Invitation:
        """Returns the invitation as the API shows it."""
        return cls(
            row=row,
            id=strawberry.ID(str(row.id)),
            email=row.email,
            created_at=row.created_at,
            expires_at=row.expires_at,
        )

    @strawberry.field
    def role(self) -> Role:
        return Role.of(self.row.role)


@strawberry.type(description="What a member may do in one project, beyond the role.")
class ProjectGrant:
    project_id: strawberry.ID
    permissions: list[str]

    @classmethod
    def of(cls, row: ProjectGrantRow) -> ProjectGrant:
        """Returns the grant as the API shows it."""
        return cls(project_id=strawberry.ID(str(row.project_id)), permissions=list(row.permissions))
