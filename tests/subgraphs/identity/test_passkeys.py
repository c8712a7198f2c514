"""Passkeys, by an authenticator in software: made, used with and without a password, refused when copied."""

from __future__ import annotations

import asyncio

import pytest

from tests.subgraphs.identity.factors import (
    CODE,
    PASSKEY_REGISTER,
    PASSKEY_START,
    STEP_UP,
    add_passkey,
    challenge_of,
    complete,
    run,
)
from tests.subgraphs.identity.letters import payloads_of, scalars
from tests.subgraphs.identity.people import People, caller_of
from tests.support.passkey import SoftwarePasskey
from tests.support.subgraph import MovableClock, RunningSubgraph

LOGIN_START = "mutation { passkeyLoginStart { challenge { id options } } }"
LOGIN = f"""mutation($input: PasskeyLoginInput!) {{ passkeyLogin(input: $input) {{
  tokens {{ accessToken }} user {{ id }} {CODE} }} }}"""
STEP_UP_START = f"mutation {{ passkeyStepUpStart {{ challenge {{ id options }} {CODE} }} }}"
REMOVE = f"mutation($id: ID!) {{ passkeyRemove(id: $id) {{ done {CODE} }} }}"


async def log_in(identity: RunningSubgraph, passkey: SoftwarePasskey) -> dict[str, object]:
    asked = (await run(identity, LOGIN_START))["challenge"]
    given = {"challengeId": asked["id"], "passkey": passkey.sign(asked["options"])}
    return await run(identity, LOGIN, input=given)


async def test_a_passkey_opens_a_session_without_a_password(
    identity: RunningSubgraph, people: People
) -> None:
    amina = await people.owner("amina@example.dz")
    passkey, _ = await add_passkey(identity, amina)
    payload = await log_in(identity, passkey)
    assert (payload["user"], payload["userErrors"]) == ({"id": amina.id}, [])
    viewer = caller_of(payload["tokens"]["accessToken"]).viewer  # type: ignore[index]
    assert str(viewer.organization_id) == amina.organization_id
    (event,) = (await payloads_of(identity, "user.logged_in"))[1:]
    assert event["methods"] == ["hwk", "user", "mfa"]


async def test_a_passkey_is_a_second_factor_after_the_password(
    identity: RunningSubgraph, people: People
) -> None:
    amina = await people.customer("amina@example.dz")
    passkey, _ = await add_passkey(identity, amina)
    challenge = await challenge_of(identity, "amina@example.dz")
    assert challenge["factors"] == ["PASSKEY"]
    signed = passkey.sign(challenge["passkeyOptions"])
    payload = await complete(identity, challenge["token"], passkey=signed)
    assert (payload["user"], payload["userErrors"]) == ({"id": amina.id}, [])


async def test_somebody_else_s_passkey_is_no_second_factor(identity: RunningSubgraph, people: People) -> None:
    amina, karim = await people.customer("amina@example.dz"), await people.customer("karim@example.dz")
    await add_passkey(identity, amina)
    his, _ = await add_passkey(identity, karim)
    challenge = await challenge_of(identity, "amina@example.dz")
    payload = await complete(identity, challenge["token"], passkey=his.sign(challenge["passkeyOptions"]))
    assert payload["userErrors"][0]["code"] == "INVALID_SECOND_FACTOR"


async def test_a_challenge_is_answered_once_and_for_its_own_purpose(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    passkey, _ = await add_passkey(identity, amina)
    asked = (await run(identity, LOGIN_START))["challenge"]
    given = {"challengeId": asked["id"], "passkey": passkey.sign(asked["options"])}
    answers = await asyncio.gather(*[run(identity, LOGIN, input=given) for _ in range(8)])
    assert sorted(answer["tokens"] is None for answer in answers) == [False] + [True] * 7
    step_up = (await run(identity, STEP_UP_START, amina.caller))["challenge"]
    crossed = {"challengeId": step_up["id"], "passkey": passkey.sign(step_up["options"])}
    assert (await run(identity, LOGIN, input=crossed))["tokens"] is None
    late = (await run(identity, LOGIN_START))["challenge"]
    clock.advance(minutes=5, seconds=1)
    given = {"challengeId": late["id"], "passkey": passkey.sign(late["options"])}
    assert (await run(identity, LOGIN, input=given))["userErrors"][0]["code"] == "INVALID_SECOND_FACTOR"


async def test_a_copied_passkey_betrays_itself_by_its_counter(
    identity: RunningSubgraph, people: People
) -> None:
    amina = await people.customer("amina@example.dz")
    passkey, _ = await add_passkey(identity, amina)
    assert (await log_in(identity, passkey))["tokens"] is not None
    passkey.sign_count -= 1
    assert (await log_in(identity, passkey))["tokens"] is None


@pytest.mark.parametrize("fault", ["origin", "unverified", "rubbish", "unknown"])
async def test_a_passkey_of_another_origin_unlocked_by_nobody_or_unknown_opens_nothing(
    identity: RunningSubgraph, people: People, fault: str
) -> None:
    amina = await people.customer("amina@example.dz")
    passkey, _ = await add_passkey(identity, amina)
    asked = (await run(identity, LOGIN_START))["challenge"]
    if fault == "origin":
        passkey.origin = "https://phishing.example"
    passkey.verifies_user = fault != "unverified"
    signer = SoftwarePasskey() if fault == "unknown" else passkey
    signed = "[]" if fault == "rubbish" else signer.sign(asked["options"])
    payload = await run(identity, LOGIN, input={"challengeId": asked["id"], "passkey": signed})
    assert payload["tokens"] is None
    assert payload["userErrors"][0]["code"] == "INVALID_SECOND_FACTOR"


async def test_a_passkey_is_registered_once_and_for_the_one_who_asked(
    identity: RunningSubgraph, people: People
) -> None:
    amina, karim = await people.customer("amina@example.dz"), await people.customer("karim@example.dz")
    passkey = SoftwarePasskey()
    asked = (await run(identity, PASSKEY_START, amina.caller))["challenge"]
    given = {"challengeId": asked["id"], "passkey": passkey.register(asked["options"]), "name": "Clé"}
    stolen = await run(identity, PASSKEY_REGISTER, karim.caller, input=given)
    assert stolen["userErrors"][0]["code"] == "INVALID_SECOND_FACTOR"
    first = await run(identity, PASSKEY_REGISTER, amina.caller, input=given)
    assert first["passkey"]["name"] == "Clé"
    again = (await run(identity, PASSKEY_START, karim.caller))["challenge"]
    given = {"challengeId": again["id"], "passkey": passkey.register(again["options"]), "name": "Clé"}
    twice = await run(identity, PASSKEY_REGISTER, karim.caller, input=given)
    assert twice["userErrors"][0]["code"] == "INVALID_SECOND_FACTOR"
    assert await scalars(identity, "SELECT user_id::text FROM passkeys") == [amina.id]


async def test_a_passkey_steps_up_and_is_taken_away(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina, karim = await people.customer("amina@example.dz"), await people.customer("karim@example.dz")
    passkey, passkey_id = await add_passkey(identity, amina)
    clock.advance(minutes=11)
    refused = await run(identity, REMOVE, amina.caller, id=passkey_id)
    assert refused["userErrors"][0]["code"] == "STEP_UP_REQUIRED"
    asked = (await run(identity, STEP_UP_START, amina.caller))["challenge"]
    given = {"factor": {"passkey": passkey.sign(asked["options"])}, "passkeyChallengeId": asked["id"]}
    assert (await run(identity, STEP_UP, amina.caller, input=given))["userErrors"] == []
    assert (await run(identity, REMOVE, amina.caller, id=passkey_id))["done"] is True
    assert (await run(identity, STEP_UP_START, karim.caller))["userErrors"][0]["code"] == (
        "SECOND_FACTOR_MISSING"
    )
    assert (await log_in(identity, passkey))["tokens"] is None
