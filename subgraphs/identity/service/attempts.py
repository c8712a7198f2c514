"""Wrong guesses at passwords and second factors, counted in Redis and bounded.

Problem: a guesser must be stopped exactly at the limit, however many guesses arrive at once, and neither a
person who logs in on many devices at once nor one whose account a stranger attacks may be shut out.

So failures are counted and successes are not. Three counters stand for one attempt: the account from this
address, the address whatever the account, the account from wherever. Nobody who comes from an address by
which the account was entered before is held to the third. The verdict falls in one atomic step after the
guess was looked at: once a counter is full, right and wrong guesses are told the same, so that of any number
of parallel guesses exactly the limit are answered.

Without Redis nothing is counted and people still come in; what then bounds guessing is that passwords are
verified a few at a time.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import structlog
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

from subgraphs.identity.errors import TooManyAttempts
from subgraphs.kit.settings import KitSettings

log = structlog.get_logger(__name__)
R = TypeVar("R")

ANSWER_S_MAX = 2.0
KNOWN_ADDRESS_S = 30 * 86_400
KNOWN_ADDRESSES_MAX = 20
_UNBOUNDED = 1_000_000_000
_LAST = -1


@dataclass(frozen=True, slots=True)
class AttemptLimits:
    """How many wrong guesses are answered within the window."""

    account_and_address: int = 10
    address: int = 100
    account: int = 50
    window_s: int = 900


@dataclass(frozen=True, slots=True)
class Attempt:
    """One guess: at which account (any text that names it, known or not), from which address."""

    account: str
    address: str | None


# KEYS: the counters, then the account's known addresses. ARGV: what to do, the address, the window in
# seconds, each counter's limit, how many addresses are known and for how long. The last counter does not
# hold for a known address.
# Returns the seconds to wait, 0 for none, -1 for a failure after which no other is answered.
_SETTLE = """
local action, address, window = ARGV[1], ARGV[2], tonumber(ARGV[3])
local known = KEYS[#KEYS]
local counters = #KEYS - 1
if redis.call('ZSCORE', known, address) then counters = counters - 1 end
local wait = 0
for i = 1, counters do
  if tonumber(redis.call('GET', KEYS[i]) or '0') >= tonumber(ARGV[3 + i]) then
    wait = math.max(wait, redis.call('TTL', KEYS[i]), 1)
  end
end
if wait > 0 or action == 'look' then return wait end
if action == 'failure' then
  local last = 0
  for i = 1, #KEYS - 1 do
    local count = redis.call('INCR', KEYS[i])
    if count == 1 then redis.call('EXPIRE', KEYS[i], window) end
    if i <= counters and count >= tonumber(ARGV[3 + i]) then last = -1 end
  end
  return last
else
  redis.call('DEL', KEYS[1])
  if address ~= '' then
    redis.call('ZADD', known, redis.call('TIME')[1], address)
    redis.call('ZREMRANGEBYRANK', known, 0, -tonumber(ARGV[7]) - 1)
    redis.call('EXPIRE', known, tonumber(ARGV[8]))
  end
end
return 0
"""


class Attempts:
    """The counters of one installation."""

    def __init__(self, settings: KitSettings, limits: AttemptLimits | None = None) -> None:
        # No `socket_timeout`: redis-py 5.3 loses cancellations with it.
        pool = ConnectionPool.from_url(settings.redis_url, socket_connect_timeout=ANSWER_S_MAX)
        self._redis: Redis = Redis(connection_pool=pool)
        self._prefix = f"{settings.event_bus_name}:identity:attempts"
        self._limits = limits or AttemptLimits()

    async def check(self, attempt: Attempt) -> None:
        """Raises TooManyAttempts when a guess would not be answered; counts nothing."""
        await self._settle("look", attempt)

    async def fail(self, attempt: Attempt) -> bool:
        """Counts a wrong guess; returns whether it was the last, raises TooManyAttempts on one too many."""
        return await self._settle("failure", attempt) == _LAST

    async def succeed(self, attempt: Attempt) -> None:
        """Notes that the right one came in; raises TooManyAttempts when the limit was reached before."""
        await self._settle("success", attempt)

    async def close(self) -> None:
        """Ends the connections."""
        await self._redis.aclose(close_connection_pool=True)

    async def _settle(self, action: str, attempt: Attempt) -> int:
        limits = self._limits
        keys = self._keys(attempt)
        given = [
            action,
            attempt.address or "",
            limits.window_s,
            limits.account_and_address,
            # What comes from nowhere in particular is many people.
            limits.address if attempt.address else _UNBOUNDED,
            limits.account,
            KNOWN_ADDRESSES_MAX,
            KNOWN_ADDRESS_S,
        ]
        wait_s = await self._answer(
            cast("Awaitable[Any]", self._redis.eval(_SETTLE, len(keys), *keys, *given))
        )
        if wait_s is not None and wait_s > 0:
            raise TooManyAttempts(f"Too many wrong guesses; try again in {wait_s} seconds")
        return wait_s or 0

    async def _answer(self, question: Awaitable[R]) -> R | None:
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                return await question
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("attempts_not_counted", reason=str(error) or type(error).__name__)
            return None

    def _keys(self, attempt: Attempt) -> Sequence[str]:
        account = hashlib.sha256(attempt.account.encode()).hexdigest()[:32]
        address = attempt.address or "unknown"
        return [
            f"{self._prefix}:pair:{account}:{address}",
            f"{self._prefix}:address:{address}",
            f"{self._prefix}:account:{account}",
            f"{self._prefix}:known:{account}",
        ]
