"""What the owner of an account sees of it: sessions, second factors, challenges."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from subgraphs.identity.model.factor_queries import FactorCounts
from subgraphs.identity.model.tables import PasskeyRow, SessionRow
from subgraphs.identity.service.authenticator_app import TotpEnrolment
from subgraphs.identity.service.log_in import LoginChallenge
from subgraphs.identity.service.passkeys import PasskeyChallenge
from subgraphs.kit.context import Info


@strawberry.enum(description="A second factor.")
class SecondFactorKind(Enum):
    TOTP = "TOTP"
    PASSKEY = "PASSKEY"
    RECOVERY_CODE = "RECOVERY_CODE"


@strawberry.type(name="Session", description="One of the viewer's own log-ins, on one device.")
class SessionType:
    id: strawberry.ID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ip_address: str | None
    user_agent: str | None
    methods: list[str] = strawberry.field(description="How the person came in, by the names of RFC 8176.")

    @classmethod
    def of(cls, row: SessionRow) -> SessionType:
        """Returns the session as its owner sees it."""
        return cls(
            id=strawberry.ID(str(row.id)),
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
            ip_address=row.address,
            user_agent=row.user_agent,
            methods=list(row.methods),
        )

    @strawberry.field(description="Whether it is the one this is asked from.")
    def is_current(self, info: Info) -> bool:
        return str(info.context.viewer.session_id) == self.id


@strawberry.type(
    name="LoginChallenge",
    description="The password was right; a second factor is still to be shown, by loginComplete.",
)
class LoginChallengeType:
    token: str
    expires_at: datetime
    factors: list[SecondFactorKind]
    passkey_options: str | None = strawberry.field(description="JSON for `navigator.credentials.get`.")

    @classmethod
    def of(cls, challenge: LoginChallenge) -> LoginChallengeType:
        """Returns the challenge as the API shows it."""
        return cls(
            token=challenge.token,
            expires_at=challenge.expires_at,
            factors=_kinds(challenge.factors),
            passkey_options=challenge.passkey_options,
        )


@strawberry.type(name="PasskeyChallenge", description="What a passkey is asked; good once, for five minutes.")
class PasskeyChallengeType:
    id: strawberry.ID
    options: str = strawberry.field(description="JSON for `navigator.credentials.create` or `.get`.")

    @classmethod
    def of(cls, challenge: PasskeyChallenge) -> PasskeyChallengeType:
        """Returns the challenge as the API shows it."""
        return cls(id=strawberry.ID(str(challenge.id)), options=challenge.options)


@strawberry.type(description="A WebAuthn credential of the viewer's.")
class Passkey:
    id: strawberry.ID
    name: str
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, row: PasskeyRow) -> Passkey:
        """Returns the passkey as its owner sees it."""
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
        )


@strawberry.type(description="What the viewer can show besides the password.")
class SecondFactors:
    has_totp: bool
    passkeys: list[Passkey]
    recovery_codes_left: int


@strawberry.type(name="TotpEnrolment", description="What an authenticator app is set up with; shown once.")
class TotpEnrolmentType:
    secret: str
    uri: str = strawberry.field(description="For a QR code.")

    @classmethod
    def of(cls, enrolment: TotpEnrolment) -> TotpEnrolmentType:
        """Returns the enrolment as the API shows it."""
        return cls(secret=enrolment.secret, uri=enrolment.uri)


def _kinds(factors: FactorCounts) -> list[SecondFactorKind]:
    counted = (
        (SecondFactorKind.TOTP, factors.totp),
        (SecondFactorKind.PASSKEY, factors.passkeys),
        (SecondFactorKind.RECOVERY_CODE, factors.recovery_codes),
    )
    return [kind for kind, count in counted if count]
