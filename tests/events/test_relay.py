"""From the outbox to the bus: everything, in order per subject, whatever dies or fails on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from subgraphs.kit.backoff import Backoff
from subgraphs.kit.database import Database
from subgraphs.kit.events import relay as relay_module
from subgraphs.kit.events.bus import BEGINNING, BusUnavailableError, EventBus
from subgraphs.kit.events.outbox import record_events
from subgraphs.kit.events.outbox_queries import outbox_state
from subgraphs.kit.events.relay import Relay
from subgraphs.kit.events.schemas import EventSchemas, find_event_classes
from subgraphs.kit.trace_context import TraceContext, tracing
from tests.events.conftest import OpenBus
from tests.events.ledger.app import build_ledger, change_account
from tests.events.ledger.events import AccountChanged
from tests.events.parcels import read
from tests.support.database import fresh_databases

SCHEMAS = EventSchemas(find_event_classes("tests.events.ledger"), "ledger")
TRACE = TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=value")


@pytest.fixture
async def ledger() -> AsyncIterator[Database]:
    async with fresh_databases("ledger", build=build_ledger) as settings:
        database = Database(settings, "ledger")
        yield database
        await database.close()


@asynccontextmanager
async def relaying(*relays: Relay) -> AsyncIterator[None]:
    """Runs relays until the end of the block."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(relay.run(stop)) for relay in relays]
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(30):
            await asyncio.gather(*tasks)


def relay_of(ledger: Database, bus: EventBus) -> Relay:
    return Relay("ledger", ledger, SCHEMAS, bus)


async def states(ledger: Database) -> tuple[int, int, int]:
    async with ledger.transaction() as session:
        found = await outbox_state(session)
    return found.waiting, found.retrying, found.poisoned


async def run(ledger: Database, statement: str, **values: Any) -> list[Any]:
    async with ledger.transaction() as session:
        found = await session.execute(text(statement), values)
        return list(found.all()) if statement.startswith("SELECT") else []


async def test_an_event_is_published_whole_as_soon_as_it_is_committed(
    ledger: Database, bus: EventBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "POLL_S", 3600.0)  # so that only the notification can wake it
    async with relaying(relay_of(ledger, bus)):
        with tracing(TRACE):
            first = await change_account(ledger, "amina")
        (logged,) = await read(bus, "account", 1, BEGINNING)
        second = await change_account(ledger, "amina")
        (following,) = await read(bus, "account", 1, logged.position)
    event = logged.event
    assert (event.id, event.type, event.subject) == (first.id, "account.changed", "amina")
    assert (event.source, event.data, event.tenant) == ("/zellige/ledger", {"number": 1}, None)
    assert (event.time, event.trace) == (first.occurred_at, TRACE)
    assert following.event.id == second.id
    assert await states(ledger) == (0, 0, 0)


async def test_a_change_that_is_rolled_back_says_nothing(ledger: Database, bus: EventBus) -> None:
    with pytest.raises(ZeroDivisionError):
        async with ledger.transaction() as session:
            event = AccountChanged(subject="amina", occurred_at=datetime.now(UTC), number=1)
            await record_events(session, event)
            raise ZeroDivisionError
    await change_account(ledger, "karim")
    async with relaying(relay_of(ledger, bus)):
        (logged,) = await read(bus, "account", 1, BEGINNING)
    assert logged.event.subject == "karim"


async def test_relays_side_by_side_publish_each_event_once_and_keep_the_order_of_each_subject(
    ledger: Database, new_bus: OpenBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small batches, so that the relays meet often.
    monkeypatch.setattr(relay_module, "SUBJECTS_MAX", 3)
    monkeypatch.setattr(relay_module, "BATCH_MAX", 7)
    async with relaying(*(relay_of(ledger, new_bus()) for _ in range(3))):

        async def write(account: str) -> None:
            for _ in range(40):
                await change_account(ledger, account)

        await asyncio.gather(*(write(f"account-{number}") for number in range(5)))
        logged = await read(new_bus(), "account", 200, BEGINNING)
    for number in range(5):
        of_account = [each.event for each in logged if each.event.subject == f"account-{number}"]
        assert [event.data["number"] for event in of_account] == list(range(1, 41))
    assert await states(ledger) == (0, 0, 0)


async def test_a_relay_that_dies_before_it_writes_that_down_publishes_again_and_the_log_shows_one(
    ledger: Database, bus: EventBus
) -> None:
    event = await change_account(ledger, "amina")
    published = await relay_of(ledger, bus).publish_batch()
    assert published == 1
    # As the row would stand had the relay died: published, and not marked.
    await run(ledger, "UPDATE outbox_events SET published_at = NULL")
    await relay_of(ledger, bus).publish_batch()
    after = await change_account(ledger, "amina")
    await relay_of(ledger, bus).publish_batch()
    assert [each.event.id for each in await read(bus, "account", 2, BEGINNING)] == [event.id, after.id]


async def test_what_breaks_the_contract_is_held_back_with_what_follows_it_and_then_put_aside(
    ledger: Database, bus: EventBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "ATTEMPTS_MAX", 2)
    monkeypatch.setattr(relay_module, "ROW_BACKOFF", Backoff(first_s=3600.0, max_s=3600.0))
    broken = await change_account(ledger, "amina")
    behind = await change_account(ledger, "amina")
    other = await change_account(ledger, "karim")
    await run(
        ledger, 'UPDATE outbox_events SET payload = jsonb \'{"number": "one"}\' WHERE id = :id', id=broken.id
    )
    relay = relay_of(ledger, bus)
    assert await relay.publish_batch() == 2  # one published, one found wanting
    assert [each.event.id for each in await read(bus, "account", 1, BEGINNING)] == [other.id]
    assert await states(ledger) == (2, 1, 0)
    assert await relay.publish_batch() == 0  # it waits for its next try
    ((error,),) = await run(ledger, "SELECT last_error FROM outbox_events WHERE id = :id", id=broken.id)
    assert error == 'number: "one" is not of type "integer"'
    await run(ledger, "UPDATE outbox_events SET next_attempt_at = now() WHERE id = :id", id=broken.id)
    assert await relay.publish_batch() == 1
    assert await states(ledger) == (1, 0, 1)
    assert await relay.publish_batch() == 1
    logged = await read(bus, "account", 2, BEGINNING)
    assert [each.event.id for each in logged] == [other.id, behind.id]


async def test_subjects_that_wait_for_their_next_try_do_not_keep_the_others_from_theirs(
    ledger: Database, bus: EventBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "LOOKED_AT_MAX", 3)
    for name in ("amina", "karim", "lina"):
        await change_account(ledger, name)
    await run(ledger, "UPDATE outbox_events SET next_attempt_at = now() + interval '1 hour', attempts = 1")
    other = await change_account(ledger, "sara")
    assert await relay_of(ledger, bus).publish_batch() == 1
    assert [each.event.id for each in await read(bus, "account", 1, BEGINNING)] == [other.id]


async def test_a_type_nobody_knows_and_an_event_too_large_are_not_published(
    ledger: Database, bus: EventBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    await change_account(ledger, "amina")
    await change_account(ledger, "karim")
    await run(ledger, "UPDATE outbox_events SET type = 'account.sold' WHERE subject = 'amina'")
    monkeypatch.setattr(relay_module, "EVENT_BYTES_MAX", 100)
    await relay_of(ledger, bus).publish_batch()
    errors = await run(ledger, "SELECT subject, last_error FROM outbox_events ORDER BY subject")
    assert errors == [
        ("amina", "no event class has the type account.sold"),
        ("karim", "the event is larger than 100 bytes"),
    ]


async def test_a_bus_that_is_away_costs_no_attempt_and_nothing_is_lost(
    ledger: Database, new_bus: OpenBus, bus_settings: Any
) -> None:
    scheme = bus_settings.url.partition("://")[0]
    away = new_bus(url=f"{scheme}://127.0.0.1:1/")
    with pytest.raises(BusUnavailableError):
        await away.ping()
    events = [await change_account(ledger, "amina") for _ in range(3)]
    with pytest.raises(BusUnavailableError):
        await relay_of(ledger, away).publish_batch()
    assert await states(ledger) == (3, 0, 0)
    async with relaying(relay_of(ledger, away), relay_of(ledger, bus := new_bus())):
        logged = await read(bus, "account", 3, BEGINNING)
    assert [each.event.id for each in logged] == [event.id for event in events]
