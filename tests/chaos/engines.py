"""Embedded engines that can be killed and started again behind one address."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from urllib.parse import urlsplit

from redis.asyncio import Redis

from tests.support.processes import descendants_of, wait_until
from tests.support.proxy import Proxy
from zellige.services.postgres import EmbeddedPostgres
from zellige.services.redis import EmbeddedRedis

PASSWORD = "chaos"


class MortalEngine:
    """One engine under a directory of its own, with everything it needs to survive kill -9."""

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self._directory = directory
        self.proxy = Proxy()
        self._engine: EmbeddedPostgres | EmbeddedRedis | None = None

    async def start(self) -> str:
        """Starts it and returns its URL, which stays the same."""
        await self.proxy.start()
        parts = urlsplit(await self._start_engine())
        password = PASSWORD if self.name == "redis" else parts.password
        host = f"{parts.username or ''}:{password}@127.0.0.1:{self.proxy.port}"
        return parts._replace(netloc=host).geturl()

    async def restart_after_kill(self) -> None:
        """Kills it with all its processes, as a machine that loses power would end them, and starts it."""
        assert self._engine is not None, "start() comes first"
        processes = descendants_of(self._engine.guardian_id)
        self.proxy.target = None
        self.proxy.cut()
        for process in (self._engine.guardian_id, *processes):
            _kill(process)
        await asyncio.to_thread(wait_until, lambda: not any(map(_lives, processes)))
        await asyncio.to_thread(self._engine.stop)
        await self._start_engine()

    async def stop(self) -> None:
        """Stops it for good."""
        await self.proxy.stop()
        if self._engine is not None:
            await asyncio.to_thread(self._engine.stop)

    async def _start_engine(self) -> str:
        kind = EmbeddedPostgres if self.name == "postgres" else EmbeddedRedis
        self._engine = kind(self._directory, durable=True)
        url = await asyncio.to_thread(self._engine.start)
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        if self.name == "redis":
            # A new start makes a new password, and the address must stay the same.
            async with Redis.from_url(url) as redis:
                await redis.config_set("requirepass", PASSWORD)
        self.proxy.target = (parts.hostname, parts.port)
        return url


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def _lives(process: int) -> bool:
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text.rpartition(")")[2].split()[0] not in {"Z", "X"}
