"""What identity's mutations answer, and its codes of refusal."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry

from subgraphs.identity.schema.types import AuthTokens, Membership, Organization, Role, User
from subgraphs.kit.user_errors import UserError


@strawberry.enum
class IdentityErrorCode(Enum):
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    WEAK_PASSWORD = "WEAK_PASSWORD"  # noqa: S105 - a code
    INVALID_REFRESH_TOKEN = "INVALID_REFRESH_TOKEN"  # noqa: S105 - a code
    NOT_A_MEMBER = "NOT_A_MEMBER"
    ALREADY_A_MEMBER = "ALREADY_A_MEMBER"
    LAST_OWNER = "LAST_OWNER"
    BUILT_IN_ROLE = "BUILT_IN_ROLE"
    BEYOND_OWN_PERMISSIONS = "BEYOND_OWN_PERMISSIONS"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    INVALID_INPUT = "INVALID_INPUT"
    NOT_ALLOWED = "NOT_ALLOWED"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"


@strawberry.type
class IdentityError(UserError):
    code: IdentityErrorCode


def _user_errors() -> Any:
    return strawberry.field(default_factory=list)


@strawberry.type
class RegisterPayload:
    accepted: bool | None = strawberry.field(
        default=None,
        description="True for a well-formed registration, also when the e-mail was known already.",
    )
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class LoginPayload:
    tokens: AuthTokens | None = None
    user: User | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class RefreshPayload:
    tokens: AuthTokens | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class LogoutPayload:
    logged_out: bool | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class SwitchOrganizationPayload:
    tokens: AuthTokens | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class OrganizationCreatePayload:
    organization: Organization | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class MembershipPayload:
    membership: Membership | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class MemberRemovePayload:
    removed_user_id: strawberry.ID | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class RoleUpsertPayload:
    role: Role | None = None
    user_errors: list[IdentityError] = _user_errors()
