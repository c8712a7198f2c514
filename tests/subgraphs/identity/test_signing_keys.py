"""Keys that take turns: nobody is logged out, nobody meets an unpublished key, and the command says so."""

from __future__ import annotations

import asyncio
from typing import Any

import jwt
import pytest
from typer.testing import CliRunner, Result

from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.signing_keys import KeyState, rotate_signing_keys
from subgraphs.kit.auth.keys import key_id, read_signing_key
from tests.events.worker_processes import environment_of
from tests.subgraphs.identity.letters import scalars
from tests.subgraphs.identity.people import REFRESH, People
from tests.support.database import SIGNING_KEY
from tests.support.subgraph import MovableClock, RunningSubgraph
from zellige.cli import app

FIRST = key_id(read_signing_key(SIGNING_KEY).public_key())


async def rotate(identity: RunningSubgraph, clock: MovableClock) -> tuple[KeyState, ...]:
    async with identity.app.database.transaction() as session:
        return await rotate_signing_keys(session, identity.settings, clock.now())


async def kid_of_new_token(identity: RunningSubgraph, people: People) -> str:
    person = await people.log_in("amina@example.dz")
    return jwt.get_unverified_header(person.caller.token)["kid"]


async def published(identity: RunningSubgraph, clock: MovableClock) -> set[str]:
    keys = identity.app.port(Doorway).signer.keys
    async with identity.app.database.read_session() as session:
        await keys.freshen(session, clock.now())
    return {each["kid"] for each in keys.published()["keys"]}


async def test_the_next_key_is_published_before_it_signs_and_the_last_one_after(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    await people.register("amina@example.dz")
    assert await kid_of_new_token(identity, people) == FIRST
    assert await published(identity, clock) == {FIRST}
    states = {each.state: each.kid for each in await rotate(identity, clock)}
    assert states["previous"] == FIRST
    clock.advance(seconds=15)
    assert await kid_of_new_token(identity, people) == states["current"]
    assert await published(identity, clock) == set(states.values())
    again = {each.kid: each.state for each in await rotate(identity, clock)}
    assert (again[states["next"]], again[states["current"]]) == ("current", "previous")
    clock.advance(minutes=31)
    assert await published(identity, clock) == {kid for kid, state in again.items() if state != "previous"}


async def test_a_session_from_before_a_rotation_goes_on(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    await rotate(identity, clock)
    clock.advance(seconds=15)
    payload = (await identity.data(REFRESH, {"token": amina.refresh_token}))["refresh"]
    assert jwt.get_unverified_header(payload["tokens"]["accessToken"])["kid"] != FIRST
    # The leeway for a second tab holds across the rotation as well.
    again = (await identity.data(REFRESH, {"token": amina.refresh_token}))["refresh"]
    assert again["tokens"]["refreshToken"] == payload["tokens"]["refreshToken"]


async def test_rotations_at_once_leave_one_current_and_one_next(
    identity: RunningSubgraph, clock: MovableClock
) -> None:
    await asyncio.gather(*[rotate(identity, clock) for _ in range(6)])
    states = await scalars(identity, "SELECT state FROM signing_keys ORDER BY state")
    assert states == ["current", "next"] + ["previous"] * 6
    sealed = await scalars(identity, "SELECT sealed_key FROM signing_keys WHERE state = 'previous'")
    assert sealed == [None] * 6
    assert not [
        each
        for each in await scalars(identity, "SELECT sealed_key FROM signing_keys")
        if "PRIVATE" in (each or "")
    ]


@pytest.fixture
def environment(identity: RunningSubgraph, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = identity.settings.model_copy(update={"event_bus_url": identity.settings.redis_url})
    for name, value in {**environment_of(settings), "ZELLIGE_SIGNING_KEY": SIGNING_KEY}.items():
        monkeypatch.setenv(name, value)


async def command(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["keys", *arguments], prog_name="zellige")


@pytest.mark.usefixtures("environment")
async def test_the_command_lists_rotates_and_lists(identity: RunningSubgraph) -> None:
    before: Any = await command("list")
    assert (before.exit_code, before.stdout) == (0, "")
    assert "Nothing was rotated yet" in before.stderr
    rotated = await command("rotate")
    assert rotated.exit_code == 0
    assert f"previous {FIRST} until " in rotated.stdout
    assert (await command("list")).stdout == rotated.stdout
