from __future__ import annotations

import asyncpg
from redis.asyncio import Redis

from tests.support import engines


async def test_postgres_answers_and_may_create_databases() -> None:
    connection = await asyncpg.connect(engines.postgres_url())
    try:
        allowed = await connection.fetchval("select rolcreatedb from pg_roles where rolname = current_user")
        assert allowed is True
    finally:
        await connection.close()


async def test_redis_answers_and_keeps_what_it_is_given() -> None:
    async with Redis.from_url(engines.redis_url()) as redis:
        await redis.set("zellige:probe", "1", ex=10)
        assert await redis.get("zellige:probe") == b"1"
