"""One request through the kit: transactions, refusals, access, masking, limits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from subgraphs.kit.ids import new_id
from tests.kit.shelf import build_tables, create_app
from tests.support.statements import recorded_statements
from tests.support.subgraph import Caller, RunningSubgraph, running_subgraph

SHELVE = """
mutation($i: BookShelveInput!) {
  bookShelve(input: $i) {
    book { title pages price { amountMinor formatted(locale: FR) } twin { title } }
    userErrors { code message field }
  }
}
"""
SHELVE_ONCE = """
mutation($i: BookShelveInput!) { bookShelveOnce(input: $i) { book { id title } userErrors { code field } } }
"""
RETITLE = """
mutation($id: ID!, $title: String!, $v: Int) {
  bookRetitle(id: $id, title: $title, expectedVersion: $v) {
    book { title version }
    userErrors { code field }
  }
}
"""


async def rows(shelf: RunningSubgraph, statement: str) -> list[tuple[Any, ...]]:
    async with shelf.app.database.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]


@pytest.fixture
def staff(shelf: RunningSubgraph) -> Caller:
    return shelf.user(permissions=["books:write"])


async def test_a_mutation_commits_and_its_payload_reads_what_it_wrote(
    shelf: RunningSubgraph, staff: Caller
) -> None:
    data = await shelf.data(SHELVE, {"i": {"title": "Nedjma", "pages": 256}}, staff)
    assert data["bookShelve"] == {
        "book": {
            "title": "Nedjma",
            "pages": 256,
            "price": {"amountMinor": "38400", "formatted": "384,00\xa0DA"},
            "twin": {"title": "Nedjma"},
        },
        "userErrors": [],
    }
    (event,) = await rows(shelf, "SELECT type, payload, published_at FROM outbox_events")
    assert event == ("shelf.book_shelved", {"title": "Nedjma"}, None)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (
            {"title": "Nedjma", "pages": 0},
            {"code": "INVALID_INPUT", "message": "A book has pages", "field": ["input", "pages"]},
        ),
        (
            {"title": "one too many", "pages": 1},
            {"code": "SHELF_FULL", "message": "No room left", "field": None},
        ),
    ],
)
async def test_a_refusal_is_data_and_leaves_nothing_behind(
    shelf: RunningSubgraph, staff: Caller, given: dict[str, Any], refusal: dict[str, Any]
) -> None:
    data = await shelf.data(SHELVE, {"i": given}, staff)
    assert data["bookShelve"] == {"book": None, "userErrors": [refusal]}
    assert await rows(shelf, "SELECT * FROM books") == []
    assert await rows(shelf, "SELECT * FROM outbox_events") == []


async def test_an_unexpected_error_is_masked_and_rolled_back(
    shelf: RunningSubgraph, staff: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = {**staff.headers, "x-request-id": "req-7"}
    response = await shelf.app.execute(SHELVE, {"i": {"title": "dynamite", "pages": 1}}, None, headers)
    assert response == {
        "data": None,
        "errors": [
            {
                "message": "Internal server error",
                "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "req-7"},
                "locations": [{"line": 3, "column": 3}],
                "path": ["bookShelve"],
            }
        ],
    }
    assert await rows(shelf, "SELECT * FROM books") == []
    logged = capsys.readouterr().out
    assert "bang" in logged and "req-7" in logged


async def test_each_mutation_of_one_operation_has_its_own_transaction(
    shelf: RunningSubgraph, staff: Caller
) -> None:
    operation = """
    mutation {
      a: bookShelve(input: { title: "first", pages: 1 }) { book { twin { title } } }
      b: bookShelve(input: { title: "one too many", pages: 1 }) { userErrors { code } }
      c: bookShelve(input: { title: "third", pages: 1 }) { book { twin { title } } }
    }
    """
    data = await shelf.data(operation, caller=staff)
    assert data == {
        "a": {"book": {"twin": {"title": "first"}}},
        "b": {"userErrors": [{"code": "SHELF_FULL"}]},
        "c": {"book": {"twin": {"title": "third"}}},
    }
    assert await rows(shelf, "SELECT title FROM books ORDER BY title") == [("first",), ("third",)]


async def test_a_query_reads_one_snapshot_and_cannot_write(shelf: RunningSubgraph) -> None:
    names = ("transaction_read_only", "transaction_isolation")
    async with shelf.app.database.read_session() as session:
        found = [await session.scalar(text(f"SHOW {name}")) for name in names]
    assert found == ["on", "repeatable read"]


async def test_a_query_without_data_takes_no_connection(shelf: RunningSubgraph) -> None:
    with recorded_statements(shelf.app.database.engine) as statements:
        assert await shelf.data('{ echo(text: "x") }') == {"echo": "x"}
    assert statements == []
    assert shelf.app.database.engine.pool.status().startswith("Pool size: 3  Connections in pool: 0")


async def test_twenty_duplicates_at_once_have_one_effect_and_one_answer(
    shelf: RunningSubgraph, staff: Caller
) -> None:
    given = {"i": {"title": "Nedjma", "pages": 256, "idempotencyKey": "k1"}}
    answers = await asyncio.gather(*[shelf.data(SHELVE_ONCE, given, staff) for _ in range(20)])
    assert answers == [answers[0]] * 20
    assert answers[0]["bookShelveOnce"]["book"]["title"] == "Nedjma"
    assert await rows(shelf, "SELECT title FROM books") == [("Nedjma",)]
    assert await rows(shelf, "SELECT count(*) FROM outbox_events") == [(1,)]


async def test_one_key_with_two_bodies_at_once_has_one_winner(shelf: RunningSubgraph, staff: Caller) -> None:
    answers = await asyncio.gather(
        *[
            shelf.data(SHELVE_ONCE, {"i": {"title": f"t{n}", "pages": 1, "idempotencyKey": "k"}}, staff)
            for n in range(8)
        ]
    )
    codes = sorted(str(answer["bookShelveOnce"]["userErrors"]) for answer in answers)
    conflict = "[{'code': 'IDEMPOTENCY_CONFLICT', 'field': ['idempotencyKey']}]"
    assert codes == ["[]"] + [conflict] * 7
    assert await rows(shelf, "SELECT count(*) FROM books") == [(1,)]


async def test_a_refused_request_may_be_corrected_under_its_key(
    shelf: RunningSubgraph, staff: Caller
) -> None:
    async def shelve(pages: int, key: str = "k", caller: Caller = staff) -> dict[str, Any]:
        given = {"title": "Nedjma", "pages": pages, "idempotencyKey": key}
        return (await shelf.data(SHELVE_ONCE, {"i": given}, caller))["bookShelveOnce"]

    assert (await shelve(0))["userErrors"][0]["code"] == "INVALID_INPUT"
    assert (await shelve(5))["userErrors"] == []
    other_tenant = shelf.user(permissions=["books:write"])
    assert (await shelve(6, caller=other_tenant))["userErrors"] == []
    for bad_key in (" ", "k" * 256):
        assert (await shelve(5, bad_key))["userErrors"] == [
            {"code": "INVALID_INPUT", "field": ["idempotencyKey"]}
        ]
    assert await rows(shelf, "SELECT pages FROM books ORDER BY pages") == [(5,), (6,)]


async def test_a_stale_version_is_a_conflict_told_or_met(shelf: RunningSubgraph, staff: Caller) -> None:
    shelved = await shelf.data(SHELVE_ONCE, {"i": {"title": "a", "pages": 1, "idempotencyKey": "k"}}, staff)
    book_id = shelved["bookShelveOnce"]["book"]["id"]

    async def retitle(title: str, version: int | None) -> dict[str, Any]:
        given = {"id": book_id, "title": title, "v": version}
        return (await shelf.data(RETITLE, given, staff))["bookRetitle"]

    assert (await retitle("b", 1))["book"] == {"title": "b", "version": 2}
    assert (await retitle("c", 1))["userErrors"] == [{"code": "CONFLICT", "field": ["expectedVersion"]}]
    answers = await asyncio.gather(*[retitle(f"n{n}", None) for n in range(4)])
    winners = [answer for answer in answers if not answer["userErrors"]]
    refused = [answer for answer in answers if answer["userErrors"]]
    # On a busy machine a call may come when another is done: then both win, one after the other.
    assert winners
    assert all([error["code"] for error in answer["userErrors"]] == ["CONFLICT"] for answer in refused)
    assert sorted(answer["book"]["version"] for answer in winners) == [*range(3, 3 + len(winners))]
    assert await rows(shelf, "SELECT version FROM books") == [(2 + len(winners),)]
    missing = await shelf.data(RETITLE, {"id": str(new_id()), "title": "x"}, staff)
    assert missing["bookRetitle"]["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"]}]


async def test_deadlocked_mutations_are_run_again(shelf: RunningSubgraph, staff: Caller) -> None:
    ids = []
    for key in "ab":
        given = {"i": {"title": key, "pages": 1, "idempotencyKey": key}}
        ids.append((await shelf.data(SHELVE_ONCE, given, staff))["bookShelveOnce"]["book"]["id"])
    swap = "mutation($a: ID!, $b: ID!) { bookTouchBoth(first: $a, second: $b) { userErrors { code } } }"
    answers = await asyncio.gather(
        shelf.data(swap, {"a": ids[0], "b": ids[1]}, staff),
        shelf.data(swap, {"a": ids[1], "b": ids[0]}, staff),
    )
    assert answers == [{"bookTouchBoth": {"userErrors": []}}] * 2
    assert await rows(shelf, "SELECT pages FROM books") == [(3,), (3,)]


async def test_a_row_locked_for_too_long_is_busy_and_unchanged() -> None:
    brief = {"lock_timeout_ms_max": 100}
    async with running_subgraph("shelf", create_app, build=build_tables, settings=brief) as shelf:
        staff = shelf.user(permissions=["books:write"])
        given = {"i": {"title": "a", "pages": 1, "idempotencyKey": "k"}}
        book_id = (await shelf.data(SHELVE_ONCE, given, staff))["bookShelveOnce"]["book"]["id"]
        async with shelf.app.database.engine.begin() as connection:
            await connection.execute(text("SELECT * FROM books FOR UPDATE"))
            answer = await shelf.execute(RETITLE, {"id": book_id, "title": "b", "v": 1}, staff)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["RESOURCE_BUSY"]
        assert await rows(shelf, "SELECT title FROM books") == [("a",)]


async def test_every_rule_of_access_admits_its_own(shelf: RunningSubgraph) -> None:
    user, holder = shelf.user(), shelf.user(permissions=["books:*"])
    service = shelf.service("orders", user.viewer)
    able_service = shelf.service("orders", user.viewer, ["books:write"])
    stray = shelf.customer()
    callers: list[Caller | None] = [None, user, holder, service, able_service, stray]
    codes = {}
    for field in ("whoami", "backroom", "engineRoom"):
        responses = [await shelf.execute(f"{{ {field} }}", caller=caller) for caller in callers]
        codes[field] = [
            response["errors"][0]["extensions"]["code"] if "errors" in response else "ok"
            for response in responses
        ]
    nobody, no = "UNAUTHENTICATED", "FORBIDDEN"
    assert codes == {
        "whoami": [nobody, "ok", "ok", "ok", "ok", "ok"],
        "backroom": [nobody, no, "ok", no, "ok", no],
        "engineRoom": [nobody, no, no, "ok", "ok", no],
    }
    data = await shelf.data("{ engineRoom }", caller=service)
    assert data == {"engineRoom": f"orders for {user.viewer.user_id}"}


async def test_faults_tell_nothing_and_wrong_requests_tell_why(
    shelf: RunningSubgraph, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = (await shelf.execute("{ broken }"))["errors"][0]
    assert (broken["message"], broken["extensions"]["code"]) == (
        "Internal server error",
        "INTERNAL_SERVER_ERROR",
    )
    assert "hunter2" not in str(broken)
    assert "hunter2" in capsys.readouterr().out
    cases: list[tuple[str, dict[str, Any], str | None, str]] = [
        ("{ nope }", {}, None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ echo", {}, None, "GRAPHQL_PARSE_FAILED"),
        ("query($t: String!) { echo(text: $t) }", {"t": 5}, None, "BAD_USER_INPUT"),
        ("query($t: String!) { echo(text: $t) }", {}, None, "BAD_USER_INPUT"),
        ("query A { whoami } query B { whoami }", {}, None, "OPERATION_NOT_FOUND"),
        ("query A { whoami }", {}, "B", "OPERATION_NOT_FOUND"),
        ("fragment F on Query { whoami }", {}, None, "GRAPHQL_VALIDATION_FAILED"),
    ]
    for query, variables, name, code in cases:
        response = await shelf.app.execute(query, variables, name, {})
        assert [error["extensions"]["code"] for error in response["errors"]][:1] == [code], query
        assert "data" not in response
    assert "Did you mean" not in str(await shelf.execute("{ whoam }"))


async def test_variables_nested_beyond_the_stack_are_refused(shelf: RunningSubgraph) -> None:
    where: dict[str, Any] = {}
    for _ in range(900):
        where = {"NOT": where}
    query = "query($w: BookWhere) { books(where: $w) { totalCount } }"
    response = await shelf.execute(query, {"w": where})
    assert response["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert await shelf.data('{ echo(text: "alive") }') == {"echo": "alive"}


async def test_entities_are_answered_in_order_by_one_statement_and_by_tenant(
    shelf: RunningSubgraph, staff: Caller
) -> None:
    ids = []
    for n in range(3):
        given = {"i": {"title": f"t{n}", "pages": 1, "idempotencyKey": str(n)}}
        ids.append((await shelf.data(SHELVE_ONCE, given, staff))["bookShelveOnce"]["book"]["id"])
    wanted = [ids[2], str(new_id()), ids[0], "x", ids[2]]
    representations = [{"__typename": "Book", "id": each} for each in wanted]
    with recorded_statements(shelf.app.database.engine) as statements:
        found = await shelf.entities(representations, "... on Book { title twin { title } }", staff)
    titles = [each and each["title"] for each in found]
    assert titles == ["t2", None, "t0", None, "t2"]
    assert len(statements) == 1
    stranger = shelf.user(permissions=["books:write"])
    assert await shelf.entities(representations, "... on Book { title }", stranger) == [None] * 5
    assert representations[0] == {"__typename": "Book", "id": ids[2]}


async def test_bad_representations_are_coded(shelf: RunningSubgraph) -> None:
    query = "query($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
    for representations, code in (
        (["x"], "BAD_USER_INPUT"),
        ([{"id": "1"}], "BAD_USER_INPUT"),
        ([{"__typename": "Ghost", "id": "1"}], "BAD_USER_INPUT"),
        ([{"__typename": "String", "id": "1"}], "BAD_USER_INPUT"),
        ([{"__typename": "Book", "id": "1"}] * 5001, "QUERY_TOO_COMPLEX"),
    ):
        response = await shelf.execute(query, {"r": representations})
        assert response["errors"][0]["extensions"]["code"] == code
    mixed = await shelf.execute(query, {"r": [{"__typename": "Book", "id": "1"}, {"__typename": "Ghost"}]})
    assert mixed["data"] == {"_entities": [None, None]}
    assert mixed["errors"][0]["path"] == ["_entities", 1]


async def test_the_sdl_is_what_service_answers(shelf: RunningSubgraph) -> None:
    data = await shelf.data("{ _service { sdl } }")
    assert data["_service"]["sdl"] == shelf.app.sdl()
    assert 'type Book @key(fields: "id")' in shelf.app.sdl()
    assert "federation/v2.11" in shelf.app.sdl()
