"""The store that all processes share, in Redis: slower when it is down, never wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from random import random
from time import monotonic
from typing import Any, TypeVar

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from router.cache.entry import TOKEN_BYTES, Entry, Token, decode_entry, encode_entry, new_token
from router.cache.names import ALL, Name
from router.cache.store import Lookup, Reading, Write
from router.config import RedisStoreConfig
from router.telemetry.catalogue import CACHE_STORE_UP
from router.telemetry.catalogue import Reading as MetricReading

_log = structlog.stdlib.get_logger("router.cache")

KEY_BYTES_MAX = 120
FINGERPRINT_BYTES = 8
KEYS_PER_EXCHANGE_MAX = 2_000
# Redis does nothing else meanwhile.
WRITES_PER_EXCHANGE_MAX = 500
# Undelivered invalidations are kept one by one up to here; more of them invalidate everything.
PENDING_MAX = 10_000
PROPOSALS_MAX = 20_000
# A token in use must not expire for everybody at once: one writer in so many prolongs it.
PROLONGED_ONE_IN = 64
_FAILURES = (RedisError, OSError, TimeoutError)
# All that a fetch writes as one command: a command for each is what a process spends most on in writing.
# KEYS: names that have no token yet, names to prolong, entries. ARGV: the seconds tokens last, how many names
# of either kind, a token for each of the first, milliseconds and value for each entry.
_WRITE = """
local proposed, named = tonumber(ARGV[2]), tonumber(ARGV[2]) + tonumber(ARGV[3])
for i = 1, proposed do
  redis.call('SET', KEYS[i], ARGV[3 + i], 'EX', ARGV[1], 'NX')
end
for i = proposed + 1, named do
  redis.call('EXPIRE', KEYS[i], ARGV[1])
end
local at = 3 + proposed
for i = named + 1, #KEYS do
  redis.call('SET', KEYS[i], ARGV[at + 2], 'PX', ARGV[at + 1])
  at = at + 2
end
return 1
"""

Answer = TypeVar("Answer")


class RedisStore:
    """Entries and tokens as Redis strings under one prefix.

    Tokens outlive entries (`age_s_max`), and losing one only costs misses: any eviction policy is safe.
    """

    def __init__(self, config: RedisStoreConfig, age_s_max: float, clock: Callable[[], float]) -> None:
        self._config = config
        self._clock = clock
        self._prefix = config.key_prefix.encode()
        self._token_ttl_s = int(2 * age_s_max) + 60
        self._timeout_s = config.timeout_ms / 1000
        # `_exchange` bounds the time. The client must not: with time-outs of its own redis-py 5.3 loses one
        # in four cancellations, and whoever was to end then waits for ever.
        pool = BlockingConnectionPool.from_url(
            config.url, max_connections=config.connections_max, timeout=None
        )
        self._redis: Redis = Redis(connection_pool=pool)
        self._write_script = self._redis.register_script(_WRITE)
        self._failures = 0
        self._paused_until = 0.0
        self._pending: set[Name] = set()
        self._proposals: OrderedDict[Name, Token] = OrderedDict()
        self._delivery: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        """Whether Redis answered the last time it was asked, and nothing waits to be delivered to it."""
        return self._failures == 0 and not self._pending

    async def read(self, lookups: Sequence[Lookup]) -> Reading:
        """Returns valid entries and the tokens of every name; nothing while Redis cannot be reached."""
        names = list(dict.fromkeys(name for lookup in lookups for name in lookup.names))
        keys = list(dict.fromkeys(key for lookup in lookups for key in lookup.keys))
        values = None if self._pending else await self._exchange(self._fetch([*names, *keys]))
        if values is None:
            return Reading([None] * len(lookups), {})
        tokens: dict[Name, Token] = {}
        proposed: set[Name] = set()
        for name, value in zip(names, values, strict=False):
            if value is None or len(value) != TOKEN_BYTES:
                proposed.add(name)
                value = self._propose(name)
            tokens[name] = value
        found = dict(zip(keys, values[len(names) :], strict=True))
        return Reading([self._pick(lookup, found, tokens) for lookup in lookups], tokens, proposed)

    def _propose(self, name: Name) -> Token:
        """Returns one token for all who propose one for the name, so that they can share a fetch."""
        token = self._proposals.get(name)
        if token is None:
            token = self._proposals[name] = new_token()
            if len(self._proposals) > PROPOSALS_MAX:
                self._proposals.popitem(last=False)
        return token

    async def _fetch(self, keys: list[bytes]) -> list[bytes | None]:
        found: list[bytes | None] = []
        for start in range(0, len(keys), KEYS_PER_EXCHANGE_MAX):
            part = keys[start : start + KEYS_PER_EXCHANGE_MAX]
            found += await self._redis.mget([self._key(key) for key in part])
        return found

    def _pick(
        self, lookup: Lookup, found: dict[bytes, bytes | None], tokens: dict[Name, Token]
    ) -> Entry | None:
        expected = tuple([tokens[name] for name in lookup.names])
        for key in lookup.keys:
            raw = found[key]
            # The fingerprint proves that the value was written for this key, whatever happened on the way.
            if raw is None or raw[:FINGERPRINT_BYTES] != _fingerprint(key):
                continue
            entry = decode_entry(raw[FINGERPRINT_BYTES:])
            if entry is None or entry.expires_at <= self._clock():
                continue
            if not lookup.names or entry.tokens == expected:
                return entry
        return None

    async def write(self, writes: Sequence[Write], reading: Reading) -> int:
        """Keeps the entries, and the tokens that were proposed for names without one."""
        for name in reading.proposed:
            # Once it may be a token, it must not be proposed again: entries of old could come back with it.
            self._proposals.pop(name, None)
        if not writes or self._pending:
            return 0
        return len(writes) if await self._exchange(self._write(writes, reading)) else 0

    async def _write(self, writes: Sequence[Write], reading: Reading) -> bool:
        for start in range(0, len(writes), WRITES_PER_EXCHANGE_MAX):
            part = writes[start : start + WRITES_PER_EXCHANGE_MAX]
            names = {name for write in part for name in write.names}
            proposed = names & reading.proposed
            prolonged = [name for name in names - proposed if random() * PROLONGED_ONE_IN < 1]  # noqa: S311 - no secret
            now = self._clock()
            entries: list[bytes | int] = []
            for write in part:
                lasts_ms = max(int((write.entry.expires_at - now) * 1000), 1)
                entries += (lasts_ms, _fingerprint(write.key) + encode_entry(write.entry))
            keys = [*proposed, *prolonged, *(write.key for write in part)]
            tokens = [reading.tokens[name] for name in proposed]
            arguments = [self._token_ttl_s, len(proposed), len(prolonged), *tokens, *entries]
            await self._write_script([self._key(key) for key in keys], arguments)
        return True

    async def invalidate(self, names: Sequence[Name]) -> bool:
        """Renews the tokens; what cannot be delivered is tried again until it can."""
        for name in names:
            self._proposals.pop(name, None)
        if not self._pending and await self._exchange(self._renew(names)):
            return True
        self._pending.update(names)
        if len(self._pending) > PENDING_MAX:
            self._pending = {ALL}
        if self._delivery is None or self._delivery.done():
            self._delivery = asyncio.create_task(self._deliver())
        return False

    async def _renew(self, names: Iterable[Name]) -> bool:
        pipeline = self._redis.pipeline(transaction=False)
        for name in names:
            pipeline.set(self._key(name), new_token(), ex=self._token_ttl_s)
        await pipeline.execute()
        return True

    async def _deliver(self) -> None:
        while self._pending:
            await asyncio.sleep(self._config.pause_ms / 1000)
            names = tuple(self._pending)
            if await self._exchange(self._renew(names)):
                self._pending.difference_update(names)
                _log.info("cache invalidations delivered late", names=len(names))

    async def claim(self, keys: Sequence[bytes], seconds: float) -> list[bool]:
        """Says which the caller may refresh; without Redis none, for nothing could be kept."""
        return await self._exchange(self._claim(keys, seconds)) or [False] * len(keys)

    async def _claim(self, keys: Sequence[bytes], seconds: float) -> list[bool]:
        pipeline = self._redis.pipeline(transaction=False)
        for key in keys:
            pipeline.set(self._key(b"claim " + key), b"1", nx=True, px=max(int(seconds * 1000), 1))
        return [bool(answer) for answer in await pipeline.execute()]

    def readings(self) -> Iterator[MetricReading]:
        """Returns whether Redis answers."""
        yield MetricReading(CACHE_STORE_UP, int(self.is_up))

    async def close(self) -> None:
        """Tries to deliver what is still pending, once, and closes the connections."""
        if self._delivery is not None:
            self._delivery.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._delivery
        if self._pending and not await self._exchange(self._renew(tuple(self._pending)), is_last=True):
            _log.error("cache invalidations were lost", names=len(self._pending))
        await self._redis.aclose(close_connection_pool=True)

    async def _exchange(self, work: Awaitable[Answer], *, is_last: bool = False) -> Answer | None:
        """Returns what Redis answers; None at once while it is left alone, or when it fails."""
        now = monotonic()
        if self._failures >= self._config.failures_max and not is_last:
            if now < self._paused_until:
                _drop(work)
                return None
            # One exchange finds out whether Redis is back; the others go on without it meanwhile.
            self._paused_until = now + self._config.pause_ms / 1000
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await work
        except _FAILURES as fault:
            self._failures += 1
            self._paused_until = monotonic() + self._config.pause_ms / 1000
            if self._failures == self._config.failures_max:
                _log.warning("cache goes on without Redis", fault=type(fault).__name__)
            return None
        if self._failures >= self._config.failures_max:
            _log.info("cache is back on Redis")
        self._failures = 0
        return answer

    def _key(self, key: bytes) -> bytes:
        if len(key) > KEY_BYTES_MAX:
            key = b"#" + blake2b(key, digest_size=20).hexdigest().encode()
        return self._prefix + key


def _fingerprint(key: bytes) -> bytes:
    return blake2b(key, digest_size=FINGERPRINT_BYTES).digest()


def _drop(work: Any) -> None:
    """Ends a coroutine that was never awaited, so that nobody is warned of it."""
    close = getattr(work, "close", None)
    if close is not None:
        close()
