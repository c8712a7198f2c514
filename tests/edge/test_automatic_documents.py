"""Automatic persisted queries: a text is sent once, and kept under no other hash than its own."""

from __future__ import annotations

from uuid import uuid4

import pytest
from redis.asyncio import Redis

from tests.edge.documents import ME, NAMES, by_hash, hash_of, with_documents
from tests.support.engines import redis_url
from tests.telemetry.serving import serve_router


async def test_a_text_is_sent_once() -> None:
    async with serve_router() as shop:
        unknown = await shop.post(by_hash(hash_of(ME)))
        assert (unknown.status, unknown.codes) == (200, ["PERSISTED_QUERY_NOT_FOUND"])
        assert unknown.json["errors"][0]["message"] == "PersistedQueryNotFound"
        assert (await shop.post(by_hash(hash_of(ME), query=ME))).json["data"]["me"] == {"id": "1"}
        assert (await shop.post(by_hash(hash_of(ME)))).json["data"]["me"] == {"id": "1"}


async def test_a_text_is_never_kept_under_the_hash_of_another() -> None:
    async with serve_router() as shop:
        poisoned = await shop.post(by_hash(hash_of(ME), query=NAMES))
        assert poisoned.codes == ["PERSISTED_QUERY_HASH_MISMATCH"]
        assert (await shop.post(by_hash(hash_of(ME)))).codes == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_what_is_kept_is_bounded() -> None:
    async with serve_router(
        with_documents(automatic={"documents_max": 2, "document_bytes_max": 200})
    ) as shop:
        for number in range(3):
            text = f"query Q{number} {{ me {{ id }} }}"
            await shop.post(by_hash(hash_of(text), query=text))
        found = [
            await shop.post(by_hash(hash_of(f"query Q{number} {{ me {{ id }} }}"))) for number in range(3)
        ]
        assert ["data" in one.json for one in found] == [False, True, True]
        long = ME + " #" + "x" * 300
        assert (await shop.post(by_hash(hash_of(long), query=long))).status == 200
        assert (await shop.post(by_hash(hash_of(long)))).codes == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_processes_share_texts_by_redis_and_a_forged_one_is_not_taken() -> None:
    prefix = f"zellige:test:{uuid4()}:"
    automatic = {"store": "redis", "redis_url": redis_url(), "key_prefix": prefix, "timeout_ms": 10_000}
    config = with_documents(automatic=automatic)
    async with serve_router(config) as one, serve_router(config) as other:
        await one.post(by_hash(hash_of(ME), query=ME))
        assert (await other.post(by_hash(hash_of(ME)))).json["data"]["me"] == {"id": "1"}
        async with Redis.from_url(redis_url()) as redis:
            await redis.set(f"{prefix}{hash_of(NAMES)}", ME, ex=60)
        assert (await other.post(by_hash(hash_of(NAMES)))).codes == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_without_redis_clients_send_their_texts_again() -> None:
    automatic = {"store": "redis", "redis_url": "redis://127.0.0.1:1/0"}
    async with serve_router(with_documents(automatic=automatic)) as shop:
        assert (await shop.post(by_hash(hash_of(ME)))).codes == ["PERSISTED_QUERY_NOT_FOUND"]
        assert (await shop.post(by_hash(hash_of(ME), query=ME))).status == 200


async def test_they_can_be_switched_off() -> None:
    async with serve_router(with_documents(automatic={"enabled": False})) as shop:
        answer = await shop.post(by_hash(hash_of(ME)))
        assert answer.codes == ["PERSISTED_QUERY_NOT_SUPPORTED"]
        assert (await shop.post(by_hash(hash_of(NAMES), query=ME))).status == 200


@pytest.mark.parametrize(
    "persisted", [7, {}, {"sha256Hash": 1}, {"sha256Hash": "x", "version": 2}, {"sha256Hash": ""}]
)
async def test_a_malformed_hash_is_a_bad_request(persisted: object) -> None:
    async with serve_router() as shop:
        answer = await shop.post({"extensions": {"persistedQuery": persisted}})
        assert answer.codes == ["BAD_REQUEST"]
