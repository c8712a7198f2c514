"""What the mutations of accounts, sessions and second factors take."""

from __future__ import annotations

from datetime import datetime

import strawberry

from subgraphs.identity.service.complete_login import GivenProof


@strawberry.input
class PasswordResetInput:
    token: str = strawberry.field(description="Of the letter's link.")
    new_password: str


@strawberry.input
class PasswordChangeInput:
    current_password: str
    new_password: str


@strawberry.input(description="A second factor: exactly one of the three.")
class SecondFactorInput:
    totp_code: str | None = None
    recovery_code: str | None = None
    passkey: str | None = strawberry.field(default=None, description="JSON of the browser's credential.")

    def to_proof(self) -> GivenProof:
        """Returns what is shown, as the services take it."""
        return GivenProof(self.totp_code, self.recovery_code, self.passkey)


@strawberry.input
class LoginCompleteInput:
    challenge_token: str
    factor: SecondFactorInput


@strawberry.input(description="The password, or a second factor for who has one.")
class StepUpInput:
    password: str | None = None
    factor: SecondFactorInput | None = None
    passkey_challenge_id: strawberry.ID | None = strawberry.field(
        default=None, description="The challenge the passkey has signed."
    )


@strawberry.input
class PasskeyLoginInput:
    challenge_id: strawberry.ID
    passkey: str = strawberry.field(description="JSON of the browser's credential.")
    organization_id: strawberry.ID | None = None


@strawberry.input
class PasskeyRegisterInput:
    challenge_id: strawberry.ID
    passkey: str = strawberry.field(description="JSON of the browser's new credential.")
    name: str = strawberry.field(description="By which its owner knows it.")


@strawberry.input
class ServiceAccountUpsertInput:
    name: str
    permissions: list[str]
    disabled: bool = strawberry.field(default=False, description="A disabled account's keys open nothing.")


@strawberry.input
class ApiKeyCreateInput:
    service_account_id: strawberry.ID
    scopes: list[str] | None = strawberry.field(
        default=None,
        description="`resource:action` within the account's permissions; all of them unless given.",
    )
    expires_at: datetime | None = None
    allowed_networks: list[str] = strawberry.field(
        default_factory=list, description="Addresses or CIDR blocks; empty for everywhere."
    )


@strawberry.input
class InvitationCreateInput:
    email: str
    role: str


@strawberry.input
class ProjectGrantSetInput:
    user_id: strawberry.ID
    project_id: strawberry.ID
    permissions: list[str] = strawberry.field(description="An empty list takes the grant away.")
