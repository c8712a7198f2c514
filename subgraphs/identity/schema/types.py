"""The types identity shows; User and Organization are entities that other domains extend."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import federation

from subgraphs.identity.model.tables import MembershipRow, OrganizationRow, RoleRow, UserRow
from subgraphs.identity.schema.loaders import load_memberships_of_users, load_organizations, load_users
from subgraphs.identity.service.roles import permissions_of
from subgraphs.identity.service.sessions import SessionTokens
from subgraphs.kit.context import Info
from subgraphs.kit.entities import Representation, load_entities
from subgraphs.kit.locales import Locale
from subgraphs.kit.value_types import LocaleEnum


@strawberry.type(description="A named set of permissions in an organization.")
class Role:
    id: strawberry.ID
    name: str
    permissions: list[str] = strawberry.field(description="`resource:action`, `resource:*` or `*`.")
    built_in: bool
    version: int

    @classmethod
    def of(cls, row: RoleRow) -> Role:
        """Returns the role as the API shows it."""
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            permissions=list(permissions_of(row)),
            built_in=row.built_in,
            version=row.version,
        )


@federation.type(keys=["id"], description="A tenant: a shop, a company, an association.")
class Organization:
    id: strawberry.ID
    name: str
    mfa_required: bool = strawberry.field(
        description="Whether its members need a second factor to act in it."
    )
    created_at: datetime
    version: int

    @classmethod
    def of(cls, row: OrganizationRow) -> Organization:
        """Returns the organization as the API shows it."""
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            mfa_required=row.mfa_required,
            created_at=row.created_at,
            version=row.version,
        )

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[Organization | None]:
        """Returns the organizations the viewer belongs to."""
        return await load_entities(info.context.loaders.get(load_organizations), representations, cls.of)


@strawberry.type(description="A user's place in an organization.")
class Membership:
    row: strawberry.Private[MembershipRow]
    joined_at: datetime

    @classmethod
    def of(cls, row: MembershipRow) -> Membership:
        """Returns the membership as the API shows it."""
        return cls(row=row, joined_at=row.created_at)

    @strawberry.field
    def role(self) -> Role:
        return Role.of(self.row.role)

    @strawberry.field(description="The member; null for a viewer who may not see them.")
    async def user(self, info: Info) -> User | None:
        row = await info.context.loaders.get(load_users).load(self.row.user_id)
        return User.of(row) if row is not None else None

    @strawberry.field(description="The organization; null for a viewer outside of it.")
    async def organization(self, info: Info) -> Organization | None:
        row = await info.context.loaders.get(load_organizations).load(self.row.organization_id)
        return Organization.of(row) if row is not None else None


@federation.type(keys=["id"], description="A person: a customer, or a member of organizations.")
class User:
    id: strawberry.ID
    email: str
    name: str
    locale: LocaleEnum  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
    email_verified: bool = strawberry.field(description="Whether a letter's link has proved the address.")
    created_at: datetime
    version: int

    @classmethod
    def of(cls, row: UserRow) -> User:
        """Returns the user as the API shows them."""
        return cls(
            id=strawberry.ID(str(row.id)),
            email=row.email,
            name=row.name,
            locale=Locale(row.locale),
            email_verified=row.email_verified_at is not None,
            created_at=row.created_at,
            version=row.version,
        )

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[User | None]:
        """Returns the viewer themself, and the members of their organization if they may read users."""
        return await load_entities(info.context.loaders.get(load_users), representations, cls.of)

    @strawberry.field(description="All of one's own; of others, the one in the viewer's organization.")
    async def memberships(self, info: Info) -> list[Membership]:
        rows = await info.context.loaders.get(load_memberships_of_users).load(UUID(self.id))
        return [Membership.of(row) for row in rows]


@strawberry.type(description="What a client shows to be known, and renews it with.")
class AuthTokens:
    access_token: str = strawberry.field(description="Sent as `Authorization: Bearer`.")
    access_token_expires_at: datetime
    refresh_token: str | None = strawberry.field(
        description="Good once, for 7 days. Null where the one the client has stays good."
    )

    @classmethod
    def of(cls, tokens: SessionTokens) -> AuthTokens:
        """Returns the tokens as the API shows them."""
        return cls(
            access_token=tokens.access_token,
            access_token_expires_at=tokens.access_expires_at,
            refresh_token=tokens.refresh_token,
        )
