"""What happens in organizations: members, roles, invitations, grants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from subgraphs.kit.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationCreated(Event):
    """An organization came to be, with its owner as the first member; the subject is the organization."""

    type: ClassVar[str] = "organization.created"

    name: str
    owner_id: UUID
    owner_role: str = "owner"
    owner_permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationAbandoned(Event):
    """The last person of an organization deleted their account; nobody acts in it any more."""

    type: ClassVar[str] = "organization.abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaRequirementSet(Event):
    """An organization asks its members for a second factor, or does so no longer; it is the subject."""

    type: ClassVar[str] = "organization.mfa_requirement_set"

    required: bool
    actor_id: UUID | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectGrantSet(Event):
    """What a member may do in one project was set, or taken away when empty; the subject is the user."""

    type: ClassVar[str] = "member.project_grant_set"

    project_id: UUID
    permissions: tuple[str, ...]
    actor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationCreated(Event):
    """A letter is to go out that lets its reader join an organization; the subject is the invitation.

    `sealed_token` is secret: the kit's `event_sealing` opens it for `invitation`; only the address
    may see it.
    """

    type: ClassVar[str] = "invitation.created"

    email: str
    organization_name: str
    inviter_name: str
    role: str
    locale: str
    sealed_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationAccepted(Event):
    """The invited person has joined; the subject is the invitation."""

    type: ClassVar[str] = "invitation.accepted"

    user_id: UUID
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRevoked(Event):
    """An invitation was taken back; the subject is the invitation."""

    type: ClassVar[str] = "invitation.revoked"

    actor_id: UUID | None
