"""One's own account: proving and changing the address, the password, closing and deleting."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.subgraphs.identity.letters import last_token, payloads_of, run_requested_jobs, scalars
from tests.subgraphs.identity.people import LOGIN, PASSWORD, REFRESH, People, Person
from tests.subgraphs.identity.test_registration import ACCEPTED, count, events_of
from tests.support.subgraph import MovableClock, RunningSubgraph

NEW_PASSWORD = "chorba frik et bourek"
CODE = "userErrors { code field }"
DONE = {"done": True, "userErrors": []}
INVALID_LINK = [{"code": "INVALID_LINK", "field": None}]
VERIFY = f"mutation($token: String!) {{ emailVerify(token: $token) {{ done {CODE} }} }}"
VERIFY_REQUEST = "mutation { emailVerificationRequest { accepted } }"
RESET_REQUEST = f"mutation($email: String!) {{ passwordResetRequest(email: $email) {{ accepted {CODE} }} }}"
RESET = f"""mutation($token: String!, $password: String!) {{
  passwordReset(input: {{ token: $token, newPassword: $password }}) {{ done {CODE} }} }}"""
CHANGE = f"""mutation($from: String!, $to: String!) {{
  passwordChange(input: {{ currentPassword: $from, newPassword: $to }}) {{ done {CODE} }} }}"""
EMAIL_CHANGE = f"mutation($to: String!) {{ emailChangeRequest(newEmail: $to) {{ accepted {CODE} }} }}"
EMAIL_CONFIRM = f"mutation($token: String!) {{ emailChangeConfirm(token: $token) {{ changed {CODE} }} }}"
EMAIL_CANCEL = "mutation { emailChangeCancel { done } }"
DEACTIVATE = f"mutation {{ accountDeactivate {{ user {{ id }} {CODE} }} }}"
DELETE = f"mutation {{ accountDelete {{ deletedUserId {CODE} }} }}"


async def run(identity: RunningSubgraph, mutation: str, caller: Any = None, **variables: Any) -> Any:
    (payload,) = (await identity.data(mutation, variables, caller)).values()
    return payload


async def can_log_in(identity: RunningSubgraph, email: str, password: str) -> bool:
    payload = await run(identity, LOGIN, input={"email": email, "password": password})
    return payload["tokens"] is not None


async def reset_token(identity: RunningSubgraph, email: str) -> str:
    assert (await run(identity, RESET_REQUEST, email=email))["accepted"] is True
    await run_requested_jobs(identity)
    return await last_token(identity, "user.password_reset_requested", "password_reset")


async def test_the_letter_proves_the_address_once(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    await people.register("amina@example.dz", locale="AR")
    await run_requested_jobs(identity)
    (letter,) = await payloads_of(identity, "user.email_verification_requested")
    assert (letter["email"], letter["name"], letter["locale"]) == ("amina@example.dz", "Amina", "ar")
    token = await last_token(identity, "user.email_verification_requested", "email_verification")
    assert token not in str(letter)
    answers = await asyncio.gather(*[run(identity, VERIFY, token=token) for _ in range(10)])
    assert sorted(answer["done"] or False for answer in answers) == [False] * 9 + [True]
    assert (await run(identity, VERIFY, token=token))["userErrors"] == INVALID_LINK
    amina = await people.log_in("amina@example.dz")
    assert await identity.data("{ me { emailVerified } }", caller=amina.caller) == {
        "me": {"emailVerified": True}
    }
    assert ("user.email_verified", amina.id) in await events_of(identity)


async def test_a_new_letter_takes_the_earlier_one_back_and_none_goes_out_within_a_minute(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    await run_requested_jobs(identity)
    first = await last_token(identity, "user.email_verification_requested", "email_verification")
    await run(identity, VERIFY_REQUEST, amina.caller)
    assert len(await payloads_of(identity, "user.email_verification_requested")) == 1
    clock.advance(seconds=61)
    await run(identity, VERIFY_REQUEST, amina.caller)
    assert len(await payloads_of(identity, "user.email_verification_requested")) == 2
    assert (await run(identity, VERIFY, token=first))["userErrors"] == INVALID_LINK


async def test_a_letter_is_good_for_three_days(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    await people.register("amina@example.dz")
    await run_requested_jobs(identity)
    token = await last_token(identity, "user.email_verification_requested", "email_verification")
    clock.advance(days=3, seconds=1)
    assert (await run(identity, VERIFY, token=token))["userErrors"] == INVALID_LINK


async def test_a_reset_is_asked_for_alike_whoever_is_named(identity: RunningSubgraph, people: People) -> None:
    await people.register("amina@example.dz")
    await run_requested_jobs(identity)
    answers = [
        await run(identity, RESET_REQUEST, email=email) for email in ("amina@example.dz", "nobody@example.dz")
    ]
    assert answers == [{"accepted": True, "userErrors": []}] * 2
    jobs = await scalars(identity, "SELECT payload->>'name' FROM outbox_events WHERE type = 'job.requested'")
    assert jobs == ["send_reset_letter"] * 2
    await run_requested_jobs(identity)
    assert len(await payloads_of(identity, "user.password_reset_requested")) == 1


async def test_a_reset_gives_a_new_password_and_ends_every_session(
    identity: RunningSubgraph, people: People
) -> None:
    amina = await people.customer("amina@example.dz")
    token = await reset_token(identity, "amina@example.dz")
    weak = await run(identity, RESET, token=token, password="azertyuiop")
    assert weak["userErrors"] == [{"code": "WEAK_PASSWORD", "field": ["input", "newPassword"]}]
    assert await run(identity, RESET, token=token, password=NEW_PASSWORD) == DONE
    assert (await run(identity, RESET, token=token, password=NEW_PASSWORD))["userErrors"] == INVALID_LINK
    assert not await can_log_in(identity, "amina@example.dz", PASSWORD)
    assert await can_log_in(identity, "amina@example.dz", NEW_PASSWORD)
    refused = await run(identity, REFRESH, token=amina.refresh_token)
    assert refused["userErrors"][0]["code"] == "INVALID_REFRESH_TOKEN"
    (ended,) = await payloads_of(identity, "session.revoked")
    assert (ended["session_id"], ended["reason"]) == (str(amina.caller.viewer.session_id), "password_reset")
    assert await payloads_of(identity, "user.password_changed") == [{"how": "reset"}]


async def test_of_resets_at_once_by_one_link_one_sets_the_password(
    identity: RunningSubgraph, people: People
) -> None:
    await people.register("amina@example.dz")
    token = await reset_token(identity, "amina@example.dz")
    passwords = [f"{NEW_PASSWORD} {number}" for number in range(8)]
    answers = await asyncio.gather(*[run(identity, RESET, token=token, password=each) for each in passwords])
    (winner,) = [each for each, answer in zip(passwords, answers, strict=True) if answer["done"]]
    assert await can_log_in(identity, "amina@example.dz", winner)
    assert len(await payloads_of(identity, "user.password_changed")) == 1


async def test_an_expired_reset_link_opens_nothing(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    await people.register("amina@example.dz")
    token = await reset_token(identity, "amina@example.dz")
    clock.advance(hours=1, seconds=1)
    assert (await run(identity, RESET, token=token, password=NEW_PASSWORD))["userErrors"] == INVALID_LINK
    assert await can_log_in(identity, "amina@example.dz", PASSWORD)


async def test_changing_the_password_takes_the_one_before_and_ends_the_other_sessions(
    identity: RunningSubgraph, people: People
) -> None:
    amina = await people.customer("amina@example.dz")
    other = await people.log_in("amina@example.dz")
    wrong = await run(identity, CHANGE, amina.caller, **{"from": "not the password", "to": NEW_PASSWORD})
    assert wrong["userErrors"] == [{"code": "INVALID_CREDENTIALS", "field": ["input", "currentPassword"]}]
    assert await run(identity, CHANGE, amina.caller, **{"from": PASSWORD, "to": NEW_PASSWORD}) == DONE
    assert (await run(identity, REFRESH, token=amina.refresh_token))["tokens"] is not None
    assert (await run(identity, REFRESH, token=other.refresh_token))["tokens"] is None
    assert await can_log_in(identity, "amina@example.dz", NEW_PASSWORD)


@pytest.mark.parametrize("sides", [("old", "new"), ("new", "old")])
async def test_the_address_changes_when_both_have_agreed(
    identity: RunningSubgraph, people: People, sides: tuple[str, str]
) -> None:
    amina = await people.customer("amina@example.dz")
    assert (await run(identity, EMAIL_CHANGE, amina.caller, to="Amina@example.com"))["accepted"] is True
    letters = await payloads_of(identity, "user.email_change_requested")
    assert [(each["side"], each["email"]) for each in letters] == [
        ("old", "amina@example.dz"),
        ("new", "Amina@example.com"),
    ]
    tokens = [
        await last_token(identity, "user.email_change_requested", "email_change", side=side) for side in sides
    ]
    assert await run(identity, EMAIL_CONFIRM, token=tokens[0]) == {"changed": False, "userErrors": []}
    assert await can_log_in(identity, "amina@example.dz", PASSWORD)
    assert (await run(identity, EMAIL_CONFIRM, token=tokens[0]))["userErrors"] == INVALID_LINK
    assert await run(identity, EMAIL_CONFIRM, token=tokens[1]) == {"changed": True, "userErrors": []}
    assert not await can_log_in(identity, "amina@example.dz", PASSWORD)
    assert await can_log_in(identity, "amina@example.com", PASSWORD)
    assert await payloads_of(identity, "user.email_changed") == [
        {"email_before": "amina@example.dz", "email": "Amina@example.com"}
    ]


async def test_an_address_taken_meanwhile_is_told_to_its_owner_alone(
    identity: RunningSubgraph, people: People
) -> None:
    await people.register("karim@example.dz")
    amina = await people.customer("amina@example.dz")
    # Asking tells nothing about Karim.
    asked = await run(identity, EMAIL_CHANGE, amina.caller, to="karim@example.dz")
    assert asked == {"accepted": True, "userErrors": []}
    for side, expected in (("old", []), ("new", [{"code": "EMAIL_TAKEN", "field": None}])):
        token = await last_token(identity, "user.email_change_requested", "email_change", side=side)
        assert (await run(identity, EMAIL_CONFIRM, token=token))["userErrors"] == expected
    assert await can_log_in(identity, "amina@example.dz", PASSWORD)


async def test_a_change_of_address_that_was_given_up_or_overtaken_is_over(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    await run(identity, EMAIL_CHANGE, amina.caller, to="first@example.dz")
    first = await last_token(identity, "user.email_change_requested", "email_change", side="new")
    clock.advance(seconds=61)
    await run(identity, EMAIL_CHANGE, amina.caller, to="second@example.dz")
    assert (await run(identity, EMAIL_CONFIRM, token=first))["userErrors"] == INVALID_LINK
    second = await last_token(identity, "user.email_change_requested", "email_change", side="new")
    assert (await run(identity, EMAIL_CANCEL, amina.caller)) == {"done": True}
    assert (await run(identity, EMAIL_CONFIRM, token=second))["userErrors"] == INVALID_LINK


async def test_a_proof_older_than_ten_minutes_changes_no_address(
    identity: RunningSubgraph, people: People, clock: MovableClock
) -> None:
    amina = await people.customer("amina@example.dz")
    clock.advance(minutes=10, seconds=1)
    refused = await run(identity, EMAIL_CHANGE, amina.caller, to="other@example.dz")
    assert refused["userErrors"][0]["code"] == "STEP_UP_REQUIRED"
    assert await payloads_of(identity, "user.email_change_requested") == []


async def test_a_closed_account_is_a_strangers_until_a_reset_opens_it(
    identity: RunningSubgraph, people: People
) -> None:
    amina = await people.customer("amina@example.dz")
    assert (await run(identity, DEACTIVATE, amina.caller))["userErrors"] == []
    assert not await can_log_in(identity, "amina@example.dz", PASSWORD)
    assert (await run(identity, REFRESH, token=amina.refresh_token))["tokens"] is None
    token = await reset_token(identity, "amina@example.dz")
    assert await run(identity, RESET, token=token, password=NEW_PASSWORD) == DONE
    assert await can_log_in(identity, "amina@example.dz", NEW_PASSWORD)
    assert ("user.reactivated", amina.id) in await events_of(identity)


async def test_a_deleted_account_leaves_its_id_and_nothing_else(
    identity: RunningSubgraph, people: People
) -> None:
    owner = await people.owner("karim@example.dz")
    staff = await people.member("amina@example.dz", owner)
    assert (await run(identity, DELETE, staff.caller))["deletedUserId"] == staff.id
    kept = await scalars(identity, f"SELECT to_jsonb(users)::text FROM users WHERE id = '{staff.id}'")
    assert "amina" not in kept[0].lower()
    assert f"deleted-{staff.id}@deleted.invalid" in kept[0]
    for email in ("amina@example.dz", f"deleted-{staff.id}@deleted.invalid"):
        assert not await can_log_in(identity, email, PASSWORD)
    assert await identity.entities(
        [{"__typename": "User", "id": staff.id}], "... on User { name }", owner.caller
    ) == [None]
    # The address is free again, for another person.
    assert await people.register("amina@example.dz") == ACCEPTED
    assert (await people.log_in("amina@example.dz")).id != staff.id
    kinds = [kind for kind, subject in await events_of(identity) if subject == staff.id]
    assert kinds[-2:] == ["member.removed", "user.deleted"]


async def test_the_last_owner_of_others_stays_and_one_alone_may_go(
    identity: RunningSubgraph, people: People
) -> None:
    owner = await people.owner("karim@example.dz")
    await people.member("amina@example.dz", owner)
    assert (await run(identity, DELETE, owner.caller))["userErrors"][0]["code"] == "LAST_OWNER"
    assert await can_log_in(identity, "karim@example.dz", PASSWORD)
    alone = await people.owner("lina@example.dz")
    assert (await run(identity, DELETE, alone.caller))["userErrors"] == []
    assert ("organization.abandoned", alone.organization_id) in await events_of(identity)


async def test_two_owners_who_delete_themselves_at_once_leave_one(
    identity: RunningSubgraph, people: People
) -> None:
    first = await people.owner("karim@example.dz")
    second: Person = await people.member("amina@example.dz", first, role="owner")
    await people.member("lina@example.dz", first)
    answers = await asyncio.gather(*[run(identity, DELETE, each.caller) for each in (first, second)])
    refused = [answer["userErrors"][0]["code"] for answer in answers if answer["userErrors"]]
    assert refused == ["LAST_OWNER"]
    assert await count(identity, "memberships") == 2
