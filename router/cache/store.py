"""What every store does.

An entry is valid while each of its names carries the token it carried when the entry was begun. A name that
carries none (never used, expired, evicted, lost with a failed-over server) makes entries invalid, so losing
tokens costs misses and never shows stale data. Whoever reads proposes a token for such a name; the proposal
stands unless somebody else has set one by the time the entry is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec import Struct

from router.cache.entry import Entry, Token
from router.cache.names import Name
from router.telemetry.catalogue import Reading as MetricReading


class Lookup(Struct, frozen=True, gc=False):
    """One thing looked for under any of `keys`, the first found wins; `names` are what it depends on."""

    keys: tuple[bytes, ...]
    names: tuple[Name, ...]


@dataclass(slots=True)
class Reading:
    """What was found for each lookup, and the tokens of all their names.

    `proposed` are the names whose token is ours to propose.
    """

    entries: list[Entry | None]
    tokens: Mapping[Name, Token]
    proposed: set[Name] = field(default_factory=set)

    def tokens_of(self, names: Sequence[Name]) -> tuple[Token, ...] | None:
        """Returns the tokens of the names in their order; None when one is not known."""
        found = tuple(self.tokens.get(name, b"") for name in names)
        return None if b"" in found else found


@dataclass(frozen=True, slots=True)
class Write:
    """One entry to keep, with the names its tokens are of."""

    key: bytes
    names: tuple[Name, ...]
    entry: Entry


class Store(Protocol):
    """Keeps entries. No method raises when the store is out of reach: reads find nothing then."""

    async def read(self, lookups: Sequence[Lookup]) -> Reading:
        """Returns valid entries, expired ones left out, and the tokens of every name."""
        ...

    async def write(self, writes: Sequence[Write], reading: Reading) -> int:
        """Keeps entries begun under `reading`; returns how many were taken."""
        ...

    async def invalidate(self, names: Sequence[Name]) -> bool:
        """Renews the tokens of the names.

        Returns False when that could not be done yet; it is tried again, and until then nothing is read.
        """
        ...

    async def claim(self, keys: Sequence[bytes], seconds: float) -> list[bool]:
        """Says of each key whether the caller is the one to refresh it now, among all processes."""
        ...

    def readings(self) -> Iterable[MetricReading]:
        """Returns how the store stands, for metrics."""
        ...

    async def close(self) -> None:
        """Releases what the store holds."""
        ...
