"""What every store does, whichever it is."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Sequence

import pytest

from router.cache.entry import Entry, decode_entry, encode_entry
from router.cache.front import FrontedStore
from router.cache.memory import MemoryStore
from router.cache.names import ALL
from router.cache.policy import Policy, Scope
from router.cache.redis_store import RedisStore
from router.cache.store import Lookup, Reading, Store, Write
from router.config import RedisStoreConfig
from tests.support.engines import redis_url

_numbers = itertools.count()
AGE_S = 60.0
NAMES = (ALL, b'["subgraph","a"]', b'["key","a","T",["1"]]')


class Clock:
    """The wall clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _redis(clock: Clock, prefix: str) -> RedisStore:
    config = RedisStoreConfig(url=redis_url(), key_prefix=prefix, timeout_ms=10_000)
    return RedisStore(config, 1_000, clock)


def _prefix() -> str:
    return f"zellige:test:{os.getpid()}:{next(_numbers)}:"


@pytest.fixture(params=["memory", "redis", "fronted"])
async def store(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Store]:
    made: Store
    if request.param == "memory":
        made = MemoryStore(1_000_000, clock)
    elif request.param == "redis":
        made = _redis(clock, _prefix())
    else:
        made = FrontedStore(_redis(clock, _prefix()), 1.0, 100_000, clock)
    yield made
    await made.close()


async def keep(
    store: Store, clock: Clock, key: bytes, body: bytes = b"1", names: Sequence[bytes] = NAMES
) -> Reading:
    """Keeps an entry the way a fetch does: read first, write afterwards."""
    reading = await store.read([Lookup((key,), tuple(names))])
    tokens = reading.tokens_of(tuple(names))
    assert tokens is not None
    entry = Entry.make(body, Policy(AGE_S, Scope.PUBLIC, 10, 20), clock(), 0.25, tokens)
    assert await store.write([Write(key, tuple(names), entry)], reading) == 1
    return reading


async def find(store: Store, key: bytes, names: Sequence[bytes] = NAMES) -> bytes | None:
    """Returns the body of a valid entry."""
    entry = (await store.read([Lookup((key,), tuple(names))])).entries[0]
    return None if entry is None else entry.body


async def test_what_is_kept_is_found(store: Store, clock: Clock) -> None:
    assert await find(store, b"k") is None
    await keep(store, clock, b"k", b'{"a":1}')
    entry = (await store.read([Lookup((b"k",), NAMES)])).entries[0]
    assert entry is not None
    assert entry.body == b'{"a":1}'
    assert (entry.scope, entry.cost_s) == (Scope.PUBLIC, 0.25)
    assert (entry.fresh_until, entry.stale_until, entry.error_until) == (
        clock() + 60,
        clock() + 70,
        clock() + 80,
    )
    assert await find(store, b"other") is None


async def test_the_first_key_that_has_something_wins(store: Store, clock: Clock) -> None:
    await keep(store, clock, b"public", b"2")
    reading = await store.read([Lookup((b"own", b"public"), NAMES), Lookup((b"own",), NAMES)])
    assert [one.body if one is not None else None for one in reading.entries] == [b"2", None]
    clock.now += 2
    await keep(store, clock, b"own", b"1")
    reading = await store.read([Lookup((b"own", b"public"), NAMES)])
    assert reading.entries[0] is not None
    assert reading.entries[0].body == b"1"


async def test_an_entry_ends_with_its_last_use(store: Store, clock: Clock) -> None:
    await keep(store, clock, b"k")
    clock.now += 79
    assert await find(store, b"k") == b"1"
    clock.now += 1
    assert await find(store, b"k") is None


@pytest.mark.parametrize("name", NAMES)
async def test_each_name_makes_it_invalid(store: Store, clock: Clock, name: bytes) -> None:
    await keep(store, clock, b"k")
    await keep(store, clock, b"apart", names=[b"elsewhere"])
    assert await store.invalidate([name])
    assert await find(store, b"k") is None
    assert await find(store, b"apart", [b"elsewhere"]) == b"1"
    await keep(store, clock, b"k")
    assert await find(store, b"k") == b"1"


async def test_an_invalidation_between_reading_and_writing_wins(store: Store, clock: Clock) -> None:
    """Whether the name had a token before, or was never used."""
    for key in (b"new", b"known"):
        reading = await store.read([Lookup((key,), NAMES)])
        tokens = reading.tokens_of(NAMES)
        assert tokens is not None
        assert await store.invalidate([NAMES[2]])
        entry = Entry.make(b"old", Policy(AGE_S, Scope.PUBLIC), clock(), 0.1, tokens)
        await store.write([Write(key, NAMES, entry)], reading)
        assert await find(store, key) is None


async def test_who_reads_together_may_share(store: Store, clock: Clock) -> None:
    """Two that read before either wrote see the same tokens, or neither harms the other."""
    first = await store.read([Lookup((b"k",), NAMES)])
    second = await store.read([Lookup((b"k",), NAMES)])
    assert first.tokens_of(NAMES) == second.tokens_of(NAMES)


async def test_one_claims_what_many_would_refresh(store: Store, clock: Clock) -> None:
    assert await store.claim([b"a", b"b"], 5.0) == [True, True]
    assert await store.claim([b"b", b"c"], 5.0) == [False, True]


async def test_large_keys_and_names(store: Store, clock: Clock) -> None:
    key, name = b"k" * 5_000, b"n" * 5_000
    await keep(store, clock, key, b"x" * 50_000, [name])
    assert await find(store, key, [name]) == b"x" * 50_000
    assert await find(store, key + b"k", [name]) is None
    assert await store.invalidate([name])
    assert await find(store, key, [name]) is None


async def test_nothing_asked_nothing_found(store: Store) -> None:
    reading = await store.read([])
    assert (reading.entries, dict(reading.tokens)) == ([], {})
    assert reading.tokens_of([b"n"]) is None


def test_an_entry_as_bytes() -> None:
    entry = Entry.make(b"body", Policy(5, Scope.PRIVATE, 6, 7), 10.0, 0.5, (b"t" * 12, b"u" * 12))
    assert decode_entry(encode_entry(entry)) == entry
    whole = encode_entry(entry)
    for raw in (b"", b"\x00" + whole[1:], whole[:20], whole[:1] + b"\x09" + whole[2:]):
        assert decode_entry(raw) is None


async def test_memory_forgets_what_was_used_longest_ago(clock: Clock) -> None:
    store = MemoryStore(20_000, clock)
    for number in range(100):
        await keep(store, clock, b"k%d" % number, b"x" * 500)
        assert await find(store, b"k0") is not None
        assert store.bytes_used <= 20_000
    assert await find(store, b"k1") is None
    assert await find(store, b"k99") is not None
    assert len(store) < 30
    # Names alone are bounded, too, and so is an entry too large for all of it.
    for number in range(1_000):
        await store.invalidate([b"name %d" % number])
    assert store.bytes_used <= 20_000
    reading = await store.read([Lookup((b"large",), NAMES)])
    entry = Entry.make(b"x" * 30_000, Policy(AGE_S, Scope.PUBLIC), clock(), 0, reading.tokens_of(NAMES) or ())
    assert await store.write([Write(b"large", NAMES, entry)], reading) == 0


async def test_a_lost_token_costs_a_miss_and_shows_nothing_old(clock: Clock) -> None:
    """As when Redis evicts, restarts empty, or fails over to a replica that had not heard of it yet."""
    prefix = _prefix()
    store, other = _redis(clock, prefix), _redis(clock, prefix)
    await keep(store, clock, b"k", b"old")
    assert await other.invalidate([NAMES[1]])
    raw = store._redis  # the store has no way to lose something on purpose
    for name in NAMES:
        await raw.delete(store._key(name))
    assert await find(store, b"k") is None
    await keep(other, clock, b"another")
    assert await find(store, b"k") is None
    await store.close()
    await other.close()


async def test_processes_share_redis(clock: Clock) -> None:
    prefix = _prefix()
    one, two = _redis(clock, prefix), _redis(clock, prefix)
    fronted = FrontedStore(_redis(clock, prefix), 1.0, 100_000, clock)
    await keep(one, clock, b"k")
    assert await find(two, b"k") == await find(fronted, b"k") == b"1"
    assert await two.invalidate([ALL])
    assert await find(one, b"k") is None
    # What stands in front is older by its age at most, which the settings name.
    assert await find(fronted, b"k") == b"1"
    clock.now += 1.1
    assert await find(fronted, b"k") is None
    for store in (one, two, fronted):
        await store.close()


async def test_a_value_of_another_key_is_never_taken(clock: Clock) -> None:
    store = _redis(clock, _prefix())
    await keep(store, clock, b"mine", b"mine")
    raw = store._redis
    stolen = await raw.get(store._key(b"mine"))
    assert isinstance(stolen, bytes)
    await raw.set(store._key(b"yours"), stolen)
    assert await find(store, b"mine") == b"mine"
    assert await find(store, b"yours") is None
    await store.close()


async def test_clients_that_leave_mix_nothing_up(clock: Clock) -> None:
    """An exchange that is cancelled half way must not leave its answer to the next one."""
    store = _redis(clock, _prefix())
    for number in range(20):
        await keep(store, clock, b"k%d" % number, b"%d" % number)
    for round_ in range(60):
        tasks = [asyncio.create_task(find(store, b"k%d" % number)) for number in range(20)]
        for _ in range(round_ % 7):
            await asyncio.sleep(0)
        for task in tasks[::3]:
            task.cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        for number, body in enumerate(found):
            assert isinstance(body, asyncio.CancelledError) or body in (b"%d" % number, None), (number, body)
    async with asyncio.timeout(20):
        while await find(store, b"k7") != b"7":  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.05)
    await store.close()
