"""No event is lost and none has its effect twice, whatever is killed while accounts change.

A few seconds by default; `make chaos-events` rages for minutes. The seed is printed: it decides what is hit
and when, as far as the machine lets it.
"""

# ruff: noqa: T201 - what a storm did is to be seen

from __future__ import annotations

import asyncio
import os
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.kit.events.bus import BEGINNING, EventBus
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.open_bus import open_bus
from subgraphs.kit.settings import KitSettings
from tests.chaos.storm import Cable, Storm, prepared_storm
from tests.events.cleaning import remove_bus
from tests.support.engines import rabbitmq_url
from tests.support.proxy import Proxy

STORM_SECONDS = float(os.environ.get("ZELLIGE_CHAOS_SECONDS", "4"))
CATCH_UP_SECONDS_MAX = 180.0 + STORM_SECONDS
CHANGES_MIN = 20


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory the engines can keep their files in, whoever we are."""
    with tempfile.TemporaryDirectory(prefix="zellige-chaos-", ignore_cleanup_errors=True) as path:
        Path(path).chmod(0o711)
        yield Path(path)


@pytest.fixture(params=["redis", "rabbitmq"])
async def cable(request: pytest.FixtureRequest) -> AsyncIterator[Cable | None]:
    """The way to the bus: None is the storm's own Redis; RabbitMQ is reached through a cable to be cut."""
    if request.param == "redis":
        yield None
        return
    broker = rabbitmq_url()
    if broker is None:
        pytest.skip("RABBITMQ_URL names no broker")
    parts, proxy = urlsplit(broker), Proxy()
    proxy.target = (parts.hostname or "127.0.0.1", parts.port or 5672)
    await proxy.start()
    host = f"{parts.username}:{parts.password}@127.0.0.1:{proxy.port}"
    yield Cable(parts._replace(netloc=host).geturl(), proxy)
    await proxy.stop()


async def test_every_committed_change_has_its_event_and_its_effect_once(
    directory: Path, cable: Cable | None, seed: int
) -> None:
    print(f"storm of {STORM_SECONDS:g} s, seed {seed}")
    chance, name = random.Random(seed), f"ztch-{uuid4().hex[:10]}"
    async with prepared_storm(directory, chance, cable, name) as (storm, settings):
        await storm.begin()
        await _until_changes(settings, CHANGES_MIN)
        await storm.rage(STORM_SECONDS)
        storm.kill_all("writer")
        changes = await _catch_up(storm, settings)
        _tell(storm, changes)
        await _check_effects(settings)
        await _check_log(settings)
        if cable is not None:
            await remove_bus(BusSettings.of(settings))


async def _until_changes(settings: KitSettings, count: int) -> None:
    async with asyncio.timeout(CATCH_UP_SECONDS_MAX):
        while len(await _rows(settings, "ledger", "SELECT event_id FROM changes")) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def _catch_up(storm: Storm, settings: KitSettings) -> int:
    """Waits in calm until there are as many effects as changes, or no more come."""
    storm.kill_all()
    for role in ("relay", "consumers"):
        storm.processes[await storm.zygote.start(role)] = role
    changes = len(await _rows(settings, "ledger", "SELECT event_id FROM changes"))
    async with asyncio.timeout(CATCH_UP_SECONDS_MAX):
        while len(await _rows(settings, "mirror", "SELECT event_id FROM effects")) < changes:  # noqa: ASYNC110
            await asyncio.sleep(0.3)
    return changes


async def _check_effects(settings: KitSettings) -> None:
    changes = await _rows(settings, "ledger", "SELECT event_id, account, number FROM changes")
    effects = await _rows(settings, "mirror", "SELECT event_id, account, number FROM effects ORDER BY place")
    assert Counter(effects) == Counter(changes), "a change without its effect, or an effect more than once"
    outbox = await _rows(settings, "ledger", "SELECT id, poisoned_at FROM outbox_events")
    assert {event_id for event_id, _ in outbox} == {event_id for event_id, _, _ in changes}
    assert not [event_id for event_id, poisoned_at in outbox if poisoned_at is not None]
    _check_order((account, number) for _, account, number in effects)


async def _check_log(settings: KitSettings) -> None:
    bus = open_bus(BusSettings.of(settings))
    try:
        assert await bus.dead_letters("mirror", count_max=1) == []
        changes = await _rows(settings, "ledger", "SELECT event_id FROM changes")
        logged = await _logged(bus, {event_id for (event_id,) in changes})
        _check_order(logged)
    finally:
        await bus.close()


async def _logged(bus: EventBus, expected: set[Any]) -> list[tuple[str, int]]:
    """Reads the log until everything expected has come; a repetition fails the test."""
    seen: set[Any] = set()
    found: list[tuple[str, int]] = []
    async with asyncio.timeout(60), aclosing(cast(Any, bus.read("account", BEGINNING))) as log:
        async for logged in log:
            assert logged.event.id not in seen, "the log shows an event twice"
            seen.add(logged.event.id)
            found.append((logged.event.subject, logged.event.data["number"]))
            if seen >= expected:
                return found
    raise AssertionError("a log does not end by itself")


def _check_order(changes: Any) -> None:
    numbers: dict[str, list[int]] = defaultdict(list)
    for account, number in changes:
        numbers[account].append(number)
    for account, seen in numbers.items():
        assert seen == list(range(1, len(seen) + 1)), f"{account} is out of order"


async def _rows(settings: KitSettings, domain: str, statement: str) -> list[tuple[Any, ...]]:
    database = Database(settings, domain)
    try:
        async with database.transaction() as session:
            return [tuple(row) for row in await session.execute(text(statement))]
    finally:
        await database.close()


def _tell(storm: Storm, changes: int) -> None:
    done: Mapping[str, int] = dict(sorted(storm.done.items()))
    print(f"{changes} changes survived: {', '.join(f'{what} {count}x' for what, count in done.items())}")
