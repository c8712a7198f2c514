"""Server-sent events, in both modes of graphql-sse, and multipart, as bytes on a socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
import pytest_asyncio

from router.config import SubscriptionsConfig
from tests.subscriptions.clients import Streamed, request
from tests.subscriptions.world import World, until, world

EVENTS = "text/event-stream"
MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json'
COUNT = {"query": "subscription { count(to: 2) }"}
CHANGED = {"query": "subscription { orderChanged { id total } }"}
PLACED = "subscription { orderPlaced { id total } }"
TOKEN = "x-graphql-event-stream-token"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[World]:
    """One router for all tests of the file."""
    async with world() as running:
        yield running


async def test_a_post_is_answered_with_an_event_for_each_response(served: World) -> None:
    async with request(served.port, body=COUNT, accept=EVENTS) as stream:
        assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        for number in (1, 2):
            event = await stream.next_event()
            assert (event["event"], json.loads(event["data"])) == ("next", {"data": {"count": number}})
        assert await stream.next_event() == {"event": "complete", "data": ""}
        with pytest.raises(EOFError):
            await stream.event()


async def test_a_get_by_event_source_is_answered_likewise(served: World) -> None:
    target = f"/graphql?query={quote(COUNT['query'])}"
    async with request(served.port, "GET", target, accept=EVENTS) as stream:
        assert json.loads((await stream.next_event())["data"]) == {"data": {"count": 1}}


async def test_entities_of_other_subgraphs_come_with_each_event(served: World) -> None:
    async with request(served.port, body=CHANGED, accept=EVENTS) as stream:
        await until(lambda: served.changes.listeners)
        served.changes.publish({"__typename": "Order", "id": "o3"})
        data = {"orderChanged": {"id": "o3", "total": 30}}
        assert json.loads((await stream.next_event())["data"]) == {"data": data}
    await until(lambda: not served.changes.listeners)


async def test_a_query_is_streamed_only_to_who_takes_nothing_else(served: World) -> None:
    async with request(served.port, body={"query": "{ hello }"}, accept=EVENTS) as stream:
        assert json.loads((await stream.next_event())["data"]) == {"data": {"hello": "hello"}}
        assert (await stream.next_event())["event"] == "complete"
    accept = f"application/json, {EVENTS}, multipart/mixed"
    async with request(served.port, body={"query": "{ hello }"}, accept=accept) as answer:
        assert json.loads(await answer.rest()) == {"data": {"hello": "hello"}}


async def test_a_bad_document_is_told_in_the_stream_and_ends_it(served: World) -> None:
    async with request(served.port, body={"query": "subscription { nothing }"}, accept=EVENTS) as stream:
        errors = json.loads((await stream.next_event())["data"])["errors"]
        assert [error["extensions"]["code"] for error in errors] == ["GRAPHQL_VALIDATION_FAILED"]
        assert (await stream.next_event())["event"] == "complete"


async def test_a_subscription_without_a_stream_is_refused(served: World) -> None:
    async with request(served.port, body=COUNT, accept="application/json") as answer:
        codes = [error["extensions"]["code"] for error in json.loads(await answer.rest())["errors"]]
        assert codes == ["OPERATION_NOT_SUPPORTED"]


async def test_a_foreign_page_cannot_open_a_stream_by_get(served: World) -> None:
    target = f"/graphql?query={quote(COUNT['query'])}"
    headers = {"accept": EVENTS, "origin": "https://evil.example"}
    async with request(served.port, "GET", target, **headers) as answer:
        assert answer.status == 403


async def test_heartbeats_keep_a_silent_stream_alive() -> None:
    async with world(SubscriptionsConfig(heartbeat_ms=50)) as running:
        async with request(running.port, body=CHANGED, accept=EVENTS) as stream:
            for _ in range(3):
                assert await stream.event() == {"": ""}
        async with request(running.port, body=CHANGED, accept=MULTIPART) as stream:
            await stream.piece(b"--graphql")
            for _ in range(3):
                assert b"\r\n\r\n{}\r\n" in await stream.piece(b"--graphql")


async def test_multipart_has_a_part_for_each_response(served: World) -> None:
    async with request(served.port, body=COUNT, accept=MULTIPART) as stream:
        assert stream.headers["content-type"].startswith('multipart/mixed;boundary="graphql"')
        body = await stream.piece(b"--graphql--\r\n")
    parts = [part.partition(b"\r\n\r\n")[2].strip() for part in body.split(b"--graphql")[1:-1]]
    payloads = [json.loads(part) for part in parts]
    assert payloads == [{}, {"payload": {"data": {"count": 1}}}, {"payload": {"data": {"count": 2}}}]


async def test_multipart_ends_with_the_error_of_an_upstream(served: World) -> None:
    body = {"query": "subscription { broken }"}
    async with request(served.port, body=body, accept=MULTIPART) as stream:
        text = await stream.piece(b"--graphql--\r\n")
    last = json.loads(text.split(b"--graphql")[-2].partition(b"\r\n\r\n")[2])
    assert last["payload"] is None
    assert last["errors"][0]["extensions"]["code"] == "SUBGRAPH_HTTP_ERROR"


async def test_event_source_resumes_by_its_last_event_id(served: World) -> None:
    async with request(served.port, body={"query": PLACED}, accept=EVENTS) as stream:
        start = (await stream.event())["id"]
        served.place(1)
        event = await stream.next_event()
        assert json.loads(event["data"])["extensions"] == {"position": event["id"]}
    served.place(2)
    headers = {"accept": EVENTS, "last-event-id": event["id"]}
    async with request(served.port, "GET", f"/graphql?query={quote(PLACED)}", **headers) as stream:
        assert json.loads((await stream.next_event())["data"])["data"]["orderPlaced"]["id"] == "o2"
    headers["last-event-id"] = start
    async with request(served.port, "GET", f"/graphql?query={quote(PLACED)}", **headers) as stream:
        for number in (1, 2):
            data = json.loads((await stream.next_event())["data"])["data"]
            assert data == {"orderPlaced": {"id": f"o{number}", "total": 10 * number}}


async def test_a_stopping_router_ends_streams_without_complete() -> None:
    async with world(SubscriptionsConfig(drain_ms=0)) as running:
        async with request(running.port, body=CHANGED, accept=EVENTS) as stream:
            await stream.event()
            await running.edge.drain()
            assert 1_000 <= int((await stream.event())["retry"]) <= 10_000
            with pytest.raises(EOFError):
                await stream.event()
        async with request(running.port, body=CHANGED, accept=EVENTS) as answer:
            assert (answer.status, answer.headers["retry-after"]) == (503, "5")


# --- the single connection mode


async def reserve(served: World) -> str:
    """Returns the token of a new stream."""
    async with request(served.port, "PUT") as answer:
        assert answer.status == 201
        return (await answer.rest()).decode()


async def start(served: World, token: str, id_: str, query: str) -> Streamed:
    """Starts an operation on a stream and returns the answer to the request."""
    body = {"query": query, "extensions": {"operationId": id_}}
    async with request(served.port, body=body, **{TOKEN: token}) as answer:
        return answer


async def test_many_operations_share_one_stream(served: World) -> None:
    token = await reserve(served)
    async with request(served.port, "GET", accept=EVENTS, **{TOKEN: token}) as stream:
        assert stream.status == 200
        assert (await start(served, token, "count", COUNT["query"])).status == 202
        for number in (1, 2):
            event = await stream.next_event()
            payload = {"data": {"count": number}}
            assert json.loads(event["data"]) == {"id": "count", "payload": payload}
        assert await stream.next_event() == {"event": "complete", "data": '{"id":"count"}'}
        assert (await start(served, token, "hello", "{ hello }")).status == 202
        assert json.loads((await stream.next_event())["data"])["payload"] == {"data": {"hello": "hello"}}
        assert (await stream.next_event())["event"] == "complete"


async def test_delete_ends_one_operation(served: World) -> None:
    token = await reserve(served)
    async with request(served.port, "GET", f"/graphql?token={token}", accept=EVENTS) as stream:
        assert stream.status == 200
        assert (await start(served, token, "a", CHANGED["query"])).status == 202
        await until(lambda: served.changes.listeners)
        assert (await start(served, token, "a", CHANGED["query"])).status == 409
        target = "/graphql?operationId=a"
        async with request(served.port, "DELETE", target, **{TOKEN: token}) as answer:
            assert answer.status == 200
        await until(lambda: not served.changes.listeners)
        async with request(served.port, "DELETE", target, **{TOKEN: token}) as answer:
            assert answer.status == 404


async def test_streams_are_opened_once_and_by_their_token(served: World) -> None:
    token = await reserve(served)
    assert (await start(served, token, "a", COUNT["query"])).status == 404  # not open yet
    async with request(served.port, "GET", accept=EVENTS, **{TOKEN: token}) as stream:
        assert stream.status == 200
        async with request(served.port, "GET", accept=EVENTS, **{TOKEN: token}) as again:
            assert again.status == 409
        async with request(served.port, body=COUNT, **{TOKEN: token}) as answer:
            assert answer.status == 400  # no operation id
    await until(lambda: not served.edge.connections)
    async with request(served.port, "GET", accept=EVENTS, **{TOKEN: token}) as gone:
        assert gone.status == 404
