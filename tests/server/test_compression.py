"""Responses made smaller for those who can read them, and never for others."""

from __future__ import annotations

import gzip
import sys

import pytest

from router.config import CompressionConfig, ServerConfig
from router.server.compression import Compressor
from tests.server.serving import HttpAnswer, serve

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LARGE = {
    "query": "{ " + " ".join(f"t{n}: tiles {{ id name stock price {{ amount }} }}" for n in range(30)) + " }"
}
SMALL = {"query": '{ tile(id: "t1") { id } }'}
DECODERS = {"gzip": gzip.decompress, "zstd": zstd.decompress, None: bytes}


def decode(answer: HttpAnswer) -> bytes:
    return DECODERS[answer.headers.get("content-encoding")](answer.body)


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("gzip;q=0, zstd;q=0", None),
        ("zstd;q=0, *", "gzip"),
        ("x-gzip", "gzip"),
        ("*;q=0.1", "zstd"),
        ("br, deflate", None),
        ("identity", None),
        ("gzip;q=0.2, identity;q=0.8", None),
        ("GZIP", "gzip"),
        ("gzip;q=broken", None),
        ("", None),
        (", ,;,", None),
    ],
)
def test_the_encoding_the_client_likes_best_is_used(accepted: str, expected: str | None) -> None:
    assert Compressor(CompressionConfig()).choose(accepted, 10_000) == expected


@pytest.mark.parametrize("thread_min_bytes", [0, 1_000_000])
@pytest.mark.parametrize("accepted", ["gzip", "zstd"])
async def test_a_compressed_body_is_the_same_body(accepted: str, thread_min_bytes: int) -> None:
    config = ServerConfig(compression=CompressionConfig(thread_min_bytes=thread_min_bytes))
    async with serve(config) as served:
        plain = await served.post(LARGE)
        answer = await served.post(LARGE, accept_encoding=accepted)
        assert answer.headers["content-encoding"] == accepted
        assert decode(answer) == plain.body
        assert len(answer.body) < len(plain.body) / 3
        assert int(answer.headers["content-length"]) == len(answer.body)
        for one in (plain, answer):
            assert "Accept-Encoding" in one.headers["vary"]
        assert "content-encoding" not in plain.headers


async def test_a_small_body_goes_out_as_it_is() -> None:
    async with serve() as served:
        answer = await served.post(SMALL, accept_encoding="gzip, zstd")
        assert "content-encoding" not in answer.headers
        assert answer.json == {"data": {"tile": {"id": "t1"}}}


async def test_a_batch_is_compressed_too() -> None:
    config = ServerConfig.model_validate({"batching": {"enabled": True}})
    async with serve(config) as served:
        answer = await served.post([LARGE, LARGE], accept_encoding="gzip")
        assert answer.headers["content-encoding"] == "gzip"
        assert decode(answer) == (await served.post([LARGE, LARGE])).body


async def test_compression_can_be_switched_off() -> None:
    async with serve(ServerConfig(compression=CompressionConfig(enabled=False))) as served:
        answer = await served.post(LARGE, accept_encoding="gzip")
        assert "content-encoding" not in answer.headers
        assert answer.headers["vary"] == "Accept, Origin"
