"""Notifications under test, with what happens in the other domains told to its consumers one by one.

happened = await people.registered("amina@example.dz")      # a user with a contact and a welcome
await people.told(OrderPlaced(...))                         # as the bus hands it over, inbox row included
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import text

from subgraphs.identity.events import MemberAdded, OrganizationCreated, UserRegistered
from subgraphs.kit.events.cloud_event import CloudEvent
from subgraphs.kit.events.consumer import Consumer, EventContext
from subgraphs.kit.events.event import Event
from subgraphs.kit.events.outbox_queries import claim_event
from subgraphs.kit.ids import new_id
from subgraphs.notifications.consumers import CONSUMERS
from subgraphs.orders.events import OrderCancelled, OrderPlaced
from tests.support.subgraph import Caller, MovableClock, RunningSubgraph

INBOX = """
query ($r: [_Any!]!, $first: Int, $after: String, $filter: NotificationFilter) {
  _entities(representations: $r) { ... on User {
    unreadNotificationCount
    notifications(first: $first, after: $after, filter: $filter) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id topic workflow critical readAt archivedAt title { fr ar en } body { value(locale: AR) }
              order { id } productVariant { id } organization { id } }
    }
  } }
}
"""


class Happenings:
    """The subgraph, and shorthands for what happens around it."""

    def __init__(self, running: RunningSubgraph, clock: MovableClock) -> None:
        self.running = running
        self.clock = clock

    async def told(self, event: Event) -> None:
        """Hands the event to its consumers, each in a transaction of its own with its inbox row."""
        cloud = CloudEvent(
            id=event.id,
            source="/zellige/elsewhere",
            type=event.type,
            subject=event.subject,
            time=event.occurred_at,
            data=event.payload(),
            tenant=event.organization_id,
        )
        app = self.running.app
        for consumer in cast("Sequence[Consumer[Any]]", CONSUMERS):
            if event.type in consumer.types:
                async with app.database.transaction() as session:
                    if await claim_event(session, consumer.name, cloud.id):
                        await consumer.handle(EventContext(cloud, session, app, 1), consumer.read(cloud.data))

    async def registered(self, name: str = "Amina", locale: str = "fr") -> Caller:
        """Returns somebody who signed up, as the events tell."""
        user = self.running.customer()
        event = UserRegistered(
            subject=str(user.viewer.user_id),
            occurred_at=self.now(),
            email=f"{name.lower()}@example.dz",
            name=name,
            locale=locale,
        )
        await self.told(event)
        return user

    async def organization(self, permissions: Sequence[str] = ("*",)) -> Caller:
        """Returns the owner of a new organization, known as such."""
        owner = self.running.user(permissions=permissions)
        event = OrganizationCreated(
            subject=str(owner.viewer.organization_id),
            occurred_at=self.now(),
            organization_id=owner.viewer.organization_id,
            name="Zellige de Tlemcen",
            owner_id=user_of(owner),
            owner_role="owner",
            owner_permissions=tuple(permissions),
        )
        await self.told(event)
        return owner

    async def member(self, owner: Caller, role: str, *permissions: str) -> Caller:
        """Returns somebody who joined the owner's organization."""
        member = self.running.user(organization_id=owner.viewer.organization_id, permissions=permissions)
        event = MemberAdded(
            subject=str(user_of(member)),
            occurred_at=self.now(),
            organization_id=owner.viewer.organization_id,
            role=role,
            actor_id=user_of(owner),
            permissions=permissions,
        )
        await self.told(event)
        return member

    def placed(self, shop: Caller, customer: Caller | None, number: int = 1007) -> OrderPlaced:
        """Returns the event of an order."""
        return OrderPlaced(
            subject=str(new_id()),
            occurred_at=self.now(),
            organization_id=shop.viewer.organization_id,
            number=number,
            customer_id=user_of(customer) if customer else None,
            total_minor=147_000,
            currency="DZD",
            locale="fr",
        )

    def cancelled(self, placed: OrderPlaced, actor: str = "CUSTOMER") -> OrderCancelled:
        """Returns the event of that order's end."""
        return OrderCancelled(
            subject=placed.subject,
            occurred_at=self.now(),
            organization_id=placed.organization_id,
            number=placed.number,
            customer_id=placed.customer_id,
            actor=actor,
            reason=None,
        )

    async def inbox(self, user: Caller, reader: Caller | None = None, **arguments: Any) -> dict[str, Any]:
        """Returns what the reader, the user themself unless told, sees of the user's inbox."""
        of_user = {"__typename": "User", "id": str(user_of(user))}
        data = await self.running.data(INBOX, {"r": [of_user], **arguments}, reader or user)
        return data["_entities"][0]

    async def titles(self, user: Caller) -> list[str]:
        """Returns the French titles of the user's inbox, the newest first."""
        return [each["title"]["fr"] for each in (await self.inbox(user))["notifications"]["nodes"]]

    async def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Returns the rows of a query of the domain's database."""
        async with self.running.app.database.transaction() as session:
            return [tuple(row) for row in await session.execute(text(query), values)]

    def now(self) -> datetime:
        """Returns the moment of the app's clock."""
        return self.clock.now()


def user_of(caller: Caller) -> UUID:
    """Returns who the caller is."""
    assert caller.viewer.user_id is not None
    return caller.viewer.user_id
