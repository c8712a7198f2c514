"""What is learnt of people in identity: how they are reached, and who works where."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from subgraphs.kit.events.consumer import Consumer, EventContext
from subgraphs.notifications.service.people import (
    forget_user,
    learn_email,
    learn_member,
    learn_role,
)


@dataclass(frozen=True, slots=True)
class EmailChanged:
    """What is read of `user.email_changed`."""

    email: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """What is read of `user.deleted`: nothing but its subject."""


@dataclass(frozen=True, slots=True)
class Created:
    """What is read of `organization.created`."""

    owner_id: UUID
    owner_role: str = "owner"
    owner_permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Joined:
    """What is read of `member.added`."""

    role: str
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleSet:
    """What is read of `member.role_set`."""

    role_after: str
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """What is read of `member.removed`."""

    role: str


@dataclass(frozen=True, slots=True)
class RoleUpserted:
    """What is read of `role.upserted`."""

    name: str
    permissions: tuple[str, ...]


async def change_email(context: EventContext, user: EmailChanged) -> None:
    """Learns the user's new address; what still waits goes there."""
    await learn_email(context.session, UUID(context.event.subject), context.event.time, user.email)


async def forget(context: EventContext, _: Deleted) -> None:
    """Forgets a user who has left for good."""
    await forget_user(context.session, UUID(context.event.subject), context.event.time)


async def add_owner(context: EventContext, organization: Created) -> None:
    """Learns who owns a new organization."""
    organization_id = UUID(context.event.subject)
    await learn_role(
        context.session,
        organization_id,
        organization.owner_role,
        organization.owner_permissions,
        context.event.time,
    )
    await learn_member(
        context.session,
        organization_id,
        organization.owner_id,
        organization.owner_role,
        context.event.time,
    )


async def add_member(context: EventContext, member: Joined) -> None:
    """Learns who joined an organization."""
    await _learn_place(context, member.role, member.permissions)


async def set_role(context: EventContext, member: RoleSet) -> None:
    """Learns which role a member has now."""
    await _learn_place(context, member.role_after, member.permissions)


async def remove_member(context: EventContext, _: Removed) -> None:
    """Learns who left an organization."""
    await _learn_place(context, None, ())


async def change_role(context: EventContext, role: RoleUpserted) -> None:
    """Learns what a role permits now."""
    organization_id = _tenant(context)
    await learn_role(context.session, organization_id, role.name, role.permissions, context.event.time)


async def _learn_place(context: EventContext, role: str | None, permissions: tuple[str, ...]) -> None:
    organization_id, as_of = _tenant(context), context.event.time
    if role is not None:
        await learn_role(context.session, organization_id, role, permissions, as_of)
    await learn_member(context.session, organization_id, UUID(context.event.subject), role, as_of)


def _tenant(context: EventContext) -> UUID:
    assert context.organization_id is not None, "events about members and roles belong to an organization"
    return context.organization_id


PEOPLE = (
    Consumer("email_changed", on="user.email_changed", reads=EmailChanged, handle=change_email),
    Consumer("user_deleted", on="user.deleted", reads=Deleted, handle=forget),
    Consumer("owner", on="organization.created", reads=Created, handle=add_owner),
    Consumer("member_added", on="member.added", reads=Joined, handle=add_member),
    Consumer("member_role_set", on="member.role_set", reads=RoleSet, handle=set_role),
    Consumer("member_removed", on="member.removed", reads=Removed, handle=remove_member),
    Consumer("role_upserted", on="role.upserted", reads=RoleUpserted, handle=change_role),
)
