"""The audit trail: every privileged mutation leaves its entry, and no entry can be changed unseen."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.kit.audit.announcing import announce_entries
from subgraphs.kit.audit.entry import GENESIS
from subgraphs.kit.audit.redaction import recordable, row_change
from subgraphs.kit.audit.verification import ChainReport, verify_chains
from subgraphs.kit.client_origin import ADDRESS_HEADER
from subgraphs.kit.ids import new_id
from tests.support.subgraph import Caller, RunningSubgraph

SHELVE = """mutation($title: String!, $pages: Int! = 90) {
  bookShelve(input: {title: $title, pages: $pages}) { book { id } userErrors { code } } }"""
REPRINT = "mutation($id: ID!, $times: Int!) { bookReprint(id: $id, times: $times) { userErrors { code } } }"
RETITLE = 'mutation($id: ID!) { bookRetitle(id: $id, title: "Nedjma, 2e") { book { version } } }'


def librarian(shelf: RunningSubgraph, organization_id: UUID | None = None) -> Caller:
    return shelf.user(organization_id=organization_id, permissions=["books:write"])


async def shelve(shelf: RunningSubgraph, caller: Caller, title: str = "Nedjma") -> str:
    payload = (await shelf.data(SHELVE, {"title": title}, caller))["bookShelve"]
    assert payload["userErrors"] == []
    return payload["book"]["id"]


async def entries(shelf: RunningSubgraph) -> list[Any]:
    async with shelf.app.database.engine.connect() as connection:
        return list(await connection.execute(text("SELECT * FROM audit_entries ORDER BY scope, sequence")))


async def tamper(shelf: RunningSubgraph, statement: str) -> None:
    """Does what only somebody who owns the database can."""
    async with shelf.app.database.engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text(statement))


async def verify(shelf: RunningSubgraph) -> ChainReport:
    async with shelf.app.database.read_session() as session:
        return await verify_chains(session)


async def test_an_entry_tells_who_did_what_when_from_where_and_what_changed(shelf: RunningSubgraph) -> None:
    caller = librarian(shelf)
    headers = {**caller.headers, ADDRESS_HEADER: "192.0.2.7", "x-request-id": "r-1"}
    answer = await shelf.app.execute(SHELVE, {"title": "Nedjma"}, None, headers)
    book_id = answer["data"]["bookShelve"]["book"]["id"]
    await shelf.data(RETITLE, {"id": book_id}, caller)

    made, changed = await entries(shelf)
    assert (made.domain, made.operation, made.request_id) == ("shelf", "bookShelve", "r-1")
    assert (made.scope, made.organization_id) == (caller.viewer.organization_id,) * 2
    assert (made.actor_type, made.actor_id, made.actor_service) == ("user", caller.viewer.user_id, None)
    assert (made.session_id, made.client_address) == (caller.viewer.session_id, "192.0.2.7")
    assert made.arguments == {"input": {"title": "Nedjma", "pages": 90, "idempotency_key": ""}}
    (change,) = made.changes
    assert (change["table"], change["key"], change["before"]) == ("books", {"id": book_id}, None)
    assert (change["after"]["title"], change["after"]["pages"]) == ("Nedjma", 90)
    assert (made.sequence, made.previous_hash, made.changes_left_out) == (1, GENESIS, 0)
    (change,) = changed.changes
    assert {name: change["before"][name] for name in ("title", "version")} == {
        "title": "Nedjma",
        "version": 1,
    }
    assert {name: change["after"][name] for name in ("title", "version")} == {
        "title": "Nedjma, 2e",
        "version": 2,
    }
    assert "pages" not in change["after"]
    assert (changed.sequence, changed.previous_hash, changed.client_address) == (2, made.hash, None)


async def test_what_is_refused_or_fails_leaves_no_entry(shelf: RunningSubgraph) -> None:
    caller = librarian(shelf)
    for title in ("one too many", "dynamite"):
        await shelf.execute(SHELVE, {"title": title}, caller)
    await shelf.execute(SHELVE, {"title": "Nedjma"}, shelf.user())
    assert await entries(shelf) == []


async def test_parallel_calls_of_two_organizations_make_two_whole_chains(shelf: RunningSubgraph) -> None:
    organizations = [new_id(), new_id()]
    callers = [librarian(shelf, organization_id) for organization_id in organizations * 15]
    await asyncio.gather(*(shelve(shelf, caller, f"book {n}") for n, caller in enumerate(callers)))
    found = await entries(shelf)
    for organization_id in organizations:
        chain = [entry for entry in found if entry.scope == organization_id]
        assert [entry.sequence for entry in chain] == list(range(1, 16))
        assert [entry.previous_hash for entry in chain] == [GENESIS, *(entry.hash for entry in chain[:-1])]
    report = await verify(shelf)
    assert (report.chains, report.entries, report.faults) == (2, 30, [])


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entries SET operation = 'nothing'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"],
)
async def test_the_table_takes_inserts_only(shelf: RunningSubgraph, statement: str) -> None:
    await shelve(shelf, librarian(shelf))
    with pytest.raises(DBAPIError, match="append-only"):
        async with shelf.app.database.engine.begin() as connection:
            await connection.execute(text(statement))
    assert len(await entries(shelf)) == 1


@pytest.mark.parametrize(
    ("statement", "reasons"),
    [
        (
            """UPDATE audit_entries SET changes = replace(changes::text, 'two', 'ten')::jsonb
            WHERE sequence = 2""",
            [(2, "was changed: its hash is another")],
        ),
        ("DELETE FROM audit_entries WHERE sequence = 2", [(3, "follows 1: entries are missing")]),
        ("DELETE FROM audit_entries WHERE sequence = 3", [(3, "the chain ends at 2, its head says 3")]),
        (
            "UPDATE audit_entries SET hash = sha256(hash) WHERE sequence = 1",
            [(1, "was changed: its hash is another"), (2, "names another hash than the entry before it has")],
        ),
    ],
)
async def test_tampering_is_found(
    shelf: RunningSubgraph, statement: str, reasons: list[tuple[int, str]]
) -> None:
    caller = librarian(shelf)
    for title in ("one", "two", "three"):
        await shelve(shelf, caller, title)
    await tamper(shelf, statement)
    faults = (await verify(shelf)).faults
    assert [(fault.sequence, fault.reason) for fault in faults] == reasons
    assert {fault.scope for fault in faults} == {caller.viewer.organization_id}


async def test_a_saga_leaves_an_entry_for_each_transaction_that_changes_something(
    shelf: RunningSubgraph,
) -> None:
    caller = librarian(shelf)
    book_id = await shelve(shelf, caller)
    await shelf.data(REPRINT, {"id": book_id, "times": 2}, caller)
    _, first, second = await entries(shelf)
    assert [each.changes[0]["after"]["pages"] for each in (first, second)] == [91, 92]
    assert first.request_id == second.request_id
    await shelf.data(REPRINT, {"id": str(new_id()), "times": 2}, caller)
    *_, last = await entries(shelf)
    assert (last.sequence, last.operation, last.changes) == (4, "bookReprint", [])


async def test_each_entry_is_announced_once_in_the_order_of_its_chain(shelf: RunningSubgraph) -> None:
    caller = librarian(shelf)
    for title in ("one", "two"):
        await shelve(shelf, caller, title)

    async def announce() -> int:
        async with shelf.app.database.transaction() as session:
            return await announce_entries(session)

    assert sum(await asyncio.gather(*(announce() for _ in range(4)))) == 2
    assert await announce() == 0
    async with shelf.app.database.engine.connect() as connection:
        told = list(
            await connection.execute(
                text(
                    "SELECT subject, payload FROM outbox_events"
                    " WHERE type = 'audit.recorded' ORDER BY sequence"
                )
            )
        )
    stored = await entries(shelf)
    assert [row.subject for row in told] == [str(caller.viewer.organization_id)] * 2
    assert [row.payload["hash"] for row in told] == [entry.hash.hex() for entry in stored]


def test_secrets_and_bulk_do_not_reach_the_trail() -> None:
    given = {
        "name": "Zahra\x00",
        "password": "Zellige-58",
        "refresh_token": None,
        "nested": {"apiKey": "zk_1", "postal_code": "16000"},
        "ratio": -0.0,
        "note": "a" * 1_010,
        "lines": list(range(52)),
    }
    assert recordable(given) == {
        "name": "Zahra\ufffd",
        "password": "***",
        "refresh_token": None,
        "nested": {"apiKey": "***", "postal_code": "16000"},
        "ratio": 0.0,
        "note": "a" * 1_000 + "... 10 more",
        "lines": [*range(50), "... 2 more"],
    }
    change = row_change(
        "users",
        ["id"],
        {"id": "u", "email": "a@b.dz", "password_hash": "old", "seal": "\\x00"},
        {"id": "u", "email": "c@b.dz", "password_hash": "new", "seal": "\\x01"},
    )
    assert change == {
        "table": "users",
        "key": {"id": "u"},
        "before": {"email": "a@b.dz", "password_hash": "***", "seal": "(bytes)"},
        "after": {"email": "c@b.dz", "password_hash": "***", "seal": "(bytes)"},
    }
