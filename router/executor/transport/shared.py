"""Clients that outlive the supergraph they were made for: a reload keeps connections to the same address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from router.executor.transport.client import (
    SubgraphClient,
)

_Key = tuple[str, tuple[str, ...]]
BuildClient = Callable[[str, Sequence[str]], SubgraphClient]
"""Makes the client of a subgraph from its name and addresses."""


class SharedClients:
    """Lends one client for each name and addresses; it closes when the last who borrowed it gives it back."""

    def __init__(self, build: BuildClient) -> None:
        self._build = build
        self._lent: dict[_Key, _Lent] = {}

    def lend(self, addresses: Mapping[str, Sequence[str]]) -> dict[str, SubgraphClient]:
        """Returns a client for each name; raises what making one raises, and then lends none."""
        keys = {name: (name, tuple(urls)) for name, urls in addresses.items()}
        missing = [key for key in keys.values() if key not in self._lent]
        # A client that was made and never asked holds nothing open.
        made = {key: _Lent(self._build(*key)) for key in missing}
        self._lent.update(made)
        return {name: self._borrow(key) for name, key in keys.items()}

    def _borrow(self, key: _Key) -> SubgraphClient:
        lent = self._lent[key]
        lent.borrowers += 1
        return _Borrowed(lent.client, lambda: self._give_back(key))

    async def _give_back(self, key: _Key) -> None:
        lent = self._lent[key]
        lent.borrowers -= 1
        if lent.borrowers == 0:
            del self._lent[key]
            await lent.client.close()


class _Lent:
    """A client and how many borrowed it."""

    __slots__ = ("borrowers", "client")

    def __init__(self, client: SubgraphClient) -> None:
        self.client = client
        self.borrowers = 0


class _Borrowed:
    """The client as one router has it: closing it gives it back, once."""

    def __init__(self, client: SubgraphClient, give_back: Callable[[], Awaitable[None]]) -> None:
        self.takes_body = client.takes_body
        self.begin = client.begin
        self.execute = client.execute
        self._give_back: Callable[[], Awaitable[None]] | None = give_back

    async def close(self) -> None:
        """Gives the client back."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            await give_back()
