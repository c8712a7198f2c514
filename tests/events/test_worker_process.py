"""`zellige worker` as processes of its own: it carries events, drains at SIGTERM, and shares the work."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.settings import KitSettings
from tests.events.ledger.app import build_ledger, change_account
from tests.events.mirror.app import build_mirror
from tests.events.worker_processes import environment_of, write_supergraph_file
from tests.support.command import RunningCommand
from tests.support.database import fresh_databases

SECONDS_MAX = 90.0


@pytest.fixture
async def settings(bus_settings: BusSettings) -> AsyncIterator[KitSettings]:
    """Settings of a ledger and a mirror that meet on a bus of their own."""
    async with (
        fresh_databases("ledger", build=build_ledger) as ledger,
        fresh_databases("mirror", build=build_mirror) as mirror,
    ):
        overrides = {**ledger.database_overrides, **mirror.database_overrides}
        yield ledger.model_copy(
            update={
                "database_overrides": overrides,
                "event_bus_url": bus_settings.url,
                "event_bus_name": bus_settings.name,
                "event_lease_s": bus_settings.lease_s,
            }
        )


async def effects(settings: KitSettings) -> list[tuple[str, int]]:
    mirror = Database(settings, "mirror")
    async with mirror.transaction() as session:
        found = await session.execute(text("SELECT account, number FROM effects ORDER BY place"))
        rows = [(account, number) for account, number in found]
    await mirror.close()
    return rows


async def until_effects(settings: KitSettings, count: int) -> list[tuple[str, int]]:
    async with asyncio.timeout(SECONDS_MAX):
        while len(found := await effects(settings)) < count:  # noqa: ASYNC110 - another process makes them
            await asyncio.sleep(0.1)
    return found


async def test_a_worker_carries_events_stops_at_sigterm_and_another_goes_on(
    settings: KitSettings, new_bus: object, tmp_path: Path
) -> None:
    config, environment = write_supergraph_file(tmp_path), environment_of(settings)
    ledger = Database(settings, "ledger")
    arguments = ("worker", "--config", str(config))
    with RunningCommand(*arguments, environment=environment) as first:
        await asyncio.to_thread(first.wait_until_said, "The worker works: consumers, jobs, relay")
        for _ in range(5):
            await change_account(ledger, "amina")
        await until_effects(settings, 5)
        first.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(first.process.wait, SECONDS_MAX) == 0
        assert "The worker stopped." in first.said
    for _ in range(5):
        await change_account(ledger, "amina")
    with (
        RunningCommand(*arguments, "--only", "relay", environment=environment),
        RunningCommand(*arguments, "--only", "consumers", "--domain", "mirror", environment=environment),
    ):
        assert await until_effects(settings, 10) == [("amina", number) for number in range(1, 11)]
    await ledger.close()


async def test_a_killed_worker_is_replaced_without_loss_or_repetition(
    settings: KitSettings, new_bus: object, tmp_path: Path
) -> None:
    config, environment = write_supergraph_file(tmp_path), environment_of(settings)
    ledger = Database(settings, "ledger")
    arguments = ("worker", "--config", str(config))
    with (
        RunningCommand(*arguments, environment=environment) as first,
        RunningCommand(*arguments, environment=environment),
    ):
        for number in range(60):
            await change_account(ledger, f"account-{number % 3}")
            if number == 30:
                await until_effects(settings, 1)
                first.kill()
        found = await until_effects(settings, 60)
        assert sorted(found) == sorted((f"account-{each % 3}", each // 3 + 1) for each in range(60))
        for name in range(3):
            numbers = [number for account, number in found if account == f"account-{name}"]
            assert numbers == list(range(1, 21))
    await ledger.close()
