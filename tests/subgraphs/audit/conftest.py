"""Products and audit, with a relay between them that needs no bus: what one records the other is handed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from subgraphs.audit.app import create_app as create_audit
from subgraphs.audit.consumers import CONSUMERS
from subgraphs.kit.audit.announcing import announce_entries
from subgraphs.kit.events.cloud_event import CloudEvent, source_of
from subgraphs.kit.events.consumer import EventContext
from subgraphs.products.app import create_app as create_products
from tests.support.database import fresh_databases
from tests.support.subgraph import Caller, MovableClock, RunningSubgraph

CREATE_TAG = (
    "mutation($name: String!) { tagCreate(input: {name: {fr: $name}}) { tag { id } userErrors { code } } }"
)


@dataclass
class Trail:
    """What is done in products, and its copies in audit."""

    products: RunningSubgraph
    audit: RunningSubgraph
    clock: MovableClock

    def staff(self, organization_id: UUID | None = None, *more: str) -> Caller:
        """Returns somebody who may tag."""
        return self.products.user(organization_id=organization_id, permissions=["products:write", *more])

    async def create_tag(self, caller: Caller, name: str) -> str:
        """Does something privileged and returns the id of what it made."""
        payload = (await self.products.data(CREATE_TAG, {"name": name}, caller))["tagCreate"]
        assert payload["userErrors"] == []
        return payload["tag"]["id"]

    async def copy(self) -> int:
        """Hands what was recorded to the consumer and returns how many entries that were."""
        async with self.products.app.database.transaction() as session:
            await announce_entries(session)
        (consumer,) = CONSUMERS
        events = await self._announced()
        for event in events:
            async with self.audit.app.database.transaction() as session:
                context = EventContext(event, session, self.audit.app, attempt=1)
                await consumer.handle(context, consumer.read(event.data))
        return len(events)

    async def _announced(self) -> Sequence[CloudEvent]:
        rows = await self.rows(
            self.products, "SELECT * FROM outbox_events WHERE type = 'audit.recorded' ORDER BY sequence"
        )
        return [
            CloudEvent(
                id=row.id,
                source=source_of("products"),
                type=row.type,
                subject=row.subject,
                time=row.occurred_at,
                data=row.payload,
                tenant=row.organization_id,
            )
            for row in rows
        ]

    async def rows(self, running: RunningSubgraph, statement: str) -> Sequence[Any]:
        """Returns what a statement finds in one of the databases."""
        async with running.app.database.engine.connect() as connection:
            return (await connection.execute(text(statement))).all()


@pytest.fixture
async def trail() -> AsyncIterator[Trail]:
    clock = MovableClock()
    async with fresh_databases("products", "audit") as settings:
        apps = [create(settings, clock=clock) for create in (create_products, create_audit)]
        products, audit = (RunningSubgraph(app) for app in apps)
        yield Trail(products, audit, clock)
        for app in apps:
            await app.shutdown()
