"""One call over HTTP: what is sent, and what is made of the answer."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from router.config import SubgraphConfig, TlsConfig
from router.errors import SubgraphError
from router.executor.transport.client import SubgraphRequest, SubgraphResponse
from router.executor.transport.decode import decoded
from router.executor.transport.url import SubgraphUrl, SubgraphUrlError, parse_subgraph_url
from tests.transport.certificates import make_certificate
from tests.transport.raw_server import (
    QUERY,
    Behaviour,
    Peer,
    Received,
    answer_one,
    client_of,
    outcome,
    raw_server,
)

ONE = SubgraphResponse({"a": 1})


def answering(raw: bytes, *, closes: bool = False) -> Behaviour:
    async def behave(peer: Peer, _request: Received) -> None:
        peer.send(raw)
        if closes:
            peer.writer.close()

    return behave


async def error_of(behaviour: Behaviour, **settings: Any) -> SubgraphError:
    async with raw_server(behaviour) as server, client_of(server.url, **settings) as client:
        with pytest.raises(SubgraphError) as caught:
            await client.execute(QUERY)
        assert caught.value.service == "shop"
        assert "127.0.0.1" not in caught.value.message
        return caught.value


async def test_a_request_carries_the_operation_and_the_agreed_headers() -> None:
    request = SubgraphRequest("query A($x: Int) { a(x: $x) }", {"x": 1}, "A")
    async with raw_server(answer_one) as server, client_of(server.url) as client:
        assert await client.execute(request) == ONE
    sent = server.received[0]
    assert sent.request_line == "POST /graphql HTTP/1.1"
    assert sent.payload == {"query": request.query, "variables": {"x": 1}, "operationName": "A"}
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["accept"] == "application/graphql-response+json, application/json"
    assert sent.headers["accept-encoding"] == "zstd, gzip"
    assert sent.headers["host"] == f"127.0.0.1:{server.port}"


async def test_only_listed_headers_are_propagated_and_configured_ones_win() -> None:
    headers = {
        "authorization": "Bearer x",
        "cookie": "session=1",
        "traceparent": "00-1-2-01",
        "x-request-id": "of the client",
        "accept-language": "ar\r\nx-evil: 1",
        "host": "evil.example",
    }
    subgraph = SubgraphConfig(headers={"X-Request-Id": "of the configuration", "X-Secret": "s"})
    async with raw_server(answer_one) as server, client_of(server.url, subgraph) as client:
        await client.execute(SubgraphRequest("{ a }", headers=headers))
    sent = server.received[0].headers
    assert sent["authorization"] == "Bearer x"
    assert sent["traceparent"] == "00-1-2-01"
    assert sent["x-request-id"] == "of the configuration"
    assert sent["x-secret"] == "s"
    assert sent["host"] == f"127.0.0.1:{server.port}"
    assert {"cookie", "accept-language", "x-evil"}.isdisjoint(sent)


async def test_mutations_tell_who_the_client_is_and_queries_do_not() -> None:
    headers = {"x-client-address": "192.0.2.1", "user-agent": "Firefox", "authorization": "Bearer x"}
    async with raw_server(answer_one) as server, client_of(server.url) as client:
        await client.execute(SubgraphRequest("{ a }", headers=headers))
        await client.execute(SubgraphRequest("mutation { a }", headers=headers, is_mutation=True))
    query, mutation = (sent.headers for sent in server.received)
    assert {"x-client-address", "user-agent"}.isdisjoint(query)
    assert headers.items() <= mutation.items()


async def test_what_the_transport_says_is_never_overruled_by_a_client() -> None:
    names = ("accept", "Accept-Encoding", "content-type", "x-request-timeout-ms", "X-A", "x-a")
    headers = {name.lower(): "of the client" for name in names}
    async with raw_server(answer_one) as server, client_of(server.url, propagate_headers=names) as client:
        assert await client.execute(SubgraphRequest("{ a }", headers=headers)) == ONE
    lines = server.received[0].lines
    assert [line for line in lines if "of the client" in line] == ["x-a: of the client"]


@pytest.mark.parametrize("name", ["Host", "Accept", "X-Request-Timeout-Ms"])
async def test_the_configuration_overrules_what_the_transport_says(name: str) -> None:
    subgraph = SubgraphConfig(headers={name: "of the configuration"})
    async with raw_server(answer_one) as server, client_of(server.url, subgraph) as client:
        assert await client.execute(QUERY) == ONE
    lines = [line for line in server.received[0].lines if line.startswith(f"{name.lower()}: ")]
    assert lines == [f"{name.lower()}: of the configuration"]


async def test_a_chunked_response_in_small_pieces_is_put_together() -> None:
    async def behave(peer: Peer, _request: Received) -> None:
        peer.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        for byte in b'{"data": {"a": 1}}':
            peer.send(b"1\r\n" + bytes([byte]) + b"\r\n")
            await peer.writer.drain()
        peer.send(b"0\r\n\r\n")

    async with raw_server(behave) as server, client_of(server.url) as client:
        assert await client.execute(QUERY) == ONE
        assert await client.execute(QUERY) == ONE
    assert server.connections == 1


async def test_a_body_that_ends_with_the_connection_is_read() -> None:
    raw = b'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"data": {"a": 1}}'
    async with raw_server(answering(raw, closes=True)) as server, client_of(server.url) as client:
        assert await client.execute(QUERY) == ONE
        assert await client.execute(QUERY) == ONE
    assert server.connections == 2


async def test_interim_responses_are_passed_over() -> None:
    async def behave(peer: Peer, request: Received) -> None:
        peer.send(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
        await answer_one(peer, request)

    async with raw_server(behave) as server, client_of(server.url) as client:
        assert await client.execute(QUERY) == ONE


@pytest.mark.parametrize("wants_body", [False, True])
async def test_headers_that_caching_and_retrying_read_come_with_the_response(wants_body: bool) -> None:
    async def behave(peer: Peer, _request: Received) -> None:
        lines = "Cache-Control: max-age=60\r\nx-powered-by: sand\r\nVARY: accept\r\nVary: authorization\r\n"
        peer.send(b"HTTP/1.1 103 Early Hints\r\netag: early\r\n\r\n")
        peer.answer({"data": {"a": 1}}, headers=lines)

    async with raw_server(behave) as server, client_of(server.url) as client:
        for _ in range(2):
            response = await client.execute(SubgraphRequest("{ a }", wants_body=wants_body))
            assert response.headers == {"cache-control": "max-age=60", "vary": "accept, authorization"}
            assert decoded("shop", response) == ONE
            assert decoded("shop", response).headers == response.headers


async def test_gzip_is_accepted() -> None:
    async def behave(peer: Peer, _request: Received) -> None:
        peer.answer(gzip.compress(b'{"data": {"a": 1}}'), headers="content-encoding: gzip\r\n")

    async with raw_server(behave) as server, client_of(server.url) as client:
        assert await client.execute(QUERY) == ONE


async def test_errors_and_extensions_come_as_the_subgraph_sent_them() -> None:
    body = {"data": None, "errors": [{"message": "no", "path": ["a"]}], "extensions": {"cost": 3}}

    async def behave(peer: Peer, _request: Received) -> None:
        peer.answer(body)

    async with raw_server(behave) as server, client_of(server.url) as client:
        expected = SubgraphResponse(None, ({"message": "no", "path": ["a"]},), {"cost": 3})
        assert await client.execute(QUERY) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b"null",
        b"{}",
        b'{"data": []}',
        b'{"data": 1}',
        b'{"data": {}, "errors": {}}',
        b'{"data": {}, "errors": ["x"]}',
        b'{"errors": []}',
        b'{"data": {}, "extensions": []}',
        b"[" * 100_000,
        b"",
    ],
)
async def test_a_body_that_is_no_graphql_response_is_malformed(body: bytes) -> None:
    async def behave(peer: Peer, _request: Received) -> None:
        peer.answer(body)

    error = await error_of(behave)
    assert (error.code, error.http_status) == ("SUBGRAPH_MALFORMED_RESPONSE", 200)


@pytest.mark.parametrize("body", [b"", b"Bad gateway", b'{"detail": "no"}'])
async def test_a_bad_status_keeps_its_number(body: bytes) -> None:
    async def behave(peer: Peer, _request: Received) -> None:
        peer.answer(body, status="502 Bad Gateway")

    error = await error_of(behave)
    assert (error.code, error.http_status) == ("SUBGRAPH_HTTP_ERROR", 502)


async def test_a_graphql_response_under_a_bad_status_is_used() -> None:
    async def behave(peer: Peer, _request: Received) -> None:
        peer.answer({"errors": [{"message": "who are you"}]}, status="401 Unauthorized")

    async with raw_server(behave) as server, client_of(server.url) as client:
        response = await client.execute(QUERY)
    assert response == SubgraphResponse(None, ({"message": "who are you"},), {}, 401)


async def test_a_redirect_is_not_followed() -> None:
    async def behave(peer: Peer, _request: Received) -> None:
        peer.answer(b"", status="302 Found", headers="location: http://evil.example/\r\n")

    error = await error_of(behave)
    assert (error.code, error.http_status) == ("SUBGRAPH_HTTP_ERROR", 302)


BOMB = gzip.compress(b"x" * 100_000)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SUBGRAPH_MALFORMED_RESPONSE"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
            "SUBGRAPH_MALFORMED_RESPONSE",
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "SUBGRAPH_MALFORMED_RESPONSE",
        ),
        (b"HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n", "SUBGRAPH_MALFORMED_RESPONSE"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n", "SUBGRAPH_MALFORMED_RESPONSE"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n" + b"x" * 2_000, "SUBGRAPH_MALFORMED_RESPONSE"),
        (
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(BOMB) + BOMB,
            "SUBGRAPH_MALFORMED_RESPONSE",
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nxxxx",
            "SUBGRAPH_MALFORMED_RESPONSE",
        ),
        (b'HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"data"', "SUBGRAPH_UNREACHABLE"),
        (b"", "SUBGRAPH_UNREACHABLE"),
    ],
    ids=[
        "not http",
        "upgrade",
        "two lengths",
        "negative length",
        "endless length",
        "too large",
        "gzip bomb",
        "bad gzip",
        "cut off",
        "nothing",
    ],
)
async def test_a_broken_response_is_coded(raw: bytes, code: str) -> None:
    error = await error_of(answering(raw, closes=True), max_response_bytes=1_000)
    assert error.code == code


async def test_nobody_listening_is_unreachable() -> None:
    async with raw_server(answer_one) as server:
        url = server.url
    async with client_of(url) as client:
        with pytest.raises(SubgraphError) as caught:
            await client.execute(QUERY)
    assert caught.value.code == "SUBGRAPH_UNREACHABLE"


async def test_a_unix_socket_is_reached(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.sock")
    async with raw_server(answer_one, socket_path=path) as server:
        async with client_of(f"unix://{path}?path=/graphql") as client:
            assert await client.execute(QUERY) == ONE
        assert server.received[0].request_line == "POST /graphql HTTP/1.1"
        assert server.received[0].headers["host"] == "localhost"


async def test_tls_is_verified(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    async with raw_server(answer_one, tls=certificate.server_context()) as server:
        url = f"https://localhost:{server.port}/graphql"
        trusting = SubgraphConfig(tls=TlsConfig(ca_file=str(certificate.path)))
        async with client_of(url, trusting) as client:
            assert await client.execute(QUERY) == ONE
            assert await client.execute(QUERY) == ONE
        async with client_of(url) as client:
            with pytest.raises(SubgraphError) as caught:
                await client.execute(QUERY)
    assert caught.value.code == "SUBGRAPH_UNREACHABLE"


async def test_a_certificate_must_be_for_the_name_in_the_url(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    trusting = SubgraphConfig(tls=TlsConfig(ca_file=str(certificate.path)))
    async with (
        raw_server(answer_one, tls=certificate.server_context()) as server,
        client_of(f"https://127.0.0.1:{server.port}/graphql", trusting) as client,
    ):
        assert await outcome(client) == "SUBGRAPH_UNREACHABLE"
    assert server.received == []


async def test_the_router_shows_its_certificate_to_who_asks(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "router").mkdir()
    server_side, router_side = make_certificate(tmp_path / "server"), make_certificate(tmp_path / "router")
    context = server_side.server_context(clients=router_side)
    known = TlsConfig(
        ca_file=str(server_side.path), cert_file=str(router_side.path), key_file=str(router_side.key_path)
    )
    stranger = TlsConfig(ca_file=str(server_side.path))
    async with raw_server(answer_one, tls=context) as server:
        url = f"https://localhost:{server.port}/graphql"
        async with client_of(url, SubgraphConfig(tls=known)) as client:
            assert await client.execute(QUERY) == ONE
        async with client_of(url, SubgraphConfig(tls=stranger)) as client:
            assert await outcome(client) == "SUBGRAPH_UNREACHABLE"
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://shop", ("shop", 80, "/", "shop")),
        ("https://shop/graphql", ("shop", 443, "/graphql", "shop")),
        ("http://shop:80/a?b=c d", ("shop", 80, "/a?b=c%20d", "shop")),
        ("https://shop:80/", ("shop", 80, "/", "shop:80")),
        ("http://[::1]:4001/graphql", ("::1", 4001, "/graphql", "[::1]:4001")),
    ],
)
def test_an_address_is_read(url: str, parts: tuple[Any, ...]) -> None:
    parsed = parse_subgraph_url(url)
    assert (parsed.host, parsed.port, parsed.target, parsed.host_header) == parts


def test_a_unix_address_is_read() -> None:
    parsed = parse_subgraph_url("unix:///run/shop%20a.sock")
    assert parsed == SubgraphUrl("localhost", 0, "/", socket_path="/run/shop a.sock")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop",
        "ftp://shop",
        "http://",
        "http://shop:port",
        "http://me:secret@shop",
        "unix://shop.sock",
        "unix:///a?path=b",
    ],
)
def test_an_unusable_address_is_refused_without_telling_secrets(url: str) -> None:
    with pytest.raises(SubgraphUrlError) as caught:
        parse_subgraph_url(url)
    assert "secret" not in str(caught.value)
