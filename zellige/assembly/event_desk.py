"""What somebody who looks after the events can see and do: outboxes, backlogs, dead letters, replays."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.events.bus import Backlog, DeadLetter, EventBus
from subgraphs.kit.events.consumer import Subscription
from subgraphs.kit.events.outbox_queries import OutboxState, outbox_state
from subgraphs.kit.events.outbox_search import (
    OutboxFilter,
    OutboxRecord,
    find_records,
    publish_again,
)
from subgraphs.kit.settings import KitSettings
from zellige.assembly.background import find_consumers, opened_bus, package_of
from zellige.assembly.domains import create_domain, pick_domains
from zellige.assembly.supergraph_file import SubgraphEntry
from zellige.errors import CommandFailed


@dataclass(frozen=True, slots=True)
class EventDesk:
    """The domains with their outboxes, and the bus between them."""

    apps: Sequence[SubgraphApp]
    packages: Sequence[str]
    subscriptions: dict[str, Subscription]
    bus: EventBus

    async def outbox_states(self) -> dict[str, OutboxState]:
        """Returns how each domain's outbox stands."""
        states: dict[str, OutboxState] = {}
        for app in self.apps:
            async with app.database.transaction() as session:
                states[app.name] = await outbox_state(session)
        return states

    async def records(self, wanted: OutboxFilter, count_max: int) -> list[tuple[str, OutboxRecord]]:
        """Returns the newest outbox rows that are wanted, of all domains, with the domain's name."""
        found: list[tuple[str, OutboxRecord]] = []
        for app in self.apps:
            async with app.database.transaction() as session:
                found += [(app.name, record) for record in await find_records(session, wanted, count_max)]
        found.sort(key=lambda each: each[1].occurred_at, reverse=True)
        return found[:count_max]

    async def backlogs(self) -> list[Backlog]:
        """Returns how much each service has before it."""
        return await self.bus.backlogs(self.subscriptions)

    async def dead_letters(self, services: Iterable[str], count_max: int) -> list[DeadLetter]:
        """Returns the oldest dead letters of these services."""
        letters: list[DeadLetter] = []
        for service in services:
            letters += await self.bus.dead_letters(service, count_max=count_max)
        return sorted(letters, key=lambda letter: letter.buried_at)[:count_max]

    async def revive(self, services: Iterable[str], event_ids: Collection[UUID] | None) -> int:
        """Hands dead letters to their services again and returns how many."""
        return sum([await self.bus.revive(service, event_ids) for service in services])

    async def publish_again(self, wanted: OutboxFilter) -> dict[str, int]:
        """Makes the relays publish these rows anew, and returns how many of each domain."""
        counts: dict[str, int] = {}
        for app in self.apps:
            async with app.database.transaction() as session:
                counts[app.name] = await publish_again(session, wanted)
        return counts

    def services(self, name: str | None) -> list[str]:
        """Returns the named service, or all that listen to something."""
        if name is None:
            return sorted(self.subscriptions)
        if name not in self.subscriptions:
            known = ", ".join(sorted(self.subscriptions)) or "none"
            raise CommandFailed(f"No consumers belong to {name!r}; services with consumers: {known}")
        return [name]

    def since(self, age: timedelta | None) -> datetime | None:
        """Returns the moment so long ago."""
        return None if age is None else self.apps[0].clock.now() - age


@asynccontextmanager
async def event_desk(
    entries: Sequence[SubgraphEntry], settings: KitSettings, domain: str | None = None
) -> AsyncIterator[EventDesk]:
    """Opens the desk over all domains, or over the outbox of one."""
    picked = pick_domains(entries, domain)
    subscriptions = {
        entry.name: Subscription.of(entry.name, consumers)
        for entry in pick_domains(entries)
        if (consumers := find_consumers(entry))
    }
    apps = [create_domain(entry, settings) for entry in picked]
    async with opened_bus(settings) as bus:
        try:
            yield EventDesk(apps, [package_of(entry) for entry in picked], subscriptions, bus)
        finally:
            for app in apps:
                await app.shutdown()
