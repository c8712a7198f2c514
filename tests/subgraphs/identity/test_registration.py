"""Signing up and logging in: one answer to strangers, one user per e-mail."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from tests.subgraphs.identity.people import LOGIN, PASSWORD, People
from tests.support.migrated import assert_migrations_match
from tests.support.subgraph import RunningSubgraph

ACCEPTED = {"accepted": True, "userErrors": []}


async def events_of(identity: RunningSubgraph) -> list[tuple[str, str]]:
    async with identity.app.database.engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT type, subject FROM outbox_events WHERE type <> 'job.requested' ORDER BY sequence")
        )
        return [(row.type, row.subject) for row in rows]


async def count(identity: RunningSubgraph, table: str) -> int:
    async with identity.app.database.engine.connect() as connection:
        return (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()


async def test_migrations_make_the_declared_tables() -> None:
    await assert_migrations_match("identity")


async def test_a_registered_person_logs_in_and_owns_the_organization(
    identity: RunningSubgraph, people: People
) -> None:
    assert await people.register("amina@example.dz", organizationName="Bab El Oued") == ACCEPTED
    payload = (await identity.data(LOGIN, {"input": {"email": "amina@example.dz", "password": PASSWORD}}))[
        "login"
    ]
    user = payload["user"]
    assert (user["email"], user["name"], user["locale"]) == ("amina@example.dz", "Amina", "FR")
    (membership,) = user["memberships"]
    assert membership["role"] == {"name": "owner"}
    assert membership["organization"]["name"] == "Bab El Oued"
    assert [kind for kind, _ in await events_of(identity)] == [
        "user.registered",
        "organization.created",
        "user.logged_in",
    ]


async def test_a_known_email_in_any_spelling_is_answered_like_a_new_one(
    identity: RunningSubgraph, people: People
) -> None:
    assert await people.register("amina@example.dz") == ACCEPTED
    again = await people.register(" AMINA@Ｅxample.dz", password="another password", organizationName="X")
    assert again == ACCEPTED
    assert (await count(identity, "users"), await count(identity, "organizations")) == (1, 0)
    (registered, repeated) = await events_of(identity)
    assert repeated == ("user.registration_repeated", registered[1])
    await people.log_in("Amina@EXAMPLE.dz")


async def test_twenty_registrations_at_once_make_one_user(identity: RunningSubgraph, people: People) -> None:
    answers = await asyncio.gather(
        *[people.register("karim@example.dz", organizationName="Oran") for _ in range(20)]
    )
    assert answers == [ACCEPTED] * 20
    assert (await count(identity, "users"), await count(identity, "organizations")) == (1, 1)
    kinds = sorted(kind for kind, _ in await events_of(identity))
    assert kinds == ["organization.created", "user.registered"] + ["user.registration_repeated"] * 19


async def test_everything_wrong_with_a_form_is_told_at_once(
    identity: RunningSubgraph, people: People
) -> None:
    payload = await people.register("amina@nowhere", password="short", name=" ", organizationName="")
    assert payload["accepted"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [
        ("INVALID_INPUT", ["input", "email"]),
        ("WEAK_PASSWORD", ["input", "password"]),
        ("INVALID_INPUT", ["input", "name"]),
        ("INVALID_INPUT", ["input", "organizationName"]),
    ]
    assert (await count(identity, "users"), await events_of(identity)) == (0, [])


async def test_a_password_may_not_be_the_address_or_a_well_known_one(people: People) -> None:
    for password in ("amina@example.dz", "AZERTYUIOP", "x" * 129):
        payload = await people.register("amina@example.dz", password=password)
        assert [error["code"] for error in payload["userErrors"]] == ["WEAK_PASSWORD"]


async def test_unknown_email_and_wrong_password_get_one_answer(
    identity: RunningSubgraph, people: People
) -> None:
    await people.register("amina@example.dz")
    answers = [
        await identity.data(LOGIN, {"input": {"email": email, "password": password}})
        for email, password in (
            ("amina@example.dz", "not her password"),
            ("nobody@example.dz", PASSWORD),
            ("not an address", PASSWORD),
            ("amina@example.dz", PASSWORD + "x" * 10_000),
        )
    ]
    assert answers == [answers[0]] * 4
    assert answers[0]["login"]["tokens"] is None
    assert answers[0]["login"]["userErrors"] == [
        {
            "code": "INVALID_CREDENTIALS",
            "message": "The e-mail and the password do not go together",
            "field": None,
        }
    ]
    assert await count(identity, "sessions") == 0


async def test_a_disabled_user_is_a_stranger(identity: RunningSubgraph, people: People) -> None:
    await people.register("amina@example.dz")
    async with identity.app.database.engine.begin() as connection:
        await connection.execute(text("UPDATE users SET disabled_at = now()"))
    payload = await identity.data(LOGIN, {"input": {"email": "amina@example.dz", "password": PASSWORD}})
    assert payload["login"]["userErrors"][0]["code"] == "INVALID_CREDENTIALS"


async def test_logging_in_to_a_foreign_organization_opens_no_session(
    identity: RunningSubgraph, people: People
) -> None:
    owner = await people.owner("amina@example.dz")
    await people.register("karim@example.dz")
    given = {"email": "karim@example.dz", "password": PASSWORD, "organizationId": owner.organization_id}
    payload = (await identity.data(LOGIN, {"input": given}))["login"]
    assert payload["userErrors"][0]["code"] == "NOT_A_MEMBER"
    assert await count(identity, "sessions") == 1
