"""`auditEntries` tells an organization what was done in it, and nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.kit.ids import new_id
from tests.subgraphs.audit.conftest import Trail
from tests.support.migrated import assert_migrations_match
from tests.support.statements import recorded_statements

ENTRIES = """query($where: AuditEntryWhere, $first: Int, $after: String) {
  auditEntries(where: $where, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { domain sequence operation actorType actorId actor { id } clientAddress arguments
            changes { table key before after } } } }"""


async def test_an_organization_reads_what_was_done_in_it_the_newest_first(trail: Trail) -> None:
    staff = trail.staff(None, "audit:read")
    first_id = await trail.create_tag(staff, "Cuivre")
    trail.clock.advance(seconds=1)
    await trail.create_tag(staff, "Laiton")
    await trail.create_tag(trail.staff(), "Bois")
    assert await trail.copy() == 3
    assert await trail.copy() == 3  # again: a copy that is there stays as it is

    found = (await trail.audit.data(ENTRIES, caller=staff))["auditEntries"]
    assert found["totalCount"] == 2
    newest, oldest = found["nodes"]
    assert newest["arguments"]["input"]["name"]["fr"] == "Laiton"
    user_id = str(staff.viewer.user_id)
    assert (oldest["domain"], oldest["sequence"], oldest["operation"]) == ("products", 1, "tagCreate")
    assert (oldest["actorType"], oldest["actorId"], oldest["actor"]) == ("USER", user_id, {"id": user_id})
    (change,) = [change for change in oldest["changes"] if change["table"] == "tags"]
    assert (change["key"], change["before"]) == ({"id": first_id}, None)


async def test_entries_are_filtered_and_paged_with_a_constant_number_of_statements(trail: Trail) -> None:
    organization_id = new_id()
    one, other = (trail.staff(organization_id, "audit:read") for _ in range(2))
    ids = [await trail.create_tag(caller, name) for caller, name in ((one, "a"), (other, "b"), (one, "c"))]
    await trail.copy()

    async def sequences(**where: object) -> list[int]:
        found = await trail.audit.data(ENTRIES, {"where": where}, one)
        return sorted(node["sequence"] for node in found["auditEntries"]["nodes"])

    assert await sequences(actorId={"eq": str(other.viewer.user_id)}) == [2]
    assert await sequences(changed={"table": "tags", "id": ids[2]}) == [3]
    assert await sequences(changed={"id": str(new_id())}) == []
    assert await sequences(operation={"startsWith": "tag"}, actorType={"in": ["USER"]}) == [1, 2, 3]
    assert await sequences(NOT={"actorType": {"eq": "USER"}}) == []
    with recorded_statements(trail.audit.app.database.engine) as statements:
        page = (await trail.audit.data(ENTRIES, {"first": 2}, one))["auditEntries"]
    assert len(statements) == 2, "the page and its total"
    rest = (await trail.audit.data(ENTRIES, {"first": 2, "after": page["pageInfo"]["endCursor"]}, one))[
        "auditEntries"
    ]
    assert [node["sequence"] for node in (*page["nodes"], *rest["nodes"])] == [3, 2, 1]
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_without_the_permission_nothing_is_told(trail: Trail) -> None:
    refused = await trail.audit.execute(ENTRIES, caller=trail.staff())
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    anonymous = await trail.audit.execute(ENTRIES)
    assert anonymous["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_copies_take_inserts_only(trail: Trail) -> None:
    await trail.create_tag(trail.staff(), "Cuivre")
    await trail.copy()
    with pytest.raises(DBAPIError, match="append-only"):
        async with trail.audit.app.database.engine.begin() as connection:
            await connection.execute(text("DELETE FROM audit_copies"))
    assert len(await trail.rows(trail.audit, "SELECT id FROM audit_copies")) == 1


async def test_the_migrations_make_the_declared_tables() -> None:
    await assert_migrations_match("audit")
