"""What happens to people's accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from subgraphs.kit.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(Event):
    """A person signed up; the subject is the user."""

    type: ClassVar[str] = "user.registered"

    email: str
    name: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRepeated(Event):
    """Somebody signed up with a known e-mail; its owner may be told, the caller is not."""

    type: ClassVar[str] = "user.registration_repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerificationRequested(Event):
    """A letter is to go out that proves the address; the subject is the user.

    `sealed_token` is secret: the kit's `event_sealing` opens it for `email_verification`; only the address
    may see it.
    """

    type: ClassVar[str] = "user.email_verification_requested"

    email: str
    name: str
    locale: str
    sealed_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerified(Event):
    """The user has proved that the address is theirs; the subject is the user."""

    type: ClassVar[str] = "user.email_verified"

    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetRequested(Event):
    """A letter is to go out that lets the user choose a new password; the subject is the user.

    `sealed_token` is secret: the kit's `event_sealing` opens it for `password_reset`; only the address
    may see it.
    """

    type: ClassVar[str] = "user.password_reset_requested"

    email: str
    name: str
    locale: str
    sealed_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """The user has a new password; all other sessions have ended. `how` is "changed" or "reset"."""

    type: ClassVar[str] = "user.password_changed"

    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChangeRequested(Event):
    """A letter is to go out to one side of a change of address; the subject is the user.

    `side` is "old" or "new"; `email` is where the letter goes, `new_email` what the address is to be.

    `sealed_token` is secret: the kit's `event_sealing` opens it for `email_change`; only the address
    may see it.
    """

    type: ClassVar[str] = "user.email_change_requested"

    email: str
    name: str
    locale: str
    sealed_token: str
    expires_at: datetime
    side: str
    new_email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChanged(Event):
    """Both addresses have agreed: the user has the new one."""

    type: ClassVar[str] = "user.email_changed"

    email_before: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeactivated(Event):
    """The user has closed the account for the time being."""

    type: ClassVar[str] = "user.deactivated"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserReactivated(Event):
    """The user has opened the account again, by a password reset."""

    type: ClassVar[str] = "user.reactivated"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeleted(Event):
    """The user has left for good; nothing here says who they were any more. Others are to forget too."""

    type: ClassVar[str] = "user.deleted"
