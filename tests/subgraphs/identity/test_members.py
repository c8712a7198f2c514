"""Members and roles: nobody above themselves, never without an owner."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from subgraphs.identity.service.roles import BUILT_IN_PERMISSIONS
from tests.subgraphs.identity.people import People, Person
from tests.subgraphs.identity.test_registration import events_of
from tests.subgraphs.identity.test_sessions import rows
from tests.support.subgraph import RunningSubgraph

REMOVE = "mutation($id: ID!) { memberRemove(userId: $id) { removedUserId userErrors { code field } } }"
SET_ROLE = """
mutation($id: ID!, $role: String!) {
  memberRoleSet(userId: $id, input: { role: $role }) {
    membership { role { name } }
    userErrors { code field }
  }
}
"""
UPSERT = """
mutation($input: RoleUpsertInput!) {
  roleUpsert(input: $input) { role { name permissions builtIn version } userErrors { code message } }
}
"""
CREATE = """
mutation($name: String!) {
  organizationCreate(input: { name: $name }) { organization { id name version } userErrors { code } }
}
"""


async def set_role(identity: RunningSubgraph, actor: Person, user_id: str, role: str) -> dict[str, Any]:
    return (await identity.data(SET_ROLE, {"id": user_id, "role": role}, actor.caller))["memberRoleSet"]


async def remove(identity: RunningSubgraph, actor: Person, user_id: str) -> dict[str, Any]:
    return (await identity.data(REMOVE, {"id": user_id}, actor.caller))["memberRemove"]


async def upsert(identity: RunningSubgraph, actor: Person, **given: Any) -> dict[str, Any]:
    return (await identity.data(UPSERT, {"input": given}, actor.caller))["roleUpsert"]


def codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def owners(identity: RunningSubgraph) -> int:
    (found,) = await rows(
        identity,
        "SELECT count(*) FROM memberships m JOIN roles r ON r.id = m.role_id WHERE r.name = 'owner'",
    )
    return found[0]


async def test_a_founder_owns_and_may_everything(identity: RunningSubgraph, people: People) -> None:
    karim = await people.customer("karim@example.dz")
    created = (await identity.data(CREATE, {"name": " Tipaza "}, karim.caller))["organizationCreate"]
    assert created["organization"]["name"] == "Tipaza"
    again = await people.log_in("karim@example.dz")
    assert again.caller.viewer.roles == ("owner",)
    assert again.caller.viewer.permissions == frozenset({"*"})
    assert codes((await identity.data(CREATE, {"name": " "}, karim.caller))["organizationCreate"]) == [
        "INVALID_INPUT"
    ]


async def test_the_last_owner_can_neither_leave_nor_step_down(
    identity: RunningSubgraph, people: People
) -> None:
    owner = await people.owner("amina@example.dz")
    await people.member("karim@example.dz", owner, "admin")
    assert codes(await remove(identity, owner, owner.id)) == ["LAST_OWNER"]
    assert codes(await set_role(identity, owner, owner.id, "admin")) == ["LAST_OWNER"]
    assert await owners(identity) == 1


@pytest.mark.parametrize("way_out", ["remove", "demote", "both"])
async def test_two_owners_leaving_at_once_leave_one(
    identity: RunningSubgraph, people: People, way_out: str
) -> None:
    first = await people.owner("amina@example.dz")
    second = await people.member("karim@example.dz", first, "owner")
    leaving = {
        "remove": [remove(identity, first, first.id), remove(identity, second, second.id)],
        "demote": [
            set_role(identity, first, first.id, "staff"),
            set_role(identity, second, second.id, "staff"),
        ],
        # Each turns the other out: the slower one is no owner any more when its turn comes.
        "both": [remove(identity, first, second.id), remove(identity, second, first.id)],
    }
    answers = await asyncio.gather(*leaving.pop(way_out))
    for unused in leaving.values():
        for coroutine in unused:
            coroutine.close()
    assert sorted(codes(answer) for answer in answers) == [
        [],
        ["NOT_ALLOWED"] if way_out == "both" else ["LAST_OWNER"],
    ]
    assert await owners(identity) == 1


async def test_ten_owners_leaving_at_once_leave_one(identity: RunningSubgraph, people: People) -> None:
    first = await people.owner("owner0@example.dz")
    others = [await people.member(f"owner{n}@example.dz", first, "owner") for n in range(1, 10)]
    answers = await asyncio.gather(*[remove(identity, each, each.id) for each in [first, *others]])
    assert sorted(codes(answer) for answer in answers) == [[]] * 9 + [["LAST_OWNER"]]
    assert await owners(identity) == 1


async def test_a_user_is_added_once_under_concurrency(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    karim = await people.customer("karim@example.dz")
    answers = await asyncio.gather(*[people.add(owner, karim.id, "staff") for _ in range(8)])
    assert sorted(codes(answer) for answer in answers) == [[]] + [["ALREADY_A_MEMBER"]] * 7
    kinds = [kind for kind, _ in await events_of(identity)]
    assert kinds.count("member.added") == 1


async def test_admins_cannot_make_depose_or_remove_owners(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    admin = await people.member("karim@example.dz", owner, "admin")
    stranger = await people.customer("lila@example.dz")
    assert codes(await people.add(admin, stranger.id, "owner")) == ["BEYOND_OWN_PERMISSIONS"]
    assert codes(await set_role(identity, admin, admin.id, "owner")) == ["BEYOND_OWN_PERMISSIONS"]
    assert codes(await set_role(identity, admin, owner.id, "staff")) == ["BEYOND_OWN_PERMISSIONS"]
    assert codes(await remove(identity, admin, owner.id)) == ["BEYOND_OWN_PERMISSIONS"]
    assert codes(await people.add(admin, stranger.id, "staff")) == []


async def test_staff_manage_nobody_but_may_leave(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    staff = await people.member("karim@example.dz", owner)
    response = await identity.execute(SET_ROLE, {"id": staff.id, "role": "admin"}, staff.caller)
    assert response["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert codes(await remove(identity, staff, owner.id)) == ["NOT_ALLOWED"]
    assert await remove(identity, staff, staff.id) == {"removedUserId": staff.id, "userErrors": []}


async def test_a_demoted_admins_old_token_manages_nobody(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    admin = await people.member("karim@example.dz", owner, "admin")
    lila = await people.customer("lila@example.dz")
    assert codes(await set_role(identity, owner, admin.id, "staff")) == []
    assert codes(await people.add(admin, lila.id, "staff")) == ["NOT_ALLOWED"]
    await remove(identity, owner, admin.id)
    assert codes(await people.add(admin, lila.id, "staff")) == ["NOT_ALLOWED"]


async def test_unknown_users_roles_and_members_are_named(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    karim = await people.customer("karim@example.dz")
    for user_id in (str(uuid4()), "not an id"):
        payload = await people.add(owner, user_id, "staff")
        assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [
            ("NOT_FOUND", ["input", "userId"])
        ]
    payload = await people.add(owner, karim.id, "wizard")
    assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [
        ("NOT_FOUND", ["input", "role"])
    ]
    assert codes(await remove(identity, owner, karim.id)) == ["NOT_A_MEMBER"]


async def test_a_custom_role_gives_exactly_what_it_says(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    made = await upsert(
        identity, owner, name="picker", permissions=["orders:read", "inventory:read", "orders:read"]
    )
    assert made["role"] == {
        "name": "picker",
        "permissions": ["inventory:read", "orders:read"],
        "builtIn": False,
        "version": 1,
    }
    picker = await people.member("karim@example.dz", owner, "picker")
    assert picker.caller.viewer.permissions == frozenset({"inventory:read", "orders:read"})
    changed = await upsert(identity, owner, name="picker", permissions=["orders:*"], expectedVersion=1)
    assert (changed["role"]["permissions"], changed["role"]["version"]) == (["orders:*"], 2)
    stale = await upsert(identity, owner, name="picker", permissions=[], expectedVersion=1)
    assert codes(stale) == ["CONFLICT"]


async def test_roles_are_no_way_upwards(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    admin = await people.member("karim@example.dz", owner, "admin")
    await upsert(identity, owner, name="banker", permissions=["payments:write"])
    beyond = ["BEYOND_OWN_PERMISSIONS"]
    assert codes(await upsert(identity, admin, name="thief", permissions=["payments:write"])) == beyond
    assert codes(await upsert(identity, admin, name="banker", permissions=["orders:read"])) == beyond
    assert codes(await set_role(identity, admin, admin.id, "banker")) == beyond
    for name in ("owner", "admin", "staff"):
        assert codes(await upsert(identity, owner, name=name, permissions=[])) == ["BUILT_IN_ROLE"]
    for bad in ("*", "orders", "Orders:read", "orders:read:all", "o" * 41 + ":read"):
        assert codes(await upsert(identity, owner, name="odd", permissions=[bad])) == ["INVALID_INPUT"]
    assert codes(await upsert(identity, owner, name="Odd one", permissions=[])) == ["INVALID_INPUT"]


async def test_each_change_leaves_its_event_with_the_actor(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    karim = await people.member("karim@example.dz", owner)
    await set_role(identity, owner, karim.id, "admin")
    await set_role(identity, owner, karim.id, "admin")
    await remove(identity, owner, karim.id)
    found = await rows(
        identity,
        "SELECT type, subject, organization_id::text, payload FROM outbox_events"
        " WHERE type LIKE 'member.%' ORDER BY sequence",
    )
    organization = owner.organization_id
    assert found == [
        (
            "member.added",
            karim.id,
            organization,
            {"role": "staff", "actor_id": owner.id, "permissions": [*BUILT_IN_PERMISSIONS["staff"]]},
        ),
        (
            "member.role_set",
            karim.id,
            organization,
            {
                "role_before": "staff",
                "role_after": "admin",
                "actor_id": owner.id,
                "permissions": [*BUILT_IN_PERMISSIONS["admin"]],
            },
        ),
        ("member.removed", karim.id, organization, {"role": "admin", "actor_id": owner.id}),
    ]
