"""Compressed bodies in both directions, and their bounds."""

from __future__ import annotations

import gzip
import json
import sys
import zlib

import pytest

from router.config import RequestCompressionConfig, SubgraphConfig
from router.errors import SubgraphError
from router.executor.transport.client import SubgraphRequest, SubgraphResponse
from router.executor.transport.content_coding import compress, decompress
from router.executor.transport.failures import ProtocolFault, ResponseTooLargeFault
from tests.transport.raw_server import Peer, Received, answer_one, client_of, raw_server

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ANSWER = b'{"data": {"a": 1}}'
ONE = SubgraphResponse({"a": 1})
PARTED = len(ANSWER) // 2


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("zstd", zstd.compress(ANSWER)),
        ("gzip", gzip.compress(ANSWER)),
        ("x-gzip", gzip.compress(ANSWER)),
        (" GZIP ", gzip.compress(ANSWER)),
        ("identity", ANSWER),
        ("zstd", zstd.compress(ANSWER[:PARTED]) + zstd.compress(ANSWER[PARTED:])),
        ("gzip", gzip.compress(ANSWER[:PARTED]) + gzip.compress(ANSWER[PARTED:])),
    ],
    # Given, as gzip's header holds the time, and every worker of a run must name the tests alike.
    ids=["zstd", "gzip", "x-gzip", "capitals", "identity", "zstd frames", "gzip members"],
)
async def test_a_compressed_answer_is_read(coding: str, body: bytes) -> None:
    async def behave(peer: Peer, _request: Received) -> None:
        peer.answer(body, headers=f"content-encoding: {coding}\r\n")

    async with raw_server(behave) as server, client_of(server.url) as client:
        assert await client.execute(SubgraphRequest("{ a }")) == ONE
        raw = await client.execute(SubgraphRequest("{ a }", wants_body=True))
        assert raw.body == ANSWER
    assert server.connections == 1


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", ANSWER),
        ("gzip, gzip", gzip.compress(gzip.compress(ANSWER))),
        ("zstd", gzip.compress(ANSWER)),
        ("gzip", zlib.compress(ANSWER)),
        ("zstd", zstd.compress(ANSWER)[:-3]),
        ("gzip", gzip.compress(ANSWER)[:-3]),
        ("zstd", zstd.compress(b"x" * 100_000)),
        ("gzip", gzip.compress(b"x" * 100_000)),
    ],
    ids=["br", "twice", "not zstd", "not gzip", "zstd cut", "gzip cut", "zstd bomb", "gzip bomb"],
)
async def test_a_body_that_cannot_be_read_within_bounds_is_malformed(coding: str, body: bytes) -> None:
    async def behave(peer: Peer, _request: Received) -> None:
        peer.answer(body, headers=f"content-encoding: {coding}\r\n")

    async with raw_server(behave) as server, client_of(server.url, max_response_bytes=1_000) as client:
        with pytest.raises(SubgraphError) as caught:
            await client.execute(SubgraphRequest("{ a }"))
    assert caught.value.code == "SUBGRAPH_MALFORMED_RESPONSE"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_the_bound_is_on_the_content_of_all_parts_together(coding: str) -> None:
    part = compress(coding, b"x" * 100)
    assert decompress(coding, part * 3, 300) == b"x" * 300
    with pytest.raises(ResponseTooLargeFault):
        decompress(coding, part * 3, 299)


def test_a_zstd_window_beyond_8_mb_is_refused() -> None:
    options: dict[int, int] = {
        zstd.CompressionParameter.window_log: 27,
        zstd.CompressionParameter.compression_level: 1,
    }
    compressor = zstd.ZstdCompressor(options=options)  # a stream of unknown length keeps its whole window
    body = compressor.compress(b"x" * 100) + compressor.flush()
    with pytest.raises(ProtocolFault):
        decompress("zstd", body, 1_000)


@pytest.mark.parametrize(("codings", "sent"), [(("gzip",), "gzip"), ((), None)])
async def test_the_settings_say_what_is_accepted(codings: tuple[str, ...], sent: str | None) -> None:
    async with raw_server(answer_one) as server, client_of(server.url, accept_codings=codings) as client:
        await client.execute(SubgraphRequest("{ a }"))
    assert server.received[0].headers.get("accept-encoding") == sent


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_large_requests_are_compressed_where_the_settings_say_so(coding: str) -> None:
    compression = RequestCompressionConfig.model_validate({"coding": coding, "bytes_min": 500})
    subgraph = SubgraphConfig(compression=compression)
    async with raw_server(answer_one) as server, client_of(server.url, subgraph) as client:
        assert await client.execute(SubgraphRequest("{ a }")) == ONE
        assert await client.execute(SubgraphRequest("{ a }", {"x": "y" * 1_000})) == ONE
    small, large = server.received
    assert "content-encoding" not in small.headers
    assert large.headers["content-encoding"] == coding
    assert len(large.raw) < 500
    assert json.loads(decompress(coding, large.raw, 10_000))["variables"] == {"x": "y" * 1_000}
