"""Requests that are more, or other, than they seem: smuggled headers, foreign pages, paths, the schema."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import Mapping

import pytest
import structlog

from router.config import LoggingConfig, RouterConfig
from router.telemetry.logs import configure_logging
from tests.server.local_router import LocalRouter
from tests.server.serving import Served, parse_answer
from tests.telemetry.serving import ServedShop, serve_router

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDINARY = {"query": "{ me { name } }"}
ANSWER = {"data": {"me": {"name": "Amel"}}}
JSON = {"content-type": "application/json"}
BODY = json.dumps({"query": 'mutation { rename(id: 1, name: "x") { id } }'}).encode()


@pytest.mark.parametrize(
    ("method", "target", "headers", "body"),
    [
        ("POST", "/graphql", {"content-type": "application/x-www-form-urlencoded"}, b"query=mutation{a}"),
        ("POST", "/graphql", {"content-type": "multipart/form-data; boundary=x"}, b"--x--"),
        ("POST", "/graphql", {"content-type": "text/plain"}, BODY),
        ("POST", "/graphql", {}, BODY),
        ("POST", "/graphql", {"content-type": "application/json; charset=utf-7"}, BODY),
        ("GET", "/graphql?query=%7Bme%7Bid%7D%7D", {"sec-fetch-site": "cross-site"}, b""),
        ("GET", "/graphql?query=%7Bme%7Bid%7D%7D", {"origin": "https://evil.example"}, b""),
        ("GET", "/graphql/abc", {"origin": "https://evil.example"}, b""),
        ("GET", "/graphql?query=mutation%7Brename(id:1,name:%22x%22)%7Bid%7D%7D", {}, b""),
    ],
)
async def test_what_a_foreign_page_can_send_runs_nothing(
    shop: ServedShop, method: str, target: str, headers: Mapping[str, str], body: bytes
) -> None:
    before = len(shop.seen)
    answer = await Served(shop.port, LocalRouter()).send(method, target, headers=headers, body=body)
    assert answer.status in {403, 405, 415}
    assert answer.codes[0] in {"CSRF_PREVENTED", "UNSUPPORTED_MEDIA_TYPE", "METHOD_NOT_ALLOWED"}
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert len(shop.seen) == before


async def raw(shop: ServedShop, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", shop.port)
    try:
        writer.write(data)
        await writer.drain()
        writer.write_eof()
        async with asyncio.timeout(30):
            return await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


HEAD = b"POST /graphql HTTP/1.1\r\nhost: router.test\r\ncontent-type: application/json\r\n"


@pytest.mark.parametrize(
    "data",
    [
        HEAD
        + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n\r\n",
        HEAD + b"content-length: 5\r\ncontent-length: 50\r\n\r\n12345",
        HEAD + b"content-length: -1\r\n\r\n",
        HEAD + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        HEAD + b"x-evil: a\rb\r\ncontent-length: 0\r\n\r\n",
        HEAD + b"bad name: x\r\ncontent-length: 0\r\n\r\n",
        HEAD + b"x-large: " + b"a" * 200_000 + b"\r\n\r\n",
    ],
    ids=[
        "two framings",
        "two lengths",
        "a length below 0",
        "an unknown coding",
        "a bare CR",
        "a name",
        "a head",
    ],
)
async def test_ambiguous_framing_is_one_refusal_and_never_two_requests(shop: ServedShop, data: bytes) -> None:
    before = len(shop.seen)
    answer = await raw(shop, data)
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert b"HTTP/1.1 200" not in answer
    assert len(shop.seen) == before
    assert (await shop.post(ORDINARY)).json == ANSWER


async def test_a_body_announced_too_large_is_refused_unread(shop: ServedShop) -> None:
    answer = parse_answer(await raw(shop, HEAD + b"content-length: 99999999999\r\n\r\n"))
    assert (answer.status, answer.codes) == (413, ["PAYLOAD_TOO_LARGE"])


async def test_headers_of_a_client_are_sent_on_only_where_they_are_named(shop: ServedShop) -> None:
    smuggled = {
        "x_internal_user": "admin",
        "x_zellige_viewer": "forged",
        "cookie": "session=1",
        "x_forwarded_for": "127.0.0.1",
        "connection": "close, authorization",
        "te": "trailers",
        "proxy_authorization": "Basic eDp4eHh4eHh4",
        "x_request_timeout_ms": "999999999",
        "accept_language": "fr\x85x-evil: 1",
    }
    await shop.post(ORDINARY, **smuggled)
    seen = shop.seen[-1]
    for name in (
        "x-internal-user",
        "x-zellige-viewer",
        "cookie",
        "x-forwarded-for",
        "te",
        "proxy-authorization",
    ):
        assert name not in seen
    assert "x-evil" not in seen
    assert 0 < int(seen["x-request-timeout-ms"]) <= 30_000


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { types { name } } }",
        '{ __type(name: "Product") { name } }',
        "{ a: __schema { __typename } }",
    ],
)
async def test_the_schema_is_not_told(shop: ServedShop, query: str) -> None:
    accept = "application/graphql-response+json"
    hidden = {"query": f"query Q {query} query R {{ me {{ id }} }}", "operationName": "Q"}
    for payload in ({"query": query}, hidden):
        answer = await shop.post(payload, accept=accept)
        assert (answer.status, answer.codes) == (403, ["INTROSPECTION_DISABLED"])
    assert (await shop.post({"query": "{ me { __typename } }"})).status == 200


@pytest.mark.parametrize(
    "payload",
    [
        {"query": "{ produts { id } }"},
        {"query": "{ products { nam } }"},
        {"query": "{ products(frist: 1) { id } }"},
        {"query": "{ items { ... on Prodct { id } } }"},
        {"query": "query ($i: In) { me { id } }"},
        {"query": "{ me { id @includ(if: true) } }"},
    ],
)
async def test_errors_do_not_spell_the_schema(shop: ServedShop, payload: Mapping[str, str]) -> None:
    answer = await shop.post(payload)
    assert set(answer.codes) == {"GRAPHQL_VALIDATION_FAILED"}
    assert "Did you mean" not in answer.body.decode()


async def test_the_key_opens_the_schema_for_who_has_it() -> None:
    key = "0123456789abcdef"
    config = RouterConfig.model_validate({"introspection": {"key": key}})
    query = {"query": "{ __schema { queryType { name } } }"}
    async with serve_router(config) as shop:
        assert (await shop.post(query, x_zellige_introspection=key)).json["data"]["__schema"]
        for wrong in ("0123456789abcdeF", "", "\xff" * 16):
            assert (await shop.post(query, x_zellige_introspection=wrong)).codes == ["INTROSPECTION_DISABLED"]


@pytest.mark.parametrize(
    "target",
    [
        "/../etc/passwd",
        "/assets/..%2f..%2frouter.yaml",
        "/graphql/../../x",
        "//evil.example/",
        "/%00",
        "/graphql/" + "a" * 20_000,
    ],
)
async def test_paths_lead_nowhere(shop: ServedShop, target: str) -> None:
    answer = parse_answer(
        await raw(shop, f"GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
    )
    assert answer.status in {400, 404, 414} or answer.codes == ["DOCUMENT_NOT_FOUND"]
    assert b"root:" not in answer.body
    assert (await shop.post(ORDINARY)).json == ANSWER


async def test_no_secret_of_a_request_reaches_the_log() -> None:
    stream = io.StringIO()
    configure_logging(LoggingConfig(level="debug"), stream=stream)
    token = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw"
    try:
        async with serve_router() as shop:
            await shop.post(
                {
                    "query": "query Login($p: String) { me { id @include(if: $p) } } # hunter2-in-text",
                    "operationName": f"Bearer {token}",
                    "variables": {"p": "hunter2-in-variables"},
                },
                authorization=f"Bearer {token}",
                cookie="session=hunter2-in-cookie",
                x_request_id=token,
                x_zellige_introspection="hunter2-as-key",
            )
            await Served(shop.port, LocalRouter()).send("GET", f"/graphql?query=%7Bhunter2%7D&token={token}")
    finally:
        structlog.reset_defaults()
    logged = stream.getvalue()
    assert '"event":"request"' in logged.replace(" ", "")
    assert "hunter2" not in logged
    assert token not in logged
