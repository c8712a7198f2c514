"""A little memory in front of a shared store."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from router.cache.entry import Entry, Token
from router.cache.memory import ENTRY_OVERHEAD_BYTES
from router.cache.names import Name
from router.cache.store import Lookup, Reading, Store, Write
from router.telemetry.catalogue import CACHE_BYTES, CACHE_ENTRIES
from router.telemetry.catalogue import Reading as MetricReading


@dataclass(slots=True)
class _Kept:
    entry: Entry
    names: tuple[Name, ...]
    until: float
    size: int


class FrontedStore:
    """Serves what was read from `store` within the last `age_s` seconds without asking again.

    An invalidation made here empties it; one made elsewhere is seen `age_s` later at most.
    """

    def __init__(self, store: Store, age_s: float, bytes_max: int, clock: Callable[[], float]) -> None:
        self._store = store
        self._age_s = age_s
        self._bytes_max = bytes_max
        self._clock = clock
        self._kept: OrderedDict[tuple[bytes, ...], _Kept] = OrderedDict()
        self._bytes_used = 0
        self._invalidations = 0

    async def read(self, lookups: Sequence[Lookup]) -> Reading:
        """Returns what is kept here, and of the store what is not."""
        entries = [self._find(lookup) for lookup in lookups]
        missing = [index for index, entry in enumerate(entries) if entry is None]
        tokens: dict[Name, Token] = {}
        for lookup, entry in zip(lookups, entries, strict=True):
            if entry is not None:
                tokens.update(zip(lookup.names, entry.tokens, strict=False))
        if not missing:
            return Reading(entries, tokens)
        before = self._invalidations
        reading = await self._store.read([lookups[index] for index in missing])
        for index, entry in zip(missing, reading.entries, strict=True):
            entries[index] = entry
            if entry is not None and before == self._invalidations:
                self._keep(lookups[index], entry)
        return Reading(entries, {**tokens, **reading.tokens}, reading.proposed)

    def _find(self, lookup: Lookup) -> Entry | None:
        kept = self._kept.get(lookup.keys)
        if kept is None:
            return None
        now = self._clock()
        if kept.until > now and kept.names == lookup.names and kept.entry.expires_at > now:
            self._kept.move_to_end(lookup.keys)
            return kept.entry
        self._forget(lookup.keys)
        return None

    def _keep(self, lookup: Lookup, entry: Entry) -> None:
        size = sum(map(len, lookup.keys)) + len(entry.body) + ENTRY_OVERHEAD_BYTES
        self._forget(lookup.keys)
        self._kept[lookup.keys] = _Kept(entry, lookup.names, self._clock() + self._age_s, size)
        self._bytes_used += size
        while self._bytes_used > self._bytes_max:
            self._forget(next(iter(self._kept)))

    def _forget(self, keys: tuple[bytes, ...]) -> None:
        kept = self._kept.pop(keys, None)
        if kept is not None:
            self._bytes_used -= kept.size

    async def write(self, writes: Sequence[Write], reading: Reading) -> int:
        """Keeps entries in the store; here they are kept once they were read, and so checked."""
        return await self._store.write(writes, reading)

    async def invalidate(self, names: Sequence[Name]) -> bool:
        """Empties the memory and renews the tokens."""
        self._clear()
        is_done = await self._store.invalidate(names)
        # What was read from the store meanwhile may be from before.
        self._clear()
        return is_done

    def _clear(self) -> None:
        self._invalidations += 1
        self._kept.clear()
        self._bytes_used = 0

    async def claim(self, keys: Sequence[bytes], seconds: float) -> list[bool]:
        """Says which the caller may refresh, by the store."""
        return await self._store.claim(keys, seconds)

    def readings(self) -> Iterator[MetricReading]:
        """Returns how full the memory is, and how the store stands."""
        yield MetricReading(CACHE_ENTRIES, len(self._kept))
        yield MetricReading(CACHE_BYTES, self._bytes_used)
        yield from self._store.readings()

    async def close(self) -> None:
        """Closes the store."""
        self._clear()
        await self._store.close()
