"""What the domains do beside answering: relaying their events, hearing of others', and their jobs.

A domain's `events.py` says what it may publish, `consumers.py` (`CONSUMERS`) what it listens to, `jobs.py`
(`JOBS`) its background work; each may be absent. Every part is kept running by itself: an engine that goes
away takes no part with it for good.

Steps: the consumers' subscriptions first, so that nothing is relayed past them; then all parts at once, until
told to stop; each then finishes what it has in hand.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.backoff import Backoff
from subgraphs.kit.events.bus import BusUnavailableError, EventBus
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.consumer import Consumer
from subgraphs.kit.events.consuming import ConsumingService
from subgraphs.kit.events.open_bus import UnknownBusError, open_bus
from subgraphs.kit.events.relay import Relay
from subgraphs.kit.events.schemas import EventSchemas, find_event_classes
from subgraphs.kit.events.upkeep import Upkeep
from subgraphs.kit.jobs.declaration import Job
from subgraphs.kit.jobs.queue import JobQueue
from subgraphs.kit.jobs.worker import JobWorker
from subgraphs.kit.settings import KitSettings
from subgraphs.kit.supervision import keep_running, pause
from zellige.assembly.supergraph_file import SubgraphEntry
from zellige.errors import CommandFailed

SUBSCRIBE_BACKOFF = Backoff(first_s=0.2, max_s=5.0)

log = structlog.get_logger(__name__)


class Part(StrEnum):
    """The kinds of background work, so that they can be processes of their own."""

    relay = "relay"
    consumers = "consumers"
    jobs = "jobs"


ALL_PARTS = frozenset(Part)


@dataclass(frozen=True, slots=True)
class Background:
    """The background work of some domains."""

    domains: Sequence[tuple[SubgraphEntry, SubgraphApp]]
    settings: KitSettings
    parts: frozenset[Part] = ALL_PARTS

    async def run(self, stop: asyncio.Event) -> None:
        """Works until told to stop and what was in hand is finished."""
        async with opened_bus(self.settings) as bus, self._queues() as queues:
            running = []
            if Part.jobs in self.parts:
                running += [
                    keep_running(f"jobs of {app.name}", JobWorker(app, jobs).run, stop)
                    for entry, app in self.domains
                    if (jobs := find_jobs(entry))
                ]
            running.append(self._carry_events(bus, queues, stop))
            await asyncio.gather(*running)

    async def _carry_events(self, bus: EventBus, queues: dict[str, JobQueue], stop: asyncio.Event) -> None:
        services = [
            ConsumingService(app, consumers, bus)
            for entry, app in self.domains
            if (consumers := find_consumers(entry))
        ]
        await _subscribe(services, stop)
        running = []
        if Part.relay in self.parts:
            apps = [app for _, app in self.domains]
            running.append(keep_running("upkeep", Upkeep(apps, bus).run, stop))
            for entry, app in self.domains:
                schemas = EventSchemas(find_event_classes(package_of(entry)), app.name)
                relay = Relay(app.name, app.database, schemas, bus, queues[app.name])
                running.append(keep_running(f"relay of {app.name}", relay.run, stop))
        if Part.consumers in self.parts:
            running += [
                keep_running(f"consumers of {service.subscription.service}", service.run, stop)
                for service in services
            ]
        await asyncio.gather(*running)

    @asynccontextmanager
    async def _queues(self) -> AsyncIterator[dict[str, JobQueue]]:
        queues = {app.name: JobQueue(self.settings, app.name) for _, app in self.domains}
        try:
            yield queues
        finally:
            for queue in queues.values():
                await queue.close()


@asynccontextmanager
async def opened_bus(settings: KitSettings) -> AsyncIterator[EventBus]:
    """Opens the bus of the settings; raises CommandFailed when its address means no engine."""
    try:
        bus = open_bus(BusSettings.of(settings))
    except UnknownBusError as error:
        raise CommandFailed(str(error)) from error
    try:
        yield bus
    finally:
        await bus.close()


def find_jobs(entry: SubgraphEntry) -> tuple[Job, ...]:
    """Returns what the domain's `jobs.py` lists."""
    return tuple(_list_of(entry, "jobs", "JOBS"))


def find_consumers(entry: SubgraphEntry) -> tuple[Consumer[Any], ...]:
    """Returns what the domain's `consumers.py` lists."""
    return tuple(_list_of(entry, "consumers", "CONSUMERS"))


def package_of(entry: SubgraphEntry) -> str:
    """Returns the package the domain's `app.py` stands in."""
    assert entry.module is not None, "pick_domains leaves entries without code out"
    return entry.module.rpartition(".")[0]


def _list_of(entry: SubgraphEntry, module: str, name: str) -> Iterable[Any]:
    full_name = f"{package_of(entry)}.{module}"
    if importlib.util.find_spec(full_name) is None:
        return ()
    return getattr(importlib.import_module(full_name), name)


async def _subscribe(services: Sequence[ConsumingService], stop: asyncio.Event) -> None:
    failures = 0
    while not stop.is_set():
        try:
            for service in services:
                await service.subscribe()
        except BusUnavailableError as error:
            failures += 1
            log.warning("bus_away", reason=str(error), failures=failures)
            await pause(stop, SUBSCRIBE_BACKOFF.pause_s(failures))
        else:
            return
