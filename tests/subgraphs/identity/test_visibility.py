"""Who sees whom, through queries and through `_entities`, and at how many statements."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from tests.subgraphs.identity.people import People
from tests.support.statements import recorded_statements
from tests.support.subgraph import RunningSubgraph

ME = "{ me { id email memberships { role { name } organization { name } } } }"


def users(*ids: str) -> list[dict[str, Any]]:
    return [{"__typename": "User", "id": each} for each in ids]


async def test_me_is_null_for_nobody_and_oneself_otherwise(identity: RunningSubgraph, people: People) -> None:
    assert await identity.data(ME) == {"me": None}
    owner = await people.owner("amina@example.dz", "Oran")
    assert await identity.data(ME, caller=owner.caller) == {
        "me": {
            "id": owner.id,
            "email": "amina@example.dz",
            "memberships": [{"role": {"name": "owner"}, "organization": {"name": "Oran"}}],
        }
    }


async def test_entities_of_another_organization_are_null(identity: RunningSubgraph, people: People) -> None:
    amina = await people.owner("amina@example.dz", "Oran")
    karim = await people.owner("karim@example.dz", "Annaba")
    staff = await people.member("lila@example.dz", karim)
    assert amina.organization_id is not None and karim.organization_id is not None
    found = await identity.entities(
        [
            *users(karim.id, staff.id, amina.id),
            {"__typename": "Organization", "id": karim.organization_id},
            {"__typename": "Organization", "id": amina.organization_id},
        ],
        "... on User { email } ... on Organization { name }",
        amina.caller,
    )
    assert found == [
        None,
        None,
        {"__typename": "User", "email": "amina@example.dz"},
        None,
        {"__typename": "Organization", "name": "Oran"},
    ]


async def test_colleagues_are_seen_with_users_read_only(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    staff = await people.member("karim@example.dz", owner)
    upsert = "mutation($i: RoleUpsertInput!) { roleUpsert(input: $i) { role { id } } }"
    await identity.data(upsert, {"i": {"name": "blind", "permissions": ["orders:read"]}}, owner.caller)
    blind = await people.member("lila@example.dz", owner, "blind")
    selection = "... on User { email }"
    everybody = users(owner.id, staff.id, blind.id)
    emails = ["amina@example.dz", "karim@example.dz", "lila@example.dz"]

    def seen(entities: list[Any]) -> list[str | None]:
        return [each and each["email"] for each in entities]

    assert seen(await identity.entities(everybody, selection, staff.caller)) == emails
    assert seen(await identity.entities(everybody, selection, blind.caller)) == [None, None, emails[2]]
    assert seen(await identity.entities(everybody, selection)) == [None, None, None]
    orders = identity.service("orders", owner.caller.viewer, ["users:read"])
    assert seen(await identity.entities(everybody, selection, orders)) == emails
    powerless = identity.service("orders", owner.caller.viewer)
    assert seen(await identity.entities(everybody, selection, powerless)) == [None, None, None]


async def test_a_colleagues_other_organizations_stay_their_own(
    identity: RunningSubgraph, people: People
) -> None:
    owner = await people.owner("amina@example.dz", "Oran")
    other = await people.owner("karim@example.dz", "Annaba")
    await people.add(owner, other.id, "staff")
    query = "{ users { nodes { email memberships { organization { name } role { name } } } } }"
    data = await identity.data(query, caller=owner.caller)
    here = {"name": "Oran"}
    assert data["users"]["nodes"] == [
        {"email": "amina@example.dz", "memberships": [{"organization": here, "role": {"name": "owner"}}]},
        {"email": "karim@example.dz", "memberships": [{"organization": here, "role": {"name": "staff"}}]},
    ]


async def test_malformed_and_missing_ids_find_nothing(identity: RunningSubgraph, people: People) -> None:
    amina = await people.owner("amina@example.dz")
    found = await identity.entities(
        [
            {"__typename": "User", "id": "x"},
            {"__typename": "User"},
            {"__typename": "User", "id": 7},
            *users(amina.id),
        ],
        "... on User { id }",
        amina.caller,
    )
    assert found == [None, None, None, {"__typename": "User", "id": amina.id}]


async def test_entities_and_lists_cost_the_same_statements_whatever_their_length(
    identity: RunningSubgraph, people: People
) -> None:
    owner = await people.owner("amina@example.dz")
    async with identity.app.database.engine.begin() as connection:
        await connection.execute(
            text(
                "WITH people AS (INSERT INTO users (id, email, email_normalized, name, locale, password_hash)"
                " SELECT gen_random_uuid(), n || '@x.dz', n || '@x.dz', 'N' || n, 'fr', '' FROM"
                " generate_series(1, 120) n RETURNING id)"
                " INSERT INTO memberships (organization_id, user_id, role_id)"
                " SELECT r.organization_id, p.id, r.id FROM people p, roles r WHERE r.name = 'staff'"
            )
        )
    query = """
    query($n: Int!) {
      users(first: $n) { nodes { id memberships { role { name } organization { name } user { email } } } }
      members(first: $n) { nodes { role { name } user { name } organization { name } } }
    }
    """
    counts, ids = [], []
    for length in (1, 100):
        with recorded_statements(identity.app.database.engine) as statements:
            data = await identity.data(query, {"n": length}, owner.caller)
        assert len(data["users"]["nodes"]) == length
        counts.append(len(statements))
        ids = [node["id"] for node in data["users"]["nodes"]]
    assert counts == [5, 5]
    with recorded_statements(identity.app.database.engine) as statements:
        found = await identity.entities(users(*ids), "... on User { email }", owner.caller)
    assert None not in found
    assert len(statements) == 1


async def test_users_are_filtered_ordered_and_paged(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    for name in ("karim", "lila", "mourad"):
        await people.member(f"{name}@example.dz", owner)
    await people.customer("outsider@example.dz")
    query = """
    query($after: String) {
      users(first: 2, after: $after, orderBy: [{ field: NAME, direction: DESC }],
            where: { NOT: { email: { startsWith: "AMINA" } } }) {
        totalCount
        nodes { name }
        pageInfo { hasNextPage hasPreviousPage endCursor }
      }
    }
    """
    first = (await identity.data(query, {}, owner.caller))["users"]
    assert (first["totalCount"], [each["name"] for each in first["nodes"]]) == (3, ["Mourad", "Lila"])
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    second = (await identity.data(query, {"after": first["pageInfo"]["endCursor"]}, owner.caller))["users"]
    assert [each["name"] for each in second["nodes"]] == ["Karim"]
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)


async def test_lists_take_their_permission(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    customer = await people.customer("karim@example.dz")
    for query in ("{ users { totalCount } }", "{ members { totalCount } }", "{ roles { totalCount } }"):
        anonymous = await identity.execute(query)
        assert anonymous["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
        refused = await identity.execute(query, caller=customer.caller)
        assert refused["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
        await identity.data(query, caller=owner.caller)
    roles = await identity.data("{ roles { nodes { name builtIn permissions } } }", caller=owner.caller)
    assert [each["name"] for each in roles["roles"]["nodes"]] == ["admin", "owner", "staff"]


async def test_an_organization_is_shown_to_its_members(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz", "Oran")
    customer = await people.customer("karim@example.dz")
    query = "query($id: ID!) { organization(id: $id) { name } }"
    mine = {"id": owner.organization_id}
    assert await identity.data(query, mine, owner.caller) == {"organization": {"name": "Oran"}}
    assert await identity.data(query, mine, customer.caller) == {"organization": None}
    assert await identity.data(query, {"id": "x"}, customer.caller) == {"organization": None}
