"""One fetch at a time for each thing, within a process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from router.cache.entry import Entry, Token

# The tokens belong to the key: who has read them after an invalidation must not wait for a fetch from before.
FlightKey = tuple[bytes, tuple[Token, ...]]
Landing = asyncio.Future[Entry | None]


@dataclass(slots=True)
class Boarding:
    """What a fetch has to do by itself (`own`), and what others do already (`others`), by position."""

    own: dict[int, FlightKey] = field(default_factory=dict)
    others: dict[int, Landing] = field(default_factory=dict)


class Flights:
    """What is being fetched now. Whoever comes later waits for it instead of fetching the same thing."""

    def __init__(self) -> None:
        self._under_way: dict[FlightKey, Landing] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    def board(self, wanted: Iterable[tuple[int, FlightKey]]) -> Boarding:
        """Returns who fetches what. The caller must `land` each key of its own, whatever happens."""
        boarding, loop = Boarding(), asyncio.get_running_loop()
        for position, key in wanted:
            found = self._under_way.get(key)
            if found is not None:
                boarding.others[position] = found
            else:
                self._under_way[key] = loop.create_future()
                boarding.own[position] = key
        return boarding

    def land(self, key: FlightKey, entry: Entry | None) -> None:
        """Gives those who wait the entry; None: it failed or is not theirs, each fetches for itself."""
        landing = self._under_way.pop(key, None)
        if landing is not None and not landing.done():
            landing.set_result(entry)
