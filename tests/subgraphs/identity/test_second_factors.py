"""Second factors: nothing is good twice, guessing ends the log-in, sensitive things ask again."""

from __future__ import annotations

import asyncio

import jwt
import pytest

from tests.subgraphs.identity.factors import (
    CODE,
    COMPLETE,
    STEP_UP,
    TOTP_CONFIRM,
    TOTP_ENROL,
    add_app,
    challenge_of,
    complete,
    log_in_with_app,
    run,
)
from tests.subgraphs.identity.letters import payloads_of, scalars
from tests.subgraphs.identity.people import PASSWORD, REFRESH, People
from tests.support.subgraph import MovableClock, RunningSubgraph

TOTP_REMOVE = f"mutation {{ totpRemove {{ done {CODE} }} }}"
RENEW = f"mutation {{ recoveryCodesRenew {{ recoveryCodes {CODE} }} }}"
FACTORS = "{ secondFactors { hasTotp recoveryCodesLeft passkeys { name } } }"


def codes_of(payload: dict[str, object]) -> list[str]:
    errors = payload["userErrors"]
    assert isinstance(errors, list)
    return [each["code"] for each in errors]


async def test_an_app_counts_from_its_first_code_on(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    enrolment = (await run(identity, TOTP_ENROL, amina.caller))["enrolment"]
    assert enrolment["uri"].startswith("otpauth://totp/Zellige:amina%40example.dz?secret=")
    assert codes_of(await run(identity, TOTP_CONFIRM, amina.caller, code="000000")) == [
        "INVALID_SECOND_FACTOR"
    ]
    await people.log_in("amina@example.dz")
    _, recovery = await add_app(identity, amina, clock)
    assert (len(recovery), len(set(recovery))) == (10, 10)
    assert await identity.data(FACTORS, caller=amina.caller) == {
        "secondFactors": {"hasTotp": True, "recoveryCodesLeft": 10, "passkeys": []}
    }
    assert codes_of(await run(identity, TOTP_ENROL, amina.caller)) == ["CONFLICT"]
    challenge = await challenge_of(identity, "amina@example.dz")
    assert challenge["factors"] == ["TOTP", "RECOVERY_CODE"]


async def test_the_tables_hold_no_secret_in_the_clear(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    secret = (await run(identity, TOTP_ENROL, amina.caller))["enrolment"]["secret"]
    (stored,) = await scalars(identity, "SELECT to_jsonb(t)::text FROM totp_authenticators t")
    assert secret not in stored


async def test_a_code_is_good_once_however_often_it_is_shown_at_once(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    app, _ = await add_app(identity, amina, clock)
    used = app.code()
    challenges = [await challenge_of(identity, "amina@example.dz") for _ in range(8)]
    replayed = await complete(identity, challenges[0]["token"], totpCode=used)
    assert codes_of(replayed) == ["INVALID_SECOND_FACTOR"]
    fresh = app.next_code()
    answers = await asyncio.gather(
        *[complete(identity, challenge["token"], totpCode=fresh) for challenge in challenges]
    )
    assert sorted(len(codes_of(answer)) for answer in answers) == [0] + [1] * 7
    # The code of the step before is older than the one that was taken.
    again = await challenge_of(identity, "amina@example.dz")
    assert codes_of(await complete(identity, again["token"], totpCode=app.code(-1))) == [
        "INVALID_SECOND_FACTOR"
    ]


async def test_a_code_of_the_next_step_counts_for_clocks_that_differ_and_no_later_one(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    app, _ = await add_app(identity, amina, clock)
    clock.advance(minutes=5)
    challenge = await challenge_of(identity, "amina@example.dz")
    for steps in (3, -3):
        refused = await complete(identity, challenge["token"], totpCode=app.code(steps))
        assert codes_of(refused) == ["INVALID_SECOND_FACTOR"]
    assert codes_of(await complete(identity, challenge["token"], totpCode=app.code(1))) == []


async def test_a_log_in_with_a_second_factor_says_so_in_its_token(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    plain = jwt.decode(amina.caller.token, options={"verify_signature": False})
    assert (plain["acr"], plain["amr"]) == ("urn:zellige:acr:1", ["pwd"])
    app, _ = await add_app(identity, amina, clock)
    caller = await log_in_with_app(identity, "amina@example.dz", app)
    claims = jwt.decode(caller.token, options={"verify_signature": False})
    assert (claims["acr"], claims["amr"]) == ("urn:zellige:acr:2", ["pwd", "otp", "mfa"])
    assert abs(claims["auth_time"] - clock.now().timestamp()) < 60


async def test_five_wrong_answers_end_the_log_in_and_tell_its_owner(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    app, _ = await add_app(identity, amina, clock)
    challenge = await challenge_of(identity, "amina@example.dz")
    answers = [await complete(identity, challenge["token"], totpCode="000000") for _ in range(5)]
    assert [codes_of(each) for each in answers] == [["INVALID_SECOND_FACTOR"]] * 4 + [
        ["LOGIN_CHALLENGE_OVER"]
    ]
    right = await complete(identity, challenge["token"], totpCode=app.next_code())
    assert codes_of(right) == ["LOGIN_CHALLENGE_OVER"]
    assert await payloads_of(identity, "user.login_challenge_failed") == [{"address": None}]


async def test_wrong_answers_at_once_are_all_counted(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    await add_app(identity, amina, clock)
    challenge = await challenge_of(identity, "amina@example.dz")
    answers = await asyncio.gather(
        *[complete(identity, challenge["token"], recoveryCode=f"wrong-{number}") for number in range(20)]
    )
    told = [code for answer in answers for code in codes_of(answer)]
    assert told.count("INVALID_SECOND_FACTOR") <= 4
    assert await scalars(identity, "SELECT wrong_answers FROM login_challenges") == [5]


async def test_opening_log_in_after_log_in_leads_to_the_account_s_limit(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    await add_app(identity, amina, clock)
    told: list[str] = []
    for _ in range(3):
        challenge = await challenge_of(identity, "amina@example.dz")
        for _ in range(4):
            told += codes_of(await complete(identity, challenge["token"], totpCode="000000"))
    assert told == ["INVALID_SECOND_FACTOR"] * 10 + ["TOO_MANY_ATTEMPTS"] * 2


async def test_a_log_in_waits_five_minutes(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    app, _ = await add_app(identity, amina, clock)
    challenge = await challenge_of(identity, "amina@example.dz")
    clock.advance(minutes=5, seconds=1)
    late = await complete(identity, challenge["token"], totpCode=app.code())
    assert codes_of(late) == ["LOGIN_CHALLENGE_OVER"]
    assert codes_of(await complete(identity, "unknown", totpCode="000000")) == ["LOGIN_CHALLENGE_OVER"]


async def test_a_recovery_code_is_good_once_however_it_is_written(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    _, recovery = await add_app(identity, amina, clock)
    challenges = [await challenge_of(identity, "amina@example.dz") for _ in range(5)]
    written = f" {recovery[3].upper().replace('-', ' ')} "
    answers = await asyncio.gather(
        *[complete(identity, challenge["token"], recoveryCode=written) for challenge in challenges]
    )
    assert sorted(len(codes_of(answer)) for answer in answers) == [0] + [1] * 4
    assert await payloads_of(identity, "user.recovery_code_used") == [{"codes_left": 9}]


async def test_new_recovery_codes_end_the_old_ones(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    assert codes_of(await run(identity, RENEW, amina.caller)) == ["SECOND_FACTOR_MISSING"]
    _, old = await add_app(identity, amina, clock)
    new = (await run(identity, RENEW, amina.caller))["recoveryCodes"]
    challenge = await challenge_of(identity, "amina@example.dz")
    assert codes_of(await complete(identity, challenge["token"], recoveryCode=old[0])) == [
        "INVALID_SECOND_FACTOR"
    ]
    assert codes_of(await complete(identity, challenge["token"], recoveryCode=new[0])) == []


async def test_a_factor_is_one_of_the_three(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    app, recovery = await add_app(identity, amina, clock)
    challenge = await challenge_of(identity, "amina@example.dz")
    for factor in ({}, {"totpCode": app.code(), "recoveryCode": recovery[0]}, {"passkey": "{}"}):
        given = {"challengeToken": challenge["token"], "factor": factor}
        assert codes_of(await run(identity, COMPLETE, input=given)) == ["INVALID_SECOND_FACTOR"]
    assert await scalars(identity, "SELECT wrong_answers FROM login_challenges") == [0]


async def test_a_step_up_renews_the_proof_by_the_password(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    clock.advance(minutes=11)
    assert codes_of(await run(identity, TOTP_ENROL, amina.caller)) == ["STEP_UP_REQUIRED"]
    wrong = await run(identity, STEP_UP, amina.caller, input={"password": "not the password"})
    assert codes_of(wrong) == ["INVALID_CREDENTIALS"]
    stepped = await run(identity, STEP_UP, amina.caller, input={"password": PASSWORD})
    assert (codes_of(stepped), stepped["tokens"]["refreshToken"]) == ([], None)
    assert codes_of(await run(identity, TOTP_ENROL, amina.caller)) == []


async def test_who_has_a_second_factor_steps_up_by_that_one(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    app, _ = await add_app(identity, amina, clock)
    clock.advance(minutes=10, seconds=1)
    assert codes_of(await run(identity, TOTP_REMOVE, amina.caller)) == ["STEP_UP_REQUIRED"]
    by_password = await run(identity, STEP_UP, amina.caller, input={"password": PASSWORD})
    assert codes_of(by_password) == ["INVALID_SECOND_FACTOR"]
    by_app = {"factor": {"totpCode": app.next_code()}}
    assert codes_of(await run(identity, STEP_UP, amina.caller, input=by_app)) == []
    assert codes_of(await run(identity, TOTP_REMOVE, amina.caller)) == []


async def test_guessing_at_a_step_up_ends_the_session(identity: RunningSubgraph, people: People) -> None:
    amina = await people.customer("amina@example.dz")
    told = [
        codes_of(await run(identity, STEP_UP, amina.caller, input={"password": f"wrong {number}"}))
        for number in range(11)
    ]
    assert told == [["INVALID_CREDENTIALS"]] * 10 + [["TOO_MANY_ATTEMPTS"]]
    assert (await run(identity, REFRESH, token=amina.refresh_token))["tokens"] is None
    (ended,) = await payloads_of(identity, "session.revoked")
    assert ended["reason"] == "wrong_proofs"


@pytest.mark.parametrize("kept", [True, False])
async def test_taking_the_app_away_ends_the_other_sessions(
    identity: RunningSubgraph, people: People, clock: MovableClock, kept: bool
) -> None:
    amina = await people.customer("amina@example.dz")
    other = await people.log_in("amina@example.dz")
    await add_app(identity, amina, clock)
    assert codes_of(await run(identity, TOTP_REMOVE, amina.caller)) == []
    token = amina.refresh_token if kept else other.refresh_token
    assert ((await run(identity, REFRESH, token=token))["tokens"] is not None) is kept
    assert [each["kind"] for each in await payloads_of(identity, "user.second_factor_removed")] == ["totp"]
