"""What identity's mutations take, and how its lists are filtered and ordered."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry import UNSET

from subgraphs.identity.model.tables import MembershipRow, RoleRow, UserRow
from subgraphs.kit.filtering.inputs import DateTimeFilter, IDFilter, StringFilter
from subgraphs.kit.filtering.ordering import SortDirection
from subgraphs.kit.filtering.where import Columns, logical
from subgraphs.kit.locales import Locale
from subgraphs.kit.value_types import LocaleEnum


@strawberry.input
class RegisterInput:
    email: str
    password: str
    name: str
    locale: LocaleEnum = Locale.FR  # pyright: ignore[reportInvalidTypeForm]  # an enum made by strawberry
    organization_name: str | None = strawberry.field(
        default=None, description="Founds an organization owned by the new user."
    )


@strawberry.input
class LoginInput:
    email: str
    password: str
    organization_id: strawberry.ID | None = strawberry.field(
        default=None, description="Where to act; the oldest membership unless told."
    )


@strawberry.input
class RefreshInput:
    refresh_token: str


@strawberry.input
class LogoutInput:
    refresh_token: str | None = strawberry.field(
        default=None, description="The session to end; the access token's unless given."
    )


@strawberry.input
class OrganizationCreateInput:
    name: str


@strawberry.input
class MemberAddInput:
    user_id: strawberry.ID
    role: str


@strawberry.input
class MemberRoleSetInput:
    role: str


@strawberry.input
class RoleUpsertInput:
    name: str
    permissions: list[str]
    expected_version: int | None = None


@strawberry.input
class UserWhere:
    id: IDFilter | None = UNSET
    name: StringFilter | None = UNSET
    email: StringFilter | None = UNSET
    created_at: DateTimeFilter | None = UNSET
    and_: list[UserWhere] | None = logical("AND")
    or_: list[UserWhere] | None = logical("OR")
    not_: UserWhere | None = logical("NOT")


USER_WHERE_COLUMNS: Columns = {
    "id": UserRow.id,
    "name": UserRow.name,
    "email": UserRow.email_normalized,
    "created_at": UserRow.created_at,
}


@strawberry.enum
class UserOrderField(Enum):
    NAME = "name"
    EMAIL = "email"
    CREATED_AT = "created_at"


@strawberry.input
class UserOrder:
    field: UserOrderField
    direction: SortDirection = SortDirection.ASC


USER_ORDER_COLUMNS = {
    UserOrderField.NAME: UserRow.name,
    UserOrderField.EMAIL: UserRow.email_normalized,
    UserOrderField.CREATED_AT: UserRow.created_at,
}


@strawberry.input
class MembershipWhere:
    user_id: IDFilter | None = UNSET
    role: StringFilter | None = UNSET
    joined_at: DateTimeFilter | None = UNSET
    and_: list[MembershipWhere] | None = logical("AND")
    or_: list[MembershipWhere] | None = logical("OR")
    not_: MembershipWhere | None = logical("NOT")


MEMBERSHIP_WHERE_COLUMNS: Columns = {
    "user_id": MembershipRow.user_id,
    "role": RoleRow.name,
    "joined_at": MembershipRow.created_at,
}


@strawberry.enum
class MembershipOrderField(Enum):
    ROLE = "role"
    JOINED_AT = "joined_at"


@strawberry.input
class MembershipOrder:
    field: MembershipOrderField
    direction: SortDirection = SortDirection.ASC


MEMBERSHIP_ORDER_COLUMNS = {
    MembershipOrderField.ROLE: RoleRow.name,
    MembershipOrderField.JOINED_AT: MembershipRow.created_at,
}
