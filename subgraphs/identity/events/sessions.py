"""What happens to sessions and to what opens them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from subgraphs.kit.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLoggedIn(Event):
    """A user logged in; the subject is the user."""

    type: ClassVar[str] = "user.logged_in"

    session_id: UUID
    new_device: bool = False
    """Whether the person was here before, but never by this browser or app."""
    address: str | None = None
    user_agent: str | None = None
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRevoked(Event):
    """A session ended before its time; it is the subject. Nothing may be served to it any more.

    `reason` is "logged_out", "logged_out_everywhere", "revoked", "removed_by_organization", "refresh_reuse",
    "password_changed", "password_reset", "second_factor_reset", "second_factor_required", "session_limit",
    "wrong_proofs", "account_closed" or "account_deleted"; of a grant, whose id is then the session's:
    "oauth_code_reused", "oauth_refresh_reused", "oauth_revoked_by_client" or "oauth_revoked_by_user".
    """

    type: ClassVar[str] = "session.revoked"

    session_id: UUID
    user_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshTokenReused(Event):
    """A rotated refresh token came back: it was stolen, or its successor was. The session is revoked.

    The subject is the user.
    """

    type: ClassVar[str] = "user.refresh_token_reused"

    session_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginChallengeFailed(Event):
    """A log-in with the right password ended over wrong second factors: the password may be known."""

    type: ClassVar[str] = "user.login_challenge_failed"

    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorAdded(Event):
    """The user can show one more second factor; `kind` is "totp", "passkey" or "recovery_codes"."""

    type: ClassVar[str] = "user.second_factor_added"

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorRemoved(Event):
    """The user has one second factor less; `kind` is "totp" or "passkey"."""

    type: ClassVar[str] = "user.second_factor_removed"

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodeUsed(Event):
    """The user came in by a recovery code."""

    type: ClassVar[str] = "user.recovery_code_used"

    codes_left: int
