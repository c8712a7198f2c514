"""Who belongs where, and who is gone, as identity tells it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from subgraphs.kit.events.consumer import Consumer, EventContext
from subgraphs.users.model.queries import forget_member, remember_member
from subgraphs.users.service.erase_user import erase_user


@dataclass(frozen=True, slots=True)
class Nothing:
    """The envelope says it all."""


@dataclass(frozen=True, slots=True)
class Founded:
    """Who founded the organization."""

    owner_id: UUID


async def remember_founder(context: EventContext, founded: Founded) -> None:
    """Notes the founder as a member."""
    await remember_member(context.session, UUID(context.event.subject), founded.owner_id)


async def remember_joined(context: EventContext, _: Nothing) -> None:
    """Notes a member."""
    if context.organization_id is not None:
        await remember_member(context.session, context.organization_id, UUID(context.event.subject))


async def forget_left(context: EventContext, _: Nothing) -> None:
    """Forgets a member."""
    if context.organization_id is not None:
        await forget_member(context.session, context.organization_id, UUID(context.event.subject))


async def erase_deleted(context: EventContext, _: Nothing) -> None:
    """Erases what a person told whose account was deleted."""
    await erase_user(context.session, UUID(context.event.subject), context.now())


CONSUMERS = (
    Consumer("remember_founder", on="organization.created", reads=Founded, handle=remember_founder),
    Consumer("remember_joined", on="member.added", reads=Nothing, handle=remember_joined),
    Consumer("forget_left", on="member.removed", reads=Nothing, handle=forget_left),
    Consumer("erase_deleted", on="user.deleted", reads=Nothing, handle=erase_deleted),
)
