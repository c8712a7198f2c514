"""What identity's mutations leave in the audit trail."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from tests.subgraphs.identity.people import People
from tests.support.subgraph import RunningSubgraph

REMOVE = "mutation($id: ID!) { memberRemove(userId: $id) { userErrors { code } } }"


async def entries(identity: RunningSubgraph) -> list[Any]:
    async with identity.app.database.engine.connect() as connection:
        found = await connection.execute(text("SELECT * FROM audit_entries ORDER BY occurred_at, sequence"))
        return list(found)


async def test_changes_of_members_are_audited_also_where_no_permission_is_asked_first(
    identity: RunningSubgraph, people: People
) -> None:
    owner = await people.owner("amina@example.dz")
    member = await people.member("karim@example.dz", owner)
    await identity.data(REMOVE, {"id": member.id}, owner.caller)
    added, removed = await entries(identity)
    assert [added.operation, removed.operation] == ["memberAdd", "memberRemove"]
    assert (removed.sequence, removed.previous_hash) == (2, added.hash)
    (change,) = [each for each in removed.changes if each["table"] == "memberships"]
    assert change["key"] == {"organization_id": owner.organization_id, "user_id": member.id}
    assert (change["before"]["user_id"], change["after"]) == (member.id, None)


async def test_a_new_clients_secret_is_not_in_the_trail(identity: RunningSubgraph, people: People) -> None:
    owner = await people.owner("amina@example.dz")
    register = """mutation { oauthClientRegister(input: {
      name: "Étal", grantTypes: [CLIENT_CREDENTIALS], scopes: ["orders:read"]}) { clientSecret } }"""
    made = (await identity.data(register, caller=owner.caller))["oauthClientRegister"]
    (entry,) = await entries(identity)
    (change,) = entry.changes
    assert (change["table"], change["after"]["secret_hash"]) == ("oauth_clients", "***")
    assert made["clientSecret"] not in str(entry)
