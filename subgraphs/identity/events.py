"""What happens in identity, as the other domains and the audit trail hear of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

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
class UserLoggedIn(Event):
    """A user logged in; the subject is the user."""

    type: ClassVar[str] = "user.logged_in"

    session_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRevoked(Event):
    """A session ended before its time; it is the subject. Nothing may be served to it any more.

    `reason` is "logged_out" or "refresh_token_reused".
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
class OrganizationCreated(Event):
    """An organization came to be, with its owner as the first member; the subject is the organization."""

    type: ClassVar[str] = "organization.created"

    name: str
    owner_id: UUID
    owner_role: str = "owner"
    owner_permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAdded(Event):
    """A user joined an organization; the subject is the user. `permissions` are what the role permits."""

    type: ClassVar[str] = "member.added"

    role: str
    actor_id: UUID | None
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved(Event):
    """A user left an organization; the subject is the user."""

    type: ClassVar[str] = "member.removed"

    role: str
    actor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRoleSet(Event):
    """A member's role changed; the subject is the user. `permissions` are what the new one permits."""

    type: ClassVar[str] = "member.role_set"

    role_before: str
    role_after: str
    actor_id: UUID | None
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleUpserted(Event):
    """A custom role was made or changed; the subject is the role."""

    type: ClassVar[str] = "role.upserted"

    name: str
    permissions: tuple[str, ...]
    actor_id: UUID | None
