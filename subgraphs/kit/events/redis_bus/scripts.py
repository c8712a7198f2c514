"""What must happen in Redis at one blow, as scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis


async def run_script(redis: Redis, script: str, keys: Sequence[str], *arguments: str | bytes) -> int:
    """Runs one of the scripts below and returns its number."""
    # By its text, so that a Redis that was started anew knows it; Redis keeps the compiled form.
    answer: Any = await redis.execute_command("EVAL", script, len(keys), *keys, *arguments)
    return int(answer)


# A relay that died between publishing and writing that down publishes again: the mark keeps the second one
# out. ARGV: seconds the marks last, then type, subject, tenant and event of each; KEYS: stream, then marks.
PUBLISH = """
local kept = 0
for i = 2, #KEYS do
  if redis.call('SET', KEYS[i], '', 'NX', 'EX', ARGV[1]) then
    local at = 2 + (i - 2) * 4
    redis.call('XADD', KEYS[1], '*', 'type', ARGV[at], 'subject', ARGV[at + 1],
      'tenant', ARGV[at + 2], 'event', ARGV[at + 3])
    kept = kept + 1
  end
end
return kept
"""

# KEYS: lease. ARGV: holder, milliseconds. Answers 1 while the lease is the holder's.
RENEW_LEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
"""

RELEASE_LEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

# Two that revive the same dead letter at once must not hand it out twice. KEYS: dead, again. ARGV: entry id,
# event, type.
REVIVE = """
if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('XADD', KEYS[2], '*', 'event', ARGV[2], 'type', ARGV[3])
return 1
"""

# Trims the log and says up to where, so that a reader further back learns of its loss. KEYS: stream, floor.
# ARGV: the oldest entry id to keep, most entries to keep. Answers how many entries went.
TRIM = """
local gone = redis.call('XTRIM', KEYS[1], 'MINID', '~', ARGV[1])
gone = gone + redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[2])
if gone > 0 then
  local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
  if first[1] then
    redis.call('SET', KEYS[2], first[1][1])
  else
    local about = redis.call('XINFO', 'STREAM', KEYS[1])
    for i = 1, #about, 2 do
      if about[i] == 'last-generated-id' then redis.call('SET', KEYS[2], about[i + 1]) end
    end
  end
end
return gone
"""
