"""What people change of their own."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

from enum import Enum
from uuid import UUID

import strawberry
from strawberry import UNSET

from subgraphs.kit import fields
from subgraphs.kit.access import IsUser
from subgraphs.kit.context import Info
from subgraphs.kit.errors import InvalidInput
from subgraphs.kit.ids import read_id
from subgraphs.kit.user_errors import UserError
from subgraphs.kit.value_types import LocaleEnum
from subgraphs.users.model.tables import ProfileRow
from subgraphs.users.schema.types import (
    ConsentEntry,
    ProfileAudience,
    ProfileField,
    UserAddress,
    UserProfile,
)
from subgraphs.users.service.address_book import HOME, AddressDraft, delete_address, save_address
from subgraphs.users.service.erase_user import erase_user
from subgraphs.users.service.record_consent import Consent, record_consent
from subgraphs.users.service.update_profile import ProfileChange, set_preferences, update_profile

TEXT_FIELDS = ("display_name", "bio", "phone", "time_zone")


@strawberry.enum
class UsersErrorCode(Enum):
    TOO_MANY_ADDRESSES = "TOO_MANY_ADDRESSES"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    INVALID_INPUT = "INVALID_INPUT"
    NOT_ALLOWED = "NOT_ALLOWED"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"


@strawberry.type
class UsersError(UserError):
    code: UsersErrorCode


@strawberry.input
class ProfileVisibilityInput:
    field: ProfileField
    audience: ProfileAudience


@strawberry.input(description="What is left out stays; null takes it away.")
class ProfileUpdateInput:
    display_name: str | None = UNSET
    bio: str | None = UNSET
    phone: str | None = UNSET
    locale: LocaleEnum | None = UNSET  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
    time_zone: str | None = UNSET
    visibility: list[ProfileVisibilityInput] = strawberry.field(default_factory=list)
    expected_version: int | None = None

    def to_change(self) -> ProfileChange:
        """Returns the change."""
        given = {name: value for name in TEXT_FIELDS if (value := getattr(self, name)) is not UNSET}
        if self.locale is not UNSET:
            given["locale"] = self.locale.value if self.locale is not None else None
        audiences = {each.field.value: each.audience.value for each in self.visibility}
        return ProfileChange(given, audiences, self.expected_version)


@strawberry.input
class PreferenceInput:
    name: str
    value: str | None = None


@strawberry.input
class UserAddressInput:
    recipient: str
    line1: str
    line2: str | None = None
    commune: str
    wilaya_code: str | None = None
    postal_code: str | None = None
    country: str = HOME
    phone: str | None = None
    is_default_billing: bool = False
    is_default_shipping: bool = False
    expected_version: int | None = None

    def to_draft(self) -> AddressDraft:
        """Returns the address as it shall be."""
        return AddressDraft(**{name: getattr(self, name) for name in AddressDraft.__slots__})


@strawberry.input
class ConsentInput:
    purpose: str
    granted: bool
    text_version: str = strawberry.field(description="Which wording the person was shown.")


@strawberry.type
class ProfilePayload:
    profile: UserProfile | None = None
    user_errors: list[UsersError] = strawberry.field(default_factory=list)


@strawberry.type
class UserAddressPayload:
    address: UserAddress | None = None
    user_errors: list[UsersError] = strawberry.field(default_factory=list)


@strawberry.type
class UserAddressDeletePayload:
    deleted_address_id: strawberry.ID | None = None
    user_errors: list[UsersError] = strawberry.field(default_factory=list)


@strawberry.type
class ConsentPayload:
    consent: ConsentEntry | None = None
    user_errors: list[UsersError] = strawberry.field(default_factory=list)


@strawberry.type
class ProfileErasePayload:
    erased: bool | None = None
    user_errors: list[UsersError] = strawberry.field(default_factory=list)


@strawberry.type
class Mutation:
    @fields.mutation(allow=IsUser(), description="Changes the viewer's profile, and who sees what of it.")
    async def profile_update(self, info: Info, input: ProfileUpdateInput) -> ProfilePayload:
        row = await update_profile(info.context.session, _self(info), input.to_change())
        return ProfilePayload(profile=_own(row))

    @fields.mutation(allow=IsUser(), description="Sets preferences of the viewer; null takes one away.")
    async def preferences_set(self, info: Info, input: list[PreferenceInput]) -> ProfilePayload:
        given = {each.name: each.value for each in input}
        if len(given) < len(input):
            raise InvalidInput("A preference is named twice", field=["input"])
        return ProfilePayload(profile=_own(await set_preferences(info.context.session, _self(info), given)))

    @fields.mutation(allow=IsUser(), description="Adds an address, or changes the one of the id.")
    async def address_save(
        self, info: Info, input: UserAddressInput, id: strawberry.ID | None = None
    ) -> UserAddressPayload:
        address_id = read_id(id) if id is not None else None
        if id is not None and address_id is None:
            raise InvalidInput("This is no id", field=["id"])
        row = await save_address(
            info.context.session, _self(info), address_id, input.to_draft(), input.expected_version
        )
        return UserAddressPayload(address=UserAddress.of(row))

    @fields.mutation(allow=IsUser(), description="Deletes an address; orders keep their copies.")
    async def address_delete(self, info: Info, id: strawberry.ID) -> UserAddressDeletePayload:
        deleted = await delete_address(info.context.session, _self(info), read_id(id))
        return UserAddressDeletePayload(deleted_address_id=strawberry.ID(str(deleted)))

    @fields.mutation(allow=IsUser(), description="Agrees to a purpose, or no longer.")
    async def consent_record(self, info: Info, input: ConsentInput) -> ConsentPayload:
        context = info.context
        given = Consent(input.purpose, input.granted, input.text_version, context.client.address)
        row = await record_consent(context.session, _self(info), given, context.clock.now())
        return ConsentPayload(consent=ConsentEntry.of(row))

    @fields.mutation(
        allow=IsUser(), description="Forgets all the viewer told here; orders and invoices stay."
    )
    async def profile_erase(self, info: Info) -> ProfileErasePayload:
        await erase_user(info.context.session, _self(info), info.context.clock.now())
        return ProfileErasePayload(erased=True)


def _self(info: Info) -> UUID:
    user_id = info.context.viewer.user_id
    assert user_id is not None, "IsUser admits users alone"
    return user_id


def _own(row: ProfileRow) -> UserProfile:
    return UserProfile.of(row.user_id, row, frozenset(), is_own=True)
