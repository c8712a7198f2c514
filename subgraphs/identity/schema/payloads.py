"""What identity's mutations answer, and its codes of refusal."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry

from subgraphs.identity.schema.account_types import (
    LoginChallengeType,
    Passkey,
    PasskeyChallengeType,
    TotpEnrolmentType,
)
from subgraphs.identity.schema.organization_types import ApiKey, Invitation, ProjectGrant, ServiceAccount
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
    TOO_MANY_ATTEMPTS = "TOO_MANY_ATTEMPTS"
    INVALID_LINK = "INVALID_LINK"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    STEP_UP_REQUIRED = "STEP_UP_REQUIRED"
    SECOND_FACTOR_REQUIRED = "SECOND_FACTOR_REQUIRED"
    SECOND_FACTOR_MISSING = "SECOND_FACTOR_MISSING"
    INVALID_SECOND_FACTOR = "INVALID_SECOND_FACTOR"
    LOGIN_CHALLENGE_OVER = "LOGIN_CHALLENGE_OVER"
    KEY_LIMIT = "KEY_LIMIT"
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
    challenge: LoginChallengeType | None = strawberry.field(
        default=None, description="In the place of tokens, for who has a second factor."
    )
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


@strawberry.type
class AcceptedPayload:
    accepted: bool | None = strawberry.field(
        default=None, description="Whoever was named, and whether they exist or not."
    )
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class UserPayload:
    user: User | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class DonePayload:
    done: bool | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class EmailChangeConfirmPayload:
    changed: bool | None = strawberry.field(
        default=None, description="False while the other address has still to agree."
    )
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class AccountDeletePayload:
    deleted_user_id: strawberry.ID | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class SessionsEndedPayload:
    ended: int | None = strawberry.field(default=None, description="How many sessions.")
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class SessionRevokePayload:
    revoked_session_id: strawberry.ID | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class StepUpPayload:
    tokens: AuthTokens | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class PasskeyChallengePayload:
    challenge: PasskeyChallengeType | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class PasskeyPayload:
    passkey: Passkey | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class TotpEnrolPayload:
    enrolment: TotpEnrolmentType | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class RecoveryCodesPayload:
    recovery_codes: list[str] | None = strawberry.field(
        default=None, description="Shown this once; each is good once."
    )
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class ServiceAccountPayload:
    service_account: ServiceAccount | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class ApiKeyCreatePayload:
    api_key: ApiKey | None = None
    key: str | None = strawberry.field(default=None, description="Sent as `X-Api-Key`; shown this once.")
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class ApiKeyPayload:
    api_key: ApiKey | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class InvitationPayload:
    invitation: Invitation | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class InvitationRevokePayload:
    revoked_invitation_id: strawberry.ID | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class ProjectGrantsPayload:
    grants: list[ProjectGrant] | None = None
    user_errors: list[IdentityError] = _user_errors()


@strawberry.type
class OrganizationPayload:
    organization: Organization | None = None
    user_errors: list[IdentityError] = _user_errors()
