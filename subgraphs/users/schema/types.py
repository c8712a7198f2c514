"""Profiles as the API shows them: to oneself whole, to others field by field as the person chose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from uuid import UUID

import strawberry
from strawberry import federation
from strawberry.scalars import JSON

from subgraphs.kit.context import Info
from subgraphs.kit.entities import Representation, ids_of
from subgraphs.kit.locales import Locale
from subgraphs.kit.value_types import LocaleEnum
from subgraphs.users.model.queries import addresses_of, consents_of
from subgraphs.users.model.tables import AddressRow, ConsentRow, ProfileRow
from subgraphs.users.schema.loaders import load_seen_profiles


@strawberry.enum(description="Who may see a field of a profile besides the person.")
class ProfileAudience(Enum):
    PRIVATE = "private"
    ORGANIZATION = "organization"
    EVERYBODY = "everybody"


@strawberry.enum(description="A field of a profile that can be shown to others.")
class ProfileField(Enum):
    DISPLAY_NAME = "display_name"
    BIO = "bio"
    PHONE = "phone"
    LOCALE = "locale"
    TIME_ZONE = "time_zone"


@strawberry.type
class ProfileVisibility:
    field: ProfileField
    audience: ProfileAudience


@strawberry.type(description="An address in a person's book.")
class UserAddress:
    id: strawberry.ID
    recipient: str
    line1: str
    line2: str | None
    commune: str
    wilaya_code: str | None
    postal_code: str | None
    country: str
    phone: str | None
    is_default_billing: bool
    is_default_shipping: bool
    version: int

    @classmethod
    def of(cls, row: AddressRow) -> UserAddress:
        """Returns the address as the API shows it."""
        return cls(
            id=strawberry.ID(str(row.id)),
            recipient=row.recipient,
            line1=row.line1,
            line2=row.line2,
            commune=row.commune,
            wilaya_code=row.wilaya_code,
            postal_code=row.postal_code,
            country=row.country,
            phone=row.phone,
            is_default_billing=row.is_default_billing,
            is_default_shipping=row.is_default_shipping,
            version=row.version,
        )


@strawberry.type(description="An entry of the log of consents; the newest of a purpose holds.")
class ConsentEntry:
    purpose: str
    granted: bool
    text_version: str
    recorded_at: datetime

    @classmethod
    def of(cls, row: ConsentRow) -> ConsentEntry:
        """Returns the entry as the API shows it."""
        return cls(
            purpose=row.purpose,
            granted=row.granted,
            text_version=row.text_version,
            recorded_at=row.recorded_at,
        )


@strawberry.type(description="What a person tells of themself, as far as the viewer may see it.")
class UserProfile:
    row: strawberry.Private[ProfileRow | None]
    user_id: strawberry.Private[UUID]
    seen: strawberry.Private[frozenset[str]]
    is_own: strawberry.Private[bool]
    display_name: str | None
    bio: str | None
    phone: str | None = strawberry.field(description="In E.164.")
    locale: LocaleEnum | None  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
    time_zone: str | None

    @classmethod
    def of(
        cls, user_id: UUID, row: ProfileRow | None, audiences: frozenset[str], *, is_own: bool
    ) -> UserProfile:
        """Returns the profile with the fields that are shown to one of these audiences."""
        shown = row.audiences if row is not None else {}
        seen = frozenset(
            each.value
            for each in ProfileField
            if is_own or shown.get(each.value, ProfileAudience.PRIVATE.value) in audiences
        )

        def value(name: str) -> str | None:
            return getattr(row, name) if row is not None and name in seen else None

        locale = value("locale")
        return cls(
            row=row,
            user_id=user_id,
            seen=seen,
            is_own=is_own,
            display_name=value("display_name"),
            bio=value("bio"),
            phone=value("phone"),
            locale=Locale(locale) if locale is not None else None,
            time_zone=value("time_zone"),
        )

    @strawberry.field(description="Who sees what; null for others.")
    def visibility(self) -> list[ProfileVisibility] | None:
        if not self.is_own:
            return None
        chosen = self.row.audiences if self.row is not None else {}
        return [
            ProfileVisibility(field=each, audience=ProfileAudience(chosen.get(each.value, "private")))
            for each in ProfileField
        ]

    @strawberry.field(description="The address book; null for others.")
    async def addresses(self, info: Info) -> list[UserAddress] | None:
        if not self.is_own:
            return None
        return [UserAddress.of(row) for row in await addresses_of(info.context.session, self.user_id)]

    @strawberry.field(description="The log of consents, the newest first; null for others.")
    async def consents(self, info: Info) -> list[ConsentEntry] | None:
        if not self.is_own:
            return None
        return [ConsentEntry.of(row) for row in await consents_of(info.context.session, self.user_id)]

    @strawberry.field(description="Settings of apps, by name; null for others.")
    def preferences(self) -> JSON | None:
        if not self.is_own:
            return None
        return self.row.preferences if self.row is not None else {}  # pyright: ignore[reportReturnType]  # JSON is any value

    @strawberry.field(description="For expectedVersion; null for others.")
    def version(self) -> int | None:
        if not self.is_own:
            return None
        return self.row.version if self.row is not None else 0


@federation.type(keys=["id"])
class User:
    id: strawberry.ID

    @classmethod
    async def resolve_references(
        cls, info: Info, representations: Sequence[Representation]
    ) -> list[User | None]:
        """Returns a stub for each; what the viewer may see is decided with the profile."""
        return [
            cls(id=strawberry.ID(str(each))) if each is not None else None for each in ids_of(representations)
        ]

    @strawberry.field(description="What the person shows the viewer of themself; null for strangers.")
    async def profile(self, info: Info) -> UserProfile | None:
        seen = await info.context.loaders.get(load_seen_profiles).load(UUID(self.id))
        if seen is None:
            return None
        return UserProfile.of(seen.user_id, seen.row, seen.audiences, is_own=seen.is_own)
