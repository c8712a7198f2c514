"""The store in the process itself."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

from router.cache.entry import TOKEN_BYTES, Entry, Token, new_token
from router.cache.names import Name
from router.cache.store import Lookup, Reading, Write
from router.telemetry.catalogue import CACHE_BYTES, CACHE_ENTRIES
from router.telemetry.catalogue import Reading as MetricReading

# What an entry, a name and a claim cost besides their bytes: objects, dict slots. Measured by tracemalloc.
ENTRY_OVERHEAD_BYTES = 420
NAME_OVERHEAD_BYTES = 200
TOKENS_PER_ENTRY_MAX = 4
CLAIMS_MAX = 10_000


class MemoryStore:
    """Entries and tokens in two dicts, the longest unused of both forgotten first.

    `clock` gives the seconds of the wall clock.
    """

    def __init__(self, bytes_max: int, clock: Callable[[], float]) -> None:
        self._bytes_max = bytes_max
        self._clock = clock
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()
        self._tokens: OrderedDict[Name, Token] = OrderedDict()
        self._claims: OrderedDict[bytes, float] = OrderedDict()
        self.bytes_used = 0

    def __len__(self) -> int:
        return len(self._entries)

    async def read(self, lookups: Sequence[Lookup]) -> Reading:
        """Returns valid entries and the tokens of every name."""
        known: dict[Name, Token] = {}
        for lookup in lookups:
            for name in lookup.names:
                if name not in known:
                    known[name] = self._token_of(name)
        now = self._clock()
        entries = [self._find(one, known, now) for one in lookups]
        self._shrink()
        return Reading(entries, known)

    def _token_of(self, name: Name) -> Token:
        token = self._tokens.get(name)
        if token is None:
            # Nobody else can set one meanwhile, so a proposal is a token at once.
            token = self._tokens[name] = new_token()
            self.bytes_used += len(name) + NAME_OVERHEAD_BYTES
        else:
            self._tokens.move_to_end(name)
        return token

    def _find(self, lookup: Lookup, known: dict[Name, Token], now: float) -> Entry | None:
        for key in lookup.keys:
            entry = self._entries.get(key)
            if entry is None:
                continue
            if entry.expires_at <= now or not self._is_valid(entry, lookup, known):
                self._forget(key)
                continue
            self._entries.move_to_end(key)
            return entry
        return None

    @staticmethod
    def _is_valid(entry: Entry, lookup: Lookup, known: dict[Name, Token]) -> bool:
        # An entry without names is checked by whoever reads it: it carries its names in its body.
        return not lookup.names or entry.tokens == tuple([known[name] for name in lookup.names])

    async def write(self, writes: Sequence[Write], reading: Reading) -> int:
        """Keeps the entries; what is larger than the whole store is not taken."""
        taken = 0
        for write in writes:
            size = self._size(write.key, write.entry)
            if size <= self._bytes_max:
                self._forget(write.key)
                self._entries[write.key] = write.entry
                self.bytes_used += size
                taken += 1
        self._shrink()
        return taken

    async def invalidate(self, names: Sequence[Name]) -> bool:
        """Renews the tokens."""
        for name in names:
            if name not in self._tokens:
                self.bytes_used += len(name) + NAME_OVERHEAD_BYTES
            self._tokens[name] = new_token()
            self._tokens.move_to_end(name)
        self._shrink()
        return True

    async def claim(self, keys: Sequence[bytes], seconds: float) -> list[bool]:
        """Says which of the keys nobody claimed within the time."""
        return [self._claim(key, seconds) for key in keys]

    def _claim(self, key: bytes, seconds: float) -> bool:
        now = self._clock()
        if self._claims.get(key, 0.0) > now:
            return False
        self._claims[key] = now + seconds
        self._claims.move_to_end(key)
        if len(self._claims) > CLAIMS_MAX:
            self._claims.popitem(last=False)
        return True

    def readings(self) -> Iterator[MetricReading]:
        """Returns how full the store is."""
        yield MetricReading(CACHE_ENTRIES, len(self._entries))
        yield MetricReading(CACHE_BYTES, self.bytes_used)

    def clear(self) -> None:
        """Forgets everything."""
        self._entries.clear()
        self._tokens.clear()
        self._claims.clear()
        self.bytes_used = 0

    async def close(self) -> None:
        """Forgets everything."""
        self.clear()

    def _forget(self, key: bytes) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes_used -= self._size(key, entry)

    def _shrink(self) -> None:
        """Forgets what was used longest ago until the bound holds."""
        while self.bytes_used > self._bytes_max:
            # Tokens outnumber entries so far only when most of what they were for is gone.
            if not self._entries or len(self._tokens) > TOKENS_PER_ENTRY_MAX * len(self._entries) + 64:
                self._forget_token()
            else:
                self._forget(next(iter(self._entries)))

    def _forget_token(self) -> None:
        name, _ = self._tokens.popitem(last=False)
        self.bytes_used -= len(name) + NAME_OVERHEAD_BYTES

    @staticmethod
    def _size(key: bytes, entry: Entry) -> int:
        return len(key) + len(entry.body) + ENTRY_OVERHEAD_BYTES + len(entry.tokens) * (TOKEN_BYTES + 45)
