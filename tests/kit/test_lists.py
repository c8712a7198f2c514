"""Lists: every row once in either direction, filters and orders as typed, the same cost on every page."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.ids import new_id
from subgraphs.kit.pagination.cursors import decode_cursor, encode_cursor
from tests.kit.shelf import BookRow
from tests.support.statements import recorded_statements
from tests.support.subgraph import RunningSubgraph

PAGE = """
query($first: Int, $after: String, $last: Int, $before: String, $where: BookWhere, $orderBy: [BookOrder!]) {
  books(first: $first, after: $after, last: $last, before: $before, where: $where, orderBy: $orderBy) {
    edges { cursor node { id title pages } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
TITLES = (
    "query($where: BookWhere, $o: [BookOrder!]) { books(where: $where, orderBy: $o) { nodes { title } } }"
)
START = datetime(2026, 1, 1, tzinfo=UTC)
ORDERS = [
    None,
    [{"field": "PAGES"}],
    [{"field": "PAGES", "direction": "DESC"}],
    [{"field": "PAGES"}, {"field": "TITLE", "direction": "DESC"}],
    [{"field": "PRINTED_AT", "direction": "DESC"}, {"field": "PAGES"}],
]


@pytest.fixture
async def full(shelf: RunningSubgraph, seed: int) -> AsyncIterator[RunningSubgraph]:
    """The shelf with 60 books of few different page counts and titles, so that orders have many ties."""
    chance = random.Random(seed)
    async with shelf.app.database.transaction() as session:
        for n in range(60):
            session.add(
                BookRow(
                    id=new_id(),
                    organization_id=UUID(int=1),
                    title=f"t{chance.randrange(6)}",
                    pages=chance.randrange(5),
                    note=None if n % 2 else f"note {n}",
                    kind="novel" if n % 3 else "atlas",
                    printed_at=START + timedelta(days=chance.randrange(4)),
                )
            )
    yield shelf


async def page(shelf: RunningSubgraph, **arguments: Any) -> dict[str, Any]:
    return (await shelf.data(PAGE, arguments))["books"]


async def refused(shelf: RunningSubgraph, query: str = PAGE, **arguments: Any) -> str:
    response = await shelf.execute(query, arguments)
    (error,) = response["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT", error
    return error["message"]


def ids(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in found["edges"]]


@pytest.mark.parametrize("order", ORDERS, ids=str)
async def test_walking_forward_and_backward_meets_every_row_once(full: RunningSubgraph, order: Any) -> None:
    everything = ids(await page(full, first=100, orderBy=order))
    assert len(set(everything)) == 60
    forward: list[str] = []
    after: str | None = None
    while True:
        found = await page(full, first=7, after=after, orderBy=order)
        assert found["pageInfo"]["hasPreviousPage"] is (after is not None)
        forward += ids(found)
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    backward: list[str] = []
    before: str | None = None
    while True:
        found = await page(full, last=7, before=before, orderBy=order)
        assert found["pageInfo"]["hasNextPage"] is (before is not None)
        backward = ids(found) + backward
        before = found["pageInfo"]["startCursor"]
        if not found["pageInfo"]["hasPreviousPage"]:
            break
    assert forward == everything
    assert backward == everything


async def test_rows_come_in_the_order_asked_for(full: RunningSubgraph) -> None:
    order = [{"field": "PAGES"}, {"field": "TITLE", "direction": "DESC"}]
    found = [edge["node"] for edge in (await page(full, first=100, orderBy=order))["edges"]]
    pairs = [(node["pages"], node["title"]) for node in found]
    assert pairs == sorted(sorted(pairs, key=lambda pair: pair[1], reverse=True), key=lambda pair: pair[0])


async def test_a_slice_between_two_cursors_knows_both_sides(full: RunningSubgraph) -> None:
    edges = (await page(full, first=10))["edges"]
    first, last = edges[2]["cursor"], edges[6]["cursor"]
    between = await page(full, after=first, before=last, first=10)
    assert ids(between) == [edge["node"]["id"] for edge in edges[3:6]]
    assert between["pageInfo"]["hasNextPage"] is True
    assert between["pageInfo"]["hasPreviousPage"] is True


async def test_a_page_of_nothing_still_knows_its_place(full: RunningSubgraph) -> None:
    nothing = {"hasNextPage": True, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert await page(full, first=0) == {"edges": [], "pageInfo": nothing}
    everything = (await page(full, first=100))["edges"]
    beyond = await page(full, first=5, after=everything[-1]["cursor"])
    assert beyond["edges"] == []
    assert (beyond["pageInfo"]["hasNextPage"], beyond["pageInfo"]["hasPreviousPage"]) == (False, True)


async def test_a_cursor_of_a_deleted_row_still_marks_its_place(full: RunningSubgraph) -> None:
    edges = (await page(full, first=5))["edges"]
    async with full.app.database.transaction() as session:
        row = await session.get_one(BookRow, UUID(edges[1]["node"]["id"]))
        await session.delete(row)
    found = await page(full, first=2, after=edges[1]["cursor"])
    assert ids(found) == [edge["node"]["id"] for edge in edges[2:4]]


async def test_rows_written_while_paging_are_neither_repeated_nor_in_the_way(full: RunningSubgraph) -> None:
    order = [{"field": "PAGES"}]
    first = await page(full, first=30, orderBy=order)
    async with full.app.database.transaction() as session:
        session.add(
            BookRow(organization_id=UUID(int=1), title="new", pages=-1, kind="novel", printed_at=START)
        )
    rest = await page(full, first=100, after=first["pageInfo"]["endCursor"], orderBy=order)
    assert len(ids(rest)) == 30
    assert not set(ids(rest)) & set(ids(first))


async def test_every_page_costs_one_statement_and_extras_only_when_selected(full: RunningSubgraph) -> None:
    after = (await page(full, first=50))["pageInfo"]["endCursor"]
    for selection, statements_max in (
        ("nodes { id }", 1),
        ("nodes { id } pageInfo { hasNextPage endCursor }", 1),
        ("nodes { id } totalCount", 2),
        ("nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage }", 3),
    ):
        with recorded_statements(full.app.database.engine) as statements:
            await full.data(f'{{ books(first: 5, after: "{after}") {{ {selection} }} }}')
        assert len(statements) == statements_max, statements
        assert not any("OFFSET" in statement for statement in statements)


async def test_the_total_counts_the_filtered_list_not_the_page(full: RunningSubgraph) -> None:
    query = "query($w: BookWhere) { books(first: 1, where: $w) { totalCount } }"
    assert await full.data(query) == {"books": {"totalCount": 60}}
    assert await full.data(query, {"w": {"kind": {"eq": "ATLAS"}}}) == {"books": {"totalCount": 20}}


async def test_sizes_no_page_may_have_are_refused(shelf: RunningSubgraph) -> None:
    assert await refused(shelf, first=101) == "`first` is at most 100"
    assert await refused(shelf, last=101) == "`last` is at most 100"
    assert await refused(shelf, first=-1) == "`first` cannot be negative"
    assert await refused(shelf, first=1, last=1) == "Ask for `first` or for `last`, not for both"


async def test_broken_and_foreign_cursors_are_refused(full: RunningSubgraph) -> None:
    good = (await page(full, first=1))["pageInfo"]["endCursor"]
    content = json.loads(base64.urlsafe_b64decode(good + "=="))

    def forged(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    for cursor in (
        "",
        "x",
        "é",
        good[:-3],
        "x" * 3000,
        forged([]),
        forged({}),
        forged("text"),
        forged([content[0], ["not a uuid"]]),
        forged([content[0], [7]]),
        forged([content[0], [None]]),
        forged([content[0], {"a": 1}]),
    ):
        assert await refused(full, after=cursor) == "The cursor is not valid", cursor
    other = await refused(full, after=good, orderBy=[{"field": "PAGES"}])
    assert other == "The cursor belongs to another order; start again without it"


def test_cursors_carry_every_type_a_key_may_have() -> None:
    moment, number = datetime(2026, 1, 1, 12, 30, 0, 123456, UTC), new_id()
    values = [moment, number, "قهوة", 7, True]
    types = [datetime, UUID, str, int, bool]
    assert decode_cursor(encode_cursor("o", values), "o", types) == values
    with pytest.raises(BadUserInput):
        decode_cursor(encode_cursor("o", [True]), "o", [int])


async def books(shelf: RunningSubgraph, *titles: str, **columns: Any) -> None:
    async with shelf.app.database.transaction() as session:
        for title in titles:
            values = {"pages": 1, "kind": "novel", "printed_at": START, **columns}
            session.add(BookRow(organization_id=UUID(int=1), title=title, **values))


async def titles(shelf: RunningSubgraph, where: dict[str, Any]) -> list[str]:
    data = await shelf.data(TITLES, {"where": where, "o": [{"field": "TITLE"}]})
    return [node["title"] for node in data["books"]["nodes"]]


async def test_each_operator_means_what_it_says(shelf: RunningSubgraph) -> None:
    await books(shelf, "alpha", pages=1, note="x")
    await books(shelf, "beta", pages=2)
    await books(shelf, "gamma 100%", pages=3, note="y", printed_at=START + timedelta(days=1))
    expected: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["alpha", "beta", "gamma 100%"]),
        ({"pages": {}}, ["alpha", "beta", "gamma 100%"]),
        ({"title": {"eq": "beta"}}, ["beta"]),
        ({"title": {"contains": "A"}}, ["alpha", "beta", "gamma 100%"]),
        ({"title": {"contains": "0%"}}, ["gamma 100%"]),
        ({"title": {"contains": "%"}}, ["gamma 100%"]),
        ({"title": {"contains": "_"}}, []),
        ({"title": {"startsWith": "GAM"}}, ["gamma 100%"]),
        ({"title": {"in": ["alpha", "beta", "delta"]}}, ["alpha", "beta"]),
        ({"title": {"in": []}}, []),
        ({"title": {"nin": ["alpha"]}}, ["beta", "gamma 100%"]),
        ({"pages": {"gt": 1, "lte": 3, "ne": 3}}, ["beta"]),
        ({"pages": {"gte": 2, "lt": 3}}, ["beta"]),
        ({"note": {"isNull": True}}, ["beta"]),
        ({"note": {"isNull": False}}, ["alpha", "gamma 100%"]),
        ({"note": {"ne": "x"}}, ["beta", "gamma 100%"]),
        ({"printedAt": {"gt": "2026-01-01T10:00:00+10:00"}}, ["gamma 100%"]),
        ({"AND": [{"pages": {"gt": 1}}, {"pages": {"lt": 3}}]}, ["beta"]),
        ({"OR": [{"pages": {"eq": 1}}, {"title": {"eq": "beta"}}]}, ["alpha", "beta"]),
        ({"OR": []}, []),
        ({"AND": []}, ["alpha", "beta", "gamma 100%"]),
        ({"NOT": {"pages": {"eq": 1}}}, ["beta", "gamma 100%"]),
        ({"pages": {"gt": 1}, "NOT": {"OR": [{"title": {"eq": "beta"}}]}}, ["gamma 100%"]),
    ]
    for where, found in expected:
        assert await titles(shelf, where) == found, where
    (book,) = (await shelf.data("{ books(first: 1) { nodes { id } } }"))["books"]["nodes"]
    assert await titles(shelf, {"id": {"in": [book["id"]]}}) == ["alpha"]


async def test_filters_beyond_their_limits_are_refused(shelf: RunningSubgraph) -> None:
    deep: dict[str, Any] = {"pages": {"eq": 1}}
    for _ in range(5):
        deep = {"NOT": deep}
    wide = {"OR": [{"pages": {"eq": n}} for n in range(51)]}
    assert await refused(shelf, TITLES, where=deep) == "`where` nests at most 5 deep"
    assert await refused(shelf, TITLES, where=wide) == "`where` has at most 50 conditions"
    long_list = {"pages": {"in": list(range(101))}}
    assert await refused(shelf, TITLES, where=long_list) == "A list in `where` has at most 100 values"
    assert await refused(shelf, TITLES, where={"id": {"eq": "x"}}) == "`where` has an id that is not one"
    long_text = {"title": {"eq": "x" * 501}}
    assert await refused(shelf, TITLES, where=long_text) == "A text in `where` has at most 500 characters"
    for null in ({"pages": None}, {"pages": {"eq": None}}, {"NOT": None}):
        assert "cannot be null" in await refused(shelf, TITLES, where=null)
    twice = [{"field": "PAGES"}, {"field": "PAGES", "direction": "DESC"}]
    assert await refused(shelf, TITLES, o=twice) == "`orderBy` names a field twice"
    many = [{"field": "PAGES"}] * 4
    assert await refused(shelf, TITLES, o=many) == "`orderBy` has at most 3 terms"
