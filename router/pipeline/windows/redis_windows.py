"""Counters that all processes share, in Redis: one script, one exchange, whatever the number of hits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis

from router.config import CountersConfig
from router.pipeline.windows.window import Hit, Standing, Taken
from router.telemetry.catalogue import Reading

# The clock is that of Redis, so that processes whose clocks differ count alike. KEYS: the counters. ARGV: of
# each its limit, its window in milliseconds and the cost. Answers whether all was taken and, for each
# counter, what it was before.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer, slots, fits = {1}, {}, 1
for i, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
  local slot = math.floor(now / window)
  local kept = redis.call('HMGET', key, 's', 'c', 'p')
  local counted_in, current, previous = tonumber(kept[1]), tonumber(kept[2]) or 0, tonumber(kept[3]) or 0
  if counted_in ~= slot then
    previous = (counted_in == slot - 1) and current or 0
    current = 0
  end
  local into = now - slot * window
  if previous * (window - into) / window + current + tonumber(ARGV[3 * i]) > limit then fits = 0 end
  slots[i] = slot
  answer[3 * i - 1], answer[3 * i], answer[3 * i + 1] = current, previous, into
end
answer[1] = fits
if fits == 1 then
  for i, key in ipairs(KEYS) do
    redis.call('HSET', key, 's', slots[i], 'c', answer[3 * i - 1] + ARGV[3 * i], 'p', answer[3 * i])
    redis.call('PEXPIRE', key, 2 * ARGV[3 * i - 1])
  end
end
return answer
"""


class RedisWindows:
    """Raises whatever redis-py raises; the caller bounds the time."""

    def __init__(self, config: CountersConfig) -> None:
        self._prefix = config.key_prefix.encode()
        # The caller's timeout ends an exchange: with timeouts of its own redis-py 5.3 loses cancellations.
        pool = BlockingConnectionPool.from_url(
            config.redis_url, max_connections=config.connections_max, timeout=None
        )
        self._redis: Redis = Redis(connection_pool=pool)
        self._script = self._redis.register_script(_TAKE)

    async def take(self, hits: Sequence[Hit]) -> Taken:
        """Takes all hits or none."""
        keys = [self._prefix + hit.key for hit in hits]
        arguments = [number for hit in hits for number in (hit.limit, hit.window_ms, hit.cost)]
        answer: Any = await self._script(keys, arguments)
        numbers = [int(number) for number in answer[1:]]
        standings = [Standing(*numbers[at : at + 3]) for at in range(0, len(numbers), 3)]
        return Taken(bool(answer[0]), standings)

    def readings(self) -> Iterable[Reading]:
        """Tells nothing: whoever bounds the time counts failures."""
        return ()

    async def close(self) -> None:
        """Closes the connections."""
        await self._redis.aclose(close_connection_pool=True)
