"""Reading by prepared selects: one snapshot with SQLAlchemy's statements, plain rows, entities in a write."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from graphql import build_schema, parse
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Integer

from subgraphs.kit.execution import asked_paths, compile_operation
from subgraphs.kit.ids import new_id, read_id
from subgraphs.kit.loaders import BatchLoader
from subgraphs.kit.prepared_select import PreparedSelect, one_of
from subgraphs.kit.sessions import SnapshotSession
from tests.kit.shelf import BOOK, BookRow
from tests.support.statements import recorded_statements
from tests.support.subgraph import RunningSubgraph

BY_IDS = PreparedSelect(BOOK.select().where(one_of(BookRow.id, "ids")).order_by(BookRow.pages), BOOK)
COUNTED = PreparedSelect(
    BOOK.select().where(BookRow.pages >= bindparam("least", type_=Integer())).order_by(BookRow.pages), BOOK
)


async def put_books(shelf: RunningSubgraph, count: int) -> list[UUID]:
    ids = [new_id() for _ in range(count)]
    async with shelf.app.database.transaction() as session:
        for pages, book_id in enumerate(ids):
            row = BookRow(organization_id=new_id(), title=f"t{pages}", pages=pages, note=None, kind="novel")
            row.id, row.printed_at = book_id, datetime(2026, 1, 1, tzinfo=UTC)
            session.add(row)
    return ids


async def test_prepared_and_other_statements_read_one_snapshot(shelf: RunningSubgraph) -> None:
    first, second = await put_books(shelf, 2)
    async with shelf.app.database.read_session() as session:
        assert [row.title for row in await BY_IDS.all(session, ids=[first, second])] == ["t0", "t1"]
        async with shelf.app.database.transaction() as writing:
            await writing.execute(text("UPDATE books SET title = 'changed'"))
        assert [row.title for row in await BY_IDS.all(session, ids=[first])] == ["t0"]
        entity = await session.scalar(select(BookRow).where(BookRow.id == first))
        assert entity is not None and entity.title == "t0"
    async with shelf.app.database.read_session() as session:
        assert [row.title for row in await COUNTED.all(session, least=1)] == ["changed"]


async def test_a_snapshot_takes_one_connection_and_gives_it_back_outside_a_transaction(
    shelf: RunningSubgraph,
) -> None:
    (book_id,) = await put_books(shelf, 1)
    pool: Any = shelf.app.database.engine.pool
    with recorded_statements(shelf.app.database.engine) as statements:
        session = shelf.app.database.read_session()
        await BY_IDS.all(session, ids=[book_id])
        await session.execute(text("SELECT 1"))
        assert pool.checkedout() == 1
        await session.close()
        await session.close()
    assert [statement.split(" ", 1)[0] for statement in statements] == ["SELECT", "SELECT"]
    assert pool.checkedout() == 0
    async with shelf.app.database.engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        assert not raw.is_in_transaction()


async def test_a_failed_statement_tells_its_state_and_not_its_arguments(shelf: RunningSubgraph) -> None:
    session = shelf.app.database.read_session()
    assert isinstance(session, SnapshotSession)
    with pytest.raises(DBAPIError) as raised:
        await session.fetch("SELECT $1::int / 0", [4711])
    await session.close()
    assert getattr(raised.value.orig, "sqlstate", None) == "22012"
    assert "4711" not in str(raised.value)
    async with shelf.app.database.read_session() as after:
        assert await after.scalar(text("SELECT 1")) == 1


async def test_a_snapshot_cannot_write_by_a_prepared_statement(shelf: RunningSubgraph) -> None:
    session = shelf.app.database.read_session()
    assert isinstance(session, SnapshotSession)
    with pytest.raises(DBAPIError) as raised:
        await session.fetch("DELETE FROM books RETURNING id", [])
    await session.close()
    assert getattr(raised.value.orig, "sqlstate", None) == "25006"


async def test_connections_that_the_server_has_closed_are_passed_over(shelf: RunningSubgraph) -> None:
    (book_id,) = await put_books(shelf, 1)
    engine = shelf.app.database.engine
    async with engine.connect() as held:
        raw: Any = (await held.get_raw_connection()).driver_connection
    raw.terminate()
    async with shelf.app.database.read_session() as session:
        assert [row.id for row in await BY_IDS.all(session, ids=[book_id])] == [book_id]


async def test_a_cancelled_read_leaves_nothing_behind(shelf: RunningSubgraph) -> None:
    session = shelf.app.database.read_session()
    assert isinstance(session, SnapshotSession)
    reading = asyncio.ensure_future(session.fetch("SELECT pg_sleep(30)", []))
    pool: Any = shelf.app.database.engine.pool
    while pool.checkedout() == 0:  # noqa: ASYNC110 - the pool has no event to await
        await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await session.close()
    async with shelf.app.database.read_session() as after:
        assert await after.scalar(text("SELECT 1")) == 1


async def test_rows_are_plain_in_a_snapshot_and_entities_in_a_write(shelf: RunningSubgraph) -> None:
    (book_id,) = await put_books(shelf, 1)
    async with shelf.app.database.read_session() as session:
        (row,) = await BY_IDS.all(session, ids=[book_id])
    assert not isinstance(row, BookRow) and (row.title, row.kind, row.version) == ("t0", "novel", 1)
    async with shelf.app.database.transaction() as session:
        (entity,) = await BY_IDS.all(session, ids=[book_id])
        assert isinstance(entity, BookRow)
        entity.title = "rewritten"
    async with shelf.app.database.read_session() as session:
        assert [row.title for row in await BY_IDS.all(session, ids=[book_id])] == ["rewritten"]


async def test_keys_of_one_turn_are_one_call_and_known_ones_none() -> None:
    calls: list[list[int]] = []

    async def load(keys: list[int]) -> Sequence[int]:
        calls.append(list(keys))
        return [key * 10 for key in keys]

    loader = BatchLoader(load)
    assert await asyncio.gather(loader.load(1), loader.load(2), loader.load(1)) == [10, 20, 10]
    known = await loader.load_now([2, 3, 4, 3])
    assert [known[key] for key in (2, 3, 4)] == [20, 30, 40]
    assert await loader.load_many([4, 1]) == [40, 10]
    assert calls == [[1, 2], [3, 4]]


async def test_a_failed_load_fails_for_all_who_asked_and_a_closed_one_ends() -> None:
    async def fail(keys: list[int]) -> Sequence[int]:
        raise ValueError("nothing to load")

    failing = BatchLoader(fail)
    answers = await asyncio.gather(failing.load(1), failing.load(2), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["nothing to load"] * 2

    async def wait(keys: list[int]) -> Sequence[int]:
        await asyncio.Event().wait()
        return keys

    waiting = BatchLoader(wait)
    future = asyncio.ensure_future(waiting.load(1))
    await asyncio.sleep(0)
    waiting.close()
    with pytest.raises(asyncio.CancelledError):
        await future


def test_ids_are_read_as_the_driver_has_them() -> None:
    book_id = new_id()
    assert read_id(str(book_id)) == book_id and hash(read_id(str(book_id))) == hash(book_id)
    assert [read_id(wrong) for wrong in ("", "x" * 36, f"{book_id}0", f"urn:uuid:{book_id}")] == [None] * 4


def test_what_is_asked_below_a_field_is_known_through_fragments_and_aliases() -> None:
    schema = build_schema(
        "type Query { page: Page } type Page { nodes: [Node] } type Node { a: Int b: Node }"
    )
    found: list[frozenset[str]] = []
    schema.type_map["Query"].fields["page"].resolve = (  # pyright: ignore[reportAttributeAccessIssue]
        lambda _, info: found.append(asked_paths(info))
    )
    document = parse("{ page { ...P } } fragment P on Page { nodes { x: a ... on Node { b { b { a } } } } }")
    compile_operation(schema, document).execute()
    assert found == [frozenset({"nodes", "nodes.a", "nodes.b", "nodes.b.b"})]
