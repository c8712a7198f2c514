"""`zellige events` shows, replays and follows what the ledger told the mirror."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from subgraphs.kit.database import Database
from subgraphs.kit.events.bus import EventBus
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.consumer import Subscription
from subgraphs.kit.events.relay import Relay
from subgraphs.kit.events.schemas import EventSchemas, find_event_classes
from subgraphs.kit.settings import KitSettings
from tests.events.ledger.app import build_ledger, change_account
from tests.events.mirror.app import build_mirror
from tests.events.parcels import receive
from tests.events.worker_processes import environment_of, write_supergraph_file
from tests.support.command import RunningCommand
from tests.support.database import fresh_databases
from zellige.cli import app

MIRROR = Subscription("mirror", frozenset({"account.changed"}))


class Desk:
    """The command line over a ledger, a mirror and a bus of the test's own."""

    def __init__(self, settings: KitSettings, bus: EventBus, config: Path) -> None:
        self.settings = settings
        self.bus = bus
        self.config = config
        self.ledger = Database(settings, "ledger")
        schemas = EventSchemas(find_event_classes("tests.events.ledger"), "ledger")
        self.relay = Relay("ledger", self.ledger, schemas, bus)

    async def run(self, *arguments: str, ok: bool = True) -> Result:
        """Runs a command in a thread, where it may have a loop of its own."""
        command, *rest = arguments
        result = await asyncio.to_thread(
            CliRunner().invoke,
            app,
            ["events", command, "--config", str(self.config), *rest],
            prog_name="zellige",
        )
        assert (result.exit_code == 0) is ok, result.output
        return result

    async def poison(self, subject: str) -> None:
        async with self.ledger.transaction() as session:
            await session.execute(
                text(
                    "UPDATE outbox_events SET poisoned_at = now(), last_error = 'bad' WHERE subject = :name"
                ),
                {"name": subject},
            )


@pytest.fixture
async def desk(
    bus: EventBus, bus_settings: BusSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    async with (
        fresh_databases("ledger", build=build_ledger) as ledger,
        fresh_databases("mirror", build=build_mirror) as mirror,
    ):
        overrides = {**ledger.database_overrides, **mirror.database_overrides}
        settings = ledger.model_copy(
            update={
                "database_overrides": overrides,
                "event_bus_url": bus_settings.url,
                "event_bus_name": bus_settings.name,
            }
        )
        for name, value in environment_of(settings).items():
            monkeypatch.setenv(name, value)
        desk = Desk(settings, bus, write_supergraph_file(tmp_path))
        await bus.subscribe(MIRROR)
        yield desk
        await desk.ledger.close()


async def test_list_shows_outboxes_consumers_and_the_newest_events(desk: Desk) -> None:
    for name in ("amina", "karim", "lina"):
        await change_account(desk.ledger, name)
    await desk.poison("karim")
    shown = (await desk.run("list")).stdout
    assert re.search(r"ledger\W+2\W+0\W+1\W", shown), "waiting, retrying, poisoned"
    assert "poisoned: bad" in shown
    assert "account.changed" in shown
    rows = (await desk.run("list", "--state", "poisoned", "--format", "json")).stdout.splitlines()
    assert [(json.loads(row)["subject"], json.loads(row)["payload"]) for row in rows] == [
        ("karim", {"number": 1})
    ]
    assert (await desk.run("list", "--type", "account.closed", "--format", "json")).stdout.strip() == ""
    assert len((await desk.run("list", "--since", "1h", "--format", "json")).stdout.splitlines()) == 3


async def test_poisoned_rows_are_published_once_they_are_replayed(desk: Desk) -> None:
    event = await change_account(desk.ledger, "karim")
    await desk.poison("karim")
    assert await desk.relay.publish_batch() == 0
    said = (await desk.run("replay", "--state", "poisoned", "--domain", "ledger")).stderr
    assert "1 events of ledger wait to be published again." in said
    assert await desk.relay.publish_batch() == 1
    (delivery,) = await receive(desk.bus, 1, MIRROR)
    assert delivery.event is not None
    assert delivery.event.id == event.id


async def test_published_events_are_published_again_when_they_are_replayed(desk: Desk) -> None:
    events = [await change_account(desk.ledger, "amina") for _ in range(3)]
    await desk.relay.publish_batch()
    await receive(desk.bus, 3, MIRROR)
    await desk.run("replay", str(events[1].id))
    await desk.relay.publish_batch()
    (again,) = await receive(desk.bus, 1, MIRROR)
    assert again.event is not None
    assert again.event.id == events[1].id


async def test_dead_letters_are_shown_with_the_reason_and_handed_out_again(desk: Desk) -> None:
    assert "There are no dead letters." in (await desk.run("dead")).stderr
    event = await change_account(desk.ledger, "amina")
    await desk.relay.publish_batch()
    async with desk.bus.receive(MIRROR, window=1) as deliveries:
        await (await anext(deliveries)).bury("reflect: ValueError: no [such] account")
    shown = (await desk.run("dead", "--service", "mirror")).stdout
    assert "reflect: ValueError: no [such] account" in shown
    (letter,) = (await desk.run("dead", "--format", "json")).stdout.splitlines()
    assert json.loads(letter)["event"]["data"] == {"number": 1}
    assert "1 dead letters" in (await desk.run("replay", "--dead", str(event.id))).stderr
    assert len(await receive(desk.bus, 1, MIRROR)) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("replay",), "say which"),
        (("replay", "--dead", "--type", "account.changed"), "--dead goes with ids and --service only"),
        (("list", "--since", "yesterday"), "is no duration; write 90s, 15m, 2h or 7d"),
        (("tail", "--after", "1-0"), "name it"),
    ],
)
async def test_wrong_usage_says_what_is_right(desk: Desk, arguments: tuple[str, ...], message: str) -> None:
    result = await desk.run(*arguments, ok=False)
    assert (result.exit_code, message in result.stderr) == (2, True)


async def test_an_unknown_service_and_a_bus_that_is_away_are_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = await desk.run("dead", "--service", "nobody", ok=False)
    assert "services with consumers: mirror" in result.stderr
    scheme = desk.settings.event_bus_url or ""
    monkeypatch.setenv("EVENT_BUS_URL", f"{scheme.partition('://')[0]}://127.0.0.1:1/")
    result = await desk.run("dead", ok=False)
    assert (result.exit_code, "EVENT_BUS_URL or REDIS_URL names it" in result.stderr) == (1, True)


async def test_tail_follows_what_is_published(desk: Desk) -> None:
    event = await change_account(desk.ledger, "amina")
    await desk.relay.publish_batch()
    arguments = ("events", "tail", "account", "--beginning", "--config", str(desk.config))
    with RunningCommand(*arguments, "--format", "json") as command:
        await asyncio.to_thread(command.wait_until_said, str(event.id))
        later = await change_account(desk.ledger, "amina")
        await desk.relay.publish_batch()
        await asyncio.to_thread(command.wait_until_said, str(later.id))
        lines = [json.loads(line) for line in command.said.splitlines() if line.startswith("{")]
        assert [line["id"] for line in lines] == [str(event.id), str(later.id)]
    position = lines[0]["position"]
    with RunningCommand(*arguments[:3], "--after", position, *arguments[4:]) as command:
        await asyncio.to_thread(command.wait_until_said, '{"number":2}')
        assert '{"number":1}' not in command.said
