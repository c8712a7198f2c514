"""What people tell of themselves, to whom it is shown, and how it is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from subgraphs.kit.client_origin import ADDRESS_HEADER
from subgraphs.kit.events.cloud_event import CloudEvent, source_of
from subgraphs.kit.events.consumer import EventContext
from subgraphs.kit.ids import new_id
from subgraphs.users.app import create_app
from subgraphs.users.consumers import CONSUMERS
from tests.support.migrated import assert_migrations_match
from tests.support.statements import recorded_statements
from tests.support.subgraph import Caller, MovableClock, RunningSubgraph, running_subgraph

UPDATE = """mutation($input: ProfileUpdateInput!) { profileUpdate(input: $input) {
  profile { displayName phone locale timeZone version } userErrors { code field } } }"""
SAVE = """mutation($input: UserAddressInput!, $id: ID) { addressSave(input: $input, id: $id) {
  address { id wilayaCode isDefaultBilling isDefaultShipping version } userErrors { code field } } }"""
PROFILE = """... on User { profile { displayName bio phone locale timeZone
  visibility { field audience } addresses { id isDefaultShipping } consents { purpose granted }
  preferences } }"""
ADDRESS = {"recipient": "Amina", "line1": "12 rue Didouche", "commune": "Alger-Centre", "wilayaCode": "16"}


@pytest.fixture
async def users() -> AsyncIterator[RunningSubgraph]:
    async with running_subgraph("users", create_app, clock=MovableClock()) as running:
        yield running


async def update(users: RunningSubgraph, caller: Caller, **given: Any) -> dict[str, Any]:
    return (await users.data(UPDATE, {"input": given}, caller))["profileUpdate"]


async def save(users: RunningSubgraph, caller: Caller, id: str | None = None, **given: Any) -> dict[str, Any]:  # noqa: A002
    return (await users.data(SAVE, {"input": {**ADDRESS, **given}, "id": id}, caller))["addressSave"]


async def profile_of(users: RunningSubgraph, person: Caller, viewer: Caller | None) -> Any:
    reference = {"__typename": "User", "id": str(person.viewer.user_id)}
    (found,) = await users.entities([reference], PROFILE, viewer)
    return found["profile"]


async def hear(
    users: RunningSubgraph, kind: str, subject: UUID, tenant: UUID | None = None, **data: Any
) -> None:
    event = CloudEvent(
        id=new_id(),
        source=source_of("identity"),
        type=kind,
        subject=str(subject),
        time=users.app.clock.now(),
        data=data,
        tenant=tenant,
    )
    (consumer,) = [each for each in CONSUMERS if kind in each.types]
    async with users.app.database.transaction() as session:
        context = EventContext(event, session, users.app, attempt=1)
        handle: Any = consumer.handle
        await handle(context, consumer.read(data))


async def test_only_what_is_given_changes_and_numbers_take_one_form(users: RunningSubgraph) -> None:
    amina = users.customer()
    first = await update(users, amina, displayName="Amina", phone="0550 12 34 56", locale="AR")
    assert first["profile"] == {
        "displayName": "Amina",
        "phone": "+213550123456",
        "locale": "AR",
        "timeZone": None,
        "version": 2,
    }
    second = await update(users, amina, timeZone="Africa/Algiers", locale=None, expectedVersion=2)
    assert (second["profile"]["displayName"], second["profile"]["locale"]) == ("Amina", None)
    stale = await update(users, amina, bio="...", expectedVersion=2)
    assert stale["userErrors"] == [{"code": "CONFLICT", "field": ["expectedVersion"]}]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"timeZone": "Africa/Nowhere"}, "timeZone"),
        ({"timeZone": "../etc/passwd"}, "timeZone"),
        ({"displayName": " "}, "displayName"),
        ({"bio": "x" * 2_001}, "bio"),
    ],
)
async def test_what_cannot_be_is_refused(users: RunningSubgraph, given: dict[str, Any], field: str) -> None:
    refused = await update(users, users.customer(), **given)
    assert refused["userErrors"] == [{"code": "INVALID_INPUT", "field": ["input", field]}]


async def test_others_see_of_a_profile_what_its_person_shows_them(users: RunningSubgraph) -> None:
    organization_id = new_id()
    amina = users.user(organization_id=organization_id)
    assert amina.viewer.user_id is not None
    shown = [
        {"field": "DISPLAY_NAME", "audience": "EVERYBODY"},
        {"field": "PHONE", "audience": "ORGANIZATION"},
    ]
    given = {"displayName": "Amina", "phone": "+213550123456", "bio": "secret", "visibility": shown}
    await update(users, amina, **given)
    await save(users, amina)
    colleague = users.user(organization_id=organization_id, permissions=["users:read"])
    nothing = {"bio": None, "locale": None, "timeZone": None, "visibility": None}
    nothing |= {"addresses": None, "consents": None, "preferences": None}
    not_known_yet = await profile_of(users, amina, colleague)
    assert not_known_yet == {**nothing, "displayName": "Amina", "phone": None}
    await hear(users, "member.added", amina.viewer.user_id, organization_id)
    assert (await profile_of(users, amina, colleague))["phone"] == "+213550123456"
    for other in (
        users.user(organization_id=organization_id),
        users.user(permissions=["users:read"]),
        users.customer(),
    ):
        assert await profile_of(users, amina, other) == {**nothing, "displayName": "Amina", "phone": None}
    assert await profile_of(users, amina, None) is None
    await hear(users, "member.removed", amina.viewer.user_id, organization_id)
    assert (await profile_of(users, amina, colleague))["phone"] is None
    own = await profile_of(users, amina, amina)
    assert (own["bio"], len(own["addresses"]), own["preferences"]) == ("secret", 1, {})


async def test_many_profiles_cost_a_constant_number_of_statements(users: RunningSubgraph) -> None:
    people = [users.customer() for _ in range(8)]
    for person in people:
        await update(users, person, displayName="x")
    viewer = users.user(permissions=["users:read"])
    references = [{"__typename": "User", "id": str(person.viewer.user_id)} for person in people]
    with recorded_statements(users.app.database.engine) as statements:
        await users.entities(references, PROFILE, viewer)
    assert len(statements) == 2, "profiles, and who of them is a colleague"


async def test_of_addresses_saved_at_once_one_is_the_default(users: RunningSubgraph) -> None:
    amina = users.customer()
    saved = await asyncio.gather(*(save(users, amina, isDefaultShipping=True) for _ in range(8)))
    assert all(payload["userErrors"] == [] for payload in saved)
    addresses = (await profile_of(users, amina, amina))["addresses"]
    assert sum(address["isDefaultShipping"] for address in addresses) == 1
    more = await asyncio.gather(*(save(users, amina) for _ in range(14)))
    codes = [error["code"] for payload in more for error in payload["userErrors"]]
    assert codes == ["TOO_MANY_ADDRESSES"] * 2


async def test_addresses_are_their_persons_alone(users: RunningSubgraph) -> None:
    amina, stranger = users.customer(), users.customer()
    address = (await save(users, amina))["address"]
    refused = await save(users, stranger, id=address["id"])
    assert refused["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"]}]
    abroad = await save(users, amina, country="FR", wilayaCode=None)
    assert abroad["userErrors"] == []
    nowhere = await save(users, amina, wilayaCode="59")
    assert nowhere["userErrors"] == [{"code": "INVALID_INPUT", "field": ["input", "wilayaCode"]}]
    delete = "mutation($id: ID!) { addressDelete(id: $id) { deletedAddressId userErrors { code } } }"
    kept = await users.data(delete, {"id": address["id"]}, stranger)
    assert kept["addressDelete"]["userErrors"] == [{"code": "NOT_FOUND"}]
    gone = await users.data(delete, {"id": address["id"]}, amina)
    assert gone["addressDelete"]["deletedAddressId"] == address["id"]


async def test_everything_told_is_exported_and_then_forgotten(users: RunningSubgraph) -> None:
    amina = users.customer()
    await update(users, amina, displayName="Amina", visibility=[{"field": "BIO", "audience": "EVERYBODY"}])
    await save(users, amina)
    consent = """mutation { consentRecord(
      input: {purpose: "marketing.email", granted: true, textVersion: "2026-11"}) {
      consent { granted } userErrors { code } } }"""
    await users.app.execute(consent, None, None, {**amina.headers, ADDRESS_HEADER: "192.0.2.7"})
    preferences = (
        'mutation { preferencesSet(input: [{name: "theme", value: "dark"}]) { userErrors { code } } }'
    )
    await users.data(preferences, caller=amina)
    exported = (await users.data("{ myProfileExport }", caller=amina))["myProfileExport"]
    assert (exported["profile"]["display_name"], exported["preferences"]) == ("Amina", {"theme": "dark"})
    assert exported["addresses"][0]["line1"] == "12 rue Didouche"
    assert exported["consents"][0]["client_address"] == "192.0.2.7"

    assert (await users.data("mutation { profileErase { erased } }", caller=amina))["profileErase"]["erased"]
    assert amina.viewer.user_id is not None
    await hear(users, "user.deleted", amina.viewer.user_id)
    after = (await users.data("{ myProfileExport }", caller=amina))["myProfileExport"]
    assert set(after["profile"].values()) == {None}
    assert (after["addresses"], after["preferences"], after["visibility"]) == ([], {}, {})
    assert [(each["purpose"], each["client_address"]) for each in after["consents"]] == [
        ("marketing.email", None)
    ]
    async with users.app.database.engine.connect() as connection:
        told = await connection.execute(text("SELECT subject FROM outbox_events WHERE type = 'user.erased'"))
    assert [subject for (subject,) in told] == [str(amina.viewer.user_id)], "told once"


async def test_a_stranger_changes_nothing(users: RunningSubgraph) -> None:
    refused = await users.execute(UPDATE, {"input": {"bio": "x"}})
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    service = await users.execute(
        UPDATE, {"input": {"bio": "x"}}, users.service("orders", users.customer().viewer)
    )
    assert service["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_the_migrations_make_the_declared_tables() -> None:
    await assert_migrations_match("users")
